"""Reads what a Parquet file says of itself: its groups of rows, their columns and the headers of pages, before anything is unpacked.

A few bytes can stand for gigabytes of texts or a billion rows, and what the footer says of sizes need not be so; the headers
of pages say what pyarrow will set aside. Its own way to the columns of a footer ends the process where that is broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from stgen.rows.thrift import BrokenStructError, Compact, Struct

WINDOW = 1 << 10  # bytes read for a header, which seldom takes a hundred
LONGEST = 1 << 24  # bytes of the longest header or footer: they may quote values
END = 8  # bytes behind the footer: its length, and a mark
REPEATING = (2, 7, 8)  # encodings in which a value may take no room of its own: dictionaries and common beginnings
TEXTS = 6  # the type of a column of texts


class Page(NamedTuple):
    """What a page says of itself: its bytes when unpacked, its values, and whether each may be as large as the page."""

    bytes: int
    values: int
    repeats: bool


class Chunk(NamedTuple):
    """A column of a group of rows: the names that lead to it, whether it holds texts, and where its pages lie."""

    path: tuple[str, ...]
    texts: bool
    start: int
    end: int


class Group(NamedTuple):
    """A group of rows."""

    rows: int
    chunks: tuple[Chunk, ...]


def groups(file: BinaryIO, size: int) -> list[Group]:
    """The groups of rows of a file of so many bytes. Raises BrokenStructError."""
    file.seek(max(0, size - END))
    length = int.from_bytes(file.read(END)[:4], "little")
    if not 0 < length <= min(LONGEST, size - END):
        raise BrokenStructError("its footer has an invalid length")
    file.seek(size - END - length)
    try:
        footer = Compact(file.read(length)).struct()
        return [_group(group, size) for group in footer.get(4, [])]
    except (IndexError, KeyError, TypeError, AttributeError):
        raise BrokenStructError("its footer is broken") from None


def _group(group: Struct, size: int) -> Group:
    return Group(int(group.get(3, 0)), tuple(_chunk(chunk[3], size) for chunk in group.get(1, [])))


def _chunk(said: Struct, size: int) -> Chunk:
    starts = [offset for offset in (said.get(11, 0), said[9]) if offset > 0]  # older writers say 0 for no dictionary
    start = min(starts, default=0)
    path = tuple(name.decode(errors="replace") for name in said[3])
    return Chunk(path, said[1] == TEXTS, start, min(size, start + said[7]))


def pages(file: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    """The pages of a column. Raises BrokenStructError."""
    start = chunk.start
    while start < chunk.end:
        header, length = _header(file, start)
        packed, unpacked = header.get(3, -1), header.get(2, -1)
        if not (isinstance(packed, int) and isinstance(unpacked, int) and packed >= 0 <= unpacked):
            raise BrokenStructError("a page has no size")
        described: Any = next(
            (header[field] for field in (5, 7, 8) if field in header), {}
        )  # data, dictionary, data again
        if not isinstance(described, dict):
            raise BrokenStructError("a page has no type")
        values, encoding = described.get(1, 0), described.get(4 if 8 in header else 2, 0)
        if not isinstance(values, int) or values < 0:
            raise BrokenStructError("a page has no value count")
        yield Page(unpacked, values, 7 in header or encoding in REPEATING)
        start += length + packed


def _header(file: BinaryIO, start: int) -> tuple[Struct, int]:
    window = WINDOW
    while True:
        file.seek(start)
        data = file.read(window)
        reader = Compact(data)
        try:
            return reader.struct(), reader.at
        except IndexError:
            if len(data) < window or window >= LONGEST:
                raise BrokenStructError("a page header is truncated") from None
            window *= 8
