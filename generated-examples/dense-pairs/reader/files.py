"""Opens data files: which files a pattern names, their lines, and why one can't be read."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

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


class UnreadableError(Exception):
    """A file can't be read to its end: why, and what to do about it. `stgen explain CODE` tells more."""

    def __init__(self, code: str, message: str, help: str = "", notes: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message}; {help}" if help else message)
        self.code, self.message, self.help, self.notes = code, message, help, notes


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
