"""Splits that are too small for a batch, an eval loss or a metric: each is a finding, and the repo trains or says why it doesn't."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from matrix import repos
from stgen.examine.examining import examine
from stgen.language.spec import Spec

Row = dict[str, Any]
CLASS = {"text": "q", "class": "c"}
PAIR = {"anchor": "q", "positive": "a"}
SCORE = {"text_1": "q", "text_2": "a", "score": "s"}
BY_CLASS = {"name": "BatchAllTripletLoss"}


def rows(count: int, classes: int, of: str = "train") -> list[Row]:
    """Rows of so many classes, with as many answers."""
    return [
        {
            "q": f"{of} text {number}",
            "a": f"answer {number % classes}",
            "c": f"class {number % classes}",
            "s": number % 3 / 2,
        }
        for number in range(count)
    ]


def skewed(most: int, others: int, of: str = "train") -> list[Row]:
    """Rows of a large class and a small one."""
    return [row | {"c": "large"} for row in rows(most, 1, of)] + [
        row | {"c": "small"} for row in rows(others, 1, f"{of} of")
    ]


def write(folder: Path, columns: Row, train: list[Row], held: list[Row] | None, loss: Row) -> tuple[Path, list[str]]:
    """Write a repo and its rows; return it, with the codes of what validate finds in the rows of these splits."""
    repo = folder / "repo"
    repo.mkdir()
    data: Row = {"train": "train.jsonl", "columns": columns}
    (repo / "train.jsonl").write_text("\n".join(map(json.dumps, train)))
    if held is not None:
        (repo / "eval.jsonl").write_text("\n".join(map(json.dumps, held)))
        data["eval"] = "eval.jsonl"
    spec = {
        "stgen": 1,
        "project": {"name": "small"},
        "model": {"type": "dense", "base": "../bases/tiny"},
        "data": [data],
        "loss": loss,
        "train": {"batch_size": 8},
        "hardware": {"accelerator": "cpu"},
    }
    repos.write_repo(spec, repo)
    found = examine(Spec.model_validate(spec), str(repo))
    return repo, [item.code for item in found if item.code in ("STG215", "STG227", "STG414", "STG415", "STG416")]


def trained(repo: Path) -> str:
    """Prepare and train two steps; return what stopped it, or "" where steps were made."""
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        try:
            if (repo / "prepare.py").exists():
                load("prepare").main([])
            program = load("train")
            base = str(repo / (repo / "base.txt").read_text())
            program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        except SystemExit as reason:
            return str(reason)
    assert json.loads((repo / "results/run.json").read_text())["steps"]["measured"] == 2
    return ""


@pytest.mark.parametrize(
    ("held", "codes"),
    [
        (rows(3, 2, "eval"), ["STG416"]),
        (rows(20, 1, "eval"), ["STG416"]),
        (rows(6, 2, "eval"), []),
        (skewed(16, 2, "eval"), []),
        (None, []),
    ],
    ids=["three", "one class", "six", "skewed", "held out"],
)
def test_few_eval_rows_of_classes_train(tmp_path: Path, held: list[Row] | None, codes: list[str]) -> None:
    train = skewed(40, 40) if held and held[0]["c"] == "large" else rows(80, 4)
    repo, found = write(tmp_path, CLASS, train, held, BY_CLASS)
    assert found == codes
    assert trained(repo) == ""


@pytest.mark.parametrize(
    ("columns", "train", "held", "loss", "code", "says"),
    [
        (CLASS, rows(80, 4), rows(4, 4, "eval"), BY_CLASS, "STG415", "no held-out query has a relevant document"),
        (CLASS, rows(80, 4), rows(4, 4, "eval"), {}, "STG415", "no held-out query has a relevant document"),
        (CLASS, skewed(40, 3), skewed(5, 5, "eval"), BY_CLASS, "STG414", "batches by class use"),
        (CLASS, skewed(40, 1), skewed(5, 5, "eval"), BY_CLASS, "STG414", "batches by class use 0 of 41 rows of train"),
        (
            PAIR,
            rows(80, 3),
            rows(8, 8, "eval"),
            {},
            "STG215",
            "`positive` has 3 distinct texts, and a batch of 8 needs",
        ),
        (SCORE, rows(80, 80), rows(1, 1, "eval"), {}, "STG227", "one held-out pair has no correlation"),
    ],
    ids=["four classes", "four classes, pairs", "skewed", "one class", "three answers", "one score"],
)
def test_what_is_too_small_stops_as_validate_says(
    tmp_path: Path, columns: Row, train: list[Row], held: list[Row], loss: Row, code: str, says: str
) -> None:
    repo, found = write(tmp_path, columns, train, held, loss)
    assert code in found
    assert says in trained(repo)


def test_rows_of_few_classes_are_held_out_in_pairs(tmp_path: Path) -> None:
    repo, _ = write(tmp_path, CLASS, rows(40, 5), None, {})
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        load("prepare").main([])
        held = {split: load("data").load(split)["label"][:] for split in ("eval", "test")}
    for labels in held.values():
        assert sum(labels.count(label) > 1 for label in set(labels)) > 1
        assert len(labels) <= 40 // 4
