"""What all rows hold in one column: its values of a batch -> kinds, keys, numbers and lists, counted."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, compress, count, islice
from operator import eq
from typing import Any, Literal

from stgen.rows.nested_texts import number_paths, text_paths
from stgen.rows.survey_lists import Lists
from stgen.rows.tally import Tally

Kind = Literal["text", "number", "truth", "list", "object", "none", "other"]

DISTINCT = 1000  # values up to which a column has a histogram
FIRST_ROWS = 100  # whose objects are looked into
WORD = 1000  # characters of the longest value that may be one of a few

# fmt: off
KINDS: dict[type, Kind] = {
    str: "text", int: "number", float: "number", Decimal: "number", bool: "truth", list: "list", dict: "object", type(None): "none",
}
COUNTED = (str, int, float, bool, Decimal)
# fmt: on


@dataclass(frozen=True, slots=True)
class Repeats:
    """Values that stand in several rows: `distinct` values in `rows` rows, the commonest in `most`, first at `first`.

    `pairs` is the number of pairs of rows that share a value.
    """

    rows: int
    distinct: int
    pairs: int
    most: int
    first: int

    @property
    def surplus(self) -> int:
        """Rows beyond the first of each value."""
        return self.rows - self.distinct


@dataclass(slots=True)
class Column:
    """What all rows hold in one column. `keys` and `numbers` are in row order and end after `limit` rows of the survey."""

    name: str
    kinds: dict[Kind, Tally] = field(default_factory=dict)
    empty: Tally = field(default_factory=Tally)  # texts without anything in them
    whole: bool = True  # every number is a whole one
    characters: int = 0
    longest: int = 0
    values: Counter[Any] | None = field(default_factory=Counter)  # None once there are too many
    keys: array[int] = field(default_factory=lambda: array("q"))  # a text's hash, 0 for none and empty ones
    numbers: array[float] = field(default_factory=lambda: array("d"))  # NaN in place of what is none
    lists: Lists = field(default_factory=Lists)
    paths: dict[str, None] = field(default_factory=dict)  # to the texts within its first objects and lists
    number_paths: dict[str, None] = field(default_factory=dict)  # to numbers within its objects
    low: float = math.inf  # of all finite numbers
    high: float = -math.inf
    infinite: Tally = field(default_factory=Tally)  # NaN and infinity
    repeated: Repeats | None = None  # counted when first asked for

    def of(self, kind: Kind) -> Tally:
        """The rows whose value is of a kind."""
        return self.kinds.get(kind) or Tally()

    @property
    def kind(self) -> Kind:
        """What the column holds mostly; "none" when every row lacks it."""
        given: dict[Kind, int] = {kind: tally.count for kind, tally in self.kinds.items() if kind != "none"}
        return max(given, key=lambda kind: given[kind]) if given else "none"

    def repeats(self) -> Repeats:
        """How often texts repeat."""
        if self.repeated is None:
            self.repeated = repeats(self.keys)
        return self.repeated


def repeats(keys: array[int]) -> Repeats:
    """How often keys repeat; 0 counts for nothing."""
    ordered = sorted(filter(None, keys))
    again = Counter(compress(ordered, map(eq, ordered, islice(ordered, 1, None))))
    most = max(again.values(), default=0)
    first = 0
    if again:
        commonest = {key for key, more in again.items() if more == most}
        first = next(compress(count(1), map(commonest.__contains__, keys)))
    pairs = sum(more * (more + 1) // 2 for more in again.values())
    return Repeats(len(ordered), len(ordered) - again.total(), pairs, most + 1, first)


def take_values(column: Column, values: list[Any], first: int, limit: int) -> None:
    """Look at the values of a batch, whose first row is number `first`; keep one by one those up to row `limit`."""
    types = set(map(type, values))
    kinds = {KINDS.get(type, "other") for type in types}
    numbers = range(first, first + len(values))
    room = max(0, limit - first + 1)
    if not kinds.isdisjoint(("object", "list")) and first == 1:
        column.paths.update(dict.fromkeys(chain.from_iterable(map(text_paths, values[:FIRST_ROWS]))))
        column.number_paths.update(dict.fromkeys(chain.from_iterable(map(number_paths, values[:FIRST_ROWS]))))
    if len(kinds) == 1:
        column.kinds.setdefault(next(iter(kinds)), Tally()).add(numbers)
    else:
        of_each = [KINDS.get(type(value), "other") for value in values]
        for kind in kinds:
            column.kinds.setdefault(kind, Tally()).add(
                [row for row, other in zip(numbers, of_each, strict=True) if other == kind]
            )
    if "list" in kinds:
        column.lists.add(values, first, limit)
    if str in types:
        column.keys.extend(_texts(column, values, numbers, types, room))
    else:
        column.keys.extend([0] * min(room, len(values)))
    has_numbers = not kinds.isdisjoint(("number", "truth"))
    column.numbers.extend(
        _numbers(column, values, numbers, types)[:room] if has_numbers else [math.nan] * min(room, len(values))
    )
    if column.values is not None and not kinds <= {"list", "object", "other", "none"}:
        _count(column, values, types)


def _texts(column: Column, values: list[Any], numbers: range, types: set[type], room: int) -> list[int]:
    """Look at the texts of a batch, and return a key for each row that there is room for."""
    texts = values if types == {str} else [value for value in values if type(value) is str]
    kept = values[:room]
    keys = list(map(hash, kept)) if types == {str} else [hash(value) if type(value) is str else 0 for value in kept]
    lengths = list(map(len, texts))
    column.characters += sum(lengths)
    column.longest = max(column.longest, max(lengths))
    if min(lengths) == 0 or any(map(str.isspace, texts)):
        blank = [
            number for number, value in zip(numbers, values, strict=True) if type(value) is str and not value.strip()
        ]
        column.empty.add(blank)
        for number in blank:
            if number - numbers.start < room:
                keys[number - numbers.start] = 0
    return keys


def _numbers(column: Column, values: list[Any], numbers: range, types: set[type]) -> list[float]:
    """Look at the numbers of a batch, and return them with NaN for what is none."""
    found: list[float] = []
    if types <= {int, bool}:
        found = list(map(_as_float, values))
    if not found or not all(map(math.isfinite, found)):
        found = [_as_float(value) if KINDS.get(type(value)) in ("number", "truth") else math.nan for value in values]
        given = [value for value in found if math.isfinite(value)]
        column.whole = column.whole and all(map(float.is_integer, given))
        odd = [
            number
            for number, value, as_float in zip(numbers, values, found, strict=True)
            if not math.isfinite(as_float) and KINDS.get(type(value)) == "number"
        ]
        column.infinite.add(odd)
        if not given:
            return found
        column.low, column.high = min(column.low, min(given)), max(column.high, max(given))
        return found
    column.low, column.high = min(column.low, min(found)), max(column.high, max(found))
    return found


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _count(column: Column, values: list[Any], types: set[type]) -> None:
    assert column.values is not None
    plain = types <= {str, int, float, bool}
    counted = values if plain else [value for value in values if type(value) in COUNTED]
    # Some at a time, since numbers can be chosen so that a table of them gets slow.
    for start in range(0, len(counted), DISTINCT):
        column.values.update(counted[start : start + DISTINCT])
        if len(column.values) > DISTINCT or column.longest > WORD:
            column.values = None
            return
