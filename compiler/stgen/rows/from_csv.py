"""Parses CSV and TSV as the generated repo's reader (pandas) does: decoded lines -> batches of rows with typed cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

from stgen.rows.batches import BLOCK, ROWS, Batch, Missing, UnreadableError, counted, places
from stgen.rows.bounds import CELLS, ROW, check_names, too_long

CELL = ROW  # characters of the longest cell
FAULTS = 1000  # lines with cells too many or too few after which a file is given up
END = "\ue000end of file\ue000"
MOSTLY = 0.9  # of the first cells are numbers: then the others are slips, and not texts
# fmt: off
NO_VALUE = frozenset((  # what pandas reads as no value
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
))
TRUTH: dict[str, bool] = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
# fmt: on
Kind = Literal["text", "number", "truth"]


class _Reader:
    """The cells of each row, some rows at a time, from lines whose end it marks. It holds no more than a row too long."""

    def __init__(self, blocks: Iterator[list[str]], delimiter: str, shown: str) -> None:
        self.blocks, self.shown = blocks, shown
        self.rows = csv.reader(self._lines(), delimiter=delimiter)
        self.row = 0  # characters of the row that is being read
        self.begin = 1  # its first line

    @property
    def line(self) -> int:
        """The line behind what has been read."""
        return int(self.rows.line_num) + 1

    def take(self, count: int) -> list[list[str]]:
        """The next rows: so many, fewer where they are long or the last ones. Raises UnreadableError."""
        taken: list[list[str]] = []
        characters = 0
        try:
            for row in self.rows:
                taken.append(row)
                characters += self.row
                self.row, self.begin = 0, self.line
                if len(taken) >= count or characters >= BLOCK:
                    break
        except csv.Error as error:
            if "field limit" in str(error):
                raise too_long(self.shown, f"a cell in line {self.line - 1}") from None
            said = f"{self.shown}, line {self.line - 1}: {error}"
            raise UnreadableError("STG204", said, "is a quote in it never closed?") from None
        return taken

    def _lines(self) -> Iterator[str]:
        for lines in self.blocks:
            for line in lines:
                self.row += len(line)
                if self.row > ROW:
                    raise too_long(self.shown, f"the row that begins in line {self.begin}")
                yield line
        # A mark behind the last line shows whether a quote is still open there: csv itself would not say.
        yield END


def parse(
    blocks: Iterator[list[str]], delimiter: str, shown: str, wanted: frozenset[str] | None = None
) -> Iterator[Batch]:
    """Yield the rows of a file whose first line names its columns. Raises UnreadableError."""
    limit = csv.field_size_limit(CELL)
    try:
        yield from _parse(_Reader(blocks, delimiter, shown), shown, wanted)
    finally:
        csv.field_size_limit(limit)


def _parse(reader: _Reader, shown: str, wanted: frozenset[str] | None) -> Iterator[Batch]:
    names = _header(reader, shown)
    if not names:
        return
    kinds: dict[str, Kind] = {}
    ragged: list[tuple[int, int]] = []
    number = 1
    for rows in _rows(reader, len(names), ragged, shown):
        columns: dict[str, list[Any]] = {}
        for name, cells in zip(names, zip(*rows, strict=True), strict=True):
            if wanted is not None and name not in wanted:
                columns[name] = []
                continue
            if name not in kinds:
                kinds[name] = _kind(cells)
            columns[name] = _values(cells, kinds[name])
        yield Batch(number, len(rows), columns)
        number += len(rows)
    if ragged:
        raise _ragged(ragged, len(names), shown)


def _header(reader: _Reader, shown: str) -> list[str]:
    names = next(iter(reader.take(1)))
    if names == [END]:
        return []
    if names and names[-1].endswith(END):
        raise _unclosed(1, shown)
    check_names(names, "STG204", shown)
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        message = f'{shown} has two columns named "{twice[0]}": the reader silently renames one of them'
        raise UnreadableError("STG204", message, "give each column a name of its own in the first line")
    return names


def _rows(reader: _Reader, width: int, ragged: list[tuple[int, int]], shown: str) -> Iterator[list[list[str]]]:
    """The rows of the right width, some at a time; the line and width of others go into `ragged`."""
    while len(ragged) < FAULTS:
        line = reader.line
        rows = reader.take(min(ROWS, CELLS // width))
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
        if not row:  # an empty line is no row
            line += 1
            continue
        if len(row) == width:
            kept.append(row)
        else:
            ragged.append((line, len(row)))
        line += _lines_of(row)
    return kept


def _lines_of(row: list[str]) -> int:
    return 1 + sum(cell.count("\n") for cell in row)


def _ragged(ragged: list[tuple[int, int]], width: int, shown: str) -> UnreadableError:
    line, found = ragged[0]
    message = (
        f"line {line} of {shown} has {counted(found, 'cell')}, and the first line names {counted(width, 'column')}"
    )
    if len(ragged) > 1:
        more = "or more " if len(ragged) >= FAULTS else ""
        lines = places([line for line, _ in ragged], len(ragged), "line")
        message += f" ({counted(len(ragged), 'line')} {more}like it: {lines})"
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
