"""What every reader of data files gives and raises: batches of rows, and the one thing that is wrong with a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

BLOCK = 1 << 20  # bytes of text that are parsed at once
ROWS = 8192  # rows of a batch that isn't cut by bytes
SHOWN = 3  # faults of one kind that a message names
INSTALL = "pip install 'stgen[data]'"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows that follow each other: `size` of them, from row `first` (counted from 1), as column -> values."""

    first: int
    size: int
    columns: Mapping[str, list[Any]]


class Missing(str):
    """A word of a CSV file that its reader takes for no value: NA, null, None ..."""

    __slots__ = ()


class UnreadableError(Exception):
    """A file can't be read to its end: the code, the sentence and the advice of the diagnostic that says so."""

    def __init__(self, code: str, message: str, help: str = "", notes: tuple[str, ...] = ()) -> None:
        """Keep what the diagnostic will say."""
        super().__init__(message)
        self.code, self.message, self.help, self.notes = code, message, help, notes


def counted(count: int, noun: str) -> str:
    """`1 row`, `5,749 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def places(numbers: list[int], count: int, noun: str) -> str:
    """`line 3`, `lines 3, 8 and 12`, `lines 3, 8, 12 and 40 more`: the first of `count` places."""
    shown = [f"{number}" for number in numbers[:SHOWN]]
    if count > len(shown):
        shown = [", ".join(shown), f"{count - len(shown):,} more"]
    elif len(shown) > 1:
        shown = [", ".join(shown[:-1]), shown[-1]]
    return f"{noun}{'s' * (count > 1)} {' and '.join(shown)}"


def import_arrow(shown: str, what: str) -> Any:
    """pyarrow, which only some formats need. Raises UnreadableError where it isn't installed."""
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        raise UnreadableError("STG207", f"{shown} is {what}, and reading that takes pyarrow", INSTALL) from None
    return pyarrow
