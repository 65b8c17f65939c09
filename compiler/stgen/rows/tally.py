"""Counts rows of some kind, and remembers the first of them: what a finding about rows is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

FIRST = 5  # rows that a tally remembers


@dataclass(slots=True)
class Tally:
    """How many rows are of some kind, and which are the first."""

    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, rows: Sequence[int]) -> None:
        """Count rows by their numbers."""
        self.count += len(rows)
        if len(self.rows) < FIRST:
            self.rows += rows[: FIRST - len(self.rows)]

    def note(self, row: int) -> None:
        """Count one row."""
        self.count += 1
        if len(self.rows) < FIRST:
            self.rows.append(row)
