"""Reads files of data in bounded memory: a path -> batches of rows, column by column, or the one thing that is wrong with the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from stgen.rows.batches import BLOCK, Batch, UnreadableError
from stgen.rows.formats import FORMATS, format_of
from stgen.rows.streams import Stream

LATIN = "if it is Latin-1: iconv -f LATIN1 -t UTF-8"


def read(path: str, shown: str, columns: frozenset[str] | None = None) -> Iterator[Batch]:
    """Yield the rows of a file; of columns other than `columns`, where they are given, the names alone. Raises UnreadableError.

    A file of lines is read to its end even when lines are broken, so that the message can count them. `shown` is how
    messages call the file.
    """
    kind = format_of(path)
    if kind is None:
        suffixes = " ".join(FORMATS)
        raise UnreadableError("STG201", f"{shown} is in no format that stgen reads", f"convert it to one of {suffixes}")
    if kind == "parquet":
        from stgen.rows.from_parquet import batches

        yield from batches(path, shown, columns)
        return
    listed = kind == "json" and _is_list(path, shown)
    with Stream(path, shown) as stream:
        if listed:
            from stgen.rows.from_json import parse_list

            yield from parse_list(_pieces(stream), shown, columns)
        elif kind == "json":
            from stgen.rows.from_json import parse_lines

            yield from parse_lines(_blocks(stream), shown, columns)
        else:
            from stgen.rows.from_csv import parse

            yield from parse(_blocks(stream), kind, shown, columns)


def names_of(path: str, shown: str) -> tuple[str, ...]:
    """The columns of a file, as its first rows show them. Raises UnreadableError."""
    first = next(read(path, shown), None)
    return tuple(first.columns) if first else ()


def _is_list(path: str, shown: str) -> bool:
    with Stream(path, shown) as stream:
        return _without_mark(stream.read(4096), shown).lstrip().startswith(b"[")


def _pieces(stream: Stream) -> Iterator[str]:
    """The text of a file, some at a time, whatever its lines: a list of a million rows may be a single one."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    while True:
        piece = stream.read(BLOCK)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            found = _bad_byte(stream.shown, error, line + error.object.count(b"\n", 0, error.start))
            raise UnreadableError("STG202", found, LATIN) from None
        if not piece:
            return
        line += text.count("\n")
        yield text


def _blocks(stream: Stream) -> Iterator[list[str]]:
    """The lines of a file with their ends, decoded, some at a time."""
    number = 1
    for lines in stream.lines():
        if number == 1:
            lines[0] = _without_mark(lines[0], stream.shown)
        try:
            yield [line.decode() for line in lines]
        except UnicodeDecodeError:
            raise _not_utf8(lines, number, stream.shown) from None
        number += len(lines)


def _without_mark(line: bytes, shown: str) -> bytes:
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("STG202", f"{shown} is UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8")
    return line.removeprefix(b"\xef\xbb\xbf")


def _not_utf8(lines: list[bytes], number: int, shown: str) -> UnreadableError:
    for line in lines:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            return UnreadableError("STG202", _bad_byte(shown, error, number), LATIN)
        number += 1
    raise AssertionError("only called where a line can't be decoded")


def _bad_byte(shown: str, error: UnicodeDecodeError, line: int) -> str:
    around = error.object[max(0, error.start - 15) : error.start + 15].decode("latin-1")
    around = " ".join(around.split())
    return f'{shown} is not UTF-8: byte 0x{error.object[error.start]:02x} in line {line}, in "{around}"'
