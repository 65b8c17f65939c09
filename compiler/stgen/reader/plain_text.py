"""Plain text: a text on each line, in the column `text`."""

import io
from collections.abc import Collection, Iterator

from .contract import Batch
from .files import LONGEST, Opener, batched, lines_of, not_decoded, opened, too_long

ROWS = 8192  # of a batch


def read(
    path: str, shown: str, wanted: Collection[str] | None = None, *, encoding: str = "utf-8", opened: Opener = opened
) -> Iterator[Batch]:
    """Give the lines of a file that aren't blank."""
    if "\n".encode(encoding) != b"\n":
        yield from _wide(path, shown, encoding, opened)
        return
    first = 1
    for lines in lines_of(path, shown, opened):
        kept = [(place, line) for place, line in enumerate(lines, first) if line.strip()]
        first += len(lines)
        # A byte that is no UTF-8 stands for itself, so that the line which holds it can be named.
        texts = [line.removesuffix(b"\r").decode(encoding, errors="surrogateescape") for _, line in kept]
        yield Batch("line", [place for place, _ in kept], {"text": texts}, lines=[line for _, line in kept])


def _wide(path: str, shown: str, encoding: str, opened: Opener) -> Iterator[Batch]:
    """Give the lines of a file whose letters have several bytes each."""
    with opened(path, shown) as stream:
        text = io.TextIOWrapper(stream, encoding, newline="\n")
        for some in batched(_numbered(text, shown), ROWS, lambda line: len(line[1])):
            texts = [line for _, line in some]
            yield Batch("line", [place for place, _ in some], {"text": texts}, lines=[line.encode() for line in texts])


def _numbered(text: io.TextIOBase, shown: str) -> Iterator[tuple[int, str]]:
    place = 0
    try:
        while line := text.readline(LONGEST):
            place += 1
            if len(line) >= LONGEST:
                raise too_long(shown, f"line {place}")
            if line.strip():
                yield place, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise not_decoded(shown, place, error) from None
