"""Parses JSON Lines and lists of JSON objects: decoded text -> batches of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from stgen.rows.batches import BLOCK, ROWS, Batch, UnreadableError, counted, places
from stgen.rows.bounds import CELLS, ROW, SPARSE, check_names, too_long
from stgen.values.surrogates import has_surrogate

Rows = tuple[list[dict[str, Any]], int]
"""Some rows, and the number of characters that they were read from."""

NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
}
LONGEST_WORD = 32  # characters of a number, word or escape that the end of a window may cut
HALVED = "has half of a character in it: a lone surrogate"
FAULTS = 1000  # broken lines after which a file is given up


def parse_lines(blocks: Iterator[list[str]], shown: str, wanted: frozenset[str] | None = None) -> Iterator[Batch]:
    """Yield the rows of a file that holds an object a line, from its lines. Raises UnreadableError."""
    yield from _batches(_lines(blocks, shown), shown, wanted)


def parse_list(pieces: Iterator[str], shown: str, wanted: frozenset[str] | None = None) -> Iterator[Batch]:
    """Yield the rows of a file that is a list of objects, from pieces of its text. Raises UnreadableError."""
    yield from _batches(_list(pieces, shown), shown, wanted)


def _batches(read: Iterator[Rows], shown: str, wanted: frozenset[str] | None) -> Iterator[Batch]:
    number = 1
    for rows, characters in read:
        names = list(dict.fromkeys(chain.from_iterable(rows)))
        check_names(names, "STG203", shown)
        asked = [name for name in names if wanted is None or name in wanted]
        if len(asked) * len(rows) > max(CELLS, SPARSE * characters):
            message = f"{shown} has {len(names):,} columns, of which each row has few"
            raise UnreadableError(
                "STG203", message, "keep data out of the keys: a row of another kind is another file's"
            )
        rest: dict[str, list[Any]] = {name: [] for name in names if wanted is not None and name not in wanted}
        step = max(1, CELLS // max(1, len(asked)))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            yield Batch(number, len(some), {name: [row.get(name) for row in some] for name in asked} | rest)
            number += len(some)


# --- an object a line ------------------------------------------------------------------------------------------------


def _lines(blocks: Iterator[list[str]], shown: str) -> Iterator[Rows]:
    faults: list[tuple[int, str]] = []
    number, first = 1, ""
    for lines in blocks:
        first = first or lines[0]
        rows = _at_once(lines)
        if rows is None:
            rows = _one_by_one(lines, number, faults)
        if rows:
            yield rows, sum(map(len, lines))
        number += len(lines)
        if len(faults) >= FAULTS:
            break
    if faults:
        raise _broken(faults, first, shown)


def _at_once(lines: list[str]) -> list[dict[str, Any]] | None:
    """The rows of lines that are an object each: parsed together, which is three times as fast; None for others."""
    text = ",".join(lines)
    try:
        rows = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return None
    if len(rows) != len(lines) or set(map(type, rows)) != {dict}:
        return None
    return None if _may_be_halved(text) and any(map(_is_halved, rows)) else rows


def _may_be_halved(text: str) -> bool:
    """Whether characters are written as surrogates, in which case one of a pair may be missing."""
    return "\\ud" in text or "\\uD" in text


def _is_halved(row: object) -> bool:
    return has_surrogate(json.dumps(row, ensure_ascii=False))


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
            faults.append((position, _unparsed(error)))
        else:
            if not isinstance(row, dict):
                faults.append((position, f"is {NAMES.get(type(row), 'null')}, and a row is an object"))
            elif _may_be_halved(line) and _is_halved(row):
                faults.append((position, HALVED))
            else:
                rows.append(row)
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


def _unparsed(error: Exception) -> str:
    """What Python's parser doesn't take, though it is JSON."""
    deep = isinstance(error, RecursionError)
    return "has lists or objects too deep in each other" if deep else "has a number of thousands of digits"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


# --- a list of objects -----------------------------------------------------------------------------------------------


def _list(texts: Iterator[str], shown: str) -> Iterator[Rows]:
    """Parse a list piece by piece: it may be larger than memory."""
    rows: list[dict[str, Any]] = []
    characters = 0
    for row, length in _ListReader(texts, shown).items():
        rows.append(row)
        characters += length
        if len(rows) == ROWS or characters >= BLOCK:
            yield rows, characters
            rows, characters = [], 0
    if rows:
        yield rows, characters


class _ListReader:
    """Walks a list of objects over a window of text that grows only as far as one object needs."""

    def __init__(self, texts: Iterator[str], shown: str) -> None:
        self.texts, self.shown = texts, shown
        self.text, self.at = "", 0
        self.lines = 1  # lines that have left the window
        self.decode = json.JSONDecoder().raw_decode

    def items(self) -> Iterator[tuple[dict[str, Any], int]]:
        """The objects, each with its number of characters."""
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

    def _object(self, number: int) -> tuple[dict[str, Any], int]:
        wanted = BLOCK
        while True:
            try:
                row, end = self.decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not self._is_cut(error):
                    self._fail(f"row {number} is no JSON: {_lower(error.msg)}", error.pos)
                if len(self.text) - self.at > ROW:
                    raise too_long(self.shown, f"row {number}") from None
                if not self._grow(wanted):
                    self._fail(f"row {number} is not valid JSON: {_lower(error.msg)}", error.pos)
                wanted *= 2
            except (ValueError, RecursionError) as error:
                self._fail(f"row {number} {_unparsed(error)}")
            else:
                if end - self.at > ROW:
                    raise too_long(self.shown, f"row {number}")
                text, self.at = self.text[self.at : end], end
                if _may_be_halved(text) and _is_halved(row):
                    self._fail(f"row {number} {HALVED}")
                return row, len(text)

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether an object that can't be parsed may go on behind the window."""
        return error.msg.startswith("Unterminated") or error.pos > len(self.text) - LONGEST_WORD

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
