"""Lists of texts in the place of one: each item in a row of its own, or several of them the negatives of one row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from .contract import ContractError, quote
from .texts import are_plain, text, text_or_nothing


@dataclass(frozen=True, repr=False)
class Each:
    """Takes each item of a list."""

    take: Callable[[Any], Any]
    needed: bool = True  # at least one

    def __repr__(self) -> str:
        """Return the same wherever it stands in memory."""
        return f"Each({getattr(self.take, '__name__', self.take)}, {self.needed})"

    def __call__(self, value: Any) -> list[Any]:
        """Take a list."""
        if value is None and not self.needed:
            return []
        if not isinstance(value, list):
            what = "has no value" if value is None else f"is not a list of texts: {quote(value)}"
            raise ContractError("STG210" if value is None else "STG209", what)
        if not value and self.needed:
            raise ContractError("STG211", "is an empty list")
        if self.take in (text, text_or_nothing) and are_plain(value):
            return value
        found = []
        for position, item in enumerate(value):
            try:
                found.append(self.take(item))
            except ContractError as fault:
                raise ContractError(fault.code, fault.says, f"[{position}]") from None
        return found


@dataclass(frozen=True)
class Spread:
    """Makes the rows that the loss takes: columns of one text each, as many in every row."""

    each: Sequence[str] = ()  # columns of lists whose items have a row each
    negatives: Sequence[str] = ()  # columns that hold negatives: a text, "" for none, or a list of such
    made: Sequence[str] = ()  # columns of negatives that come of them; where they are fewer, they are repeated

    def __call__(self, taken: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Spread the columns of rows that keep the contract."""
        columns: dict[str, list[Any]] = {}
        for name, values in taken.items():
            if name in self.negatives[:1]:
                columns |= self._negatives([taken[other] for other in self.negatives])
            elif name not in self.negatives:
                columns[name] = values
        if not self.each:
            return columns
        counts = list(map(len, taken[self.each[0]]))
        return {
            name: list(chain.from_iterable(values))
            if name in self.each
            else [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
            for name, values in columns.items()
        }

    def _negatives(self, columns: Sequence[list[Any]]) -> dict[str, list[str]]:
        width = len(self.made)
        rows = [(list(chain(*map(_given, row))) * width)[:width] for row in zip(*columns, strict=True)]
        return dict(zip(self.made, map(list, zip(*rows, strict=True)), strict=True))


def _given(value: Any) -> list[str]:
    """Return the texts of a column of negatives."""
    return [item for item in (value if isinstance(value, list) else [value]) if item]


def require_negative(*columns: Any) -> None:
    """Refuse a row without any negative."""
    if not any(map(any, columns)):  # of a text too, whether it has something in it
        raise ContractError("STG380", "is empty, and a row needs a negative")


def require_others(negatives: Any, positives: Any) -> None:
    """Refuse a negative that is a positive of the same row."""
    right = positives if isinstance(positives, list) else [positives]
    if isinstance(negatives, list) and set(right).isdisjoint(negatives):
        return
    for position, negative in enumerate(negatives if isinstance(negatives, list) else [negatives]):
        if negative in right:
            at = f"[{position}]" if isinstance(negatives, list) else ""
            raise ContractError("STG213", "is identical to the positive", at)
