"""Looks at the values of a column that are lists: scores, vectors and ranked documents."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from stgen.reader.numbers import ROUNDED
from stgen.rows.tally import Tally

SORTED = 512  # items up to which a list's order is looked at: longer ones are vectors
KEPT = 1 << 22  # rows of which something is kept one by one, 8 bytes each: hashes of texts, numbers, lengths of lists


@dataclass(slots=True)
class Lists:
    """What the lists of a column hold.

    `sizes` has a length for each row in order: that of its vectors where it has several, -1 for what is no list.
    """

    sizes: array[int] = field(default_factory=lambda: array("l"))
    lengths: Counter[int] = field(default_factory=Counter)
    texts: int = 0  # lists of texts alone
    numbers: int = 0  # lists of numbers alone
    none: Tally = field(default_factory=Tally)  # empty lists
    nested: Tally = field(default_factory=Tally)  # vectors of numbers, one for each text of a row
    several: Counter[int] = field(default_factory=Counter)  # how many such vectors a row has
    mixed: Tally = field(default_factory=Tally)  # neither texts alone nor numbers alone
    blank: Tally = field(default_factory=Tally)  # an empty text among others
    twice: Tally = field(default_factory=Tally)  # a text that stands twice
    infinite: Tally = field(default_factory=Tally)  # NaN or infinity
    equal: Tally = field(default_factory=Tally)  # numbers that are all equal
    unsorted: Tally = field(default_factory=Tally)  # numbers that don't fall
    negative: Tally = field(default_factory=Tally)
    last_first: Tally = field(default_factory=Tally)  # the first number is below all others
    below: Tally = field(default_factory=Tally)  # numbers that are all below 0
    large: Tally = field(default_factory=Tally)  # a number above 30, of which 2 to the power is beyond use
    binary: int = 0  # lists of 0 and 1 alone
    shares: int = 0  # lists of two and more that add up to 1, none of them below 0: probabilities
    low: float = math.inf
    high: float = -math.inf
    spread: float = 0.0  # largest difference within a list

    @property
    def one_hot(self) -> bool:
        """Whether each list has a 1 among zeros."""
        return 0 < self.numbers == self.binary == self.shares

    def add(self, values: list[Any], first: int, limit: int) -> None:
        """Look at the values of a batch whose first row is `first`; lengths are kept up to row `limit`."""
        self.sizes.extend([-1] * (min(first - 1, limit) - len(self.sizes)))
        lists = [value for value in values if type(value) is list]
        items = list(chain.from_iterable(lists))
        texts = set(map(type, items)) == {str}
        sizes = list(map(len if texts else _width, lists))
        self.lengths.update(sizes)
        if len(lists) < len(values):
            given = iter(sizes)
            sizes = [next(given) if type(value) is list else -1 for value in values]
        self.sizes.extend(sizes[: max(0, limit - first + 1)])
        rows = range(first, first + len(values))
        numbered = zip(rows, values, strict=True) if len(lists) == len(values) else _only_lists(rows, values)
        if texts:
            self._texts(list(numbered), lists, items, first <= limit)
            return
        for row, value in numbered:
            self._look(value, row)

    def _texts(
        self, numbered: list[tuple[int, list[str]]], lists: list[list[str]], items: list[str], searched: bool
    ) -> None:
        """Look at all lists of a batch, in which all items are texts; whether texts stand twice, where duplicates are searched."""
        sizes = list(map(len, lists))
        self.texts += len(lists) - sizes.count(0)
        if 0 in sizes:
            self.none.add([row for row, value in numbered if not value])
        if searched and list(map(len, map(set, lists))) != sizes:
            self.twice.add([row for row, value in numbered if len(set(value)) < len(value)])
        if "" in items or any(map(str.isspace, items)):
            self.blank.add([row for row, value in numbered if not all(map(str.strip, value))])

    def _look(self, value: list[Any], row: int) -> None:
        types = set(map(type, value))
        if not types:
            self.none.note(row)
        elif types == {str}:
            self.texts += 1
            if not all(map(str.strip, value)):
                self.blank.note(row)
            if len(set(value)) < len(value):
                self.twice.note(row)
        elif types <= {int, float, bool}:
            self.numbers += 1
            self._numbers(value, row)
        elif types == {list}:
            self._vectors(value, row)
        else:
            self.mixed.note(row)

    def _vectors(self, value: list[list[Any]], row: int) -> None:
        """Look at vectors, one for each text: all of one width, and of numbers alone."""
        numbers = [number for vector in value for number in vector]
        if len(set(map(len, value))) > 1 or not numbers or not set(map(type, numbers)) <= {int, float, bool}:
            self.mixed.note(row)
            return
        self.nested.note(row)
        self.several[len(value)] += 1
        self.numbers += 1
        self._numbers(numbers, row)

    def _numbers(self, value: list[float], row: int) -> None:
        if not _all_finite(value):
            self.infinite.note(row)
            return
        low, high = float(min(value)), float(max(value))
        if low == high:
            self.equal.note(row)
        elif len(value) <= SORTED and sorted(value, reverse=True) != value:
            self.unsorted.note(row)
        if low < 0:
            self.negative.note(row)
        if high < 0:
            self.below.note(row)
        if 1 < len(value) <= SORTED and value[0] < min(value[1:]):
            self.last_first.note(row)
        if high > 30:
            self.large.note(row)
        self.binary += {0, 1}.issuperset(value)
        self.shares += len(value) > 1 and low >= 0 and abs(math.fsum(value) - 1) <= ROUNDED
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.spread = max(self.spread, high - low)


def _all_finite(value: list[float]) -> bool:
    try:
        return all(map(math.isfinite, value))
    except OverflowError:  # a whole number that no float holds
        return False


def _only_lists(rows: Iterable[int], values: list[Any]) -> Iterator[tuple[int, list[Any]]]:
    return ((row, value) for row, value in zip(rows, values, strict=True) if type(value) is list)


def _width(value: list[Any]) -> int:
    """How many numbers a vector has, or each of several; how many items any other list has."""
    return len(value[0]) if value and type(value[0]) is list else len(value)
