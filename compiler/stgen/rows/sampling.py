"""Keeps whole rows of a survey, spread evenly over all of them: what is shown of long texts, and looked at by their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stgen.rows.survey import Survey

SAMPLE = 2048  # rows that are kept whole, spread evenly; up to twice as many
LONGEST = 1 << 16  # characters kept of a text of the sample
ITEMS = 100  # texts kept of a list of the sample
ROOM = 1 << 26  # characters of the whole sample: of longer rows fewer are kept


def sample(found: Survey, columns: Mapping[str, list[Any]], size: int) -> None:
    """Keep every `stride`-th row, and every other one of those whenever they become too many."""
    begin = -found.rows % found.stride
    taken = len(range(begin, size, found.stride))
    held = found.sampled
    for name, values in columns.items():
        kept = found.sample.setdefault(name, [None] * held)
        more = list(map(_sampled, values[begin :: found.stride]))
        kept += more
        found.weight += sum(map(_weight, more))
    while held + taken > 2 * SAMPLE or (found.weight > ROOM and held + taken > 1):
        found.stride *= 2
        found.sample = {name: values[::2] for name, values in found.sample.items()}
        found.weight = sum(_weight(value) for values in found.sample.values() for value in values)
        held, taken = (held + taken + 1) // 2, 0


def _sampled(value: Any) -> Any:
    """What is kept of a value: as much of a text, and of the texts of a list, as is looked at."""
    if type(value) is str:
        return value[:LONGEST]
    if type(value) is list:
        return [item[:LONGEST] for item in value[:ITEMS] if type(item) is str]
    return {} if type(value) is dict else value


def _weight(value: Any) -> int:
    if type(value) is list:
        return sum(map(len, value))
    return len(value) if type(value) is str else 0
