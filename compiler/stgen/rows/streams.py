"""Opens files of data and unpacks them in bounded memory: a path -> bytes, some at a time, or the one thing that is wrong."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from stgen.rows.batches import BLOCK, UnreadableError, import_arrow
from stgen.rows.bounds import ROW, swollen, too_long, unpacked_room
from stgen.values.quoting import shell
from stgen.values.regular import NotRegularError, open_regular

ANEW = "get the file anew"
UNPACKERS = {".gz": "gunzip -k", ".bz2": "bunzip2 -k", ".xz": "unxz -k", ".zst": "unzstd"}


class Stream:
    """The bytes of a file as its rows have them: unpacked, and no more than a file of its size may hold."""

    def __init__(self, path: str, shown: str) -> None:
        """Open it. Raises UnreadableError."""
        self.shown = shown
        self.suffix = os.path.splitext(path.lower())[1]
        file = open_data(path, shown)
        self.size = os.fstat(file.fileno()).st_size
        self.room = unpacked_room(self.size) if self.suffix in UNPACKERS else None
        self.file = _unpacked(file, self.suffix, path, shown)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end. Raises UnreadableError."""
        with _telling(self.shown):
            data = self.file.read(size)
        if self.room is not None:
            self.room -= len(data)
            if self.room < 0:
                advice = f"if that is right, unpack it (`{UNPACKERS[self.suffix]} {shell(self.shown)}`), and name the file that comes of it"
                raise swollen(self.shown, self.size, advice)
        return data

    def lines(self) -> Iterator[list[bytes]]:
        """The lines with their ends, a block of them at a time. Raises UnreadableError."""
        number, rest = 1, b""
        while block := self.read(BLOCK):
            lines = io.BytesIO(rest + block).readlines()
            rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
            # All others lie within the block, which is shorter.
            if max(len(rest), len(lines[0]) if lines else 0) > ROW:
                raise too_long(
                    self.shown, f"line {number}" if lines and len(lines[0]) > ROW else f"line {number + len(lines)}"
                )
            if lines:
                yield lines
            number += len(lines)
        if rest:
            yield [rest]


def open_data(path: str, shown: str) -> BinaryIO:
    """Open a file of data as it is. Raises UnreadableError, also for what is no regular file, which is not opened."""
    try:
        return open_regular(path)
    except FileNotFoundError:
        raise UnreadableError("STG200", f"there is no file {shown}", _nearby(path)) from None
    except NotRegularError as error:
        if error.kind == "a folder":
            hint = f"name the file in it, or all of them: {shown.rstrip('/')}/*"
            raise UnreadableError("STG201", f"{shown} is a folder", hint) from None
        message = f"{shown} is {error.kind}, not a regular file"
        raise UnreadableError("STG201", message, "write the rows to a file first") from None
    except (OSError, ValueError) as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {reason_of(error)}") from None


def reason_of(error: Exception) -> str:
    """What the system or a library says is wrong, in one line."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(said.split()).rstrip(".")


def _nearby(path: str) -> str:
    from stgen.diagnostics.suggest import closest
    from stgen.rows.formats import format_of

    folder, name = os.path.split(path)
    try:
        there = sorted(entry for entry in os.listdir(folder or ".") if format_of(entry))
    except OSError:
        return f"there is no folder {folder} either; paths start from the spec's folder"
    if near := closest(name, there):
        return f"did you mean {near}?"
    listed = ", ".join(there[:5]) + (" ..." if len(there) > 5 else "")
    return f"its folder has {listed}" if there else "its folder holds no data; paths start from the spec's folder"


@contextmanager
def _telling(shown: str) -> Iterator[None]:
    """Turn what decompressors and disks raise into UnreadableError."""
    try:
        yield
    except EOFError:
        raise UnreadableError("STG201", f"{shown} is cut off: its compressed data have no end", ANEW) from None
    except (OSError, zlib.error, ValueError) as error:
        raise UnreadableError("STG201", f"{shown} can't be read: {reason_of(error)}", ANEW) from None


# --- compression -----------------------------------------------------------------------------------------------------


def _unpacked(file: BinaryIO, suffix: str, path: str, shown: str) -> IO[bytes]:
    if suffix == ".gz":
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if suffix == ".bz2":
        import bz2

        return cast("IO[bytes]", bz2.BZ2File(file))
    if suffix == ".xz":
        from stgen.rows.from_xz import Xz

        return cast("IO[bytes]", io.BufferedReader(Xz(file, shown), BLOCK))
    if suffix == ".zst":
        # The standard library knows the format from Python 3.14 on only.
        arrow = import_arrow(shown, "compressed with zstandard")
        raw = arrow.CompressedInputStream(arrow.PythonFile(file), "zstd")
        return io.BufferedReader(cast("io.RawIOBase", raw), BLOCK)
    return file
