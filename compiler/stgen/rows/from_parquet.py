"""Reads Parquet through pyarrow: a path -> batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from stgen.rows.batches import ROWS, Batch, UnreadableError, import_arrow


def batches(path: str, shown: str, columns: frozenset[str] | None) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; of columns that aren't wanted the names alone, without values."""
    arrow = import_arrow(shown, "Parquet")
    parquet = import_module("pyarrow.parquet")
    number = 1
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = names if columns is None else [name for name in names if name in columns]
            rest: dict[str, list[object]] = {name: [] for name in names if name not in wanted}
            for batch in file.iter_batches(batch_size=ROWS, columns=wanted):
                values = {name: batch.column(name).to_pylist() for name in wanted}
                yield Batch(number, batch.num_rows, values | rest)
                number += batch.num_rows
    except (arrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UnreadableError("STG201", f"{shown} can't be read as Parquet: {reason}", "get the file anew") from None
