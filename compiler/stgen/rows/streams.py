"""Opens files of data and unpacks them in bounded memory: a path -> bytes, some at a time, or the one thing that is wrong."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from stgen.diagnostics.diagnostic import listed
from stgen.reader.compressed import telling
from stgen.rows.batches import BLOCK, UnreadableError, import_arrow
from stgen.rows.bounds import swollen, unpacked_room
from stgen.rows.other_formats import HEAD, require_as_named
from stgen.values.quoting import shell
from stgen.values.regular import NotRegularError, open_regular

ANEW = "get it anew"
UNPACKERS = {".gz": "gunzip -k", ".bz2": "bunzip2 -k", ".xz": "unxz -k", ".zst": "unzstd"}


@contextmanager
def opened(path: str, shown: str) -> Iterator[io.BufferedReader]:
    """Open a file for the reader: unpacked, and no more of it than a file of its size may hold. Raises UnreadableError."""
    suffix = os.path.splitext(path.lower())[1]
    with open_data(path, shown) as file, telling(shown):
        unpacked = _unpacked(file, suffix, shown)
        if suffix in UNPACKERS:
            size = os.fstat(file.fileno()).st_size
            unpacked = io.BufferedReader(_Bounded(unpacked, size, suffix, shown), BLOCK)
        with unpacked:
            require_as_named(unpacked.peek(HEAD)[:HEAD], path, shown)
            yield unpacked


class _Bounded(io.RawIOBase):
    """What a compressed file unpacks to, as long as that is no more than it may."""

    def __init__(self, file: io.BufferedReader, size: int, suffix: str, shown: str) -> None:
        self.file, self.size, self.suffix, self.shown = file, size, suffix, shown
        self.room = unpacked_room(size)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a part of the buffer; 0 at the end."""
        data = self.file.read1(len(buffer))
        self.room -= len(data)
        if self.room < 0:
            advice = f"if that is right, unpack it (`{UNPACKERS[self.suffix]} {shell(self.shown)}`), and name the file that comes of it"
            raise swollen(self.shown, self.size, advice)
        buffer[: len(data)] = data
        return len(data)


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
    if slashed := _with_slashes(path):
        return f"a / parts folders from files on every system: write {slashed}"
    try:
        there = sorted(entry for entry in os.listdir(folder or ".") if format_of(entry))
    except OSError:
        return f"there is no folder {folder} either; paths start from the spec's folder"
    if near := closest(name, there):
        return f"did you mean {near}?"
    if not there and os.path.isfile(os.path.join(folder, "data", name)):
        return f"did you mean data/{name}?"
    return f"its folder has {listed(there, 5)}" if there else "no file of its folder is data"


def _with_slashes(path: str) -> str:
    r"""The end of a path that is there once its \\ are /, also those that TOML took for the escape of a tab or a line end; "" where it isn't."""
    meant = path.translate({ord("\\"): "/", ord("\t"): "/t", ord("\n"): "/n", ord("\r"): "/r"})
    if meant == path or not os.path.isfile(meant):
        return ""
    return meant[len(os.path.dirname(path)) :].lstrip("/")


# --- compression -----------------------------------------------------------------------------------------------------


def _unpacked(file: BinaryIO, suffix: str, shown: str) -> io.BufferedReader:
    if suffix == ".gz":
        import gzip

        return cast("io.BufferedReader", gzip.GzipFile(fileobj=file))
    if suffix == ".bz2":
        import bz2

        return cast("io.BufferedReader", bz2.BZ2File(file))
    if suffix == ".xz":
        from stgen.rows.from_xz import Xz

        return io.BufferedReader(Xz(file, shown), BLOCK)
    if suffix == ".zst":
        # The standard library knows the format from Python 3.14 on only.
        arrow = import_arrow(shown, "compressed with zstandard")
        raw = arrow.CompressedInputStream(arrow.PythonFile(file), "zstd")
        return io.BufferedReader(cast("io.RawIOBase", raw), BLOCK)
    return cast("io.BufferedReader", file)
