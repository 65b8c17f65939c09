"""Looks a decision up: a table and its facts in, the first row that fits out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from stgen.rules.row import Buckets, Decision, DecisionTable


def decide(table: DecisionTable, facts: Mapping[str, object]) -> Decision:
    """The first row of `table` that fits `facts`, which name a value for each fact of the table (more are ignored).

    Raises ValueError for a value that a fact can't have, LookupError when no row fits: both are faults of stgen.
    """
    values = tuple(facts[fact.name] for fact in table.facts)
    for fact, value in zip(table.facts, values, strict=True):
        if value not in fact.values:
            raise ValueError(f"{table.name}: {fact.name} can't be {value!r}")
    for row in table.rows:
        if fits(row, values):
            return row
    raise LookupError(f"{table.name}: no row for {values!r}")


def fits(row: Decision, values: tuple[object, ...]) -> bool:
    """True when each condition of the row is None (any), the value, or a tuple that holds it."""
    for condition, value in zip(row.when, values, strict=True):
        if condition is not None and value != condition and not (isinstance(condition, tuple) and value in condition):
            return False
    return True


def bucket(buckets: Buckets, number: float | None) -> str:
    """The word for a number, `unknown` for None."""
    if number is None:
        return "unknown"
    return buckets.words[bisect_right(buckets.edges, number)]
