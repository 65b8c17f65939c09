"""Says how many rows of a Parquet file may be held at once: what it would take in memory, before anything is unpacked."""

from __future__ import annotations

from importlib import import_module
from typing import Any, BinaryIO

from stgen.reader.files import UnreadableError
from stgen.rows.batches import import_arrow
from stgen.rows.bounds import MIB, PAGE, swollen, unpacked_room
from stgen.rows.parquet_pages import Page, pages
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
        try:
            file = parquet.ParquetFile(opened)
            names = file.schema_arrow.names
            return _rows(file.metadata, opened, [name for name in names if columns is None or name in columns], shown)
        except UnicodeDecodeError:
            raise UnreadableError("STG202", f"{shown} names a column in what is not UTF-8", ANEW) from None
        except (*BROKEN, arrow.ArrowException, OSError) as error:
            raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason_of(error)}", ANEW) from None


def _rows(metadata: Any, opened: BinaryIO, wanted: list[str], shown: str) -> int:
    opened.seek(0, 2)
    size = opened.tell()
    room = unpacked_room(size) - POINTER * metadata.num_rows * len(wanted)
    least = ROWS
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        heaviest = 0.0
        for column in (group.column(number) for number in range(group.num_columns)):
            name = column.path_in_schema
            if not any(name == one or name.startswith(f"{one}.") for one in wanted):
                continue
            read = _pages(opened, column, size, name, shown)
            room -= sum(page.bytes + POINTER * page.values for page in read)
            heaviest += max((_weight(page, column) for page in read), default=0.0) * _values_a_row(group, read)
        least = min(least, max(1, int(WORKED / max(1.0, heaviest))))
        if room < 0:
            break
    if room < 0:
        raise swollen(shown, size, "if that is right, write its rows as JSON Lines, and name that file")
    return least


def _pages(opened: BinaryIO, column: Any, size: int, name: str, shown: str) -> list[Page]:
    starts = (column.dictionary_page_offset, column.data_page_offset)
    start = min(offset for offset in starts if offset)  # older writers say 0 for no dictionary
    found = list(pages(opened, start, min(size, start + column.total_compressed_size)))
    if any(page.bytes + POINTER * page.values > PAGE for page in found):
        message = f"{shown} has a page in column `{name}` that takes more than {PAGE // MIB} MiB of memory"
        raise UnreadableError("STG341", message, "write the file anew with smaller pages")
    return found


def _weight(page: Page, column: Any) -> float:
    """Bytes of a value of a page: of texts, as many as the whole has where one may stand for any number of rows."""
    texts = column.physical_type == "BYTE_ARRAY"
    return float(page.bytes) if texts and page.repeats else POINTER + page.bytes / max(1, page.values)


def _values_a_row(group: Any, read: list[Page]) -> float:
    rows: int = group.num_rows
    return max(1.0, sum(page.values for page in read) / max(1, rows))
