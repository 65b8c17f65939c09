"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

import glob
import hashlib
import os
from collections import Counter
from pathlib import Path

from datasets import Dataset, Features, Value, load_dataset

import stamp
from reader import json_lines, texts
from reader.contract import Column
from reading import Files, Schema, read_rows
from seed import SEED

ROOT = Path(__file__).parent
PREPARED = ROOT / "prepared"
PROGRAMS = ["clean.py", "data.py", "prepare.py", "reading.py", "seed.py"]  # what they make of the data is in prepared/
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
HELD_OUT = {"eval": 60}  # of the training rows, split by split: so many, or below 1 a share
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
    """Read the rows of a split, each held against the contract and numbered."""
    rows = read_rows(SOURCES[split], SCHEMA, split)
    if split == "train":
        check(rows)
    return rows.add_column("row", list(range(1, len(rows) + 1)))


def check(rows: Dataset) -> None:
    """Look at the training rows as a whole: whether they are enough, and whether there is something to learn."""
    if len(rows) < ROWS_NEEDED:
        raise SystemExit(f"data: train has {len(rows)} rows, fewer than one batch of {ROWS_NEEDED}")
