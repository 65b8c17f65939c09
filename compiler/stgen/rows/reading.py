"""Reads files of data in bounded memory: a path -> batches of rows, column by column, or the one thing that is wrong with the file."""

from __future__ import annotations

import codecs
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from stgen.language.paths import COMPRESSED
from stgen.rows.batches import BLOCK, Batch, UnreadableError, import_arrow

FORMATS: dict[str, str] = {".jsonl": "json", ".json": "json", ".csv": ",", ".tsv": "\t", ".parquet": "parquet"}
LATIN = "if it is Latin-1: iconv -f LATIN1 -t UTF-8"


def read(path: str, shown: str, columns: frozenset[str] | None = None) -> Iterator[Batch]:
    """Yield the rows of a file, of Parquet only `columns` where they are given. Raises UnreadableError.

    A file of lines is read to its end even when lines are broken, so that the message can count them. `shown` is how
    messages call the file.
    """
    kind = format_of(path)
    if kind is None:
        suffixes = " ".join(FORMATS)
        raise UnreadableError("STG201", f"{shown} is in no format that stgen reads", f"convert it to one of {suffixes}")
    _require_file(path, shown)
    if kind == "parquet":
        from stgen.rows.from_parquet import batches

        yield from batches(path, shown, columns)
        return
    listed = kind == "json" and _is_list(path, shown)
    with _open(path, shown) as stream:
        if listed:
            from stgen.rows.from_json import parse_list

            yield from parse_list(_pieces(stream, shown), shown)
        elif kind == "json":
            from stgen.rows.from_json import parse_lines

            yield from parse_lines(_blocks(stream, shown), shown)
        else:
            from stgen.rows.from_csv import parse

            yield from parse(_blocks(stream, shown), kind, shown)


def format_of(path: str) -> str | None:
    """How a file is read, by its suffix: "json", "parquet", or the delimiter of its cells; None when it can't be."""
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        stem, suffix = os.path.splitext(stem)
        if suffix == ".parquet":
            return None  # compressed within, never as a whole
    return FORMATS.get(suffix)


def names_of(path: str, shown: str) -> tuple[str, ...]:
    """The columns of a file, as its first rows show them. Raises UnreadableError."""
    first = next(read(path, shown), None)
    return tuple(first.columns) if first else ()


def _require_file(path: str, shown: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise UnreadableError("STG200", f"there is no file {shown}", _nearby(path)) from None
    except (OSError, ValueError) as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {_reason(error)}") from None
    if stat.S_ISDIR(mode):
        raise UnreadableError(
            "STG201", f"{shown} is a folder", f"name the file in it, or all of them: {shown.rstrip('/')}/*"
        )
    if not stat.S_ISREG(mode):
        raise UnreadableError("STG201", f"{shown} is not a regular file", "write the rows to a file first")


def _nearby(path: str) -> str:
    from stgen.diagnostics.suggest import closest

    folder, name = os.path.split(path)
    try:
        there = sorted(entry for entry in os.listdir(folder or ".") if format_of(entry))
    except OSError:
        return f"there is no folder {folder} either; paths start from the spec's folder"
    if near := closest(name, there):
        return f"did you mean {near}?"
    listed = ", ".join(there[:5]) + (" ..." if len(there) > 5 else "")
    return f"its folder has {listed}" if there else "its folder holds no data; paths start from the spec's folder"


def _open(path: str, shown: str) -> IO[bytes]:
    suffix = os.path.splitext(path.lower())[1]
    try:
        if suffix == ".gz":
            import gzip

            return cast("IO[bytes]", gzip.open(path, "rb"))
        if suffix == ".bz2":
            import bz2

            return cast("IO[bytes]", bz2.open(path, "rb"))
        if suffix == ".xz":
            import lzma

            return cast("IO[bytes]", lzma.open(path, "rb"))
        if suffix == ".zst":
            return _open_zstandard(path, shown)
        return open(path, "rb")
    except OSError as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {_reason(error)}") from None


def _open_zstandard(path: str, shown: str) -> IO[bytes]:
    """Open a .zst file with pyarrow: the standard library knows the format from Python 3.14 on only."""
    import io

    arrow = import_arrow(shown, "compressed with zstandard")
    raw = arrow.CompressedInputStream(arrow.OSFile(path), "zstd")
    return io.BufferedReader(cast("io.RawIOBase", raw), BLOCK)


def _is_list(path: str, shown: str) -> bool:
    with _open(path, shown) as stream:
        return _without_mark(_read(stream, shown, 4096), shown).lstrip().startswith(b"[")


def _pieces(stream: IO[bytes], shown: str) -> Iterator[str]:
    """The text of a file, some at a time, whatever its lines: a list of a million rows may be a single one."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    while True:
        piece = _read(stream, shown, BLOCK)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise UnreadableError(
                "STG202", _bad_byte(shown, error, line + error.object.count(b"\n", 0, error.start)), LATIN
            ) from None
        if not piece:
            return
        line += text.count("\n")
        yield text


def _blocks(stream: IO[bytes], shown: str) -> Iterator[list[str]]:
    """The lines of a file with their ends, decoded, some at a time."""
    number = 1
    while lines := _readlines(stream, shown):
        if number == 1:
            lines[0] = _without_mark(lines[0], shown)
        try:
            yield [line.decode() for line in lines]
        except UnicodeDecodeError:
            raise _not_utf8(lines, number, shown) from None
        number += len(lines)


def _read(stream: IO[bytes], shown: str, size: int) -> bytes:
    with _telling(shown):
        return stream.read(size)
    raise AssertionError("either read or raised")


def _readlines(stream: IO[bytes], shown: str) -> list[bytes]:
    with _telling(shown):
        return stream.readlines(BLOCK)
    raise AssertionError("either read or raised")


@contextmanager
def _telling(shown: str) -> Iterator[None]:
    """Turn what decompressors and disks raise into UnreadableError."""
    import lzma

    try:
        yield
    except EOFError:
        raise UnreadableError(
            "STG201", f"{shown} is cut off: its compressed data have no end", "get the file anew"
        ) from None
    except (OSError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {_reason(error)}", "get the file anew") from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")


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
