"""Reads files of data in bounded memory: a path -> batches of rows, column by column, or the one thing that is wrong with the file."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from stgen.language.paths import READERS, is_on_hub, way_to_read
from stgen.language.spec_data import Retrieval
from stgen.reader.contract import Batch
from stgen.reader.files import UnreadableError
from stgen.rows.bounds import check_names
from stgen.rows.formats import format_of
from stgen.rows.other_formats import renamed
from stgen.rows.side_by_side import require_one_file
from stgen.rows.streams import opened

CODES = dict.fromkeys(("json_lines", "json_rows", "json_list", "json_items"), "STG203") | {
    "cells": "STG204",
    "signs": "STG204",
}


def read(path: str, shown: str, columns: frozenset[str] | None = None, file: object = None) -> Iterator[Batch]:
    """Yield the rows of a file; of columns other than `columns`, where they are given, the names alone. Raises UnreadableError.

    The reader is the one that the generated repo has; here it opens files that may be hostile. `shown` is how messages
    call the file; `file` is what the spec says of how it is written.
    """
    if is_on_hub(path):
        from stgen.rows.hub import read as read_hub

        for batch in read_hub(path, columns):
            check_names(list(batch.columns), "STG201", shown, columns)
            yield batch
        return
    suffix = format_of(path)
    if isinstance(file, Retrieval) and file.trec:
        yield from import_module("stgen.reader.trec").read(path, shown, columns, opened=opened)
        return
    if suffix is None:
        require_one_file(path, shown)
        with opened(path, shown):
            pass  # what it is by its first bytes is said before what its name says
        suffixes = " ".join(READERS)
        raise UnreadableError(
            "STG201", f"{shown} is in no format that stgen reads", renamed(shown) or f"convert it to one of {suffixes}"
        )
    module, options = way_to_read(READERS[suffix], file)
    given: dict[str, Any] = {**options, "opened": opened}
    if module == "parquet":
        from stgen.rows.parquet_rows import rows_at_once

        given["rows"] = rows_at_once(path, shown, columns)
    for batch in import_module(f"stgen.reader.{module}").read(path, shown, columns, **given):
        check_names(list(batch.columns), CODES.get(module, "STG201"), shown, columns)
        yield batch
