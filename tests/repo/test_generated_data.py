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
    "pair-binary":    ("label", [1.0, 0.0]),
    "pair-score":     ("score", [0.0, 0.2, 0.4]),
    "triplet-margin": ("label", [0.5, 1.5]),
    "n-tuple-margin": ("label", [[0.5, 1.5], [1.5, 1.5]]),
    "triplet-scores": ("scores", [[3.0, 1.0], [3.0, 2.0]]),
    "n-tuple-scores": ("scores", [[2, 0, 0], [2, 1, 0]]),
    "list":           ("scores", [[2, 0, 0], [2, 1, 0]]),
}
BROKEN: list[tuple[str, dict[str, Any], str]] = [  # format, what the fifth row is made to hold, what is said of it
    ("pair",           {"a": ""},                          "anchor is not a text"),
    ("pair",           {"p": None},                        "positive is not a text"),
    ("triplet",        {"n": "  "},                        "negative is not a text"),
    ("triplet",        {"n": samples.row("triplet", 4, 0)["p"]}, "negative is the positive itself"),
    ("n-tuple",        {"n2": samples.row("n-tuple", 4, 0)["p"]}, "negative_2 is the positive itself"),
    ("list",           {"d": []},                          "documents is not a list"),
    ("list",           {"d": ["a", "", "b"]},              "documents holds something"),
    ("list",           {"ss": [1, 2]},                     "one number for each text"),
    ("pair-score",     {"s": 6},                           "from 0 to 5"),
    ("pair-score",     {"s": None},                        "from 0 to 5"),
    ("pair-score",     {"s": float("nan")},                "from 0 to 5"),
    ("pair-binary",    {"y": None},                        "label is empty"),
    ("pair-class",     {"c": "elsewhere"},                 "not one of the 3 classes"),
    ("text-class",     {"c": ""},                          "label is not a class"),
    ("text-class",     {"c": None},                        "label is not a class"),
    ("triplet-scores", {"ss": [1.0]},                      "one number for each text"),
    ("n-tuple-scores", {"ss": [1.0, float("inf"), 0.0]},   "not a finite number"),
    ("triplet-margin", {"m": None},                        "not a finite number"),
    ("n-tuple-margin", {"m": [1.0]},                       "not a margin for each negative"),
    ("text-embedding", {"v": []},                          "not a vector"),
    ("text-embedding", {"v": [0.1, None, 0.2, 0.3]},       "not a finite number"),
    ("text-embedding", {"v": [0.1, 0.2]},                  f"differ in width: [2, {bases.WIDTH}]"),
]
USELESS: list[tuple[str, dict[str, Any], str]] = [  # format, what every row is made to hold
    ("text-class",     {"c": "far"},       "same class"),
    ("pair-binary",    {"y": "no"},        "only positive or only negative"),
    ("pair-score",     {"s": 3},           "same score"),
    ("list",           {"ss": [1, 1, 1]},  "nothing to order"),
]
# fmt: on
MODELS = {"list": "cross-encoder"}

Load = Callable[[str, Callable[[list[dict[str, Any]]], None]], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    cases = [
        Case(MODELS.get(format, "dense"), "transformer", "auto", format)
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
        repo = folder / f"{MODELS.get(format, 'dense')}-transformer-auto-{format}"
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
    assert "row 5" in str(stopped.value) or "differ in width" in said


@pytest.mark.parametrize(("format", "change", "said"), USELESS)
def test_labels_that_teach_nothing_stop_the_run(load: Load, format: str, change: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        load(format, lambda rows: [row.update(change) for row in rows] and None)


def test_a_missing_column_is_named(load: Load) -> None:
    with pytest.raises(SystemExit, match=r"no column \['p'\]"):
        load("pair", lambda rows: [row.pop("p") for row in rows] and None)


def test_too_few_rows_for_a_batch_stop_the_run(load: Load) -> None:
    with pytest.raises(SystemExit, match="has 3 rows, and a batch alone takes 8"):
        load("pair", lambda rows: rows.__delitem__(slice(3, None)))


def test_a_class_that_training_lacks_is_named(folder: Path) -> None:
    repo = folder / "dense-transformer-auto-text-class"
    path = folder / "data" / "text-class-0" / "test.jsonl"
    kept = path.read_text()
    path.write_text(kept.replace('"near"', '"elsewhere"'))
    try:
        with (
            repos.modules(repo) as module,
            pytest.raises(SystemExit, match="no row of train has the class 'elsewhere'"),
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
