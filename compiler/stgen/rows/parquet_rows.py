"""Says how many rows of a Parquet file may be held at once: what it would take in memory, before anything is unpacked."""

from __future__ import annotations

from importlib import import_module
from typing import BinaryIO

from stgen.reader.files import UnreadableError
from stgen.rows.batches import import_arrow
from stgen.rows.bounds import MIB, PAGE, check_names, swollen, unpacked_room
from stgen.rows.other_formats import HEAD, require_as_named
from stgen.rows.parquet_pages import Chunk, Group, Page, groups, pages
from stgen.rows.streams import ANEW, open_data, reason_of

ROWS = 8192
POINTER = 8  # bytes that a value takes at least: a row without any is a row
WORKED = 1 << 27  # bytes of a batch


def rows_at_once(path: str, shown: str, columns: frozenset[str] | None) -> int:
    """How many rows a batch may have. Raises UnreadableError where the file is broken, or would fill the memory."""
    arrow = import_arrow(shown, "Parquet")
    from stgen.reader.parquet import BROKEN

    parquet = import_module("pyarrow.parquet")
    with open_data(path, shown) as opened:
        require_as_named(opened.read(HEAD), path, shown)
        try:
            file = parquet.ParquetFile(opened)
            names = file.schema_arrow.names
            check_names(names, "STG201", shown, columns)
            wanted = [name for name in names if columns is None or name in columns]
            return _rows(file.num_row_groups, opened, wanted, shown)
        except UnicodeDecodeError:
            raise UnreadableError("STG202", f"{shown} names a column in what is not UTF-8", ANEW) from None
        except (*BROKEN, arrow.ArrowException, OSError) as error:
            raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason_of(error)}", ANEW) from None


def _rows(counted: int, opened: BinaryIO, wanted: list[str], shown: str) -> int:
    size = opened.seek(0, 2)
    room = unpacked_room(size)
    found = groups(opened, size)
    if len(found) != counted:
        raise ValueError("its footer contradicts itself about the row groups")
    least = ROWS
    for group in found:
        heaviest = 0.0
        room -= POINTER * group.rows * len(wanted)
        for chunk in group.chunks:
            if not _is_wanted(chunk, wanted):
                continue
            read = _pages(opened, chunk, shown)
            room -= sum(page.bytes + POINTER * page.values for page in read)
            heaviest += max((_weight(page, chunk) for page in read), default=0.0) * _values_a_row(group, read)
        least = min(least, max(1, int(WORKED / max(1.0, heaviest))))
        if room < 0:
            raise swollen(shown, size, "if that is right, write its rows as JSON Lines, and name that file")
    return least


def _is_wanted(chunk: Chunk, wanted: list[str]) -> bool:
    """Whether a column may belong to one that is wanted: a dot may stand within a name."""
    path = ".".join(chunk.path)
    return any(path == name or path.startswith(f"{name}.") for name in wanted)


def _pages(opened: BinaryIO, chunk: Chunk, shown: str) -> list[Page]:
    found = list(pages(opened, chunk))
    if any(page.bytes + POINTER * page.values > PAGE for page in found):
        message = (
            f"{shown} has a page in column `{'.'.join(chunk.path)}` that takes more than {PAGE // MIB} MiB of memory"
        )
        raise UnreadableError("STG341", message, "write the file anew with smaller pages")
    return found


def _weight(page: Page, chunk: Chunk) -> float:
    """Bytes of a value of a page: of texts, as many as the whole has where one may stand for any number of rows."""
    return float(page.bytes) if chunk.texts and page.repeats else POINTER + page.bytes / max(1, page.values)


def _values_a_row(group: Group, read: list[Page]) -> float:
    return max(1.0, sum(page.values for page in read) / max(1, group.rows))
