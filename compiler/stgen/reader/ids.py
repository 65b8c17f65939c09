"""Ids in the place of texts, which stand in a file of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .contract import Column, ContractError, check_columns, faults_of, quote, told
from .files import UnreadableError
from .texts import identifier


@dataclass(frozen=True, repr=False)
class Texts:
    """Takes an id for its text. The file is read when the first one comes, and its texts stay in memory."""

    source: Any  # the file, as the rows have theirs
    id: Column
    text: Column
    known: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return what changes when the file does."""
        return (
            f"Texts({self.source.name}, {self.source.state()}, {self.id.source}, {self.text.source}, {self.text.take})"
        )

    def __deepcopy__(self, memo: Any) -> Texts:
        """Return itself: all who look texts up share them."""
        return self

    def __call__(self, value: Any) -> str:
        """Take an id."""
        key = identifier(value)
        self.read()
        if key not in self.known:
            raise ContractError("STG383", f"is {quote(key)}, an id that {self.source.name} doesn't have")
        return self.known[key]

    def read(self) -> None:
        """Read the texts, once."""
        if self.known:
            return
        columns = (self.id, self.text)
        for shown, batch in self.source.batches([name for column in columns for name in column.wanted]):
            for column in columns:
                if batch.places and (lacking := column.lacks(batch.columns)):
                    listed = ", ".join(f"`{name}`" for name in batch.columns)
                    raise UnreadableError("STG206", f"{shown} has no column `{lacking}`", f"its columns are {listed}")
            taken, faults = check_columns(batch, columns)
            codes = [*(broken.fault.code for broken in batch.broken), *(bad.fault.code for bad in faults)]
            for place, reason in faults_of(batch, faults).items():
                raise UnreadableError(codes[0], told(shown, batch.unit, place, reason))
            self.known.update(zip(taken[self.id.name], taken[self.text.name], strict=True))


@dataclass(frozen=True)
class OrNothing:
    """Takes a value that may be missing, as some of several negatives are."""

    take: Callable[[Any], str]

    def __call__(self, value: Any) -> str:
        """Take a value, or return an empty text."""
        return "" if value is None or value == "" else self.take(value)
