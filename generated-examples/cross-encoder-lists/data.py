"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

from __future__ import annotations

import glob
import math
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset

ROOT = Path(__file__).parent
FILES = {
    "train": {"path": "json", "data_files": "data/train.jsonl"},
    "eval": {"path": "json", "data_files": "data/dev.jsonl"},
    "test": {"path": "json", "data_files": "data/test.jsonl"},
}
# Role -> column of the file, in the order in which the loss takes them.
COLUMNS = {
    "anchor": "question",
    "documents": "sentences",
    "scores": "relevant",
}
ROWS_NEEDED = 2  # of the training set: the loss learns nothing from fewer
FAULTS_SHOWN = 5


def load(split: str) -> Dataset:
    """Return the rows of a split, ready for the loss."""
    return read(split)


def read(split: str) -> Dataset:
    """Read the rows of a split and hold each against the contract."""
    rows = read_columns(split)
    check(rows, split)
    return rows


def read_columns(split: str) -> Dataset:
    """Read a split's columns under the names of their roles."""
    rows = read_file(split)
    if missing := [column for column in COLUMNS.values() if column not in rows.column_names]:
        raise SystemExit(f"data: {split} has no column {missing}; its columns are {rows.column_names}")
    rows = rows.select_columns(list(COLUMNS.values()))
    return rows.rename_columns({column: role for role, column in COLUMNS.items() if column != role})


def read_file(split: str) -> Dataset:
    """Read the local files of a split."""
    pattern = str(ROOT / FILES[split]["data_files"])
    files = sorted(glob.glob(pattern))
    if not files:
        raise SystemExit(f"data: there is no file {pattern} for {split}")
    try:
        return load_dataset(**(FILES[split] | {"data_files": files}), split="train")
    except Exception as error:  # the readers raise whatever their parser raises
        raise SystemExit(f"data: {pattern} can't be read: {error.__cause__ or error}") from error


def check(rows: Dataset, split: str) -> None:
    """Stop, showing the first bad rows, when a row breaks the contract or there are too few."""
    faults = []
    number = 0
    for batch in rows.iter(batch_size=1000):
        for values in zip(*(batch[role] for role in COLUMNS), strict=True):
            number += 1
            if fault := find_fault(*values):
                faults.append(f"  row {number}: {fault}")
    if faults:
        shown = "\n".join(faults[:FAULTS_SHOWN])
        raise SystemExit(f"data: {len(faults)} of {len(rows)} rows of {split} break the contract:\n{shown}")
    if split == "train" and len(rows) < ROWS_NEEDED:
        raise SystemExit(f"data: {split} has {len(rows)} rows, and a batch alone takes {ROWS_NEEDED}")
    if split == "train" and all(len(set(scores)) < 2 for scores in rows["scores"]):
        raise SystemExit("data: in every row of train all texts have the same score: there is nothing to order")


def find_fault(anchor: Any, documents: Any, scores: Any) -> str | None:
    """Say what is wrong with a row, or return None."""
    for role, value in (("anchor", anchor),):
        if not isinstance(value, str) or not value.strip():
            return f"{role} is not a text with something in it: {value!r}"
    if not isinstance(documents, list) or not documents:
        return f"documents is not a list with something in it: {documents!r}"
    if not all(isinstance(document, str) and document.strip() for document in documents):
        return "documents holds something that is not a text, or is empty"
    if not isinstance(scores, list) or len(scores) != len(documents):
        return f"scores is not a list of one number for each text: {scores!r}"
    if not all(isinstance(score, int | float) and math.isfinite(score) for score in scores):
        return f"scores holds something that is not a finite number: {scores!r}"
    return None
