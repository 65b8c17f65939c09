"""Reads Parquet through pyarrow: a path -> batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO

from stgen.rows.batches import ROWS, Batch, UnreadableError, import_arrow
from stgen.rows.bounds import MIB, PAGE, ROW, check_names, swollen, too_long, unpacked_room
from stgen.rows.parquet_pages import Chunk, Group, Page, groups, pages
from stgen.rows.streams import ANEW, open_data, reason_of

POINTER = 8  # bytes that a value takes at least: a row without any is a row
WORKED = 1 << 27  # bytes of a batch
OTHER = object()
"""Stands for a value that is no text, number, list or table, such as a date: what it is plays no part."""


def batches(path: str, shown: str, columns: frozenset[str] | None) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; of columns that aren't wanted the names alone, without values."""
    arrow = import_arrow(shown, "Parquet")
    parquet = import_module("pyarrow.parquet")
    with open_data(path, shown) as opened:
        try:
            yield from _batches(arrow, parquet.ParquetFile(opened), opened, shown, columns)
        except UnicodeDecodeError:
            raise UnreadableError("STG202", f"{shown} names a column in what is not UTF-8", ANEW) from None
        # What broken metadata make pyarrow raise, beside its own errors, is any of Python's.
        except (
            arrow.ArrowException,
            OSError,
            ValueError,
            LookupError,
            TypeError,
            ArithmeticError,
            NotImplementedError,
        ) as error:
            raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason_of(error)}", ANEW) from None


def _batches(arrow: Any, file: Any, opened: BinaryIO, shown: str, columns: frozenset[str] | None) -> Iterator[Batch]:
    names = file.schema_arrow.names
    check_names(names, "STG201", shown)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(
            "STG204", f'{shown} has two columns named "{twice}"', "give each column a name of its own"
        )
    wanted = names if columns is None else [name for name in names if name in columns]
    rest: dict[str, list[object]] = {name: [] for name in names if name not in wanted}
    number = 1
    sizes = _rows_at_once(opened, wanted, shown)
    if len(sizes) != file.num_row_groups:
        raise ValueError("its footer counts its groups of rows in two ways")
    for group, size in enumerate(sizes):
        for batch in file.iter_batches(batch_size=size, row_groups=[group], columns=wanted):
            if batch.num_rows == 1 and batch.nbytes > ROW:
                raise too_long(shown, f"row {number}")
            values = {name: _values(arrow, batch.column(name), name, shown, number) for name in wanted}
            yield Batch(number, batch.num_rows, values | rest)
            number += batch.num_rows


# --- what it would take ----------------------------------------------------------------------------------------------


def _rows_at_once(opened: BinaryIO, wanted: list[str], shown: str) -> list[int]:
    """For each group of rows how many of them a batch may have. Raises UnreadableError where the file would fill the memory."""
    size = opened.seek(0, 2)
    room = unpacked_room(size)
    found = []
    for group in groups(opened, size):
        heaviest = 0.0
        room -= POINTER * group.rows * len(wanted)
        for chunk in group.chunks:
            if not _is_wanted(chunk, wanted):
                continue
            read = _pages(opened, chunk, shown)
            room -= sum(page.bytes + POINTER * page.values for page in read)
            heaviest += max((_weight(page, chunk) for page in read), default=0.0) * _values_a_row(group, read)
        found.append(min(ROWS, max(1, int(WORKED / max(1.0, heaviest)))))
        if room < 0:
            raise swollen(shown, size, "if that is right, write its rows as JSON Lines, and name that file")
    return found


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


# --- values ----------------------------------------------------------------------------------------------------------


def _values(arrow: Any, column: Any, name: str, shown: str, first: int) -> list[Any]:
    """The values of a column as the other readers give them."""
    if not _is_kept(arrow.types, column.type):
        return [OTHER if there else None for there in column.is_valid().to_pylist()]
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        raise _not_utf8(column, name, shown, first) from None


def _is_kept(types: Any, kind: Any) -> bool:
    if types.is_dictionary(kind):
        return _is_kept(types, kind.value_type)
    texts = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    numbers = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    return bool(texts or numbers or types.is_nested(kind) or types.is_null(kind))


def _not_utf8(column: Any, name: str, shown: str, first: int) -> UnreadableError:
    for row in range(len(column)):
        try:
            column[row].as_py()
        except UnicodeDecodeError as error:
            message = (
                f"{shown} is not UTF-8: byte 0x{error.object[error.start]:02x} in column `{name}` of row {first + row}"
            )
            return UnreadableError("STG202", message, "write the file anew from texts")
    raise AssertionError("only called where a value can't be decoded")
