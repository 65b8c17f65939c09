"""Training in two processes, over gloo and launched by the generated script, and training that is killed and taken up again."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from commandline import stgen
from compiling import tree_of, write_tree
from matrix import bases, repos, samples
from matrix.cases import Case
from programs import alone, python

pytestmark = pytest.mark.trains

DENSE = Case("dense", "transformer", "auto", "pair")
PROBE = '''"""Trains as train.py does, and notes what each process trained on, and what came of it."""

import json
import os

import own_train


NAME = next(name for name in vars(own_train) if name.endswith("Trainer"))


class Noting(vars(own_train)[NAME]):
    """Notes the data set and the loss of every step."""

    noted, rows, heads = [], [], []

    def compute_loss(self, model, inputs, *given, **options):
        name = inputs.get("dataset_name")
        if model.training:
            ids = inputs.get("positive_input_ids")
            self.rows += [] if ids is None else [[[number for number in row if number] for row in ids.tolist()]]
        loss = super().compute_loss(model, inputs, *given, **options)
        if model.training:
            self.noted.append((name, float(loss)))
            self.heads[:] = [float(weight.double().abs().sum()) for weight in getattr(self.loss, "own", [])]
        return loss


setattr(own_train, NAME, Noting)
options = own_train.parse()
encoder = own_train.run(options)
weights = [float(weight.double().abs().sum()) for weight in encoder.state_dict().values()]
rank = os.environ["RANK"]
(options.output / f"rank-{rank}.json").write_text(json.dumps({"steps": Noting.noted, "rows": Noting.rows, "weights": weights, "heads": Noting.heads}))
'''


def write(folder: Path, sets: dict[str, dict[str, Any]], probe: bool = True, case: Case = DENSE, **tables: Any) -> Path:
    """Compile a repo for two processes on one CPU; `sets` has the format of each data set under `format`."""
    repo = folder / "repo"
    repo.mkdir()
    data = []
    for name, given in sets.items():
        format = given["format"]
        samples.write(folder / "data" / format, format)
        files = {split: f"../data/{format}/{split}.jsonl" for split in ("train", "eval", "test")}
        own = {key: value for key, value in given.items() if key != "format"}
        data.append({"name": name, **files, "columns": samples.COLUMNS[format], **own})
    spec = repos.spec_of(case, "")
    spec |= {"data": data, "hardware": {"accelerator": "cpu", "gpus": 2}, **tables}
    repos.write_repo(spec, repo)
    if probe:
        note_steps(repo)
    return repo


def note_steps(repo: Path) -> None:
    """Let train.py note what each process does."""
    (repo / "train.py").rename(repo / "own_train.py")
    (repo / "train.py").write_text(PROBE)


def run(repo: Path, *options: str, script: str = "multi_cpu.sh") -> subprocess.CompletedProcess[str]:
    """Train through the generated script."""
    base = str(repo / (repo / "base.txt").read_text())
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    command = ["bash", str(repo / "launch" / script), "--base", base, *options]
    with alone():
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def launch(repo: Path, *options: str, script: str = "multi_cpu.sh") -> list[dict[str, Any]]:
    """Train through the generated script; returns what each process noted."""
    done = run(repo, *options, script=script)
    # What one process died of; the others then die of its silence.
    assert done.returncode == 0, "\n".join(
        line for line in done.stderr.splitlines() if "Error" in line or "File" in line
    )
    return [json.loads((repo / f"rank-{rank}.json").read_text()) for rank in range(2)]


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    """Each anchor is held against the documents of both processes, which end with the same weights."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, loss={"params": {"scale": 1e-6}})
    first, second = launch(repo, "--max-steps", "2")
    assert len(first["steps"]) == len(second["steps"]) == 2
    assert first["weights"] == pytest.approx(second["weights"])
    # All similarities count as equal: the loss is ln of the candidates, 4 of each process.
    assert {round(loss, 3) for _, loss in first["steps"]} == {round(math.log(repos.BATCH), 3)}
    assert len(list((repo / "models").glob("*/model.safetensors"))) == 1
    log = json.loads((repo / "results" / "training.json").read_text())
    assert log[0]["chance_level_loss"] == pytest.approx(math.log(repos.BATCH))


def test_weights_that_a_loss_has_of_its_own_are_the_same_in_both(tmp_path: Path) -> None:
    """The classifier of SoftmaxLoss is no part of the model that DDP looks after; each process sees other rows."""
    loss = {"name": "SoftmaxLoss"}
    repo = write(
        tmp_path, {"pairs": {"format": "pair-class"}}, loss=loss, train={"learning_rate": 5e-3, "batch_size": 8}
    )
    first, second = launch(repo, "--max-steps", "4")
    assert [loss for _, loss in first["steps"]] != [loss for _, loss in second["steps"]]
    assert len(first["heads"]) == 2
    assert first["heads"] == second["heads"]
    assert first["weights"] == pytest.approx(second["weights"])


def test_a_loss_with_a_regularizer_beside_it_trains_one_model(tmp_path: Path) -> None:
    """The trainer puts the shared model into a loss that has one under the name `model`, and into no other."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, loss={"orthogonal": 0.1}, train={"batch_size": 8})
    first, second = launch(repo, "--max-steps", "3")
    assert first["rows"] != second["rows"]
    assert first["weights"] == pytest.approx(second["weights"])


def test_no_duplicates_stand_in_what_all_processes_get_of_a_batch(tmp_path: Path) -> None:
    """Each process is held against the documents of the others, so none of its positives may stand there."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, train={"batch_size": 8, "epochs": 1})
    columns = samples.COLUMNS["pair"]
    file = tmp_path / "data/pair/train.jsonl"
    given = [json.loads(line) for line in file.read_text().splitlines()]
    anchors = [row[columns["anchor"]] for row in given]
    answers = sorted({row[columns["positive"]] for row in given})[:12]
    rows = [
        {
            columns["anchor"]: anchors[n % len(anchors)] + " " + anchors[n // len(anchors)],
            columns["positive"]: answers[n % 12],
        }
        for n in range(60)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, second = launch(repo)
    assert len(first["rows"]) == len(second["rows"]) == 7  # and the last 4 rows, which fill no batch, are left out
    for mine, others in zip(first["rows"], second["rows"], strict=True):
        together = [tuple(row) for row in mine + others]
        assert len(mine) == len(others) == 4
        assert len(set(together)) == 8


def test_eval_rows_that_fill_no_batch_have_a_loss(tmp_path: Path) -> None:
    """Two processes leave out what fills no batch: the batches for eval are as large as its rows allow."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, train={"batch_size": 16, "epochs": 1})
    file = tmp_path / "data/pair/eval.jsonl"
    file.write_text("".join(line + "\n" for line in file.read_text().splitlines()[:10]))
    launch(repo, "--max-steps", "2")
    log = json.loads((repo / "results/training.json").read_text())
    assert [entry for entry in log if "eval_loss" in entry]


def test_what_all_processes_fail_of_is_said_once(tmp_path: Path) -> None:
    """Neither does each of them say it, nor does their launcher add its own traceback."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, probe=False)
    done = run(repo, "--batch-size", "9")
    assert done.returncode == 1
    assert plainly(done.stderr) == [
        "train: a batch of 9 rows can't be split over 2 processes: 8 or 10 rows can",
        "launch: process 0 ended with exit code 1, so all are ended",
    ]


def test_a_process_that_fails_alone_says_why_and_ends_all(tmp_path: Path) -> None:
    """The first, which waits for it meanwhile, finds the connection closed, and leaves the word to the one that failed."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, probe=False)
    begins, waits = "    encoder = model.build(", "time.sleep(30)"
    fails = 'os.environ["RANK"] == "1" and sys.exit("train: its disk is gone")'
    for name, text, instead in (
        ("train.py", begins, f"    {fails}\n{begins}"),
        ("saving.py", waits, "time.sleep(1)"),
    ):
        program = (repo / name).read_text()
        assert text in program
        (repo / name).write_text(program.replace(text, instead, 1))
    done = run(repo)
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert said.count("train: its disk is gone") == 1
    assert said[-1].startswith("launch: process ")
    assert "ChildFailedError" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "by peer" not in done.stderr


def plainly(stderr: str) -> list[str]:
    """What a program and its launcher say themselves; neither ends in a traceback."""
    assert "Traceback" not in stderr
    return [line for line in stderr.splitlines() if line.startswith(("train: ", "launch: "))]


WEIGHTS = [pytest.param((1, 3), id="weighted", marks=pytest.mark.matrix), pytest.param((None, None), id="by size")]


@pytest.mark.parametrize("weights", WEIGHTS)
def test_both_processes_train_on_the_same_set(weights: tuple[int | None, ...], tmp_path: Path) -> None:
    """A loss that gathers from all processes waits for ever for one that does not."""
    sets = {"pairs": {"format": "pair"}, "scored": {"format": "pair-score"}}
    for given, weight in zip(sets.values(), weights, strict=True):
        given |= {"weight": weight} if weight else {}
    repo = write(tmp_path, sets, train={"batch_size": 8, "epochs": 2, "warmup": 0})
    first, second = launch(repo)
    names = [name for name, _ in first["steps"]]
    assert names == [name for name, _ in second["steps"]]
    assert set(names) == set(sets)
    assert first["weights"] == pytest.approx(second["weights"])


KINDS = [
    ("dense", "transformer", "pair", "torchrun"),
    ("cross-encoder", "transformer", "pair", "local"),
    ("cross-encoder", "transformer", "list", "local"),
    ("sparse", "splade", "triplet", "local"),
    ("multi-vector", "transformer", "pair", "local"),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("model", "architecture", "format", "launcher"), KINDS, ids=["-".join(kind) for kind in KINDS])
def test_every_type_of_model_trains_in_two_processes(
    model: str, architecture: str, format: str, launcher: str, tmp_path: Path
) -> None:
    case = Case(model, architecture, "auto", format)
    hardware = {"accelerator": "cpu", "gpus": 2, "launcher": launcher}
    repo = write(tmp_path, {"rows": {"format": format}}, case=case, hardware=hardware)
    first, second = launch(repo, "--max-steps", "2", script="torchrun.sh" if launcher == "torchrun" else "multi_cpu.sh")
    assert len(first["steps"]) == len(second["steps"]) == 2
    assert first["weights"] == pytest.approx(second["weights"])
    assert len(list((repo / "models").iterdir())) == 1


# A loss of each kind: means of rows, softmaxes over a batch that gather themselves, those that hold rows against each other
# (`rules/processes.py: GATHERED`), those whose mean is over pairs or documents of lists (EVENED), and what modifies them.
WITHIN = 0.001  # of the loss, in each of ten steps
ALIKE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("dense", "transformer", "pair", {"name": "MultipleNegativesRankingLoss"}),
    ("dense", "transformer", "pair", {"name": "CachedMultipleNegativesRankingLoss"}),
    ("dense", "transformer", "pair", {"name": "MultipleNegativesRankingLoss", "orthogonal": 1.0}),
    ("dense", "transformer", "pair", {"name": "GISTEmbedLoss", "guide": "../guide"}),
    (
        "dense",
        "transformer",
        "triplet",
        {"name": "CachedGISTEmbedLoss", "guide": "../guide", "params": {"mini_batch_size": 3}},
    ),
    ("dense", "transformer", "pair-score", {"name": "CosineSimilarityLoss"}),
    ("dense", "transformer", "pair-score", {"name": "CoSENTLoss"}),
    ("dense", "transformer", "pair-score", {"name": "CoSENTLoss", "matryoshka": [32, 16]}),
    ("dense", "transformer", "triplet", {"name": "AnglELoss"}),
    ("dense", "transformer", "triplet", {"name": "TripletLoss"}),
    ("dense", "transformer", "pair-binary", {"name": "OnlineContrastiveLoss"}),
    ("cross-encoder", "transformer", "pair-binary", {"name": "BinaryCrossEntropyLoss"}),
    ("cross-encoder", "transformer", "pair-class", {"name": "CrossEntropyLoss"}),
    ("cross-encoder", "transformer", "list", {"name": "LambdaLoss"}),
    ("cross-encoder", "transformer", "list", {"name": "LambdaLoss", "params": {"weighting_scheme": "ndcg_loss1"}}),
    ("cross-encoder", "transformer", "list", {"name": "RankNetLoss"}),
    ("cross-encoder", "transformer", "list", {"name": "ADRMSELoss"}),
    ("cross-encoder", "transformer", "list", {"name": "ListNetLoss"}),
    ("cross-encoder", "transformer", "list", {"name": "PListMLELoss"}),
    ("sparse", "splade", "pair", {"name": "SparseMultipleNegativesRankingLoss"}),
    ("sparse", "splade", "pair-score", {"name": "SparseCoSENTLoss"}),
    ("multi-vector", "transformer", "pair", {"name": "MultiVectorMultipleNegativesRankingLoss"}),
]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("model", "architecture", "format", "loss"), ALIKE, ids=["-".join(map(str, row[3].values())) for row in ALIKE]
)
def test_two_processes_learn_as_one_does(
    model: str, architecture: str, format: str, loss: dict[str, Any], tmp_path: Path
) -> None:
    """Over ten steps of the same global batch, the mean loss of both is that of one."""
    case = Case(model, architecture, loss["name"], format)
    tables = {"loss": loss, "train": {"batch_size": 8, "steps": 10, "warmup": 0}}
    if "guide" in loss:
        bases.build(tmp_path / "guide", "BertModel", seed=1)
    repo = write(tmp_path, {"rows": {"format": format}}, case=case, **tables)
    if format == "list":
        cut_lists(tmp_path / "data/list/train.jsonl")
    assert_alike(repo)


@pytest.mark.matrix
def test_two_processes_weigh_classes_as_one_does(tmp_path: Path) -> None:
    """PyTorch divides by the weights of a batch: of rare classes one process may have more than the other."""
    case = Case("cross-encoder", "transformer", "CrossEntropyLoss", "pair-class")
    tables = {"loss": {"name": "CrossEntropyLoss"}, "train": {"batch_size": 8, "steps": 10, "warmup": 0}}
    repo = write(tmp_path, {"rows": {"format": "pair-class"}}, probe=False, case=case, **tables)
    skew_classes(tmp_path / "data/pair-class/train.jsonl")
    assert stgen("profile", repo / "stgen.json").code == 0
    repos.write_repo(json.loads((repo / "stgen.json").read_text()), repo)
    text = (repo / "train.py").read_text()
    assert "EvenLoss(" in text
    assert "count_by_class(" in text
    note_steps(repo)
    assert_alike(repo)


def assert_alike(repo: Path) -> None:
    """Train in two processes and in one, and hold the mean loss of both against that of one, step by step."""
    base = repo / (repo / "base.txt").read_text()
    for file in base.rglob("config.json"):
        config = json.loads(file.read_text())
        dropped = {key: 0.0 for key in config if "dropout" in key}
        file.write_text(json.dumps(config | dropped))
    first, second = launch(repo)
    alone = repo / "alone"
    alone.mkdir()
    code, said = python(repo, "train.py", "--base", str(base), "--output", str(alone), RANK="0")
    assert code == 0, said[-3000:]
    single = json.loads((alone / "rank-0.json").read_text())
    losses = ([value for _, value in one["steps"]] for one in (first, second))
    both = [(one + other) / 2 for one, other in zip(*losses, strict=True)]
    assert len(both) == 10
    assert both == pytest.approx([value for _, value in single["steps"]], rel=WITHIN)


def skew_classes(file: Path) -> None:
    """Let one class have six of eight rows."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for number, row in enumerate(rows):
        row["c"] = {0: "same", 3: "near"}.get(number % 8, "far")
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def cut_lists(file: Path) -> None:
    """Let lists be of different lengths, so that one process gets more documents and pairs than the other."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for number, row in enumerate(rows):
        documents, scores = (samples.COLUMNS["list"][role] for role in ("documents", "scores"))
        if number % 3:
            row[documents], row[scores] = row[documents][:2], [1, 0]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_words_are_counted_over_the_texts_of_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word in one text of four is a fourth of them, wherever it stands; of the two texts of its process it is half."""
    own, others = torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [0.0, 2.0]])
    (tmp_path / "losses.py").write_text(tree_of('model = { type = "sparse" }')["losses.py"].text)
    with repos.modules(tmp_path) as load:
        losses = load("losses")
        monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(losses, "all_gather_with_grad", lambda rows: torch.cat([rows, others]))
        assert float(losses.GatheredFlops(None).compute_loss_from_embeddings(own)) == 0.25**2 + 0.5**2


def test_a_neuron_is_dead_only_where_it_is_in_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process counts by its own rows, and a checkpoint holds the counts of the first."""
    write_tree(tree_of('model = { type = "sparse", architecture = "csr" }'), tmp_path)
    neurons = torch.nn.Module()
    neurons.register_buffer("stats_last_nonzero", torch.tensor([3, 0]))

    def of_both(own: torch.Tensor, how: Any) -> None:
        assert how == torch.distributed.ReduceOp.MIN
        own.copy_(torch.minimum(own, torch.tensor([1, 5])))

    monkeypatch.setattr(torch.distributed, "all_reduce", of_both)
    with repos.modules(tmp_path) as load:
        keeper = load("checkpoints").CheckpointKeeper({}, 1)
        keeper.on_step_end(SimpleNamespace(world_size=2), None, None, model=neurons)
    assert neurons.stats_last_nonzero.tolist() == [1, 0]


@pytest.mark.matrix
def test_two_processes_go_on_with_weighted_sets(tmp_path: Path) -> None:
    """Killed in the second epoch: the sets of the steps, and the rows that each process gets of them, are those that come next."""
    train = {"batch_size": 8, "epochs": 2, "evaluate_every": 5, "keep": 9, "learning_rate": 0.001}
    sets = {"pairs": {"format": "pair", "weight": 3}, "scored": {"format": "pair-score", "weight": 1}}
    repo = write(tmp_path, sets, train=train)
    whole = launch(repo)
    steps = len(whole[0]["steps"])
    assert whole[0]["rows"] != whole[1]["rows"]
    assert steps // 2 < 5 * ((steps - 1) // 5)  # the last checkpoint before the end is of the second epoch
    (model,) = (repo / "models").iterdir()
    for left in (repo / f"checkpoints/checkpoint-{steps}", model):
        shutil.rmtree(left)
    resumed = launch(repo, "--resume")
    for mine, all_of_it in zip(resumed, whole, strict=True):
        assert 0 < len(mine["steps"]) < steps // 2
        assert mine["steps"] == all_of_it["steps"][-len(mine["steps"]) :]
        assert mine["weights"] == all_of_it["weights"]


def test_two_processes_go_on_together_or_stop_together(tmp_path: Path) -> None:
    """The first of them decides where the run goes on, and that it doesn't: none waits for another."""
    train = {"batch_size": 8, "epochs": 2, "evaluate_every": 2, "keep": 9, "learning_rate": 0.001}
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, train=train)
    whole = launch(repo)
    (model,) = (repo / "models").iterdir()
    sealed = json.loads((repo / "checkpoints/checkpoint-6/seal.json").read_text())["files"]
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= sealed.keys()
    for left in (repo / "checkpoints/checkpoint-6", model):  # as if it had been killed after step 4
        shutil.rmtree(left)
    (repo / "checkpoints/checkpoint-5").mkdir()
    resumed = launch(repo, "--resume")
    assert [one["weights"] for one in resumed] == [one["weights"] for one in whole]
    assert [len(one["steps"]) for one in resumed] == [2, 2]
    text = (repo / "own_train.py").read_text()
    (repo / "own_train.py").write_text(text.replace("LEARNING_RATE = 0.001", "LEARNING_RATE = 0.002"))
    done = run(repo, "--resume")
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert said.count("is of another run: learning_rate 0.001 -> 0.002, own_train.py changed") == 1


class KilledError(Exception):
    """Stands for a kill: it ends the training between two steps."""


def train(repo: Path, output: Path, *options: str, kill_at: int = 0) -> dict[str, Any]:
    """Train in this process, all of it or until a step; returns the weights and the losses of each step."""
    losses: list[float] = []
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        program = load("train")
        trainer = program.SentenceTransformerTrainer

        class Dying(trainer):  # type: ignore[misc, valid-type]
            def training_step(self, *given: Any, **named: Any) -> Any:
                if kill_at and self.state.global_step == kill_at:
                    raise KilledError
                loss = super().training_step(*given, **named)
                losses.append(float(loss))
                return loss

        program.SentenceTransformerTrainer = Dying
        given = program.parse(["--base", base, "--output", str(output), *options])
        if kill_at:
            with pytest.raises(KilledError):
                program.run(given)
            return {"losses": losses}
        encoder = program.run(given)
    return {"losses": losses, "weights": {name: value.clone() for name, value in encoder.state_dict().items()}}


@pytest.mark.parametrize("weight", [0, 3], ids=["one set", "weighted"])
def test_a_resumed_run_ends_where_an_undisturbed_one_ends(weight: int, tmp_path: Path) -> None:
    """Killed in the second epoch, some steps after a checkpoint; the small set has begun again many times by then."""
    sets: dict[str, dict[str, Any]] = {"pairs": {"format": "pair"}}
    if weight:
        sets = {"pairs": {"format": "pair", "weight": weight}, "scored": {"format": "pair-score"}}
    tables: dict[str, Any] = {"hardware": {"accelerator": "cpu"}}
    tables["train"] = {"batch_size": 8, "epochs": 3, "evaluate_every": 4, "learning_rate": 0.001}
    repo = write(tmp_path, sets, probe=False, **tables)
    whole = train(repo, tmp_path / "whole")
    killed = train(repo, tmp_path / "killed", kill_at=len(whole["losses"]) // 2 + 1)
    resumed = train(repo, tmp_path / "killed", "--resume")
    count = len(killed["losses"])
    assert killed["losses"] == whole["losses"][:count]
    again = len(resumed["losses"])
    assert count + again > len(whole["losses"])  # the steps since the checkpoint are made again
    assert again < len(whole["losses"])
    assert resumed["losses"] == whole["losses"][-again:]
    assert [name for name, value in whole["weights"].items() if not torch.equal(resumed["weights"][name], value)] == []
