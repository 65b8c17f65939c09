"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

import glob
import os
import warnings
from dataclasses import replace
from functools import cache
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
SCHEMA = Schema(
    [  # in the order in which the loss takes them
        Column("text", "text", texts.text),
        Column("label", "intent", classes.class_name),
    ],
    Features({"text": Value("string"), "label": Value("string")}),
)
ROWS_NEEDED = 64  # of the training set: the loss learns nothing from fewer


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
    rows = number_classes(read_split(split), split)
    if split == "train":
        check(rows)
    return rows


def read_split(split: str) -> Dataset:
    """Read the columns that have a role; rows that are measured on have the classes of the training rows."""
    schema = SCHEMA
    if split != "train":
        known = classes.KnownClass(class_names())
        columns = [replace(column, take=known) if column.name == "label" else column for column in SCHEMA.columns]
        schema = replace(SCHEMA, columns=columns)
    return read_rows(SOURCES[split], schema, split)


@cache
def class_names() -> list[str]:
    """Return the classes of the training rows, in the order of their numbers."""
    return sorted(read_split("train").unique("label"))


def number_classes(rows: Dataset, split: str) -> Dataset:
    """Turn classes into their numbers."""
    numbers = {name: number for number, name in enumerate(class_names())}
    return rows.map(
        lambda batch: {"label": [numbers[name] for name in batch["label"]]},
        batched=True,
        features=Features(rows.features | {"label": Value("int64")}),
        desc=f"number the classes of {split}",
    )


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
