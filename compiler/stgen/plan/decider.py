"""Decides through the tables, and keeps what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stgen.match.decide import decide
from stgen.plan.plan import Decision
from stgen.rules.row import DecisionTable


class Decider:
    """Decides through the tables, what the spec says first, and keeps what was decided for `explain`."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        """Start with the facts that every table may look at."""
        self.facts = dict(facts)
        self.made: list[Decision] = []

    def __call__(self, table: DecisionTable, said: Any = None, set_by: str = "") -> Any:
        """What the spec says, or else the value of the first row that fits."""
        if said is not None:
            self.made.append(Decision(table.name, in_words(said), "the spec says so", set_by))
            return said
        row = decide(table, self.facts)
        if row.value is not None or set_by:  # nothing is done, and no key would change that: nobody asks why
            self.made.append(Decision(table.name, in_words(row.value), row.why, set_by))
        return row.value


def in_words(value: Any) -> str:
    """A value as `explain` shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
