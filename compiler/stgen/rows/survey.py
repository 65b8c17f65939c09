"""What is known of some files after every row was looked at once: the Survey, and what of the files it is asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stgen.reader import contract
from stgen.reader.rules import Rule
from stgen.rows.batches import places
from stgen.rows.cell_types import Cells
from stgen.rows.column import Column, Repeats, repeats
from stgen.rows.survey_lists import KEPT
from stgen.rows.tally import FIRST, Tally


@dataclass(slots=True)
class Problem:
    """Rows that break the contract in one way: how many they are, where the first ones stand, what is wrong with the first."""

    says: str
    unit: str
    count: int = 0
    places: list[int] = field(default_factory=list)

    def note(self, place: int) -> None:
        """Count a row."""
        self.count += 1
        if len(self.places) < FIRST:
            self.places.append(place)


@dataclass(frozen=True, slots=True)
class Schema:
    """What is read of some files: the columns that have a role, what a row must keep, and how the survey sees a column."""

    columns: Sequence[contract.Column]
    rules: Sequence[Rule] = ()
    seen: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)  # column of the file -> what it is taken for
    file: object = None  # what the spec says of how the files are written
    looked_at: Sequence[contract.Column] = ()  # further columns that the survey makes of those of the file
    each: Sequence[str] = ()  # columns of lists, of which each item counts as a row
    renamed: Mapping[str, str] = field(default_factory=dict)  # column as the files are read -> what it is called here


@dataclass(slots=True)
class Survey:
    """What there is in the rows of one or several files that are read as one."""

    files: list[tuple[str, int]] = field(default_factory=list)  # each with the number of rows before it
    paths: list[str] = field(default_factory=list)  # where the files lie
    rows: int = 0
    lines: int = 0  # rows as the files have them, where lists make several of one
    numbers: array[int] = field(default_factory=lambda: array("l"))  # and then of each row the number of its line
    columns: dict[str, Column] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)  # all columns of the files, also those that aren't looked at
    limit: int = field(default_factory=lambda: KEPT)  # rows of which something is kept one by one
    sample: dict[str, list[Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # columns that are taken for something else than what the files hold
    stride: int = 1
    weight: int = 0  # characters of the sample
    outside: bool = False  # whether a file lies where nothing may be quoted from
    repeated: dict[tuple[str, ...], Repeats] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)  # by code and column; "" for a whole line
    broken: int = 0  # lines that are no rows
    cells: dict[str, Cells] = field(default_factory=dict)  # what the cells of a table's columns look like

    @property
    def kept(self) -> int:
        """Rows whose texts and numbers are kept, and so can be held against each other."""
        return min(self.rows, self.limit)

    @property
    def sampled(self) -> int:
        """Rows of the sample."""
        return max(map(len, self.sample.values()), default=0)

    @property
    def shown(self) -> str:
        """What messages call the files."""
        return self.files[0][0] if len(self.files) == 1 else f"{len(self.files)} files"

    def place(self, tally: Tally) -> str:
        """`row 3`, `rows 3, 8, 12 and 40 more`; with the file where there are several."""
        rows = list(dict.fromkeys(self.numbers[row - 1] for row in tally.rows)) if self.numbers else tally.rows
        if len(self.files) == 1:
            return places(rows, tally.count, "row")
        name, before = next(item for item in reversed(self.files) if item[1] < rows[0])
        more = f" and {tally.count - 1:,} more" if tally.count > 1 else ""
        return f"row {rows[0] - before} of {name}{more}"

    def repeated_rows(self, names: tuple[str, ...]) -> Repeats:
        """How often rows repeat the texts of these columns."""
        if names not in self.repeated:
            columns = [self.columns[name] for name in names]
            self.repeated[names] = columns[0].repeats() if len(columns) == 1 else repeats(row_keys(columns))
        return self.repeated[names]

    def texts(self, name: str) -> list[str]:
        """The texts of a column's sample."""
        return [value for value in self.sample.get(name, []) if type(value) is str]


def row_keys(columns: Sequence[Column]) -> array[int]:
    """One key a row for the texts of several columns together."""
    if len(columns) == 1:
        return columns[0].keys
    return array("q", map(hash, zip(*(column.keys for column in columns), strict=True)))


def sampled_rows(found: Survey) -> Iterator[dict[str, Any]]:
    """The rows of the sample, one by one."""
    for values in zip(*found.sample.values(), strict=True):
        yield dict(zip(found.sample, values, strict=True))
