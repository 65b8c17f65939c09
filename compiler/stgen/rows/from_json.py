"""Parses JSON Lines and lists of JSON objects: decoded text -> batches of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from stgen.rows.batches import BLOCK, COLUMNS, ROWS, Batch, UnreadableError, counted, places

NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
}
FAULTS = 1000  # broken lines after which a file is given up


def parse_lines(blocks: Iterator[list[str]], shown: str) -> Iterator[Batch]:
    """Yield the rows of a file that holds an object a line, from its lines. Raises UnreadableError."""
    yield from _batches(_lines(blocks, shown), shown)


def parse_list(pieces: Iterator[str], shown: str) -> Iterator[Batch]:
    """Yield the rows of a file that is a list of objects, from pieces of its text. Raises UnreadableError."""
    yield from _batches(_list(pieces, shown), shown)


def _batches(rows: Iterator[list[dict[str, Any]]], shown: str) -> Iterator[Batch]:
    number = 1
    for some in rows:
        names = dict.fromkeys(chain.from_iterable(some))
        if len(names) > COLUMNS:
            raise UnreadableError("STG203", f"{shown} has more than {COLUMNS:,} columns", "keep data out of the keys")
        yield Batch(number, len(some), {name: [row.get(name) for row in some] for name in names})
        number += len(some)


# --- an object a line ------------------------------------------------------------------------------------------------


def _lines(blocks: Iterator[list[str]], shown: str) -> Iterator[list[dict[str, Any]]]:
    faults: list[tuple[int, str]] = []
    number, first = 1, ""
    for lines in blocks:
        first = first or lines[0]
        rows = _at_once(lines)
        if rows is None:
            rows = _one_by_one(lines, number, faults)
        if rows:
            yield rows
        number += len(lines)
        if len(faults) >= FAULTS:
            break
    if faults:
        raise _broken(faults, first, shown)


def _at_once(lines: list[str]) -> list[dict[str, Any]] | None:
    """The rows of lines that are an object each: parsed together, which is three times as fast; None for others."""
    try:
        rows = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        return None
    return rows if len(rows) == len(lines) and set(map(type, rows)) == {dict} else None


def _one_by_one(lines: list[str], number: int, faults: list[tuple[int, str]]) -> list[dict[str, Any]]:
    rows = []
    for position, line in enumerate(lines, number):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append((position, f"is not valid JSON: {_lower(error.msg)} at column {error.colno}"))
        except (ValueError, RecursionError) as error:
            faults.append((position, f"can't be parsed: {_lower(str(error))}"))
        else:
            if isinstance(row, dict):
                rows.append(row)
            else:
                faults.append((position, f"is {NAMES.get(type(row), 'null')}, and a row is an object"))
    return rows


def _broken(faults: list[tuple[int, str]], first: str, shown: str) -> UnreadableError:
    line, what = faults[0]
    message = f"line {line} of {shown} {what}"
    if len(faults) > 1:
        more = "or more " if len(faults) >= FAULTS else ""
        message += f" ({counted(len(faults), 'line')} {more}like it: {places([line for line, _ in faults], len(faults), 'line')})"
    if first.strip() == "{":
        return UnreadableError(
            "STG203", message, "it looks like one object over several lines: write each row on a line of its own"
        )
    return UnreadableError(
        "STG203", message, 'a row is an object on a line of its own: {"question": "...", "answer": "..."}'
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


# --- a list of objects -----------------------------------------------------------------------------------------------


def _list(texts: Iterator[str], shown: str) -> Iterator[list[dict[str, Any]]]:
    """Parse a list piece by piece: it may be larger than memory."""
    reader = _ListReader(texts, shown)
    rows: list[dict[str, Any]] = []
    for row in reader.items():
        rows.append(row)
        if len(rows) == ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


class _ListReader:
    """Walks a list of objects over a window of text that grows only as far as one object needs."""

    def __init__(self, texts: Iterator[str], shown: str) -> None:
        self.texts, self.shown = texts, shown
        self.text, self.at = "", 0
        self.lines = 1  # lines that have left the window
        self.decode = json.JSONDecoder().raw_decode

    def items(self) -> Iterator[dict[str, Any]]:
        number = 0
        self._expect("[")
        if self._peek() == "]":
            return
        while True:
            number += 1
            if self._peek() != "{":
                self._fail(f"row {number} is not an object")
            yield self._object(number)
            if self._peek() == "]":
                return
            self._expect(",")

    def _object(self, number: int) -> dict[str, Any]:
        wanted = BLOCK
        while True:
            try:
                row, self.at = self.decode(self.text, self.at)
            except json.JSONDecodeError as error:
                # A broken object and one that the window cuts look alike, until the window can't grow any more.
                if not self._grow(wanted):
                    self._fail(f"row {number} is not valid JSON: {_lower(error.msg)}", error.pos)
                wanted *= 2
            except (ValueError, RecursionError) as error:
                self._fail(f"row {number} can't be parsed: {_lower(str(error))}")
            else:
                return row  # type: ignore[no-any-return]

    def _peek(self) -> str:
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._grow(BLOCK):
                return ""

    def _expect(self, char: str) -> None:
        if (found := self._peek()) != char:
            self._fail(
                f"`{char}` or the end of the list is missing" if found else "the list has no end: the file is cut off"
            )
        self.at += 1

    def _grow(self, wanted: int) -> bool:
        self.lines += self.text.count("\n", 0, self.at)
        pieces, size = [self.text[self.at :]], 0
        self.at = 0
        while size < wanted and (piece := next(self.texts, "")):
            pieces.append(piece)
            size += len(piece)
        self.text = "".join(pieces)
        return size > 0

    def _fail(self, what: str, position: int | None = None) -> None:
        line = self.lines + self.text.count("\n", 0, self.at if position is None else position)
        raise UnreadableError(
            "STG203", f"{self.shown}, line {line}: {what}", "write a list of objects, or an object a line"
        )
