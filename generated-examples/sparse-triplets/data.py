"""The data: where it lies, which column plays which role, and the contract that every row must keep.

sentence-transformers takes columns by position, not by name, and any further text column silently becomes an input.
So `load` gives exactly the columns that the loss expects, in the order in which it expects them.
"""

from __future__ import annotations

import glob
import os
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
    "anchor": "premise",
    "positive": "follows",
    "negative": "contradicts",
}
ROWS_NEEDED = 16  # of the training set: the loss learns nothing from fewer
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
    pattern, files = FILES[split]["data_files"], find_files(split)
    if not files:
        raise SystemExit(f"data: there is no file {ROOT / pattern} for {split}")
    before = stamps(files)
    if not any(size for _, size, _ in before):
        raise SystemExit(f"data: {pattern} is empty")
    try:
        rows = load_dataset(**(FILES[split] | {"data_files": list(map(as_pattern, files))}), split="train")
        for table in rows.with_format("arrow").iter(10_000):
            table.validate(full=True)  # of its texts too, that they are UTF-8
    except Exception as error:  # the readers raise whatever their parser raises
        require_unchanged(before)
        said = str(error.__cause__ or error) or type(error.__cause__ or error).__name__
        unread = find_bad_line(files) or f"{pattern} can't be read: {said}"
        raise SystemExit(f"data: {unread}") from error
    require_unchanged(before)
    return rows


def find_bad_line(files: list[str]) -> str | None:
    """Name the first line of JSONL files that is no object, or return None: the reader names neither file nor line."""
    import json  # only a broken file needs these

    import fsspec

    for file in (file for file in files if ".jsonl" in file):
        number = 0
        try:
            with fsspec.open(file, "rb", compression="infer") as stream:
                for number, raw in enumerate(stream, start=1):
                    row = json.loads(raw.decode("utf-8-sig")) if raw.strip() else {}
                    json.dumps(row, ensure_ascii=False).encode()
                    if not isinstance(row, dict):
                        return f"line {number} of {file} is not an object"
        except UnicodeDecodeError as error:
            return f"line {number} of {file} is not UTF-8: {error.reason} at byte {error.start + 1}"
        except UnicodeEncodeError:
            return f"line {number} of {file} has half of a character in it: a lone surrogate"
        except (ValueError, RecursionError) as error:
            return f"line {number} of {file} is not JSON: {error}"
        except Exception as error:  # each way of compression raises its own
            return f"{file} breaks off after line {number}: {error}"
    return None


def find_files(split: str) -> list[str]:
    """Return the local files of a split, in order. A part of its path that exists as it is written is no pattern."""
    place, parts = ROOT, list(Path(FILES[split]["data_files"]).parts)
    while parts and (place / parts[0]).exists():
        place /= parts.pop(0)
    found = glob.glob(str(Path(*parts)), root_dir=place, recursive=True) if parts else [""]
    return sorted(str(place / name) for name in found if (place / name).is_file())


def as_pattern(file: str | Path) -> str:
    """Return the pattern that stands for a file alone: load_dataset takes a path for one."""
    path = str(file)
    if "::" in path or os.path.expandvars(path) != path:
        raise SystemExit(
            f"data: {path} can't be read, as load_dataset takes `::` and `$` for more than a name; rename it"
        )
    return glob.escape(path)


def stamps(files: list[str]) -> list[tuple[str, int, int]]:
    """Return the size of each file and when it was written, by which a change shows."""
    found = ((file, Path(file).stat()) for file in files)
    return [(file, status.st_size, status.st_mtime_ns) for file, status in found]


def require_unchanged(before: list[tuple[str, int, int]]) -> None:
    """Stop when a file is no longer what it was when its reading began."""
    for old, new in zip(before, stamps([file for file, _, _ in before]), strict=True):
        if old != new:
            raise SystemExit(f"data: {old[0]} changed while it was read; run again when nothing writes it")


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


def find_fault(anchor: Any, positive: Any, negative: Any) -> str | None:
    """Say what is wrong with a row, or return None."""
    for role, value in (("anchor", anchor), ("positive", positive), ("negative", negative)):
        if not isinstance(value, str) or not value.strip():
            return f"{role} is not a text with something in it: {value!r}"
    if negative == positive:
        return f"negative is the positive itself: {positive!r}"
    return None
