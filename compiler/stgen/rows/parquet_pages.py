"""Reads the headers of a Parquet file's pages: what a column would take in memory, before anything is unpacked.

A few bytes can stand for gigabytes of texts or a billion rows, and what the file's footer says of its sizes need not be so.
The headers say what the library will set aside, page by page. They are structs in Thrift's compact protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

WINDOW = 1 << 10  # bytes read for a header, which seldom takes a hundred
LONGEST = 1 << 24  # bytes of the longest header: it may quote values
DEEPEST = 8  # structs in each other
REPEATING = (2, 7, 8)  # encodings in which a value may take no room of its own: dictionaries and common beginnings
STOP, TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12


class Page(NamedTuple):
    """What a page says of itself: its bytes when unpacked, its values, and whether each may be as large as the page."""

    bytes: int
    values: int
    repeats: bool


class BrokenHeaderError(ValueError):
    """No header of a page stands where one should."""


def pages(file: BinaryIO, start: int, end: int) -> Iterator[Page]:
    """The pages of a column between two offsets of a file. Raises BrokenHeaderError."""
    while start < end:
        header, length = _header(file, start)
        packed, unpacked = header.get(3, -1), header.get(2, -1)
        if packed < 0 or unpacked < 0:
            raise BrokenHeaderError("a page has no size")
        described: dict[int, int] = next(
            (header[field] for field in (5, 7, 8) if field in header), {}
        )  # data, dictionary, data again
        values, encoding = described.get(1, 0), described.get(4 if 8 in header else 2, 0)
        yield Page(unpacked, values, 7 in header or encoding in REPEATING)
        start += length + packed


def _header(file: BinaryIO, start: int) -> tuple[dict[int, Any], int]:
    window = WINDOW
    while True:
        file.seek(start)
        data = file.read(window)
        reader = _Compact(data)
        try:
            return reader.struct(0), reader.at
        except IndexError:
            if len(data) < window or window >= LONGEST:
                raise BrokenHeaderError("the header of a page has no end") from None
            window *= 8


class _Compact:
    """Walks a struct in the compact protocol. Numbers and structs are kept, by the number of their field. Raises IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def struct(self, depth: int) -> dict[int, Any]:
        if depth > DEEPEST:
            raise BrokenHeaderError("the header of a page is too deep")
        found: dict[int, Any] = {}
        field = 0
        while kind := self._byte():
            field = field + (kind >> 4) if kind >> 4 else self._number()
            value = self._value(kind & 15, depth)
            if value is not None:
                found[field] = value
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (TRUE, FALSE):
            return None
        if kind == BYTE:
            return self._byte()
        if kind < DOUBLE:
            return self._number()
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind == DOUBLE:
            self._skip(8)
        elif kind == BINARY:
            self._skip(self._varint())
        elif kind in (LIST, SET):
            self._list(depth)
        else:
            raise BrokenHeaderError("the header of a page holds what none has")
        return None

    def _list(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(count):
            if head & 15 in (TRUE, FALSE):
                self._byte()
            else:
                self._value(head & 15, depth + 1)

    def _byte(self) -> int:
        value = self.data[self.at]
        self.at += 1
        return value

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise BrokenHeaderError("the header of a page holds a number without end")

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise IndexError
