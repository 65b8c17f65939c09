"""Parses CSV and TSV as the generated repo's reader (pandas) does: decoded lines -> batches of rows with typed cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Literal

from stgen.rows.batches import COLUMNS, ROWS, Batch, Missing, UnreadableError, counted, places

CELL = 1 << 24  # characters of the longest cell
END = "\ue000end of file\ue000"
MOSTLY = 0.9  # of the first cells are numbers: then the others are slips, and not texts
# fmt: off
NO_VALUE = frozenset((  # what pandas reads as no value
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
))
TRUTH: dict[str, bool] = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
# fmt: on
Kind = Literal["text", "number", "truth"]


def parse(blocks: Iterator[list[str]], delimiter: str, shown: str) -> Iterator[Batch]:
    """Yield the rows of a file whose first line names its columns. Raises UnreadableError."""
    # A mark behind the last line shows whether a quote is still open there: the reader itself would not say.
    lines = chain(chain.from_iterable(blocks), [END])
    reader = csv.reader(lines, delimiter=delimiter)
    limit = csv.field_size_limit(CELL)
    try:
        yield from _parse(reader, shown)
    finally:
        csv.field_size_limit(limit)


def _parse(reader: Any, shown: str) -> Iterator[Batch]:
    names = _header(reader, shown)
    if not names:
        return
    kinds: dict[str, Kind] = {}
    ragged: list[tuple[int, int]] = []
    number = 1
    for rows in _rows(reader, len(names), ragged, shown):
        columns = {}
        for name, cells in zip(names, zip(*rows, strict=True), strict=True):
            if name not in kinds:
                kinds[name] = _kind(cells)
            columns[name] = _values(cells, kinds[name])
        yield Batch(number, len(rows), columns)
        number += len(rows)
    if ragged:
        raise _ragged(ragged, len(names), shown)


def _header(reader: Any, shown: str) -> list[str]:
    names = next(iter(_take(reader, 1, shown)))
    if names == [END]:
        return []
    if names and names[-1].endswith(END):
        raise _unclosed(1, shown)
    if len(names) > COLUMNS:
        raise UnreadableError("STG204", f"{shown} has more than {COLUMNS:,} columns", "is its first line the header?")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        message = f'{shown} has two columns named "{twice[0]}": the reader silently renames one of them'
        raise UnreadableError("STG204", message, "give each column a name of its own in the first line")
    return names


def _rows(reader: Any, width: int, ragged: list[tuple[int, int]], shown: str) -> Iterator[list[list[str]]]:
    """The rows of the right width, some at a time; the line and width of others go into `ragged`."""
    while True:
        line = reader.line_num + 1
        rows = _take(reader, ROWS, shown)
        ended = bool(rows) and rows[-1][-1:] != [] and rows[-1][-1].endswith(END)
        if ended and rows.pop() != [END]:
            begin = line + sum(map(_lines_of, rows))
            raise _unclosed(begin, shown)
        if set(map(len, rows)) - {width}:
            rows = _even(rows, width, line, ragged)
        if rows:
            yield rows
        if ended:
            return


def _unclosed(line: int, shown: str) -> UnreadableError:
    message = f"{shown}: a quote that is opened in line {line} is never closed, and swallows what follows"
    return UnreadableError("STG204", message, 'write a quote within a quoted cell twice: "she said ""yes"""')


def _even(rows: list[list[str]], width: int, line: int, ragged: list[tuple[int, int]]) -> list[list[str]]:
    kept = []
    for row in rows:
        if len(row) == width:
            kept.append(row)
        elif row:  # an empty line is no row
            ragged.append((line, len(row)))
        line += _lines_of(row)
    return kept


def _lines_of(row: list[str]) -> int:
    return 1 + sum(cell.count("\n") for cell in row)


def _take(reader: Any, count: int, shown: str) -> list[list[str]]:
    try:
        return list(islice(reader, count))
    except csv.Error as error:
        raise UnreadableError(
            "STG204", f"{shown}, line {reader.line_num}: {error}", "is a quote in it never closed?"
        ) from None


def _ragged(ragged: list[tuple[int, int]], width: int, shown: str) -> UnreadableError:
    line, found = ragged[0]
    message = (
        f"line {line} of {shown} has {counted(found, 'cell')}, and the first line names {counted(width, 'column')}"
    )
    if len(ragged) > 1:
        message += (
            f" ({counted(len(ragged), 'line')} like it: {places([line for line, _ in ragged], len(ragged), 'line')})"
        )
    notes = ("cells that are missing at the end of a line silently become empty values",) if found < width else ()
    return UnreadableError("STG204", message, "put quotes around a cell that holds the delimiter", notes)


# --- types -----------------------------------------------------------------------------------------------------------


def _kind(cells: tuple[str, ...]) -> Kind:
    """What a column holds, as its first cells show it."""
    given = [cell for cell in cells if cell not in NO_VALUE]
    if not given:
        return "text"
    if all(cell in TRUTH for cell in given):
        return "truth"
    numbers = sum(_number(cell) is not None for cell in given)
    return "number" if numbers >= MOSTLY * len(given) else "text"


def _values(cells: tuple[str, ...], kind: Kind) -> list[Any]:
    if NO_VALUE.isdisjoint(cells):
        if kind == "text":
            return list(cells)
        if kind == "number" and (numbers := _all_numbers(cells)) is not None:
            return numbers
    value = READERS[kind]
    return [(Missing(cell) if cell else None) if cell in NO_VALUE else value(cell) for cell in cells]


def _all_numbers(cells: tuple[str, ...]) -> list[Any] | None:
    for kind in (int, float):
        try:
            return list(map(kind, cells))
        except ValueError:
            continue
    return None


def _number(cell: str) -> int | float | None:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return None


def _number_or_text(cell: str) -> int | float | str:
    found = _number(cell)
    return cell if found is None else found


def _truth_or_text(cell: str) -> bool | str:
    return TRUTH.get(cell, cell)


READERS: dict[Kind, Callable[[str], Any]] = {"text": str, "number": _number_or_text, "truth": _truth_or_text}
