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
    """A line that is no row."""

    place: int
    fault: ContractError
    raw: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: the line or number of each, their columns as the file holds them, and lines that are no rows."""

    unit: str  # what `places` counts: "line" or "row"
    places: Sequence[int]
    columns: Mapping[str, list[Any]]
    broken: Sequence[Broken] = ()
    lines: Sequence[bytes] = ()  # as they stand, where each row is one


class Bad(NamedTuple):
    """What is wrong with a row: where in its batch it stands, the column, and the fault."""

    position: int
    column: Column
    fault: ContractError


def check_columns(batch: Batch, columns: Sequence[Column]) -> tuple[dict[str, list[Any]], list[Bad]]:
    """Take the columns of a batch. A value with a fault is None, and every fault is returned beside them."""
    taken: dict[str, list[Any]] = {}
    faults: list[Bad] = []
    for column in columns:
        values = column.values(batch)
        try:
            taken[column.name] = list(map(column.take, values))
        except ContractError:
            taken[column.name] = [_take(column, value, position, faults) for position, value in enumerate(values)]
    return taken, faults


def _take(column: Column, value: Any, position: int, faults: list[Bad]) -> Any:
    try:
        return column.take(value)
    except ContractError as fault:
        faults.append(Bad(position, column, fault))
        return None


def reason(bad: Bad) -> str:
    """Say what is wrong with a row: `answer` is empty."""
    return f"`{bad.column.called(bad.fault.at)}` {bad.fault.says}"


def told(shown: str, unit: str, place: int, reason: str) -> str:
    """Say where a fault is and what it is: line 3 of train.jsonl: `answer` is empty."""
    return f"{unit} {place} of {shown}: {reason}"


def faults_of(batch: Batch, faults: Sequence[Bad]) -> dict[int, str]:
    """Return the place of each line and row of a batch that has a fault, in order, with the first thing that is wrong."""
    found = {broken.place: broken.fault.says for broken in batch.broken}
    for bad in faults:
        found.setdefault(batch.places[bad.position], reason(bad))
    return dict(sorted(found.items()))


def quote(value: Any) -> str:
    """Return a value as a message shows it: on one line, cut, with nothing that could steer a terminal."""
    said = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return said if len(said) <= CUT else f"{said[: CUT - 3]}..."


def counted(count: int, noun: str) -> str:
    """Return `1 row` or `3 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
