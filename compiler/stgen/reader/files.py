"""Opens data files: which files a pattern names, their lines, and why one can't be read."""

import glob
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

BLOCK = 1 << 20  # bytes that are read at once
LONGEST = 1 << 24  # bytes of the longest line, row or object: a thousand pages of text
WIDE = {  # encodings whose characters have several bytes each -> how a file of them begins
    "UTF-32": re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|\0\0\0"),
    "UTF-16": re.compile(rb"\xff\xfe|\xfe\xff"),
    "UTF-32LE": re.compile(rb"[^\0]\0\0\0"),
    "UTF-16LE": re.compile(rb"[^\0]\0"),
    "UTF-16BE": re.compile(rb"\0"),
}
Opener = Callable[[str, str], AbstractContextManager[io.BufferedReader]]
Item = TypeVar("Item")


class UnreadableError(Exception):
    """A file can't be read to its end: why, and what to do about it. `stgen explain CODE` tells more."""

    def __init__(self, code: str, message: str, help: str = "", notes: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message}; {help}" if help else message)
        self.code, self.message, self.help, self.notes = code, message, help, notes


def files_of(named: str, folder: str) -> list[tuple[str, str]]:
    """Return the files that a path or a pattern names, from a folder, each with what messages call it.

    A part of a path that exists as it is written is no pattern: `exp[1]` is a folder's name where there is such a folder.
    """
    place, parts = folder, list(Path(named).parts)
    while parts and os.path.lexists(os.path.join(place, parts[0])):
        place = os.path.join(place, parts.pop(0))
    pattern = os.path.join(*parts) if parts else ""
    if not glob.has_magic(pattern):
        return [(os.path.join(folder, named), named)]
    found = [os.path.join(place, name) for name in sorted(glob.glob(pattern, root_dir=place or None, recursive=True))]
    files = [(path, os.path.relpath(path, folder or ".")) for path in found if os.path.isfile(path)]
    if not files:
        raise UnreadableError("STG200", f"no file fits {named}", "is the pattern right?")
    return files


@contextmanager
def opened(path: str, shown: str) -> Iterator[io.BufferedReader]:
    """Open a file; what goes wrong while it is read becomes an UnreadableError."""
    try:
        with open(path, "rb") as stream:
            yield stream
    except OSError as error:
        raise unreadable(shown, error) from None


def unreadable(shown: str, error: Exception) -> UnreadableError:
    """Say what a disk or a decompressor raised."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return UnreadableError("STG200", f"there is no file {shown}")
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    reason = " ".join(said.split()).rstrip(".")
    return UnreadableError("STG201", f"{shown} can't be read: {reason}", "get it anew")


def not_decoded(shown: str, line: int, error: UnicodeDecodeError) -> UnreadableError:
    """Say that a file isn't in its encoding, whose letters have several bytes, and the last line that was."""
    what = f"{shown}: not {error.encoding} behind line {line}: {error.reason}"
    return UnreadableError("STG202", what, "save it as UTF-8, or get it anew where it is cut off")


def lines_of(path: str, shown: str, opened: Opener = opened) -> Iterator[list[bytes]]:
    """Give the lines of a file without their ends, up to a megabyte at a time."""
    mark, parts, number = b"\xef\xbb\xbf", [b""], 1
    with opened(path, shown) as stream:
        require_utf8(stream, shown)
        while block := stream.read1(BLOCK):
            first, end, rest = block.removeprefix(mark).partition(b"\n")
            parts.append(first)
            if sum(map(len, parts)) > LONGEST:
                raise too_long(shown, f"line {number}")
            if end:
                lines = (b"".join(parts) + end + rest).split(b"\n")
                parts = [lines.pop()]
                number += len(lines)
                yield lines
            mark = b""
        if last := b"".join(parts):
            yield [last]


def wide(head: bytes) -> str:
    """Return the encoding of a file whose first characters have several bytes each; "" for others."""
    return next((name for name, mark in WIDE.items() if mark.match(head)), "")


def require_utf8(stream: io.BufferedReader, shown: str) -> None:
    """Refuse a file that begins as UTF-16 and UTF-32 do."""
    if name := wide(stream.peek(4)[:4]):
        raise UnreadableError("STG202", f"{shown} is {name}", f"save it as UTF-8: iconv -f {name} -t UTF-8")


def too_long(shown: str, what: str) -> UnreadableError:
    """Say that a line or a row is longer than any row of texts."""
    message = f"{what} of {shown} is longer than {LONGEST >> 20} MiB, which no row of texts is"
    return UnreadableError("STG340", message, "is a line's end missing? Split what is longer, or leave the row out")


def batched(items: Iterator[Item], size: int, weight: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Give items so many at a time, fewer of heavy ones; where their file breaks off, first those that stand before."""
    some: list[Item] = []
    room, number = BLOCK, 0
    try:
        for item in items:
            some.append(item)
            room -= weight(item)
            if len(some) == size or room <= 0:
                yield some
                some, room, number = [], BLOCK, number + 1
    except UnreadableError:
        yield some
        raise
    if some or not number:  # of a file without rows the names of its columns are told
        yield some
