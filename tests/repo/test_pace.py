"""What evaluations read of a run, counted: the tokens that pass through the model, those that are learned from three times."""

from __future__ import annotations

import contextlib
import io
import json
import math
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commandline import stgen
from compiling import tree_of
from matrix import repos, samples
from matrix.cases import Case

pytestmark = pytest.mark.trains
SHARE = 0.2
"""Of a run, that its evaluations may take."""
PASSES = 3  # of a row that is learned from: one forward, and backward at twice its cost
FEWEST = 2  # evaluations beside that of the base, between which the best checkpoint is chosen
WHOLE = {"early_stopping": 100}  # never: a run that ends early spreads the base's evaluation over fewer steps
FEW_ROWS = {"batch_size": 16, "epochs": 6, **WHOLE}  # as a profile decides for so few
FEW_STEPS = {"batch_size": 16, "steps": 100}  # as `stgen new` writes


class Tokens:
    """Counts the tokens, padding among them, that pass through a model: learned from, and only measured."""

    def __init__(self) -> None:
        self.learned = self.measured = 0

    def watch(self, encoder: Any) -> None:
        encoder[0].register_forward_pre_hook(self.count, with_kwargs=True)

    def count(self, module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        import torch

        tokens = (given[0] if given else named["features"])["input_ids"].numel()
        if module.training and torch.is_grad_enabled():
            self.learned += PASSES * tokens
        else:
            self.measured += tokens


def write(folder: Path, format: str, train: int, measured: int) -> None:
    """Rows of few words in questions and of many in answers, no two of them alike."""
    folder.mkdir()
    draw = random.Random(1)

    def text(words: int) -> str:
        return " ".join(draw.choice(samples.WORDS) for _ in range(words))

    def row() -> dict[str, Any]:
        answers = {"p": text(25), "n": text(25), "b": text(12), "s": draw.randint(0, 5), "t": text(12)}
        fields = answers | {
            "a": text(8),
            "c": ("far", "near", "same")[draw.randrange(3)],
            "y": draw.choice(["yes", "no"]),
        }
        return {name: fields[name] for name in samples._names(samples.COLUMNS[format])}

    for split, count in (("train", train), ("eval", measured), ("test", measured)):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row()) + "\n" for _ in range(count)))


@pytest.mark.parametrize(
    ("model", "architecture", "format", "train"),
    [
        pytest.param("dense", "transformer", "pair", FEW_STEPS, id="steps-that-are-given"),
        pytest.param("dense", "transformer", "pair", {}, id="profiled"),
        pytest.param("dense", "transformer", "triplet", FEW_ROWS, id="triplets"),
        pytest.param("dense", "transformer", "pair-class", FEW_ROWS, id="probe"),
        pytest.param("dense", "transformer", "text-class", FEW_ROWS, id="classes"),
        pytest.param("dense", "transformer", "text", FEW_ROWS, id="damaged"),
        pytest.param("cross-encoder", "transformer", "pair", FEW_ROWS, id="reranking"),
        pytest.param("cross-encoder", "transformer", "pair-binary", FEW_ROWS, id="labels"),
        pytest.param("sparse", "splade", "pair", FEW_ROWS, id="sparse"),
        pytest.param("multi-vector", "transformer", "pair", FEW_ROWS, id="multi-vector"),
    ],
)
def test_evaluations_read_a_fifth_of_what_a_run_reads_at_most(
    model: str, architecture: str, format: str, train: dict[str, Any], tmp_path: Path
) -> None:
    write(tmp_path / "data", format, train=320, measured=40)
    repo = tmp_path / "repo"
    repo.mkdir()
    spec = repos.spec_of(Case(model, architecture, "auto", format), "../data")
    repos.write_repo(spec | {"train": train}, repo)
    if not train:
        assert stgen("profile", str(repo / "stgen.json")).code == 0
        repos.write_repo(spec | {"train": train}, repo)
    base, tokens = str(repo / (repo / "base.txt").read_text()), Tokens()
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        program = load("train")
        build = program.model.build

        def watched(*given: Any) -> Any:
            encoder = build(*given)
            tokens.watch(encoder)
            return encoder

        program.model.build = watched
        assert program.main(["--base", base, "--output", str(tmp_path / "out")]) == 0
    log = json.loads((tmp_path / "out/results/training.json").read_text())
    evaluations = [entry["step"] for entry in log if "eval_runtime" in entry]
    assert tokens.measured <= SHARE * (tokens.learned + tokens.measured)
    assert evaluations[0] == 0
    assert len(evaluations) > FEWEST


def test_of_several_sets_each_leaves_out_what_fills_no_batch_of_its_own() -> None:
    sets = [
        f'{{ name = "{name}", train = "{name}.jsonl", columns = {{ anchor = "q", positive = "a" }} }}' for name in "ab"
    ]
    text = tree_of(f"data = [{', '.join(sets)}]")["train.py"].text
    counted = "sum(len(rows) // options.batch_size * options.batch_size for rows in train_rows.values())"
    assert counted in " ".join(text.split())


def test_rows_that_fill_no_batch_end_the_run() -> None:
    """A larger batch than there are rows would train for no step, and deliver the base."""
    text = tree_of('data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]')[
        "train.py"
    ].text
    function = text[text.index("def evaluate_every") : text.index("def parse")]
    names: dict[str, Any] = {"math": math, "EVALUATIONS": 10, "STEPS": -1}
    exec("from __future__ import annotations\n" + function, names)
    asked = SimpleNamespace(batch_size=50, epochs=1, max_steps=-1)
    assert names["evaluate_every"](asked, 50, 10) == (1, False)
    with pytest.raises(SystemExit, match="49 training rows don't fill a batch"):
        names["evaluate_every"](asked, 49, 10)


def test_a_search_grows_with_what_the_run_can_afford() -> None:
    """Among few documents checkpoints look alike: of many rows as many are searched as for the test."""
    text = tree_of('data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]')[
        "train.py"
    ].text
    function = text[text.index("def documents_afforded") : text.index("def evaluate_every")]
    names: dict[str, Any] = {"measure": SimpleNamespace(DOCUMENTS=5000, DOCUMENTS_WHILE_TRAINING=100)}
    exec("from __future__ import annotations\n" + function, names)
    asked = SimpleNamespace(batch_size=50, epochs=2, max_steps=-1)
    found = [names["documents_afforded"](asked, rows, 100) for rows in (500, 2_000, 1_000_000)]
    assert found == [100, 2 * (469 - 100 - 64), 5000]
    asked.max_steps = 2  # a trial is short, whatever the rows
    assert names["documents_afforded"](asked, 1_000_000, 100) == 100
