"""JSON Lines: an object on each line."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from typing import Any

from .contract import Batch, Broken, ContractError, quote
from .files import Opener, UnreadableError, lines_of, opened

CELLS = 1 << 24  # values that are held at once: rows that have few columns in common would have more
Row = dict[str, Any]


def one_row(value: Any) -> list[Row]:
    """Return an object as the row that it is; refuse what isn't one."""
    if not isinstance(value, dict):
        raise ContractError("STG203", f"not an object: {quote(value)}")
    return [value]


def once(pairs: list[tuple[str, Any]]) -> Row:
    """Make an object; refuse one that has a key twice, of which JSON readers keep the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ContractError("STG440", f"has {quote(twice)} twice")
    return found


PARSE = json.JSONDecoder(object_pairs_hook=once).decode


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    opened: Opener = opened,
    rows_of: Callable[[Any], list[Row]] = one_row,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted; `rows_of` takes what stands on a line."""
    first = 1
    for lines in lines_of(path, shown, opened):
        found: list[tuple[int, bytes, Row]] = []
        broken = []
        for place, line in enumerate(lines, first):
            try:
                found += [(place, line, row) for row in rows_of(_parse(line))] if line.strip() else []
            except ContractError as fault:
                broken.append(Broken(place, fault, line.decode(errors="backslashreplace")))
        first += len(lines)
        columns = columns_of([row for _, _, row in found], wanted, shown)
        yield Batch("line", [place for place, _, _ in found], columns, broken, [line for _, line, _ in found])


def columns_of(rows: Sequence[Row], wanted: Collection[str] | None, shown: str) -> dict[str, list[Any]]:
    """Turn rows into columns; of columns that aren't wanted the names alone."""
    names = dict.fromkeys(chain.from_iterable(rows))
    asked = {name for name in names if wanted is None or name in wanted}
    if len(asked) * len(rows) > CELLS:
        message = f"{shown} has {len(names):,} columns, of which each row has few"
        raise UnreadableError("STG203", message, "keep data out of the keys: a row of another kind is another file's")
    return {name: [row.get(name) for row in rows] if name in asked else [] for name in names}


def _parse(line: bytes) -> Any:
    try:
        return PARSE(line.decode())
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
