"""[compare]: which losses are compared, on which rows; trained for real, cut off and gone on with, and told apart."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import findings_of, plan_of, tree_of
from frontend import codes
from matrix import repos, samples
from matrix.cases import Case
from programs import alone
from stgen.plan.compared import MOST
from stgen.plan.plan import CandidatePlan
from stgen.values.expressions import to_python

# fmt: off
BINARY = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", binary = "same" } }]\n'
TRIPLET = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\n'
TUPLES = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n", "m"] } }]\n'
CLASSES = 'data = [{ train = "t.jsonl", columns = { text = "t", class = "c" } }]\n'
SCORED = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\n'
CROSS = 'model = { type = "cross-encoder", base = "b" }\n'
SPARSE = 'model = { type = "sparse", base = "b" }\n'
LONG = 'loss = { name = "TripletLoss" }\ntrain = { group_by_length = true }\n'
MINED = 'loss = { convert = [{ to = "n-tuple", mine = { negatives = 2 } }] }\n'
# fmt: on


def compared(fragment: str) -> dict[str, CandidatePlan]:
    plan = plan_of(fragment if "compare" in fragment else fragment + "compare = {}")
    assert plan.compare is not None
    return {one.name: one for one in plan.compare.candidates}


def losses_of(fragment: str) -> tuple[str, ...]:
    compare = plan_of(fragment).compare
    assert compare is not None
    return compare.losses


# --- which losses are compared ---------------------------------------------------------------------------------------


def test_without_a_list_those_that_the_tables_call_fit_are_compared() -> None:
    expected = ("MultipleNegativesRankingLoss", "CachedMultipleNegativesRankingLoss", "MegaBatchMarginLoss")
    assert losses_of("compare = {}") == expected  # those with a guide need a model
    assert losses_of(SCORED + "compare = {}") == ("CosineSimilarityLoss", "CoSENTLoss", "AnglELoss")
    assert len(losses_of(BINARY + "compare = {}")) == MOST == 4


def test_candidates_that_count_classes_read_the_data() -> None:
    nli = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = "c" } }]\n'
    assert "\nimport data\n" in tree_of(nli + "compare = { seeds = [1, 2] }")["candidates.py"].text
    assert "import data" not in tree_of(SCORED + "compare = {}")["candidates.py"].text


def test_what_the_spec_asks_of_batches_leaves_out_losses_that_want_others() -> None:
    assert losses_of(TRIPLET + LONG + "compare = {}") == ("TripletLoss", "AnglELoss")


def test_a_guide_lets_those_that_need_one_stand_beside_those_that_take_none() -> None:
    found = compared('loss = { guide = "./guide" }\ncompare = {}')
    assert next(iter(found)) == "CachedGISTEmbedLoss"
    built = to_python(found["GISTEmbedLoss"].expression)
    assert built == (
        "GatheredGISTEmbedLoss(encoder, SentenceTransformer(GUIDE), "
        "gather_across_devices=torch.distributed.is_torchelastic_launched())"
    )
    program = tree_of('loss = { guide = "./guide" }\ncompare = {}')["candidates.py"].text
    assert 'GUIDE = str(ROOT.joinpath("guide"))' in program
    plain = compared('loss = { guide = "./guide" }\ncompare = { losses = ["auto", "MegaBatchMarginLoss"] }')
    assert to_python(plain["MegaBatchMarginLoss"].expression) == "losses.MegaBatchMarginLoss(encoder)"


def test_auto_is_the_loss_of_the_loss_table() -> None:
    assert losses_of(TRIPLET + 'loss = { name = "TripletLoss" }\ncompare = { losses = ["auto"] }') == ("TripletLoss",)
    own = losses_of('loss = { custom = "mine.py:Mine" }\ncompare = { losses = ["auto", "MegaBatchMarginLoss"] }')
    assert own == ("Mine", "MegaBatchMarginLoss")


def test_train_keeps_its_own_loss_though_it_is_not_compared() -> None:
    compare = plan_of(TRIPLET + 'compare = { losses = ["TripletLoss", "AnglELoss"] }').compare
    assert compare is not None
    assert compare.own == "MultipleNegativesRankingLoss"
    assert compare.losses == ("TripletLoss", "AnglELoss")
    assert [one.name for one in compare.candidates] == ["MultipleNegativesRankingLoss", "TripletLoss", "AnglELoss"]


def test_modifiers_hold_for_all_and_arguments_for_their_own_loss() -> None:
    loss = "loss = { params = { scale = 30.0, matryoshka_weights = [1, 2] }, matryoshka = [8, 4], orthogonal = 0.1 }\n"
    found = compared(loss + 'compare = { losses = ["auto", "CachedMultipleNegativesRankingLoss"] }')
    for one in found.values():
        assert to_python(one.expression).startswith("RegularizedLoss(encoder, losses.MatryoshkaLoss(encoder, ")
        assert "matryoshka_weights=[1, 2]" in to_python(one.expression)
    assert ["scale=30.0" in to_python(one.expression) for one in found.values()] == [True, False]


def test_what_is_about_memory_holds_for_all() -> None:
    loss = 'loss = { name = "CachedMultipleNegativesRankingLoss", params = { mini_batch_size = 8 } }\n'
    found = compared(loss + 'compare = { losses = ["auto", "MegaBatchMarginLoss", "MultipleNegativesRankingLoss"] }')
    assert ["mini_batch_size=8" in to_python(one.expression) for one in found.values()] == [True, True, False]


# --- on which rows ---------------------------------------------------------------------------------------------------


def test_other_forms_of_the_rows_are_reached_without_loss() -> None:
    found = compared(BINARY + 'compare = { losses = ["ContrastiveLoss", "CoSENTLoss"] }')
    assert (found["ContrastiveLoss"].rows, found["CoSENTLoss"].rows) == ("train", "train-pair-score")
    assert found["CoSENTLoss"].columns == ("text_1", "text_2", "score")
    assert (found["ContrastiveLoss"].takes_eval_rows, found["CoSENTLoss"].takes_eval_rows) == (True, False)


def test_rows_branch_off_where_the_steps_part() -> None:
    plan = plan_of(MINED + 'compare = { losses = ["auto", "TripletLoss", "AnglELoss"] }')
    assert plan.sets[0].prepare is not None
    assert plan.compare is not None
    assert [one.rows for one in plan.compare.candidates] == ["train", "train-triplet", "train"]
    (other,) = plan.sets[0].prepare.others
    assert (other.after, [step.function for step in other.steps]) == (1, ["unroll_negatives"])
    text = tree_of(MINED + 'compare = { losses = ["auto", "TripletLoss", "AnglELoss"] }')["prepare.py"].text
    assert text.count("mine(splits") == 1
    assert text.index("mine(splits") < text.index("train = unroll_negatives(train)")


def test_what_the_spec_accepts_for_one_loss_is_no_duty_for_another() -> None:
    found = compared(
        CLASSES + 'loss = { convert = ["triplet"] }\ncompare = { losses = ["auto", "BatchAllTripletLoss"] }'
    )
    assert [one.rows for one in found.values()] == ["train", "train-text-class"]
    assert [one.arguments["batch_sampler"] for one in found.values()] == ["no_duplicates", "group_by_label"]


def test_only_what_differs_is_a_candidates_own() -> None:
    plan = plan_of(TRIPLET + 'compare = { losses = ["auto", "TripletLoss"] }')
    assert plan.compare is not None
    assert [set(one.arguments) for one in plan.compare.candidates] == [{"batch_sampler"}, {"batch_sampler"}]
    assert "batch_sampler" not in plan.train.arguments
    assert plan.train.arguments["learning_rate"] == 2e-5
    assert [one.batch_size for one in plan.compare.candidates] == [128, 32]


def test_prompts_and_routes_go_by_each_losss_columns() -> None:
    model = 'model = { type = "dense", base = "b", prompts = { query = "q: ", document = "d: " } }\n'
    found = compared(model + TUPLES + 'compare = { losses = ["auto", "TripletLoss"] }')
    assert list(found["TripletLoss"].arguments["prompts"]) == ["anchor", "positive", "negative"]
    assert "negative_2" in found["MultipleNegativesRankingLoss"].arguments["prompts"]


def test_a_cross_encoder_answers_as_each_loss_wants() -> None:
    rows = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\n'
    plan = plan_of(CROSS + rows + "compare = {}")
    assert plan.compare is not None
    assert plan.compare.activations_differ
    assert [to_python(one.activation) for one in plan.compare.candidates] == [
        "torch.nn.Sigmoid()",
        "torch.nn.Identity()",
    ]


def budget(fragment: str) -> int | None:
    compare = plan_of(fragment).compare
    assert compare is not None
    return compare.rows


def test_the_budget_is_that_of_train_unless_it_is_said() -> None:
    assert budget("compare = {}") is None  # by epochs, which only the rows can tell
    assert budget("train = { steps = 10, batch_size = 8 }\ncompare = {}") == 80
    assert budget("train = { steps = 10, batch_size = 8 }\ncompare = { rows = 24 }") == 24


# --- what is refused -------------------------------------------------------------------------------------------------

SEVERAL = """data = [
    { name = "one", train = "a.jsonl", columns = { anchor = "a", positive = "p" } },
    { name = "two", train = "b.jsonl", columns = { anchor = "a", positive = "p" } },
]
"""
# fmt: off
REFUSED = [  # fragment, what is found, its twin that is clean
    ('compare = { losses = ["TripletLoss"] }', ["STG103"], TRIPLET + 'compare = { losses = ["TripletLoss"] }'),
    ('compare = { losses = ["CoSENTLos"] }', ["STG101"], SCORED + 'compare = { losses = ["CoSENTLoss"] }'),
    ('compare = { losses = ["ListNetLoss"] }', ["STG102"], CROSS + TRIPLET + 'compare = { losses = ["ListNetLoss"] }'),
    ('compare = { losses = ["GISTEmbedLoss"] }', ["STG105"], 'loss = { guide = "g" }\ncompare = { losses = ["GISTEmbedLoss"] }'),
    ('compare = { losses = ["MatryoshkaLoss"] }', ["STG117"], 'loss = { matryoshka = [8] }\ncompare = {}'),
    ('compare = { losses = ["MultipleNegativesSymmetricRankingLoss"] }', ["STG109"], 'compare = { losses = ["MultipleNegativesRankingLoss"] }'),
    ('compare = { losses = ["auto", "MultipleNegativesRankingLoss"] }', ["STG165"], 'compare = { losses = ["auto", "MegaBatchMarginLoss"] }'),
    ('compare = { seeds = [1, 1] }', ["STG165"], 'compare = { seeds = [1, 2] }'),
    ('compare = { losses = ["auto"], seeds = [1] }', ["STG191"], 'compare = { losses = ["auto"], seeds = [1, 2] }'),
    ('loss = { adaptive_layers = true }\ncompare = { losses = ["auto", "MegaBatchMarginLoss"] }', ["STG105"], 'loss = { adaptive_layers = true }\ncompare = {}'),
    (SPARSE + BINARY + 'loss = { convert = ["pair"] }\ncompare = { losses = ["auto", "SparseCoSENTLoss"] }', ["STG190"],
     SPARSE + BINARY + 'loss = { convert = ["pair"] }\ncompare = { losses = ["auto"] }'),
    (BINARY + 'metrics = { best = "loss" }\ncompare = { losses = ["auto", "CoSENTLoss"] }', ["STG192"],
     BINARY + 'metrics = { best = "loss" }\ncompare = { losses = ["auto", "ContrastiveLoss"] }'),
    (TRIPLET + LONG + 'compare = { losses = ["auto", "MultipleNegativesRankingLoss"] }', ["STG178"],
     TRIPLET + LONG + 'compare = { losses = ["auto", "AnglELoss"] }'),
    (SEVERAL + "compare = {}", ["STG027"], SEVERAL),
]
# fmt: on


@pytest.mark.parametrize(("fragment", "expected", "twin"), REFUSED)
def test_what_can_not_be_compared_is_refused(fragment: str, expected: list[str], twin: str) -> None:
    found = findings_of(fragment)
    assert codes(found) == expected
    assert codes(findings_of(twin)) == []
    assert found[0].span is not None


def test_a_conversion_that_loses_something_is_proposed_and_not_done() -> None:
    (found,) = findings_of(TRIPLET + 'compare = { losses = ["auto", "ContrastiveLoss"] }')
    assert found.path == ("compare", "losses", 1)
    assert 'convert = ["pair-binary"]' in found.notes[0]
    assert "TripletLoss" in found.help
    accepted = TRIPLET + 'loss = { name = "ContrastiveLoss", convert = ["pair-binary"] }\n'
    assert findings_of(accepted + 'compare = { losses = ["auto", "TripletLoss"] }') == []


@pytest.mark.parametrize("seed", ["-1", "4294967296", "1.5", '"1"'])
def test_seeds_are_numbers_that_a_generator_takes(seed: str) -> None:
    assert findings_of(f"compare = {{ seeds = [1, {seed}] }}")
    assert findings_of("compare = { seeds = [1, 4294967295] }") == []


def test_a_spec_without_comparison_has_nothing_of_it() -> None:
    tree = tree_of("")
    assert not [path for path in tree if "compare" in path or "candidates" in path]
    assert not [path for path, file in tree.items() if "CANDIDATES" in file.text or "runs/" in file.text]


# --- trained for real ------------------------------------------------------------------------------------------------


def repo_of(name: str, case: Case, compare: dict[str, Any], folder: Path, **tables: dict[str, Any]) -> Path:
    """Compile a repo whose losses are compared, on sample data."""
    data = folder / "data" / case.format
    if not data.exists():
        samples.write(data, case.format, 0)
    spec = repos.spec_of(case, f"../data/{case.format}")
    spec |= {"compare": compare, "project": {"name": name}}
    spec |= {table: spec[table] | keys for table, keys in tables.items()}
    repo = folder / name
    repo.mkdir()
    repos.write_repo(spec, repo)
    assert not (repo / "findings.txt").exists(), (repo / "findings.txt").read_text()
    return repo


@contextlib.contextmanager
def opened(repo: Path) -> Iterator[tuple[Any, list[str]]]:
    """The import system of a repo whose data is prepared, and the options that lead to its tiny base."""
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        load("verdict").RESAMPLES = 100  # the intervals are of no interest here
        yield load, ["--base", base, "--output", str(repo)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sentence_transformers")
    return tmp_path_factory.mktemp("compare")


def kind(model: str, architecture: str, format: str, *losses: str) -> Any:
    case = Case(model, architecture, "auto", format)
    named = {"losses": list(losses)} if losses else {}
    marks = () if format in ("pair", "list", "pair-binary") or model == "sparse" else pytest.mark.matrix
    return pytest.param(case, named, id=f"{model}-{architecture}-{format}", marks=marks)


KINDS = [
    kind("dense", "transformer", "pair"),
    kind("dense", "transformer", "pair-binary", "auto", "CoSENTLoss", "CosineSimilarityLoss"),
    kind("dense", "transformer", "n-tuple", "auto", "TripletLoss", "AnglELoss"),
    kind("dense", "transformer", "text-class"),
    kind("dense", "transformer", "pair-score"),
    kind("dense", "transformer", "text"),
    kind("dense", "static", "triplet"),
    kind("cross-encoder", "transformer", "list", "auto", "ListNetLoss", "RankNetLoss"),
    kind("cross-encoder", "transformer", "triplet", "auto", "LambdaLoss"),
    kind("cross-encoder", "transformer", "pair-score"),
    kind("sparse", "splade", "pair-score"),
    kind("sparse", "csr", "triplet"),
    kind("multi-vector", "transformer", "triplet"),
]


@pytest.mark.trains
@pytest.mark.parametrize(("case", "compare"), KINDS)
def test_compares(case: Case, compare: dict[str, Any], folder: Path) -> None:
    """Every loss is trained two steps with each seed and measured on the same rows; then the report shows it."""
    repo = repo_of(case.id, case, {**compare, "seeds": [1, 2], "rows": 2 * repos.BATCH}, folder)
    assert repos.lint(repo) == ""
    with opened(repo) as (load, options):
        program = load("compare")
        assert program.main(options) == 0
        results = json.loads((repo / "results" / "compare.json").read_text())
        assert sorted(one["loss"] for one in results["losses"]) == sorted(program.LOSSES)
        assert [one["eval"] for one in results["losses"]] == sorted(one["eval"] for one in results["losses"])[::-1]
        for split in ("eval", "test"):  # chosen on the one, reported on the other
            assert len(list(repo.glob(f"runs/*/{split}.npz"))) == 2 * len(program.LOSSES)
        for one in results["losses"]:
            assert len(one["values"]) == 2
            assert one["lowest"] <= one["mean"] <= one["highest"]
            assert one["rows"] == 2 * repos.BATCH
            assert one["seconds"] > 0
        assert results["losses"][0]["behind"] is None
        assert load("train").run(load("train").parse([*options, "--max-steps", "1"]))  # the repo's own loss
        assert load("evaluate").main(options) == 0
    page = (repo / "results" / "report.html").read_text()
    assert "Losses compared" in page
    assert all(one in page for one in program.LOSSES)
    assert not list(repo.glob("runs/*/checkpoints"))


@pytest.mark.trains
@pytest.mark.matrix
@pytest.mark.parametrize(("case", "compare"), [KINDS[1].values, KINDS[7].values, KINDS[9].values, KINDS[10].values])
def test_its_own_tests_pass_and_its_types_check(case: Case, compare: dict[str, Any], folder: Path, types: Path) -> None:
    repo = repo_of(f"{case.id}-checked", case, {**compare, "seeds": [1, 2]}, folder)
    repos.check_tests(repo)
    repos.check_types(repo, types)


@pytest.mark.trains
@pytest.mark.matrix
def test_several_processes_compare_together(folder: Path) -> None:
    case = Case("dense", "transformer", "auto", "pair")
    compare = {"losses": ["auto", "MegaBatchMarginLoss"], "seeds": [1, 2], "rows": 2 * repos.BATCH}
    repo = repo_of("processes", case, compare, folder, hardware={"accelerator": "cpu", "gpus": 2})
    base = str(repo / (repo / "base.txt").read_text())
    (script,) = repo.glob("launch/compare-*.sh")
    for _ in range(2):
        with alone():
            done = subprocess.run(["bash", str(script), "--base", base], env=os.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "it/s" not in done.stderr  # a library's bar
    results = json.loads((repo / "results" / "compare.json").read_text())
    assert [len(one["values"]) for one in results["losses"]] == [2, 2]


@pytest.fixture(scope="module")
def pairs(folder: Path) -> Path:
    """A repo that compares two losses over six steps, evaluated and saved at every second one."""
    losses = ["MultipleNegativesRankingLoss", "MegaBatchMarginLoss"]
    compare = {"losses": losses, "seeds": [1, 2], "rows": 6 * repos.BATCH}
    return repo_of("pairs", Case("dense", "transformer", "auto", "pair"), compare, folder, train={"evaluate_every": 2})


@pytest.mark.trains
def test_a_killed_comparison_ends_where_one_in_one_piece_ends(pairs: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file
    from torch import equal
    from transformers import TrainerCallback

    class Killed(TrainerCallback):
        steps = 0

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            Killed.steps += 1
            if Killed.steps == 12:  # in the second run, after the checkpoint of its fourth step
                raise KeyboardInterrupt

    with opened(pairs) as (load, options):
        program, train = load("compare"), load("train")
        whole, cut = ([*options[:2], "--output", str(tmp_path / name)] for name in ("whole", "cut"))
        assert program.main(whole) == 0
        trainer = train.SentenceTransformerTrainer

        def watched(*args: Any, **kwargs: Any) -> Any:
            return trainer(*args, **kwargs | {"callbacks": [*kwargs["callbacks"], Killed()]})

        train.SentenceTransformerTrainer = watched
        with pytest.raises(KeyboardInterrupt):
            program.main(cut)
        assert len(list(tmp_path.glob("cut/runs/*/run.json"))) == 1
        train.SentenceTransformerTrainer = trainer
        assert program.main(cut) == 0
        train.run = None  # nothing is left to train
        assert program.main(cut) == 0
    results = {
        name: json.loads((tmp_path / name / "results" / "compare.json").read_text()) for name in ("whole", "cut")
    }
    assert set(results["whole"]["others"]["base model"]) == {"eval", "test"}
    for file in tmp_path.glob("*/runs/*/results/training.json"):  # the base is measured once, and not in each run
        assert not [entry for entry in json.loads(file.read_text()) if entry["step"] == 0 and "eval_runtime" in entry]
    values = [[one["values"] for one in result["losses"]] for result in results.values()]
    assert values[0] == values[1]
    assert sum(json.loads(file.read_text())["resumed"] for file in tmp_path.glob("cut/runs/*/run.json")) == 1
    for file in tmp_path.glob("whole/runs/*/models/*/model.safetensors"):
        other = load_file(tmp_path / "cut" / file.relative_to(tmp_path / "whole"))
        assert all(equal(weight, other[name]) for name, weight in load_file(file).items())


@pytest.mark.trains
def test_runs_of_another_budget_are_not_taken_for_these(pairs: Path, tmp_path: Path) -> None:
    with opened(pairs) as (load, options):
        arguments = [*options[:2], "--output", str(tmp_path), "--seeds", "1", "--losses", "MegaBatchMarginLoss"]
        assert load("compare").main([*arguments, "--rows", "8"]) == 0
        with pytest.raises(SystemExit, match="another program, budget or data"):
            load("compare").main([*arguments, "--rows", "16"])


@pytest.mark.trains
def test_a_loss_that_fails_does_not_keep_the_others_from_being_compared(pairs: Path, tmp_path: Path) -> None:
    with opened(pairs) as (load, options):
        program, train = load("compare"), load("train")
        run = train.run

        def fails(given: Any) -> Any:
            if given.loss == "MegaBatchMarginLoss":
                raise SystemExit("train: at step 1 the loss is nan")
            return run(given)

        train.run = fails
        arguments = [*options[:2], "--output", str(tmp_path), "--seeds", "1", "2", "--rows", "8"]
        assert program.main(arguments) == 0
        with pytest.raises(SystemExit, match="no loss could be trained: train: at step 1"):
            program.main([*arguments, "--losses", "MegaBatchMarginLoss"])
    results = json.loads((tmp_path / "results" / "compare.json").read_text())
    assert [one["loss"] for one in results["losses"]] == ["MultipleNegativesRankingLoss"]
    assert results["failed"] == {"MegaBatchMarginLoss": "train: at step 1 the loss is nan"}


# --- told apart ------------------------------------------------------------------------------------------------------


def told(pairs: Path, **values: list[list[float]]) -> tuple[str, dict[str, Any]]:
    """What compare.py says of losses whose runs have these values for each example."""
    np = pytest.importorskip("numpy")
    with repos.modules(pairs) as load:
        program = load("compare")
        measured = {loss: [{program.MAIN_METRIC: np.array(run)} for run in runs] for loss, runs in values.items()}
        losses: list[dict[str, Any]] = [
            {"loss": loss, "mean": float(np.mean([program.figure(run) for run in runs]))}
            for loss, runs in measured.items()
        ]
        losses = [one | {"eval": one["mean"]} for one in losses]
        losses.sort(key=lambda one: -one["eval"])
        shown = [{"query": str(number)} for number in range(len(next(iter(values.values()))[0]))]
        says = program.hold_against_best(losses, measured, shown)
    return says, {one["loss"]: one["behind"] for one in losses}


@pytest.mark.trains
def test_what_is_clearly_behind_is_told_from_what_is_not(pairs: Path) -> None:
    np = pytest.importorskip("numpy")
    draw = np.random.default_rng(0)
    good = draw.uniform(size=300)
    runs = {
        "Best": [good + 0.1, good + 0.11],
        "Near": [good + 0.1 + draw.normal(0, 0.3, 300), good + 0.1 + draw.normal(0, 0.3, 300)],
        "Worse": [good, good + 0.01],
    }
    says, behind = told(pairs, **runs)
    assert behind["Worse"]["high"] < 0
    assert "Near" in says
    assert "Worse" not in says
    assert told(pairs, Best=runs["Best"], Worse=runs["Worse"])[0] == (
        "Best is the best on eval, and on test ahead of every other loss by more than chance."
    )
    assert told(pairs, Best=runs["Best"])[0] == "Best alone was trained."


@pytest.mark.trains
def test_a_choice_that_test_does_not_bear_out_is_said(pairs: Path) -> None:
    np = pytest.importorskip("numpy")
    flat = np.random.default_rng(0).uniform(size=300)
    with repos.modules(pairs) as load:
        program = load("compare")
        measured = {"Chosen": [{program.MAIN_METRIC: flat}], "Other": [{program.MAIN_METRIC: flat + 0.1}]}
        losses = [{"loss": loss, "mean": program.figure(runs[0]), "eval": 0.9} for loss, runs in measured.items()]
        losses[0]["eval"] = 0.91
        says = program.hold_against_best(losses, measured, [{"query": str(number)} for number in range(300)])
    assert says.startswith("Chosen is the best on eval; on test Other did better by more than chance")


@pytest.mark.trains
def test_losses_that_eval_puts_level_are_not_told_as_best(pairs: Path) -> None:
    np = pytest.importorskip("numpy")
    flat = np.full(300, 0.5)
    says, _ = told(pairs, A=[flat], B=[flat], C=[flat - 0.1])
    assert says == "A and B are equally good on eval; on test A can't be told apart from B."


@pytest.mark.trains
def test_seeds_that_differ_more_than_losses_hide_the_difference(pairs: Path) -> None:
    np = pytest.importorskip("numpy")
    flat = np.full(300, 0.5)
    says, behind = told(pairs, A=[flat, flat + 0.3], B=[flat + 0.28, flat])
    assert behind["B"]["low"] < 0 <= behind["B"]["high"]
    assert "can't be told apart from B" in says
