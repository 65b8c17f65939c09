"""Plain text: a text on each line, in the column `text`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .contract import Batch
from .files import Opener, lines_of, opened


def read(
    path: str, shown: str, wanted: Collection[str] | None = None, *, encoding: str = "utf-8", opened: Opener = opened
) -> Iterator[Batch]:
    """Give the lines of a file that aren't blank."""
    first = 1
    for lines in lines_of(path, shown, opened):
        kept = [(place, line) for place, line in enumerate(lines, first) if line.strip()]
        first += len(lines)
        # A byte that is no UTF-8 stands for itself, so that the line which holds it can be named.
        texts = [line.removesuffix(b"\r").decode(encoding, errors="surrogateescape") for _, line in kept]
        yield Batch("line", [place for place, _ in kept], {"text": texts}, lines=[line for _, line in kept])
