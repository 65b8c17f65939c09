"""What the cells of a table look like: a CSV file holds texts alone, and `inspect` shows which columns mean numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from stgen.reader.numbers import NUMBER

MOSTLY = 0.9  # of the first cells are numbers: then the others are slips, and not texts
TRUTH: dict[str, bool] = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
LONGEST = 300  # digits of a number that is kept as one
Cells = Literal["text", "number", "truth"]


def kind_of(cells: Sequence[Any]) -> Cells:
    """What a column holds, as its first cells show it."""
    given = [cell for cell in cells if cell]
    if not given:
        return "text"
    if all(cell in TRUTH for cell in given):
        return "truth"
    numbers = sum(NUMBER.fullmatch(cell) is not None for cell in given)
    return "number" if numbers >= MOSTLY * len(given) else "text"


def typed(cells: Sequence[Any], kind: Cells) -> list[Any]:
    """The values that the cells of a column mean; None for an empty cell."""
    if kind == "number":
        return _all_whole(cells) or [number_in(cell) if cell else None for cell in cells]
    if kind == "truth":
        return [TRUTH.get(cell, cell) if cell else None for cell in cells]
    return list(cells) if all(cells) else [cell or None for cell in cells]


def _all_whole(cells: Sequence[Any]) -> list[Any]:
    """The numbers of cells that are whole ones throughout; nothing for others."""
    try:
        return list(map(int, cells)) if all(map(str.isdecimal, cells)) else []
    except ValueError:
        return []


def number_in(value: Any) -> Any:
    """The number that a text spells, or the value itself."""
    if not isinstance(value, str) or len(value) > LONGEST or not NUMBER.fullmatch(value):
        return value
    try:
        return int(value)
    except ValueError:
        return float(value)
