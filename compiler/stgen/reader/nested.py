"""Columns that lie within others: a field of an object, a position of a list, or of every item of one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .contract import Batch, Column

STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]{1,9})\]")


class Nested(Column):
    """A column by its path: `positives[0].text`, `positives[].text`. Where a column of the file is called so, it is that one."""

    @property
    def root(self) -> str:
        """The column in which it lies."""
        return root_of(self.source)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns of the file that it may read."""
        return (self.source, self.root)

    def lacks(self, names: Collection[str]) -> str:
        """Return it where a file with columns of these names can't have it."""
        return "" if self.source in names or self.root in names else self.source

    def called(self, at: str) -> str:
        """Return what a message calls a place within it: of every item, the one at that place."""
        return self.source.replace("[]", at, 1) if at and "[]" in self.source else super().called(at)

    def values(self, batch: Batch) -> Sequence[Any]:
        """Return what lies at its path in each row, of every item of a list a list of them; None where nothing does."""
        if self.source in batch.columns:
            return super().values(batch)
        before, items, after = self.source[len(self.root) :].partition("[]")
        path, further = list(steps(before)), list(steps(after))
        found = [_within(value, path) for value in batch.columns.get(self.root) or [None] * len(batch.places)]
        return [_of_items(value, further) for value in found] if items else found


def root_of(path: str) -> str:
    """Return the column in which a path begins."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def steps(path: str) -> Iterator[str | int]:
    """Give the names of fields and the numbers of positions of a path."""
    for field, position in STEP.findall(path):
        yield field or int(position)


def _of_items(value: Any, path: Sequence[str | int]) -> Any:
    return [_within(item, path) for item in value] if isinstance(value, list) else value


def _within(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
