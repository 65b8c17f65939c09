"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

from datasets import Dataset, Features, Value

from reader import json_lines, texts
from reader.contract import Column
from reading import Files, Schema, read_rows

SOURCES = {
    "train": Files("data/train.jsonl", json_lines.read),
    "eval": Files("data/dev.jsonl", json_lines.read),
    "test": Files("data/test.jsonl", json_lines.read),
}
SCHEMA = Schema(
    [  # in the order in which the loss takes them
        Column("anchor", "question", texts.text),
        Column("positive", "answer", texts.text),
    ],
    Features({"anchor": Value("string"), "positive": Value("string")}),
)
ROWS_NEEDED = 32  # of the training set: the loss learns nothing from fewer


def load(split: str) -> Dataset:
    """Return the rows of a split, ready for the loss."""
    return read(split)


def read(split: str) -> Dataset:
    """Read the rows of a split, each held against the contract."""
    rows = read_rows(SOURCES[split], SCHEMA, split)
    if split == "train":
        check(rows)
    return rows


def check(rows: Dataset) -> None:
    """Look at the training rows as a whole: whether they are enough, and whether there is something to learn."""
    if len(rows) < ROWS_NEEDED:
        raise SystemExit(f"data: train has {len(rows)} rows, fewer than one batch of {ROWS_NEEDED}")
