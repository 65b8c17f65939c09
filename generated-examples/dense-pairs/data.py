"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

import hashlib
from collections import Counter
from functools import cache

from datasets import Dataset, Features, Value

from reader import json_lines, texts
from reader.contract import Column
from reading import Files, Schema, read_rows
from seed import SEED

SOURCES = {
    "train": Files("data/train.jsonl", json_lines.read),
    "test": Files("data/test.jsonl", json_lines.read),
}
SCHEMA = Schema(
    [  # in the order in which the loss takes them
        Column("anchor", "question", texts.text),
        Column("positive", "answer", texts.text),
    ],
    Features({"anchor": Value("string"), "positive": Value("string")}),
)
HELD_OUT = {"eval": 100}  # of the training rows, split by split: so many, or below 1 a share
ROWS_NEEDED = 32  # of the training set: the loss learns nothing from fewer


def load(split: str) -> Dataset:
    """Return the rows of a split, ready for the loss."""
    return split_train()[split] if split == "train" or split in HELD_OUT else read(split)


@cache
def split_train() -> dict[str, Dataset]:
    """Return the training rows, and each split that is held out of them."""
    splits = {"train": read("train")}
    for split, amount in HELD_OUT.items():
        splits["train"], splits[split] = hold_out(splits["train"], amount)
    if len(splits["train"]) < ROWS_NEEDED:
        raise SystemExit(
            f"data: train has {len(splits['train'])} rows, fewer than one batch of {ROWS_NEEDED}, beside those held out"
        )
    return splits


def hold_out(rows: Dataset, amount: float) -> tuple[Dataset, Dataset]:
    """Split rows in two by their anchor, so that none stands on both sides.

    `amount` is a number of rows, or below 1 a share of them. Texts are ordered by a seeded hash: the split is the same
    on every machine and stays nearly the same when rows are added.
    """
    wanted = amount if amount >= 1 else round(amount * len(rows))
    texts_of_rows = rows["anchor"][:]
    counts = Counter(texts_of_rows)
    held: set[str] = set()
    taken = 0
    for text in sorted(counts, key=seeded_hash):
        if taken >= wanted:
            break
        held.add(text)
        taken += counts[text]
    if not held or len(held) == len(counts):
        raise SystemExit(f"data: {len(rows)} rows are too few to hold {amount:g} of them out")
    sides: tuple[list[int], list[int]] = ([], [])
    for number, text in enumerate(texts_of_rows):
        sides[text in held].append(number)
    return rows.select(sides[0]), rows.select(sides[1])


def seeded_hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), key=str(SEED).encode(), digest_size=16).digest()


def read(split: str) -> Dataset:
    """Read the rows of a split, each held against the contract."""
    return read_rows(SOURCES[split], SCHEMA, split)
