"""What is proposed for a file: roles and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.values.quoting import toml


@dataclass(slots=True)
class Guess:
    """A proposed data table: `columns` as a spec writes them, why for each role, and the columns that get none."""

    columns: dict[str, object] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    file: dict[str, object] = field(default_factory=dict)  # how the file is written, where its suffix doesn't say it
    texts: dict[str, object] = field(default_factory=dict)  # role -> the file of its texts, where its column holds ids
    otherwise: dict[str, str] = field(
        default_factory=dict
    )  # such files that `texts` can't read -> what parts their cells

    @property
    def line(self) -> str:
        """The lines to paste into `[[data]]`; "" when nothing is proposed."""
        if not self.columns:
            return ""
        written = f"file = {toml(self.file)}\n" if self.file else ""
        texts = f"\ntexts = {toml(self.texts)}" if self.texts else ""
        return f"{written}columns = {toml(self.columns)}{texts}"

    def give(self, role: str, value: object, why: str) -> None:
        """Propose a role."""
        self.columns[role], self.why[role] = value, why

    def sources(self) -> Iterator[str]:
        """The columns that have a role."""
        for value in self.columns.values():
            yield from columns_in(value)

    def leave(self, names: Iterable[str]) -> None:
        """Note which columns have no role, neither themselves nor what lies within them."""
        used = set(self.sources())
        used |= {root_of(name) for name in used if is_path(name)}
        self.unused = tuple(name for name in names if name not in used and not is_path(name))


def columns_in(value: object) -> list[str]:
    """The columns that what is proposed for a role names."""
    if isinstance(value, dict):
        return columns_in(value.get("column", value.get("columns")))
    return [name for item in value for name in columns_in(item)] if isinstance(value, list) else [str(value)]
