"""Counts the values of columns, batch by batch, in memory that a file's length doesn't fill."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, compress
from typing import Any

from stgen.profile.record import LabelColumn, Lengths, ListColumn, TextColumn
from stgen.profiling.languages import Teller, shares
from stgen.reader.contract import Batch, Column, ContractError
from stgen.rows.column import repeats
from stgen.rows.survey_lists import KEPT

SAMPLE = 16_384  # texts of a column whose words and tokens are counted, spread evenly; up to twice as many
CLASSES = 1_000  # up to which the rows of each are counted
CUT = 1 << 16  # characters of a text whose words and tokens are counted: no model reads further
Measure = Callable[[Sequence[str]], list[int]]
"""Texts -> the tokens of each."""


def lengths(counted: Counter[int]) -> Lengths:
    """Lengths and how often each occurs, summed up."""
    total = counted.total()
    ordered = sorted(counted.items())
    found, seen = {}, 0
    wanted = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
    for length, times in ordered:
        seen += times
        for name in [name for name, part in wanted.items() if seen >= part * total]:
            found[name] = length
            del wanted[name]
    mean = sum(length * times for length, times in ordered) / total
    return Lengths(mean=round(mean, 2), **found, longest=ordered[-1][0])


class Sampled:
    """Words and tokens of an even sample of texts."""

    def __init__(self, measure: Measure, tell: Teller | None = None) -> None:
        """Begin with none; `tell` says the language of a text, where somebody asks."""
        self.measure, self.tell, self.stride, self.seen = measure, tell, 1, 0
        self.words, self.tokens = array("l"), array("l")
        self.languages: list[str] = []

    def add(self, texts: Sequence[str]) -> None:
        """Look at every `stride`-th text, and at every other one of those whenever they become too many."""
        taken = [text[:CUT] for text in texts[-self.seen % self.stride :: self.stride]]
        self.seen += len(texts)
        self.words.extend(len(text.split()) for text in taken)
        self.tokens.extend(self.measure(taken) if taken else [])
        self.languages.extend(map(self.tell, taken) if self.tell else ())
        while len(self.tokens) > 2 * SAMPLE:
            self.stride *= 2
            self.words, self.tokens, self.languages = self.words[::2], self.tokens[::2], self.languages[::2]


class Counting:
    """A column that is counted, and its role."""

    def __init__(self, role: str, column: Column) -> None:
        """Begin with nothing."""
        self.role, self.column = role, column

    def values(self, batch: Batch) -> Sequence[Any]:
        """What its rows hold."""
        return self.column.values(batch)

    def add(self, values: Sequence[Any]) -> None:
        """Count the values of a batch."""
        raise NotImplementedError


class Texts(Counting):
    """What the texts of a column are counted by."""

    def __init__(self, role: str, column: Column, measure: Measure, tell: Teller | None) -> None:
        """Begin with none."""
        super().__init__(role, column)
        self.characters = Counter[int]()
        self.keys = array("q")
        self.sampled = Sampled(measure, tell)

    def add(self, values: Sequence[Any]) -> None:
        """Count the texts of a batch; what is none has its own finding elsewhere."""
        texts = [
            value if type(value) is str and value and not value.isspace() else self._made(value) for value in values
        ]
        given = [text for item in texts for text in ((item,) if type(item) is str else item) if text]
        self.characters.update(map(len, given))
        self.keys.extend(hash(item) if item else 0 for item in texts[: max(0, KEPT - len(self.keys))])
        self.sampled.add(given)

    def _made(self, value: Any) -> str | tuple[str, ...]:
        """What the loss gets of a value that is no text: columns that are joined, or a list of texts."""
        if not isinstance(value, list | tuple):
            return ""
        if isinstance(value, list) and all(type(item) is str for item in value):
            return tuple(filter(str.strip, value))
        try:
            taken = self.column.take(value)
        except ContractError:
            return ""
        return tuple(taken) if isinstance(taken, list) else taken if isinstance(taken, str) else ""

    def counted(self) -> TextColumn | None:
        """The column, or None where it has no text."""
        if not self.characters:
            return None
        again = repeats(self.keys)
        return TextColumn(
            role=self.role,
            column=self.column.source,
            rows=again.rows,
            sampled=len(self.sampled.tokens),
            distinct=again.distinct,
            pairs=again.pairs,
            characters=lengths(self.characters),
            words=lengths(Counter(self.sampled.words)),
            tokens=lengths(Counter(self.sampled.tokens)),
            languages=shares(self.sampled.languages) if self.sampled.tell else None,
        )


class Documents(Texts):
    """What the documents of a corpus are counted by: as the model reads them, the title in front."""

    def __init__(self, title: Column, text: Column, measure: Measure, tell: Teller | None) -> None:
        """Begin with none."""
        super().__init__("document", Column("document", "document", text.take), measure, tell)
        self.parts = (title, text)

    def values(self, batch: Batch) -> Sequence[Any]:
        """Its rows, put together."""
        rows = zip(*(part.values(batch) for part in self.parts), strict=True)
        return [" ".join(part for part in row if isinstance(part, str)).strip() for row in rows]


class Labels(Counting):
    """What the labels of a column are counted by: as the loss takes them."""

    def __init__(self, role: str, column: Column, names: Sequence[str]) -> None:
        """Begin with none."""
        super().__init__(role, column)
        self.names = names
        self.low, self.high = math.inf, -math.inf
        self.classes: Counter[Any] | None = Counter()

    def add(self, values: Sequence[Any]) -> None:
        """Count the labels of a batch that the reader takes."""
        for value in chain.from_iterable(map(self._each, values)):
            if isinstance(value, int | float) and math.isfinite(value):
                self.low, self.high = min(self.low, value), max(self.high, value)
            if self.classes is not None:
                self.classes[value] += 1
                if len(self.classes) > CLASSES:
                    self.classes = None

    def _each(self, value: Any) -> Sequence[Any]:
        """The label of a row, or those of each of its negatives; none where the reader takes it for none."""
        try:
            taken = self.column.take(value)
        except ContractError:
            return ()
        return taken if isinstance(taken, list) else (taken,)

    def counted(self) -> LabelColumn | None:
        """The column, or None where it has no label."""
        if self.classes is not None and not self.classes:
            return None
        ranged = self.low <= self.high and self.role != "class"
        return LabelColumn(
            role=self.role,
            column=self.column.source,
            low=round(self.low, 6) if ranged else None,
            high=round(self.high, 6) if ranged else None,
            distinct=None if self.classes is None else len(self.classes),
            counts=self._counts(),
            positive=self._positive(),
        )

    def _counts(self) -> tuple[int, ...]:
        if self.classes is None or self.role not in ("class", "binary"):
            return ()
        if self.role == "binary":
            return self.classes[0.0], self.classes[1.0]
        if self.names:
            return tuple(self.classes[number] for number in range(len(self.names)))
        return tuple(sorted(self.classes.values(), reverse=True))

    def _positive(self) -> float | None:
        if self.role != "binary" or not self.classes:
            return None
        return round(self.classes[1.0] / self.classes.total(), 6)


class Grades(Labels):
    """What the grades of judgements are counted by, and which of these are relevant: a grade above 0."""

    def __init__(self, column: Column) -> None:
        """Begin with none."""
        super().__init__("score", column, ())
        self.relevant = bytearray()  # of the first rows, as many as have their ids kept
        self.seen = self.above = 0

    def add(self, values: Sequence[Any]) -> None:
        """Count the grades of a batch."""
        super().add(values)
        found = bytes(any(grade > 0 for grade in self._each(value)) for value in values)
        self.seen, self.above = self.seen + len(found), self.above + sum(found)
        self.relevant.extend(found[: max(0, KEPT - len(self.relevant))])

    def _positive(self) -> float | None:
        return round(self.above / self.seen, 6) if self.seen else None


class Ids(Counting):
    """What the ids are counted by that judgements name: of queries, or of documents."""

    def __init__(self, role: str, column: Column) -> None:
        """Begin with none."""
        super().__init__(role, column)
        self.keys = array("q")

    def add(self, values: Sequence[Any]) -> None:
        """Keep the ids of a batch."""
        self.keys.extend(hash(str(value)) for value in values[: max(0, KEPT - len(self.keys))])

    def counted(self, relevant: Sequence[int], texts: TextColumn) -> TextColumn | None:
        """The texts of the relevant judgements, as long as those of the whole file; None where no judgement is relevant."""
        again = repeats(array("q", compress(self.keys, relevant)))
        counts = {"rows": again.rows, "distinct": again.distinct, "pairs": again.pairs}
        found = texts.replaced(role=self.role, column=self.role, **counts)
        return found if again.rows else None


class Lists(Counting):
    """What a column of lists is counted by."""

    def __init__(self, role: str, column: Column, measure: Measure) -> None:
        """Begin with none."""
        super().__init__(role, column)
        self.items = Counter[int]()
        self.sampled = Sampled(measure)

    def add(self, values: Sequence[Any]) -> None:
        """Count the lists of a batch, and their texts."""
        lists = [value for value in values if type(value) is list]
        self.items.update(map(len, lists))
        if self.role == "documents":
            self.sampled.add([text for value in lists for text in value if type(text) is str])

    def counted(self) -> ListColumn | None:
        """The column, or None where it has no list."""
        if not self.items:
            return None
        tokens = lengths(Counter(self.sampled.tokens)) if self.sampled.tokens else None
        return ListColumn(self.role, self.column.source, lengths(self.items), tokens)
