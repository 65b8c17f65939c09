"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

import glob
import os
import warnings
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value, load_dataset

import stamp
from reader import classes, json_lines, texts
from reader.contract import Column
from reading import Files, Schema, read_rows

ROOT = Path(__file__).parent
PREPARED = ROOT / "prepared"
PROGRAMS = ["data.py", "prepare.py", "reading.py", "seed.py"]  # what they make of the data is in prepared/
SOURCES = {
    "train": Files("data/train.jsonl", json_lines.read),
    "eval": Files("data/dev.jsonl", json_lines.read),
    "test": Files("data/test.jsonl", json_lines.read),
}
CLASS_NAMES = ["entailment", "neutral", "contradiction"]
SCHEMA = Schema(
    [  # in the order in which the loss takes them
        Column("text_1", "premise", texts.text),
        Column("text_2", "hypothesis", texts.text),
        Column("label", "label", classes.Class(CLASS_NAMES)),
    ],
    Features({"text_1": Value("string"), "text_2": Value("string"), "label": Value("int64")}),
)
ROWS_NEEDED = 16  # of the training set: the loss learns nothing from fewer


def load(split: str) -> Dataset:
    """Return the rows of a split as prepare.py wrote them; stop where it has not run on what lies here now."""
    with stamp.unchanged(PREPARED / "rows", made_of) as rows:
        return load_dataset("parquet", data_files=as_pattern(rows / f"{split}.parquet"), split="train")


def made_of() -> stamp.MadeOf:
    """Return what decides on the rows that prepare.py writes: the files that it reads, and the programs."""
    files = [Path(file) for source in SOURCES.values() for file in source.there()]
    programs = [ROOT / name for name in PROGRAMS] + sorted((ROOT / "reader").glob("*.py"))
    return {"files": stamp.hash_files(files), "programs": stamp.hash_files(programs)}


def unfinished(name: str) -> Path:
    """Return where prepare.py writes a file, before all of them together take their places."""
    return stamp.unfinished(PREPARED / "rows") / name


def as_pattern(file: str | Path) -> str:
    """Return the pattern that stands for a file alone: load_dataset takes a path for one."""
    path = str(file)
    if "::" in path or os.path.expandvars(path) != path:
        raise SystemExit(
            f"data: {path} can't be read, as load_dataset takes `::` and `$` for more than a name; rename it"
        )
    return glob.escape(path)


def read(split: str) -> Dataset:
    """Read the rows of a split, each held against the contract."""
    rows = read_rows(SOURCES[split], SCHEMA, split)
    if split == "train":
        check(rows)
    return rows


def check(rows: Dataset) -> None:
    """Look at the training rows as a whole: whether they are enough, and whether there is something to learn."""
    if conflict := find_conflict(rows):
        warnings.warn(f"data: {conflict}", stacklevel=2)
    if len(rows.unique("label")) < 2:
        raise SystemExit("data: every row of train has the same class, so there is nothing to learn")


def find_conflict(rows: Dataset) -> str | None:
    """Say how many rows have the texts of an earlier one under another label, or return None."""
    seen: dict[int, tuple[int, Any]] = {}
    pairs: list[tuple[int, int]] = []
    columns = (rows[column.name] for column in SCHEMA.columns)
    for row, (*said, label) in enumerate(zip(*columns, strict=True), 1):
        earlier, known = seen.setdefault(hash(tuple(said)), (row, label))
        if known != label:
            pairs.append((earlier, row))
    if not pairs:
        return None
    return f"{len(pairs)} rows of train have the texts of an earlier row under another label: rows {pairs[0][0]} and {pairs[0][1]}"


def class_names() -> list[str]:
    """Return the classes in the order of their numbers."""
    return CLASS_NAMES
