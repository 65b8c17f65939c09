"""JSON Lines: an object on each line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any

from .contract import Batch, Broken, ContractError, quote
from .files import Opener, UnreadableError, lines_of, opened

CELLS = 1 << 24  # values that are held at once: rows that have few columns in common would have more


def read(path: str, shown: str, wanted: Collection[str] | None = None, *, opened: Opener = opened) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    first = 1
    for lines in lines_of(path, shown, opened):
        places: Sequence[int] = range(first, first + len(lines))
        first += len(lines)
        broken: list[Broken] = []
        rows = _parse_at_once(lines)
        if rows is None:
            rows, places, lines = _parse_each(lines, places, broken)
        yield Batch("line", places, columns_of(rows, wanted, shown), broken, lines)


def columns_of(rows: Sequence[dict[str, Any]], wanted: Collection[str] | None, shown: str) -> dict[str, list[Any]]:
    """Turn rows into columns; of columns that aren't wanted the names alone."""
    names = dict.fromkeys(chain.from_iterable(rows))
    asked = {name for name in names if wanted is None or name in wanted}
    if len(asked) * len(rows) > CELLS:
        message = f"{shown} has {len(names):,} columns, of which each row has few"
        raise UnreadableError("STG203", message, "keep data out of the keys: a row of another kind is another file's")
    return {name: [row.get(name) for row in rows] if name in asked else [] for name in names}


def _parse_at_once(lines: Sequence[bytes]) -> list[dict[str, Any]] | None:
    """Parse lines that are an object each together, which takes half the time; return None for others."""
    try:
        rows = json.loads(f"[{b','.join(lines).decode()}]")
    except (ValueError, RecursionError):
        return None
    return rows if len(rows) == len(lines) and set(map(type, rows)) == {dict} else None


def _parse_each(
    lines: Sequence[bytes], places: Sequence[int], broken: list[Broken]
) -> tuple[list[dict[str, Any]], list[int], list[bytes]]:
    found = []
    for place, line in zip(places, lines, strict=True):
        if not line.strip():
            continue
        try:
            found.append((_parse(line), place, line))
        except ContractError as fault:
            broken.append(Broken(place, fault, line.decode(errors="backslashreplace")))
    return [row for row, _, _ in found], [place for _, place, _ in found], [line for _, _, line in found]


def _parse(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise ContractError("STG202", f"not UTF-8: {error.reason} at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise ContractError("STG203", f"not valid JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise ContractError("STG203", unparsed(error)) from None
    if not isinstance(row, dict):
        raise ContractError("STG203", f"not an object: {quote(row)}")
    return row


def unparsed(error: Exception) -> str:
    """Say what Python's parser doesn't take, though it is JSON."""
    deep = isinstance(error, RecursionError)
    return "has lists or objects nested too deeply" if deep else "has a number of thousands of digits"
