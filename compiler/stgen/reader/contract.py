"""The contract of a row: what each column must hold, and what is wrong with a row that breaks it, by file, line and column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

CUT = 60  # characters of a value that a message shows


class ContractError(Exception):
    """What is wrong with a value, to follow its column's name: "is empty". `stgen explain CODE` tells more."""

    def __init__(self, code: str, says: str, at: str = "") -> None:
        """Keep what is said of the value; `at` is the place within it, such as "[2]"."""
        super().__init__(says)
        self.code, self.says, self.at = code, says, at


@dataclass(frozen=True)
class Column:
    """A column that is read: its name in training, its name in the file, and what makes of its value what the loss takes."""

    name: str
    source: str
    take: Callable[[Any], Any]
    needed: bool = True

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns of the file that it reads."""
        return (self.source,)

    def lacks(self, names: Collection[str]) -> str:
        """Return the column that a file with columns of these names lacks; "" where it has what is read."""
        return "" if self.source in names else self.source

    def called(self, at: str) -> str:
        """Return what a message calls a place within it, such as "[2]"."""
        return f"{self.source}{at}"

    def values(self, batch: Batch) -> Sequence[Any]:
        """Return its value in each row; None where a row lacks it."""
        return batch.columns.get(self.source) or [None] * len(batch.places)


class Broken(NamedTuple):
    """A line that is no row, as it stands, or a row whose column has a fault."""

    place: int
    fault: ContractError
    raw: str = ""
    column: Column | None = None

    @property
    def says(self) -> str:
        """What is wrong: `answer` is empty."""
        return f"`{self.column.called(self.fault.at)}` {self.fault.says}" if self.column else self.fault.says


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: the line or number of each, their columns as the file holds them, and lines that are no rows."""

    unit: str  # what `places` counts: "line" or "row"
    places: Sequence[int]
    columns: Mapping[str, list[Any]]
    broken: Sequence[Broken] = ()
    lines: Sequence[bytes] = ()  # as they stand, where each row is one


def check_columns(batch: Batch, columns: Sequence[Column]) -> tuple[dict[str, list[Any]], list[Broken]]:
    """Take the columns of a batch. A value with a fault is None, and every fault is returned beside them."""
    taken: dict[str, list[Any]] = {}
    faults: list[Broken] = []
    for column in columns:
        values = taken[column.name] = []
        for place, value in zip(batch.places, column.values(batch), strict=True):
            try:
                values.append(column.take(value))
            except ContractError as fault:
                values.append(None)
                faults.append(Broken(place, fault, column=column))
    return taken, faults


def told(shown: str, unit: str, place: int, reason: str) -> str:
    """Say where a fault is and what it is: line 3 of train.jsonl: `answer` is empty."""
    return f"{unit} {place} of {shown}: {reason}"


def faults_of(batch: Batch, faults: Sequence[Broken]) -> dict[int, str]:
    """Return the place of each line and row of a batch that has a fault, in order, with the first thing that is wrong."""
    found: dict[int, str] = {}
    for broken in (*batch.broken, *faults):
        found.setdefault(broken.place, broken.says)
    return dict(sorted(found.items()))


def quote(value: Any) -> str:
    """Return a value as a message shows it: on one line, cut, with nothing that could steer a terminal."""
    said = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return said if len(said) <= CUT else f"{said[: CUT - 3]}..."


def counted(count: int, noun: str) -> str:
    """Return `1 row` or `3 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
