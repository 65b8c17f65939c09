"""CSV and TSV: the first line names the columns, and every cell is text."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
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


def by_quotes(lines: Iterator[str], delimiter: str, quoting: str) -> Iterator[list[str]]:
    """Give the cells of each row: a quoted one may hold delimiters and ends of lines."""
    return csv.reader(lines, delimiter=delimiter, **QUOTING[quoting])


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
    cells_of: Callable[[Iterator[str], str, str], Iterator[list[str]]] = by_quotes,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    csv.field_size_limit(LONGEST)
    with opened(path, shown) as stream:
        if encoding == "utf-8-sig":
            require_utf8(stream, shown)
        said = SEPARATOR.match(stream.peek(16))
        if said:
            delimiter = said[1].decode()
        table, names = Rows(stream, encoding, shown), header
        found = table.rows(cells_of(table.lines(), delimiter, quoting))
        for number, some in enumerate(batched(found, ROWS, lambda _: table.size)):
            places, rows = [place for place, _ in some], [row for _, row in some]
            if number == 0:
                skipped = (1 if said else 0) + (0 if header else 1)
                names = header or (rows[:skipped] or [[]])[-1]
                places, rows = places[skipped:], rows[skipped:]
                _require_names(names, wanted, shown)
                _require_delimiter(delimiter, names, rows[:1], shown)
            yield _batch(places, rows, names, wanted, delimiter, [] if header or len(names) < 2 else list(names))


class Rows:
    """The rows of a table, each with the line on which it begins. No more is held than the longest that there may be."""

    def __init__(self, stream: io.BufferedReader, encoding: str, shown: str) -> None:
        """Begin before the first line."""
        # A byte that is none of the encoding stands for itself, so that the row which holds it can be named.
        self.text = io.TextIOWrapper(stream, encoding, "surrogateescape", newline="")
        self.shown = shown
        self.line = 0  # the last that was given
        self.end = 0  # the last of the row before
        self.size = 0  # characters of the row that is read

    def lines(self) -> Iterator[str]:
        """Give the lines with their ends."""
        try:
            while line := self.text.readline(LONGEST):
                self.line += 1
                self.size += len(line)
                if self.size >= LONGEST:
                    raise too_long(self.shown, f"the row that begins in line {self.end + 1}")
                yield line
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(error.encoding, "ignore")
            raise not_decoded(self.shown, self.line + before.count("\n"), error) from None

    def rows(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        """Give the rows that a reader of the lines makes, but those that are blank."""
        try:
            for row in reader:
                if row:
                    yield self.end + 1, row
                self.end, self.size = self.line, 0
        except csv.Error as error:
            raise self._not_csv(error) from None

    def _not_csv(self, error: csv.Error) -> UnreadableError:
        line = self.end + 1
        if "field limit" in str(error):
            return too_long(self.shown, f"the row that begins in line {line}")
        what = f"line {line} of {self.shown}: not CSV: {error}"
        if "unexpected end" in str(error):
            what = f"{self.shown}: a quote that is opened in line {line} is never closed, and swallows what follows"
        help = 'write a quote within a quoted cell twice: "she said ""yes""", or file = { quoting = "backslash" }, or "none"'
        return UnreadableError("STG204", what, help)


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


def _require_delimiter(delimiter: str, names: Sequence[str], first: list[list[str]], shown: str) -> None:
    """Refuse a file of one column whose name and first row hold another delimiter alike."""
    row = delimiter.join(first[0]) if first else ""
    for other, called in DELIMITERS.items():
        if len(names) == 1 and other != delimiter and 0 < names[0].count(other) == row.count(other):
            message = f'{shown} has one column, "{names[0]}", and its delimiter looks like {called}'
            raise UnreadableError(
                "STG204", message, f'write file = {{ delimiter = "{other}" }} beside the path'.replace("\t", "\\t")
            )


def _batch(
    places: list[int],
    rows: list[list[str]],
    names: Sequence[str],
    wanted: Collection[str] | None,
    delimiter: str,
    header: list[str],
) -> Batch:
    broken = [
        Broken(place, _fault(row, names), delimiter.join(row))
        for place, row in zip(places, rows, strict=True)
        if len(row) != len(names) or row == header
    ]
    if broken:
        odd = {fault.place for fault in broken}
        rows = [row for place, row in zip(places, rows, strict=True) if place not in odd]
        places = [place for place in places if place not in odd]
    cells = zip(*rows, strict=True) if rows else [()] * len(names)
    columns = {
        name: list(column) if wanted is None or name in wanted else []
        for name, column in zip(names, cells, strict=True)
    }
    return Batch("line", places, columns, broken)


def _fault(row: list[str], names: Sequence[str]) -> ContractError:
    if len(row) == len(names):
        return ContractError("STG445", "repeats the names of the columns")
    return ContractError(
        "STG204", f"{counted(len(row), 'cell')}, and the first line names {counted(len(names), 'column')}"
    )
