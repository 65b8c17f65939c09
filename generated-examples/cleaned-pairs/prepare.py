"""Prepares the data that data.py reads, and writes it to prepared/ as Parquet.

What is done:
- normalizes texts
- keeps texts of at least 3 and at most 120 words
- removes exact duplicates
- removes near-duplicates
- removes training rows that leak what the model is measured on
- holds eval rows out
"""

from __future__ import annotations

import hashlib
from collections import Counter

from datasets import Dataset

import clean
import data

SEED = 42


def main() -> int:
    """Write prepared/SPLIT.parquet for each split; return the exit code."""
    data.PREPARED.mkdir(exist_ok=True)
    splits = {
        "train": data.read("train"),
        "test": data.read("test"),
    }
    funnel: list[clean.Stage] = []
    splits = clean.clean(splits, funnel)
    splits["train"], splits["eval"] = hold_out(splits["train"], 60)
    splits = clean.finish(splits, funnel)
    for split, rows in splits.items():
        write(rows, split)
    return 0


def write(rows: Dataset, split: str) -> None:
    """Write a split, whole or not at all."""
    needed = data.ROWS_NEEDED if split == "train" else 1
    if len(rows) < needed:
        raise SystemExit(f"prepare: {len(rows)} rows of {split} are left, and there must be {needed}")
    unfinished = data.PREPARED / f"{split}.parquet.tmp"
    rows.to_parquet(unfinished)
    unfinished.replace(data.PREPARED / f"{split}.parquet")
    print(f"{split}: {len(rows)} rows")


def hold_out(rows: Dataset, amount: float) -> tuple[Dataset, Dataset]:
    """Split rows in two by their anchor, so that none stands on both sides.

    `amount` is a number of rows, or below 1 a share of them. Texts are ordered by a seeded hash: the split is the same
    on every machine and stays nearly the same when rows are added.
    """
    wanted = amount if amount >= 1 else round(amount * len(rows))
    keys = rows["anchor"][:]
    counts = Counter(keys)
    held: set[str] = set()
    taken = 0
    for text in sorted(counts, key=seeded_hash):
        if taken >= wanted:
            break
        held.add(text)
        taken += counts[text]
    if not held or len(held) == len(counts):
        raise SystemExit(f"prepare: {len(rows)} rows are too few to hold {amount:g} of them out")
    sides: tuple[list[int], list[int]] = ([], [])
    for number, text in enumerate(keys):
        sides[text in held].append(number)
    return rows.select(sides[0]), rows.select(sides[1])


def seeded_hash(text: str) -> bytes:
    """Hash a text, differently for each seed."""
    return hashlib.blake2b(text.encode(), key=str(SEED).encode(), digest_size=16).digest()


if __name__ == "__main__":
    raise SystemExit(main())
