"""The generated data.py on small files: every kind of label is read as the loss wants it, and every bad row is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import bases, repos, samples
from matrix.cases import Case

WIDTH = 4
# fmt: off
LOADED: dict[str, tuple[str, list[Any]]] = {  # format -> label column, its first values
    "text-class":     ("label", [0, 1, 2]),
    "pair-class":     ("label", [0, 1, 2]),
    "pair-probabilities": ("label", [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]),
    "pair-binary":    ("label", [1.0, 0.0]),
    "pair-score":     ("score", [0.0, 0.2, 0.4]),
    "triplet-margin": ("label", [0.5, 1.5]),
    "n-tuple-margin": ("label", [[0.5, 1.5], [1.5, 1.5]]),
    "triplet-scores": ("scores", [[3.0, 1.0], [3.0, 2.0]]),
    "n-tuple-scores": ("scores", [[2, 0, 0], [2, 1, 0]]),
    "list":           ("scores", [[2, 0, 0], [2, 1, 0]]),
}
BROKEN: list[tuple[str, dict[str, Any], str]] = [  # format, what the fifth row is made to hold, what is said of it
    ("pair",           {"a": ""},                          "`a` is empty"),
    ("pair",           {"p": None},                        "`p` has no value"),
    ("triplet",        {"n": "  "},                        "`n` is empty"),
    ("triplet",        {"n": samples.row("triplet", 4, 0)["p"]}, "`n` is identical to the positive"),
    ("n-tuple",        {"n2": samples.row("n-tuple", 4, 0)["p"]}, "`n2` is identical to the positive"),
    ("list",           {"d": []},                          "`d` is an empty list"),
    ("list",           {"d": ["a", "", "b"]},              "`d[1]` is empty"),
    ("list",           {"ss": [1, 2]},                     "`ss` has 2 numbers for 3 texts"),
    ("pair-score",     {"s": 6},                           "`s` is 6, and a score goes from 0 to 5"),
    ("pair-score",     {"s": None},                        "`s` has no value"),
    ("pair-score",     {"s": float("nan")},                "`s` is NaN or infinite"),
    ("pair-binary",    {"y": None},                        "`y` has no value"),
    ("pair-class",     {"c": "elsewhere"},                 "`c` is not one of the 3 classes"),
    ("pair-probabilities", {"cs": [0.5, 0.5]},             "`cs` has 2 numbers, and there are 3 classes"),
    ("pair-probabilities", {"cs": [0.5, 0.2, 0.1]},        "`cs` adds up to 0.8, and the probabilities of a row add up to 1"),
    ("pair-probabilities", {"cs": [1.5, -0.5, 0.0]},       "`cs[0]` is 1.5, and a probability lies between 0 and 1"),
    ("pair-probabilities", {"cs": "0.5 0.5 0"},            "`cs` is not a list of numbers"),
    ("pair-class",     {"c": 0.5},                         "`c` is no class: 0.5"),
    ("n-tuple-margin", {"m": 0.5},                         "`m` is not a list of numbers: 0.5"),
    ("text-class",     {"c": ""},                          "`c` has no value"),
    ("text-class",     {"c": None},                        "`c` has no value"),
    ("triplet-scores", {"ss": [1.0]},                      "`ss` has 1 number, and a row has 2"),
    ("n-tuple-scores", {"ss": [1.0, float("inf"), 0.0]},   "`ss[1]` is NaN or infinite"),
    ("triplet-margin", {"m": None},                        "`m` has no value"),
    ("n-tuple-margin", {"m": [1.0]},                       "`m` has 1 number, and a row has 2"),
    ("text-embedding", {"v": []},                          "`v` is an empty list"),
    ("text-embedding", {"v": [0.1, None, 0.2, 0.3]},       "`v[1]` has no value"),
    ("text-embedding", {"v": [0.1, 0.2]},                  f"`v` has 2 numbers, and the first row has {bases.WIDTH}"),
]
USELESS: list[tuple[str, dict[str, Any], str]] = [  # format, what every row is made to hold
    ("text-class",     {"c": "far"},       "same class"),
    ("pair-binary",    {"y": "no"},        "only positive or only negative"),
    ("pair-score",     {"s": 3},           "same score"),
    ("list",           {"ss": [1, 1, 1]},  "no order to learn"),
]
# fmt: on
MODELS = {"list": "cross-encoder"}
LOSSES = {"text-class": "BatchAllTripletLoss"}  # which takes texts with classes as they are

Load = Callable[[str, Callable[[list[dict[str, Any]]], None]], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    cases = [
        Case(MODELS.get(format, "dense"), "transformer", LOSSES.get(format, "auto"), format)
        for format in samples.COLUMNS
        if format != "texts"
    ]
    repos.compile_all(cases, made)
    return made


@pytest.fixture
def load(folder: Path) -> Iterator[Load]:
    """Loads the training rows of a format through its data.py, once a change has been made to the file's rows."""
    written: list[tuple[Path, str]] = []

    def run(format: str, change: Callable[[list[dict[str, Any]]], None]) -> Any:
        repo = folder / f"{MODELS.get(format, 'dense')}-transformer-{LOSSES.get(format, 'auto')}-{format}"
        path = folder / "data" / f"{format}-{bases.WIDTH if 'embedding' in format else 0}" / "train.jsonl"
        written.append((path, path.read_text()))
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        change(rows)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with repos.modules(repo) as module:
            return module("data").load("train")

    yield run
    for path, text in written:
        path.write_text(text)


def unchanged(_: list[dict[str, Any]]) -> None:
    """The rows as they are."""


@pytest.mark.parametrize("format", LOADED)
def test_labels_are_what_the_loss_takes(load: Load, format: str) -> None:
    column, values = LOADED[format]
    rows = load(format, unchanged)
    assert rows.column_names[-1] == column
    assert rows[column][: len(values)] == values
    assert len(rows) == samples.ROWS


@pytest.mark.parametrize(("format", "change", "said"), BROKEN)
def test_a_bad_row_is_named(load: Load, format: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        load(format, lambda rows: rows[4].update(change))
    assert said in str(stopped.value)
    assert "line 5 of ../data/" in str(stopped.value)


@pytest.mark.parametrize(("format", "change", "said"), USELESS)
def test_labels_that_teach_nothing_stop_the_run(load: Load, format: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        load(format, lambda rows: [row.update(change) for row in rows] and None)


def test_a_missing_column_is_named(load: Load) -> None:
    with pytest.raises(SystemExit, match="train has no column `p`; its columns are `a`"):
        load("pair", lambda rows: [row.pop("p") for row in rows] and None)


def test_too_few_rows_for_a_batch_stop_the_run(load: Load) -> None:
    with pytest.raises(SystemExit, match="has 3 rows, fewer than one batch of 8"):
        load("pair", lambda rows: rows.__delitem__(slice(3, None)))


def test_a_class_that_training_lacks_is_named(folder: Path) -> None:
    repo = folder / "dense-transformer-BatchAllTripletLoss-text-class"
    path = folder / "data" / "text-class-0" / "test.jsonl"
    kept = path.read_text()
    path.write_text(kept.replace('"near"', '"elsewhere"'))
    try:
        with (
            repos.modules(repo) as module,
            pytest.raises(SystemExit, match=r"line 2 of .*: `c` is 'elsewhere', a class that no row of train has"),
        ):
            module("data").load("test")
    finally:
        path.write_text(kept)


# fmt: off
CONFLICTS: list[tuple[str, dict[str, str]]] = [  # format, column of the first row -> column of the same text in a new one
    ("text-class",  {"t": "t"}),
    ("pair-class",  {"a": "a", "b": "b"}),
    ("pair-binary", {"a": "b", "b": "a"}),  # whichever stands first
]
# fmt: on


@pytest.mark.parametrize(("format", "taken"), CONFLICTS, ids=[format for format, _ in CONFLICTS])
def test_contradicting_labels_are_told(load: Load, format: str, taken: dict[str, str]) -> None:
    def add(rows: list[dict[str, Any]]) -> None:
        rows.append(rows[1] | {new: rows[0][old] for old, new in taken.items()})

    with pytest.warns(UserWarning, match="1 rows of train have the texts of an earlier row .* rows 1 and 25"):
        load(format, add)


def test_labels_that_agree_are_passed_over(load: Load, recwarn: pytest.WarningsRecorder) -> None:
    load("pair-class", lambda rows: rows.append(rows[0]))
    load("pair-class", lambda rows: rows.append(rows[1] | {"a": rows[0]["b"], "b": rows[0]["a"]}))
    assert [str(item.message) for item in recwarn if "earlier row" in str(item.message)] == []
