"""Tables whose columns stand between signs of several characters, which no quotes hide."""

from collections.abc import Collection, Iterator, Sequence

from . import cells
from .contract import Batch
from .files import Opener, opened


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    delimiter: str,
    quoting: str = "none",
    header: Sequence[str] = (),
    encoding: str = "utf-8-sig",
    opened: Opener = opened,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    how = {"delimiter": delimiter, "quoting": quoting, "encoding": encoding}
    yield from cells.read(path, shown, wanted, **how, header=header, opened=opened, cells_of=by_signs)


def by_signs(lines: Iterator[str], delimiter: str, quoting: str) -> Iterator[list[str]]:
    """Give the cells of each line; none of one that is blank."""
    for line in lines:
        found = line.rstrip("\r\n")
        yield found.split(delimiter) if found else []
