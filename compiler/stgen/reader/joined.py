"""Columns of which several make one text: a title before its body, an instruction before a query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Batch, ContractError
from .nested import Nested
from .texts import text


@dataclass(frozen=True)
class Joined(Nested):
    """Several columns, each by its name or its path, whose texts are joined."""

    sources: Sequence[str] = ()

    @property
    def parts(self) -> list[Nested]:
        """The columns by themselves."""
        return [Nested(self.name, source, self.take) for source in self.sources]

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns of the file that it may read."""
        return tuple(name for part in self.parts for name in part.wanted)

    def lacks(self, names: Collection[str]) -> str:
        """Return the first that a file with columns of these names lacks."""
        return next(filter(None, (part.lacks(names) for part in self.parts)), "")

    def called(self, at: str) -> str:
        """Return what a message calls them, or those of one item of a list."""
        return " + ".join(part.called(at) if "[]" in part.source else part.source for part in self.parts)

    def values(self, batch: Batch) -> Sequence[Any]:
        """Return the values of each row side by side; of every item of a list a list of such."""
        rows = zip(*(part.values(batch) for part in self.parts), strict=True)
        lists = ["[]" in source for source in self.sources]
        return [_of_items(row, lists) for row in rows] if any(lists) else list(rows)


def _of_items(row: Sequence[Any], lists: Sequence[bool]) -> Any:
    found = [value for value, listed in zip(row, lists, strict=True) if listed]
    if odd := [value for value in found if not isinstance(value, list)]:
        return odd[0]
    count = min(map(len, found))
    columns = (value if listed else [value] * count for value, listed in zip(row, lists, strict=True))
    return list(zip(*columns, strict=False))


@dataclass(frozen=True)
class Join:
    """Joins the texts that stand side by side; one that is missing or blank is left out."""

    separator: str
    needed: bool = True  # at least one

    def __call__(self, values: Sequence[Any]) -> str:
        """Take the texts as one."""
        given = [value for value in values if value is not None and not (isinstance(value, str) and not value.strip())]
        if not given and self.needed:
            missing = all(value is None for value in values)
            raise ContractError("STG210" if missing else "STG211", "has no value" if missing else "is empty")
        return self.separator.join(map(text, given))
