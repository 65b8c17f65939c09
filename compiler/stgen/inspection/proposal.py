"""What is proposed for a file: roles and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stgen.values.quoting import toml


@dataclass(slots=True)
class Guess:
    """A proposed data table: `columns` as a spec writes them, why for each role, and the columns that get none."""

    columns: dict[str, object] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    file: dict[str, object] = field(default_factory=dict)  # how the file is written, where its suffix doesn't say it

    @property
    def line(self) -> str:
        """The lines to paste into `[[data]]`; "" when nothing is proposed."""
        if not self.columns:
            return ""
        written = f"file = {toml(self.file)}\n" if self.file else ""
        return f"{written}columns = {toml(self.columns)}"

    def give(self, role: str, value: object, why: str) -> None:
        """Propose a role."""
        self.columns[role], self.why[role] = value, why

    def sources(self) -> Iterator[str]:
        """The columns that have a role."""
        for value in self.columns.values():
            if isinstance(value, dict):
                yield str(value["column"])
            elif isinstance(value, list):
                yield from map(str, value)
            else:
                yield str(value)
