"""Looks into objects, lists and texts that are numbers: a survey of columns -> one in which what lies within them are columns too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stgen.inspection.guessing import nested_columns
from stgen.inspection.joining import list_of
from stgen.language.spec_data import FileFormat
from stgen.match.schema import is_path
from stgen.reader.contract import Column
from stgen.reader.nested import Nested
from stgen.rows.cell_types import number_in
from stgen.rows.dialect import decimal_commas
from stgen.rows.survey import Schema, Survey
from stgen.rows.surveying import survey
from stgen.rows.text_signs import are_numbers


def schema_within(found: Survey, written: dict[str, object]) -> tuple[Schema | None, dict[str, object]]:
    """How texts within objects and lists become columns of their own, and texts that are numbers become numbers; None where none are.

    Beside it, what `file` must say for that.
    """
    within = nested_columns(found)
    seen: dict[str, Callable[[Any], Any]] = {}
    decimal: dict[str, object] = {}
    for name, column in found.columns.items():
        texts = found.texts(name) if column.kind == "text" else []
        if decimal_commas(texts):
            seen[name], decimal = _with_comma, {"decimal": ","}
        elif are_numbers(texts):
            seen[name] = number_in
    if not within and not seen:
        return None, {}
    lists = {list_of(name): None for name in within if is_path(list_of(name))}
    columns: list[Column] = [Nested(name, name, _as_it_is) for name in (*within, *lists)]
    return Schema(columns, seen=seen, file=FileFormat.model_validate(written | decimal)), decimal


def looked_into(
    found: Survey,
    files: list[tuple[str, str]],
    written: dict[str, object],
    expected: Schema | None,
    others: list[Survey],
) -> tuple[Survey, dict[str, object]]:
    """The survey with what lies within its columns, and what `file` must say for that; the first of the others where it was expected."""
    schema, decimal = schema_within(found, written)
    if schema is None:
        return found, {}
    again = others[0] if schema == expected else survey(files, None, schema, found.limit)
    again.problems = found.problems
    again.cells |= dict.fromkeys(schema.seen, "number")
    return again, decimal


def _as_it_is(value: Any) -> Any:
    return value


def _with_comma(value: Any) -> Any:
    return number_in(value.replace(",", ".") if isinstance(value, str) else value)
