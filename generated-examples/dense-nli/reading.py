"""Reads rows into a Dataset: each is held against the contract, and those that break it are named."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, config
from datasets.arrow_writer import ArrowWriter

from reader.contract import Batch, Column, check_columns, faults_of, told
from reader.files import UnreadableError

ROOT = Path(__file__).parent
FAULTS_SHOWN = 5


@dataclass(frozen=True)
class Schema:
    """What is read of rows: their columns, and the types of these in training."""

    columns: Sequence[Column]
    features: Features


@dataclass(frozen=True)
class Files:
    """A local file, by its path from this folder, and what reads it."""

    name: str
    read: Callable[..., Iterator[Batch]]

    def there(self) -> list[str]:
        path = os.path.join(ROOT, self.name)
        return [path] if os.path.isfile(path) else []

    def batches(self, wanted: Sequence[str]) -> Iterator[tuple[str, Batch]]:
        """Give the rows, some at a time, with what messages call their file."""
        rows = 0
        for batch in self.read(os.path.join(ROOT, self.name), self.name, wanted):
            rows += len(batch.places) + len(batch.broken)
            yield self.name, batch
        if not rows:
            raise UnreadableError("STG205", f"{self.name} has no rows")


def read_rows(source: Files, schema: Schema, split: str, says: str = "data") -> Dataset:
    """Return the rows, which all keep the contract."""
    try:
        return write(checked_rows(source, schema, split, says), schema)
    except UnreadableError as error:
        raise SystemExit(f"{says}: {error}") from None


def write(batches: Iterator[dict[str, list[Any]]], schema: Schema) -> Dataset:
    """Write rows to a file that goes when the program ends, and return them from there: they may be more than memory holds."""
    os.makedirs(config.HF_DATASETS_CACHE, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="rows-", dir=config.HF_DATASETS_CACHE)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "rows.arrow")
    with ArrowWriter(path=path, features=schema.features) as writer:
        for columns in batches:
            writer.write_batch(columns)
        writer.finalize()
    return Dataset.from_file(path)


def checked_rows(source: Files, schema: Schema, split: str, says: str) -> Iterator[dict[str, list[Any]]]:
    """Give the columns of the rows; stop, showing the first bad rows, when some break the contract."""
    columns = deepcopy(schema.columns)  # some remember what the first rows were like
    wanted = [name for column in columns for name in column.wanted]
    names: dict[str, Any] = {}
    bad: list[str] = []
    count = rows = 0
    for shown, batch in source.batches(wanted):
        taken, faults = check_columns(batch, columns)
        found = faults_of(batch, faults)
        bad += [told(shown, batch.unit, place, reason) for place, reason in found.items()][: FAULTS_SHOWN - len(bad)]
        count, rows = count + len(found), rows + len(batch.places) + len(batch.broken)
        names |= dict.fromkeys(batch.columns)
        if not count and batch.places:
            yield taken
    if names:
        require_columns(columns, names, f"{says}: {split}")
    if count:
        raise SystemExit("\n  ".join([f"{says}: {count} of {rows} rows of {split} break the contract:", *bad]))


def require_columns(columns: Sequence[Column], names: Mapping[str, Any], said: str) -> None:
    listed = ", ".join(f"`{name}`" for name in names)
    for column in columns:
        if column.needed and (lacking := column.lacks(names)):
            raise SystemExit(f"{said} has no column `{lacking}`; its columns are {listed}")
