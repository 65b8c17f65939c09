"""Reads files of data in bounded memory: a path -> batches of rows, column by column, or the one thing that is wrong with the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from importlib import import_module

from stgen.language.paths import COMPRESSED, READERS
from stgen.reader.contract import Batch
from stgen.reader.files import UnreadableError
from stgen.rows.batches import import_arrow

CELLS = (".csv", ".tsv")
"""Formats whose values are texts alone."""


def read(path: str, shown: str, columns: Collection[str] | None = None) -> Iterator[Batch]:
    """Yield the rows of a file, all columns or those that are wanted. Raises UnreadableError.

    The reader is the one that the generated repo has. `shown` is how messages call the file.
    """
    suffix = format_of(path)
    if suffix is None:
        suffixes = " ".join(READERS)
        raise UnreadableError("STG201", f"{shown} is in no format that stgen reads", f"convert it to one of {suffixes}")
    _require_file(path, shown)
    if path.lower().endswith(".zst"):
        import_arrow(shown, "compressed with zstandard")
    if suffix == ".parquet":
        import_arrow(shown, "Parquet")
    module, options = READERS[suffix]
    yield from import_module(f"stgen.reader.{module}").read(path, shown, columns, **options)


def format_of(path: str) -> str | None:
    """How a file is read: its suffix, compression aside; None when it can't be."""
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        stem, suffix = os.path.splitext(stem)
        if suffix == ".parquet":
            return None  # compressed within, never as a whole
    return suffix if suffix in READERS else None


def _require_file(path: str, shown: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise UnreadableError("STG200", f"there is no file {shown}", _nearby(path)) from None
    except (OSError, ValueError) as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {_reason(error)}") from None
    if stat.S_ISDIR(mode):
        raise UnreadableError(
            "STG201", f"{shown} is a folder", f"name the file in it, or all of them: {shown.rstrip('/')}/*"
        )
    if not stat.S_ISREG(mode):
        raise UnreadableError("STG201", f"{shown} is not a regular file", "write the rows to a file first")


def _nearby(path: str) -> str:
    from stgen.diagnostics.suggest import closest

    folder, name = os.path.split(path)
    try:
        there = sorted(entry for entry in os.listdir(folder or ".") if format_of(entry))
    except OSError:
        return f"there is no folder {folder} either; paths start from the spec's folder"
    if near := closest(name, there):
        return f"did you mean {near}?"
    listed = ", ".join(there[:5]) + (" ..." if len(there) > 5 else "")
    return f"its folder has {listed}" if there else "its folder holds no data; paths start from the spec's folder"


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
