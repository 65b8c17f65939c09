"""What the checks of rows work on: a data set of a spec, the loss it was matched to, and the surveys of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress, count
from typing import Literal

from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Severity
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.language.spec_model import Loss
from stgen.match.matching import Match
from stgen.plan.counts import rows_of_file
from stgen.plan.planned_data import HeldOut
from stgen.plan.splits import held_rows
from stgen.reader.ids import Texts
from stgen.rows.column import Column
from stgen.rows.survey import Survey
from stgen.rows.tally import FIRST, Tally

SplitName = Literal["train", "eval", "test"]
SINGLE = ("text", "text_1", "text_2", "anchor", "positive", "negative")  # roles whose values are a text each


@dataclass(frozen=True, slots=True)
class Field:
    """A role that the spec gives to a column. `role` is what the loss takes it for, `path` where the spec says it."""

    role: str
    column: str
    path: KeyPath
    source: str = ""  # what the reader calls it, where that is another name
    joined: tuple[str, ...] = ()  # columns of the file that make it

    @property
    def is_text(self) -> bool:
        """Whether each value is a text."""
        return self.role in SINGLE


@dataclass(frozen=True, slots=True)
class Exam:
    """One data set under examination."""

    spec: Spec
    index: int
    match: Match | None
    fields: tuple[Field, ...]
    surveys: dict[SplitName, Survey] = field(default_factory=dict)
    batch: int = 0  # rows of a batch, as planned
    sampler: str = ""  # as planned
    least: int = 1  # rows of the smallest batch that the loss takes on the devices that are planned
    max_lengths: dict[str, int] = field(default_factory=dict)  # side ("query", "document") -> tokens, where known
    texts_by_id: Mapping[str, Texts] = field(default_factory=dict)  # what finds texts by their ids, by its name
    most_tokens: dict[str, int] = field(default_factory=dict)  # side -> tokens that its base has positions for
    width: int | None = None  # dimensions of the model's embeddings, where known

    @property
    def data(self) -> Data:
        """The data set's table."""
        return self.spec.data[self.index]

    @property
    def table(self) -> Loss:
        """The `[loss]` that holds for this data set."""
        return self.data.loss or self.spec.loss

    @property
    def loss(self) -> str:
        """The name of the matched loss; "" where none fits."""
        return self.match.loss.name if self.match else ""

    @property
    def objective(self) -> str:
        """What the matched loss optimises, in the words of the tables."""
        return self.match.loss.objective if self.match else ""

    @property
    def converted(self) -> bool:
        """Whether rows are converted before the loss sees them, so that it sees others than are looked at."""
        return bool(self.match and self.match.way.rows)

    @property
    def train(self) -> Survey | None:
        """The training rows, where they could be read."""
        return self.surveys.get("train")

    @property
    def texts(self) -> tuple[Field, ...]:
        """The fields whose values are a text each."""
        return tuple(item for item in self.fields if item.is_text)

    def smaller_batch(self, rows: int, parts: int = 4) -> str:
        """What to do where there are so few rows: a batch that leaves some steps an epoch, and that the loss takes."""
        size = max(max(2, rows // parts) // self.least, 1) * self.least
        return f"write batch_size = {max(2, size)} under [train]" if max(2, size) <= rows else "add rows"

    def held_rows(self, rows: int) -> Iterator[tuple[HeldOut, int, int]]:
        """Each hold-out of the plan, with how many of so many training rows it takes, and how many it finds."""
        counted = rows_of_file(self.spec, self.index, self.match) if self.match else None
        return held_rows(self.data, rows, counted)

    def field(self, role: str) -> Field:
        """The first field of a role. Raises StopIteration when there is none."""
        return next(item for item in self.fields if item.role == role)

    def has(self, *roles: str) -> bool:
        """Whether the data set has all these roles."""
        return set(roles) <= {item.role for item in self.fields}


def first_of(item: Field) -> str:
    """The list of objects of which a field takes the first for what its row is about; "" for others, and for what somebody says first."""
    asks = item.role in ("anchor", "text", "text_1")
    found, position, field = item.column.partition("[0].")
    return found if asks and position and field not in ("content", "value") else ""


def finding(
    code: str,
    message: str,
    path: KeyPath,
    help: str = "",
    notes: Iterable[str] = (),
    severity: Severity | None = None,
) -> Diagnostic:
    """A diagnostic with its code's own severity unless another is named."""
    return Diagnostic(code, message, path, help, tuple(notes), severity or BY_CODE[code].severity)


def where(survey: Survey, tally: Tally) -> str:
    """`12 of 5,749 rows of train.jsonl (rows 3, 8, 12 and 9 more)`."""
    if not tally.count:
        return f"beyond the first {survey.kept:,} rows of {survey.shown}"
    made = f", made of {survey.lines:,}" if survey.numbers else ""
    return f"{tally.count:,} of {survey.rows:,} rows{made} of {survey.shown} ({survey.place(tally)})"


def tallied(flags: Iterable[bool]) -> Tally:
    """The rows for which a flag is set, counted from 1."""
    found = Tally()
    rows = compress(count(1), flags)
    for row in rows:
        found.note(row)
        if found.count == FIRST:
            break
    found.count += sum(1 for _ in rows)
    return found


def column(survey: Survey, item: Field) -> Column:
    """What a field's column holds; an empty column where the files lack it."""
    return survey.columns.get(item.column) or Column(item.column)


def quoted(text: object, limit: int = 60) -> str:
    """A value of the data as a message shows it: cut, on one line."""
    words = " ".join(str(text).split())
    return f'"{words[:limit]}..."' if len(words) > limit else f'"{words}"'


def percent(part: float, whole: float = 1.0) -> str:
    """`18%`, `0.3%`, `<0.1%`."""
    value = 100 * part / whole if whole else 0.0
    if value >= 9.95 or value == 0:
        return f"{value:.0f}%"
    return f"{value:.1f}%" if value >= 0.1 else "<0.1%"
