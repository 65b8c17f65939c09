"""Finds classes that are written as numbers of 0 and 1, one of each row 1: a Survey -> the columns, or the list, and what to do."""

from __future__ import annotations

import json

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.signs import number_of_one, with_class
from stgen.rows.column import Column
from stgen.rows.survey import Survey

SHOWN = 4
FEWEST = 3  # columns: two are a label and its opposite


def one_hot_columns(found: Survey) -> list[str]:
    """The columns of which exactly one is 1 in each row; nothing where no columns are so."""
    names = flags(found)
    rows = zip(*(found.sample[name] for name in names), strict=True)
    return names if len(names) >= FEWEST and all(sum(row) == 1 for row in rows) else []


def flags(found: Survey) -> list[str]:
    """The columns of 0 and 1 alone."""
    return [name for name, column in found.columns.items() if _is_flag(column) and column.of("none").count == 0]


def is_one_hot(column: Column) -> bool:
    """Whether each list of a column has a 1 among zeros."""
    return column.lists.one_hot and len(column.lists.lengths) == 1


def one_hot_finding(found: Survey, names: list[str]) -> Diagnostic:
    """STG442: a class in several columns, or in a list of its numbers."""
    if len(names) > 1:
        message = f"exactly one of the columns {_shown(names)} is 1 in each row: together they are one class"
        made = f"rows[{json.dumps(names)}].astype(float).idxmax(axis=1)"
    else:
        message = f"`{names[0]}` has a 1 among zeros in each row: it is the number of a class"
        made = number_of_one(names[0])
    hint = f'write it as a column, and class = "class": {with_class(found, made)}'
    return Diagnostic("STG442", message, ("data", 0, "columns"), hint, severity="warning")


def several_labels(found: Survey, name: str, others: list[str]) -> Diagnostic:
    """STG442: one of several columns of 0 and 1, of which a text may have any number."""
    message = f"`{name}` is one of {len(others)} columns of 0 and 1 ({_shown(others)}), and losses for classes take one class a text"
    hint = f"nothing needs to be done if `{name}` alone is meant; else write a row for each text and each of its labels"
    return Diagnostic("STG442", message, ("data", 0, "columns"), hint, severity="warning")


def _shown(names: list[str]) -> str:
    return ", ".join([*(f"`{name}`" for name in names[:SHOWN]), *(["..."] if len(names) > SHOWN else [])])


def _is_flag(column: Column) -> bool:
    return column.kind in ("number", "truth") and set(column.values or ()) == {0, 1}
