"""Tells whether two names of data (paths, patterns, slices on the hub) share rows, as far as the names alone show it."""

from __future__ import annotations

import math
import posixpath
import re
from typing import NamedTuple

from stgen.language.paths import hub_source
from stgen.values.globbing import fits, is_pattern

_PART = re.compile(r"(?P<split>[\w.-]+)(?:\[(?P<low>-?\d+(?:_\d+)*%?)?:(?P<high>-?\d+(?:_\d+)*%?)?\])?")


class Slice(NamedTuple):
    """Rows of a split. `unit` is what the bounds count: "%", or rows "from the start" or "from the end"; "" where they mix."""

    split: str
    unit: str
    low: float
    high: float

    @property
    def whole(self) -> bool:
        """Whether it is the whole split."""
        return (self.low, self.high) == (-math.inf, math.inf)


def normal(name: str) -> str:
    """A name as all its spellings have it."""
    return name if name.startswith("hf://") else posixpath.normpath(name)


def whole_of(name: str) -> str:
    """What a name names some rows of: the data set on the hub without the split, or the path itself."""
    return name.partition("#")[0] if name.startswith("hf://") else normal(name)


def share_rows(trained: str, measured: str) -> bool:
    """Whether some rows of `measured` are certainly rows of `trained`; the same name twice, at the least."""
    trained, measured = normal(trained), normal(measured)
    if trained == measured:
        return True
    one, other = hub_source(trained), hub_source(measured)
    if one and other:
        slices = ((a, b) for a in _slices(one["split"]) for b in _slices(other["split"]))
        return whole_of(trained) == whole_of(measured) and any(_meet(a, b) for a, b in slices)
    return not one and not other and (_takes_in(trained, measured) or _takes_in(measured, trained))


def _takes_in(pattern: str, name: str) -> bool:
    """Whether a pattern takes in a path, or all that another pattern does: of those, only `*` may take in a wildcard."""
    if not is_pattern(pattern) or (is_pattern(name) and set(pattern) & set("?[")):
        return False
    return fits(name, pattern)


def _slices(text: str) -> list[Slice]:
    """The slices of a split's expression, `train[:90%]+extra`; none where it can't be read."""
    parts = [_PART.fullmatch(part) for part in text.split("+")]
    return [_slice(part["split"], part["low"], part["high"]) for part in parts if part]


def _slice(split: str, low: str | None, high: str | None) -> Slice:
    given = [bound for bound in (low, high) if bound]
    if not given:
        return Slice(split, "", -math.inf, math.inf)
    if all(bound.endswith("%") for bound in given):
        return Slice(split, "%", _percent(low, 0), _percent(high, 100))
    if any(bound.endswith("%") for bound in given) or len({bound.startswith("-") for bound in given}) > 1:
        return Slice(split, "mixed", 0, 0)
    if given[0].startswith("-"):
        return Slice(split, "from the end", float(low) if low else -math.inf, float(high) if high else 0)
    return Slice(split, "from the start", float(low) if low else 0, float(high) if high else math.inf)


def _percent(bound: str | None, missing: float) -> float:
    if not bound:
        return missing
    value = float(bound[:-1])
    return value + 100 if bound.startswith("-") else value


def _meet(one: Slice, other: Slice) -> bool:
    """Whether two slices certainly share rows: bounds of different units can't be compared."""
    if one.split != other.split:
        return False
    if one.whole or other.whole:
        return True
    return one.unit == other.unit and max(one.low, other.low) < min(one.high, other.high)
