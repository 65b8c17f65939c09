"""Finds columns of two sides: names that differ in one word or sign, as `left_title` and `right_title` do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stgen.inspection.names import leaf, plain

SIDES = (("1", "2"), ("a", "b"), ("left", "right"), ("l", "r"), ("ltable", "rtable"), ("first", "second"), ("0", "1"))
NUMBERED = re.compile(r"[0-9]+|[a-z]+")
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
FEWEST = 3  # columns of a series
FURTHER = {"1": "3", "a": "c", "0": "2"}  # the one after both: then they are of a series


def twins(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The columns of each of two sides, in the same order; none where nothing has two sides."""
    found = [(name, _parts(name)) for name in names]
    for one, other in SIDES:
        pairs = [(left, right) for left, parts in found if (right := _across(parts, one, other, found))]
        pairs = [pair for pair in pairs if one not in FURTHER or not _across(_parts(pair[0]), one, FURTHER[one], found)]
        if pairs:
            return [left for left, _ in pairs], [right for _, right in pairs]
    return [], []


def _parts(name: str) -> tuple[str, ...]:
    """The words and numbers of a name; a letter at its very end counts as one: `texta`."""
    parts = NUMBERED.findall(" ".join(map(plain, re.split(r"[\W_]+", CAPITAL.sub("_", leaf(name))))))
    last = parts[-1] if parts else ""
    return (*parts[:-1], last[:-1], last[-1]) if len(last) > 2 and last[-1] in "ab" else tuple(parts)


def _across(parts: tuple[str, ...], one: str, other: str, names: list[tuple[str, tuple[str, ...]]]) -> str:
    """The name that has the other side in place of the one."""
    if parts.count(one) != 1 or len(parts) < 2:
        return ""
    place = parts.index(one)
    wanted = (*parts[:place], other, *parts[place + 1 :])
    return next((name for name, found in names if found == wanted), "")


def series(names: Iterable[str]) -> list[str]:
    """Three columns and more whose names count on from 0, 1 or a; nothing where none do."""
    found = [(name, _counted(name)) for name in names]
    for stem in dict.fromkeys(parts[:-1] for _, parts in found):
        ends = {parts[-1]: name for name, parts in found if parts[:-1] == stem}
        for run in ("0123456789", "123456789", "abcdefghij"):
            length = next((place for place, end in enumerate(run) if end not in ends), len(run))
            if length >= FEWEST:
                return [ends[end] for end in run[:length]]
    return []


def _counted(name: str) -> tuple[str, ...]:
    """The parts of a name, of which the last counts: a number or a letter; "" where none does."""
    parts = _parts(name)
    return parts if parts and len(parts[-1]) == 1 else (*parts, "")
