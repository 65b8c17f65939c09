"""Parquet: columns of the types that the file declares."""

from collections.abc import Collection, Iterator
from typing import Any

import pyarrow
import pyarrow.parquet

from .contract import Batch
from .files import LONGEST, Opener, UnreadableError, opened, too_long

ROWS = 8192  # of a batch
BROKEN = (pyarrow.ArrowException, ValueError, LookupError, TypeError, ArithmeticError, NotImplementedError)
"""What broken metadata make pyarrow raise."""


def read(
    path: str, shown: str, wanted: Collection[str] | None = None, *, rows: int = ROWS, opened: Opener = opened
) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    with opened(path, shown) as stream:
        try:
            yield from _batches(pyarrow.parquet.ParquetFile(stream, pre_buffer=False), shown, wanted, rows)
        except UnicodeDecodeError:
            message = f"{shown} names a column in what is not UTF-8"
            raise UnreadableError("STG202", message, "write the file anew") from None
        except (*BROKEN, OSError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason}", "get it anew") from None


def _batches(file: Any, shown: str, wanted: Collection[str] | None, rows: int) -> Iterator[Batch]:
    names = file.schema_arrow.names
    read = [name for name in names if wanted is None or name in wanted]
    if len(set(read)) < len(read):
        twice = next(name for name in read if read.count(name) > 1)
        raise UnreadableError("STG204", f'{shown} has two columns named "{twice}"', "give each a name of its own")
    first = 1
    for batch in file.iter_batches(batch_size=rows, columns=read):
        _require_short_rows(batch, first, shown)
        columns = {name: values_of(batch.column(name)) for name in read}
        yield Batch("row", range(first, first + batch.num_rows), {name: columns.get(name, []) for name in names})
        first += batch.num_rows


def _decoded(value: bytes | None) -> str | bytes | None:
    """Return the text that bytes are, where they are one: many programs write texts without saying so."""
    try:
        return value if value is None else value.decode()
    except UnicodeDecodeError:
        return value


def _require_short_rows(batch: Any, first: int, shown: str) -> None:
    if batch.nbytes <= LONGEST:
        return
    for position in range(batch.num_rows):
        cells = (column.slice(position, 1) for column in batch.columns)
        if sum(map(_size, cells)) > LONGEST:
            raise too_long(shown, f"row {first + position}")


def _size(cell: Any) -> int:
    # A cell of a dictionary counts as its value, and not as all values that there are.
    return int((cell.dictionary_decode() if pyarrow.types.is_dictionary(cell.type) else cell).nbytes)


def values_of(column: Any) -> list[Any]:
    """Return the values of a column: decimals as numbers, dates as text, and a text that is not UTF-8 with its bytes, by which its row is named."""
    kind = column.type.value_type if pyarrow.types.is_dictionary(column.type) else column.type
    if pyarrow.types.is_decimal(kind):
        made = float if kind.scale > 0 else int
        return [value if value is None else made(value) for value in column.to_pylist()]
    if pyarrow.types.is_temporal(kind):
        column = column.cast(pyarrow.string())
    if pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind):
        return [_decoded(value) for value in column.to_pylist()]
    try:
        return column.to_pylist(maps_as_pydicts="lossy")  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        whole = column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column
        values = whole.cast(pyarrow.large_binary()).to_pylist()
        return [value if value is None else value.decode(errors="surrogateescape") for value in values]
