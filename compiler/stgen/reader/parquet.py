"""Parquet: columns of the types that the file declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pyarrow
import pyarrow.parquet

from .contract import Batch
from .files import UnreadableError

ROWS = 8192  # of a batch


def read(path: str, shown: str, wanted: Collection[str] | None = None) -> Iterator[Batch]:
    """Give the rows of a file, all columns of them or those that are wanted."""
    first = 1
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            read = [name for name in names if wanted is None or name in wanted]
            for batch in file.iter_batches(batch_size=ROWS, columns=read):
                columns = {name: values_of(batch.column(name)) for name in read}
                places = range(first, first + batch.num_rows)
                yield Batch("row", places, {name: columns.get(name, []) for name in names})
                first += batch.num_rows
    except FileNotFoundError:
        raise UnreadableError("STG200", f"there is no file {shown}") from None
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason}", "get it anew") from None


def values_of(column: Any) -> list[Any]:
    """Return the values of a column; a text that is not UTF-8 keeps its bytes, by which its row is named."""
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        binary = column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column
        whole = binary.cast(pyarrow.large_binary()).to_pylist()
        return [value if value is None else value.decode(errors="surrogateescape") for value in whole]
