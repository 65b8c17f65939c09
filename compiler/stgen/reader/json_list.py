"""JSON: a list of rows, which may be larger than memory; or a row on each line."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection, Iterator
from typing import Any, NoReturn

from . import json_lines
from .contract import Batch, Broken, ContractError
from .files import BLOCK, LONGEST, Opener, UnreadableError, batched, opened, require_utf8, too_long
from .json_lines import Row, columns_of, once, one_row, unparsed

ROWS = 8192  # of a batch
BLANK = " \t\r\n"
LONGEST_WORD = 32  # characters of a number, word or escape that the end of a window may cut


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    opened: Opener = opened,
    key: str = "",
    opens: str = "{",
    rows_of: Callable[[Any], list[Row]] = one_row,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted; `key` leads to the list, `rows_of` takes its items."""
    with opened(path, shown) as stream:
        require_utf8(stream, shown)
        listed = is_listed(stream.read(BLOCK).removeprefix(b"\xef\xbb\xbf"))
    if not listed and not key:
        yield from json_lines.read(path, shown, wanted, opened=opened, rows_of=rows_of)
        return
    reader = ListReader(_pieces(path, shown, opened), shown, opens)
    if key:
        reader.enter(key)
    for some in batched(_rows(reader, rows_of), ROWS, lambda _: reader.length):
        places = [place for place, row in some if isinstance(row, dict)]
        found = [row for _, row in some if isinstance(row, dict)]
        broken = [row for _, row in some if isinstance(row, Broken)]
        yield Batch("row", places, columns_of(found, wanted, shown), broken)


def is_listed(head: bytes) -> bool:
    """Whether a file that begins so is one list: where each line holds a row that is a list, no comma follows the first."""
    first, _, rest = head.lstrip().partition(b"\n")
    on_lines = first.rstrip().endswith(b"]") and rest.lstrip().startswith(b"[")
    return first.startswith(b"[") and not on_lines


def _rows(reader: ListReader, rows_of: Callable[[Any], list[Row]]) -> Iterator[tuple[int, Row | Broken]]:
    """Give the rows with their numbers; one that is none counts too."""
    number = 1
    for value in reader.items():
        made: list[Row | Broken] = []
        try:
            if reader.twice:
                raise reader.twice
            made += rows_of(value)
        except ContractError as fault:
            made = [Broken(number, fault, json.dumps(value, ensure_ascii=False))]
        yield from enumerate(made, number)
        number += len(made)


def _pieces(path: str, shown: str, opened: Opener) -> Iterator[str]:
    """Give the text of a file, some at a time, whatever its lines: a list of a million rows may be a single one."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    with opened(path, shown) as stream:
        while piece := stream.read1(BLOCK):
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                raise UnreadableError("STG202", f"line {line} of {shown}: not UTF-8: {error.reason}") from None
            line += text.count("\n")
            yield text


class ListReader:
    """Walks a list of objects over a window of text that grows only as far as one object needs."""

    def __init__(self, texts: Iterator[str], shown: str, opens: str) -> None:
        """Begin before the first text; `opens` has the signs with which a row may begin."""
        self.texts, self.shown, self.opens = texts, shown, opens
        self.text, self.at = "", 0
        self.entered = False  # whether the list stands within an object
        self.lines = 1  # lines that have left the window
        self.length = 0  # characters of the last object
        self.twice: ContractError | None = None  # what is wrong with a key of the last object
        self.decode = json.JSONDecoder(object_pairs_hook=self._once).raw_decode

    def enter(self, wanted: str) -> None:
        """Go to the list that stands under a key of the object which the file is."""
        self._expect("{")
        self.entered = True
        while self._peek() == '"':
            key = self._value("a key")
            self._expect(":")
            self._peek()
            if key == wanted:
                return
            self._value(f"the value of `{key}`")
            if self._peek() != "}":
                self._expect(",")
        self._fail(f"the object has no `{wanted}`")

    def items(self) -> Iterator[Any]:
        """Give the objects of the list."""
        number = 0
        self._expect("[")
        while self._peek() != "]" or number:
            number += 1
            if self._peek() == "]":
                self._fail("a comma stands behind the last row")
            if self._peek() not in tuple(self.opens):
                self._fail(f"row {number} is not an object")
            yield self._value(f"row {number}")
            if self._peek() == "]":
                break
            self._expect(",")
        self.at += 1
        if not self.entered and self._peek():
            self._fail("more stands behind the end of the list")

    def _once(self, pairs: list[tuple[str, Any]]) -> Row:
        """Make an object; remember that it has a key twice, and go on behind it."""
        try:
            return once(pairs)
        except ContractError as fault:
            self.twice = self.twice or fault
            return dict(pairs)

    def _value(self, what: str) -> Any:
        wanted = BLOCK
        while True:
            self.twice = None
            try:
                row, end = self.decode(self.text, self.at)
            except json.JSONDecodeError as error:
                held = len(self.text) - self.at
                if held > LONGEST and self._is_cut(error):
                    raise too_long(self.shown, what) from None
                if not self._is_cut(error) or not self._grow(wanted):
                    self._fail(f"{what} is not valid JSON: {error.msg}", error.pos)
                wanted *= 2
            except (ValueError, RecursionError) as error:
                self._fail(f"{what} {unparsed(error)}")
            else:
                self.length, self.at = end - self.at, end
                if self.length > LONGEST:
                    raise too_long(self.shown, what)
                return row

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether an object that can't be parsed may go on behind the window."""
        return error.msg.startswith("Unterminated") or error.pos > len(self.text) - LONGEST_WORD

    def _peek(self) -> str:
        while True:
            while self.at < len(self.text) and self.text[self.at] in BLANK:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._grow(BLOCK):
                return ""

    def _expect(self, char: str) -> None:
        if (found := self._peek()) != char:
            self._fail(f"`{char}` or the end of the list is missing" if found else "the list has no end: it is cut off")
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

    def _fail(self, what: str, position: int | None = None) -> NoReturn:
        line = self.lines + self.text.count("\n", 0, self.at if position is None else position)
        raise UnreadableError(
            "STG203", f"line {line} of {self.shown}: {what}", "write a list of objects, or an object a line"
        )
