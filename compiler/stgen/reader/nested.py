"""Columns that lie within others: a field of an object, a position of a list, or of every item of one."""

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
        found = _within(batch.columns.get(self.root) or [None] * len(batch.places), path)
        if not items or not further:
            return found
        return [_within(value, further) if isinstance(value, list) else value for value in found]


def root_of(path: str) -> str:
    """Return the column in which a path begins."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def steps(path: str) -> Iterator[str | int]:
    """Give the names of fields and the numbers of positions of a path."""
    for field, position in STEP.findall(path):
        yield field or int(position)


def _within(values: Sequence[Any], path: Sequence[str | int]) -> Sequence[Any]:
    """Return what lies at a path in each value."""
    for step in path:
        if isinstance(step, int):
            values = [value[step] if isinstance(value, list) and step < len(value) else None for value in values]
        else:
            values = [value.get(step) if isinstance(value, dict) else None for value in values]
    return values
