"""What the cells of a table look like: a CSV file holds texts alone, and `inspect` shows which columns mean numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from stgen.reader.numbers import spelled

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
    numbers = sum(spelled(cell) is not None for cell in given)
    return "number" if numbers >= MOSTLY * len(given) else "text"


def typed(cells: Sequence[Any], kind: Cells) -> list[Any]:
    """The values that the cells of a column mean; None for an empty cell."""
    if kind == "number":
        return _all_numbers(cells) or [number_in(cell) if cell else None for cell in cells]
    if kind == "truth":
        return [TRUTH.get(cell, cell) if cell else None for cell in cells]
    return list(cells) if all(cells) else [cell or None for cell in cells]


def _all_numbers(cells: Sequence[Any]) -> list[Any]:
    """The numbers of cells that are numbers throughout; nothing for others."""
    if any(map(LONGEST.__lt__, map(len, cells))) or "_" in (text := "".join(cells)) or not text.isascii():
        return []
    try:
        return list(map(int, cells)) if all(map(str.isdecimal, cells)) else _floats(cells)
    except ValueError:
        return []


def _floats(cells: Sequence[Any]) -> list[Any]:
    """The same where no cell is a whole number, which stays one."""
    return [] if any(map(str.isdecimal, cells)) else list(map(float, cells))


def number_in(value: Any) -> Any:
    """The number that a text spells, or the value itself."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return value
    found = spelled(value)
    if found is None:
        return value
    return int(value) if value.strip().lstrip("+-").isdecimal() else found
