"""JSON Lines whose rows aren't objects: a row is a list whose items have names, or an item of lists within an object."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import json_lines
from .contract import Batch, ContractError, counted, quote
from .files import Opener, opened
from .json_lines import one_row


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    header: Sequence[str] = (),
    rows: str = "",
    opened: Opener = opened,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    shape = Shape(header, keys_of(rows)[1])
    for batch in json_lines.read(path, shown, wanted, opened=opened, rows_of=shape.rows):
        yield replace(batch, lines=()) if shape.within else batch


@dataclass(frozen=True)
class Shape:
    """How rows are written: the names of a list's items, and the keys that lead to lists of rows within objects."""

    header: Sequence[str] = ()
    within: Sequence[str] = ()

    def rows(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows that a value makes."""
        return [row for item in _within(value, self.within) for row in self._named(item)]

    def _named(self, row: Any) -> list[dict[str, Any]]:
        if not self.header or not isinstance(row, list):
            return one_row(row)
        if len(row) != len(self.header):
            names = f"and `header` names {counted(len(self.header), 'column')}"
            raise ContractError("STG203", f"{counted(len(row), 'item')}, {names}")
        return [dict(zip(self.header, row, strict=True))]


def keys_of(rows: str) -> tuple[str, list[str]]:
    """Return the key of the list in a file, "" for the file's own rows, and those that lead on within: `data[].paragraphs[].qas`."""
    first, *within = rows.split("[].")
    return first, within


def _within(value: Any, keys: Sequence[str]) -> Iterator[Any]:
    """Give the items of lists within lists, with what stands beside the lists in each."""
    if not keys:
        yield value
        return
    found = value.get(keys[0]) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise ContractError("STG203", f"has no list `{keys[0]}`: {quote(value)}")
    beside = {key: other for key, other in value.items() if key != keys[0]}
    for item in found:
        yield from _within(beside | item if isinstance(item, dict) else item, keys[1:])
