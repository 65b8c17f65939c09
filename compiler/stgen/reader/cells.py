"""CSV and TSV: the first line names the columns, and every cell is text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from .contract import Batch, Broken, ContractError, counted
from .files import LONGEST, Opener, UnreadableError, batched, not_decoded, opened, require_utf8, too_long

ROWS = 8192  # of a batch
QUOTING: dict[str, dict[str, Any]] = {  # how a quote within a quoted cell is written
    "doubled": {"strict": True},
    "backslash": {"strict": True, "doublequote": False, "escapechar": "\\"},
    "none": {"quoting": csv.QUOTE_NONE},
}
COLUMNS = 2000  # a file with more has data where names should be
SEPARATOR = re.compile(rb"(?:\xef\xbb\xbf)?sep=([;,|\t])\r?\n")  # with which Excel begins some files
DELIMITERS = {";": "a semicolon", "\t": "a tab", "|": "a bar", ",": "a comma"}


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    delimiter: str = ",",
    quoting: str = "doubled",
    header: Sequence[str] = (),
    encoding: str = "utf-8-sig",
    opened: Opener = opened,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    csv.field_size_limit(LONGEST)
    with opened(path, shown) as stream:
        if encoding == "utf-8-sig":
            require_utf8(stream, shown)
        # A byte that is none of the encoding stands for itself, so that the row which holds it can be named.
        text = io.TextIOWrapper(stream, encoding, "surrogateescape", newline="")
        said = SEPARATOR.match(stream.peek(16))
        if said:
            delimiter = said[1].decode()
        rows = Rows(text, delimiter, quoting, shown).numbered()
        if said:
            next(rows)
        names = header or next(rows, (0, []))[1]
        first = list(islice(rows, 1))
        _require_names(names, wanted, shown)
        _require_delimiter(delimiter, names, first, shown)
        for some in batched(chain(first, rows), ROWS, lambda row: sum(map(len, row[1]))):
            yield _batch(some, names, wanted, delimiter)


class Rows:
    """The rows of a table. No more is held than the longest that there may be."""

    def __init__(self, text: io.TextIOBase, delimiter: str, quoting: str, shown: str) -> None:
        """Begin before the first line."""
        self.text, self.shown = text, shown
        self.reader = csv.reader(self._lines(), delimiter=delimiter, **QUOTING[quoting])
        self.end = 0  # the last line of the row before
        self.size = 0  # characters of the row that is being read

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that isn't blank with the line on which it begins."""
        try:
            for row in self.reader:
                begin, self.end, self.size = self.end + 1, self.reader.line_num, 0
                if row:
                    yield begin, row
        except csv.Error as error:
            line = self.end + 1
            what = f"line {line} of {self.shown}: not CSV: {error}"
            if "unexpected end" in str(error):
                what = f"{self.shown}: a quote that is opened in line {line} is never closed, and swallows what follows"
            help = 'write a quote within a quoted cell twice: "she said ""yes""", or file = { quoting = "backslash" }, or "none"'
            raise UnreadableError("STG204", what, help) from None

    def _lines(self) -> Iterator[str]:
        while line := self._line():
            self.size += len(line)
            if self.size >= LONGEST:
                raise too_long(self.shown, f"the row that begins in line {self.end + 1}")
            yield line

    def _line(self) -> str:
        try:
            return self.text.readline(LONGEST)
        except UnicodeDecodeError as error:
            raise not_decoded(self.shown, self.end, error) from None


def _require_names(names: Sequence[str], wanted: Collection[str] | None, shown: str) -> None:
    if len(names) > COLUMNS:
        raise UnreadableError("STG204", f"{shown} has more than {COLUMNS:,} columns", "is its first line the header?")
    counts = Counter(names)
    # Ends of lines that have nothing behind their last delimiters are columns without a name.
    if twice := [name for name in names if name and counts[name] > 1 and (wanted is None or name in wanted)]:
        message = f'{shown} has two columns named "{twice[0]}"'
        raise UnreadableError("STG204", message, "give each column a name of its own in the first line")
    if any("\udc80" <= char <= "\udcff" for name in names for char in name):
        raise UnreadableError("STG202", f"line 1 of {shown}: not UTF-8", "save it as UTF-8")


def _require_delimiter(delimiter: str, names: Sequence[str], first: list[tuple[int, list[str]]], shown: str) -> None:
    """Refuse a file of one column whose name and first row hold another delimiter alike."""
    row = delimiter.join(first[0][1]) if first else ""
    for other, called in DELIMITERS.items():
        if len(names) == 1 and other != delimiter and 0 < names[0].count(other) == row.count(other):
            message = f'{shown} has one column, "{names[0]}", and its delimiter looks like {called}'
            raise UnreadableError(
                "STG204", message, f'write file = {{ delimiter = "{other}" }} beside the path'.replace("\t", "\\t")
            )


def _batch(
    rows: list[tuple[int, list[str]]], names: Sequence[str], wanted: Collection[str] | None, delimiter: str
) -> Batch:
    good = [row for _, row in rows if len(row) == len(names)]
    places = [place for place, row in rows if len(row) == len(names)]
    broken = [
        Broken(
            place,
            ContractError(
                "STG204", f"{counted(len(row), 'cell')}, and the first line names {counted(len(names), 'column')}"
            ),
            delimiter.join(row),
        )
        for place, row in rows
        if len(row) != len(names)
    ]
    cells = zip(*good, strict=True) if good else [()] * len(names)
    columns = {
        name: list(column) if wanted is None or name in wanted else []
        for name, column in zip(names, cells, strict=True)
    }
    return Batch("line", places, columns, broken)
