"""JSON Lines: an object on each line, or a list whose items have names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any

from .contract import Batch, Broken, ContractError
from .files import Opener, UnreadableError, lines_of, opened
from .json_rows import Shape, keys_of, require_once, says_twice

CELLS = 1 << 24  # values that are held at once: rows that have few columns in common would have more


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    header: Sequence[str] = (),
    rows: str = "",
    opened: Opener = opened,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    shape = Shape(header, keys_of(rows)[1])
    first = 1
    for lines in lines_of(path, shown, opened):
        places: Sequence[int] = range(first, first + len(lines))
        first += len(lines)
        broken: list[Broken] = []
        found = _parse_at_once(lines) if shape.plain else None
        if found is None:
            found, places, lines = _parse_each(lines, places, broken, shape)
        yield Batch("line", places, columns_of(found, wanted, shown), broken, () if shape.within else lines)


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
        text = f"[{b','.join(lines).decode()}]"
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if len(rows) != len(lines) or set(map(type, rows)) != {dict} or says_twice(text, rows):
        return None
    return rows  # type: ignore[no-any-return]


def _parse_each(
    lines: Sequence[bytes], places: Sequence[int], broken: list[Broken], shape: Shape
) -> tuple[list[dict[str, Any]], list[int], list[bytes]]:
    found = []
    for place, line in zip(places, lines, strict=True):
        if not line.strip():
            continue
        try:
            found += [(row, place, line) for row in shape.rows(_parse(line))]
        except ContractError as fault:
            broken.append(Broken(place, fault, line.decode(errors="backslashreplace")))
    return [row for row, _, _ in found], [place for _, place, _ in found], [line for _, _, line in found]


def _parse(line: bytes) -> Any:
    try:
        text = line.decode()
        row = json.loads(text)
        if isinstance(row, dict) and says_twice(text, [row]):
            require_once(text)
        return row
    except UnicodeDecodeError as error:
        raise ContractError("STG202", f"not UTF-8: {error.reason} at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise ContractError("STG203", f"not valid JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise ContractError("STG203", unparsed(error)) from None


def unparsed(error: Exception) -> str:
    """Say what Python's parser doesn't take, though it is JSON."""
    deep = isinstance(error, RecursionError)
    return "has lists or objects nested too deeply" if deep else "has a number of thousands of digits"
