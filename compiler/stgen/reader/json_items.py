"""JSON whose rows aren't the objects of a list: a row is a list whose items have names, or an item of lists within an object."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from . import json_list
from .contract import Batch
from .files import Opener, opened
from .json_rows import Shape, keys_of


def read(
    path: str,
    shown: str,
    wanted: Collection[str] | None = None,
    *,
    header: Sequence[str] = (),
    rows: str = "",
    opened: Opener = opened,
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    key, within = keys_of(rows)
    shape, opens = Shape(header, within), "{[" if header else "{"
    for batch in json_list.read(path, shown, wanted, opened=opened, key=key, opens=opens, rows_of=shape.rows):
        yield replace(batch, lines=()) if within else batch
