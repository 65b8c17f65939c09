"""What is read of a data set: the roles of its columns -> a schema, which the repo is given as text and the checks of rows as objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count, islice

from stgen.language.sources import TEXTS, TOGETHER, Source, negatives_of, sources_of, text_files, text_of
from stgen.language.spec_data import (
    BinaryColumn,
    ClassColumn,
    Columns,
    Data,
    NegativeColumn,
    Retrieval,
    ScoreColumn,
    TextFile,
)
from stgen.match.columns import JUDGED, LABELS
from stgen.match.detect import named_roles, pair_alias
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record

PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{0,9}\])+")
"""A column within others: `positives[0].text`, `positives[].text`."""


def is_path(source: str) -> bool:
    """Whether a spec names a column by a path."""
    return bool(PATH.fullmatch(source))


class Read(Record):
    """A column that is read: its role, its name in training, its name in the file, and what takes its values."""

    role: str
    name: str
    source: str
    take: Expression  # what takes its values, of a module of the reader
    needed: bool = True
    joined: tuple[str, ...] = ()  # columns that are read in its place

    @property
    def reads(self) -> str:
        """The class of the reader that reads it."""
        return "Joined" if self.joined else "Nested" if is_path(self.source) else "Column"

    @property
    def made(self) -> Call:
        """It as the repo makes it."""
        return Call(self.reads, (self.name, self.source, self.take), {"sources": self.joined} if self.joined else {})


class Held(Record):
    """What several columns must keep together."""

    names: tuple[str, ...]
    check: Expression


class Spreading(Record):
    """How the rows that a loss takes are made of rows with lists; see reader/lists.py."""

    each: tuple[str, ...]
    negatives: tuple[str, ...]
    made: tuple[str, ...]


class Schema(Record):
    """The columns that are read, in the order in which losses take them, and what a row must keep."""

    columns: tuple[Read, ...]
    rules: tuple[Held, ...] = ()
    spread: Spreading | None = None

    @property
    def kept(self) -> dict[str, Expression]:
        """What the repo is told of it beside its columns."""
        found: dict[str, Expression] = {}
        if self.rules:
            found["rules"] = [Call("Rule", (rule.names, rule.check)) for rule in self.rules]
        if self.spread:
            given = {name: list(value) for name, value in self.spread.as_dict().items() if value}
            found["spread"] = Call("lists.Spread", (), given)
        return found

    @property
    def names(self) -> dict[str, Read]:
        """The columns that come of it, each with the one it is read from."""
        found: dict[str, Read] = {}
        for column in self.columns:
            made = self.spread.made if self.spread and column.name in self.spread.negatives else (column.name,)
            found |= dict.fromkeys(made, column)
        return found


TEXT = Name("texts.text")
ID = Name("texts.identifier")
NUMBER = Name("numbers.number")


def _layout(*columns: tuple[str, Expression], rules: tuple[Held, ...] = ()) -> Schema:
    return Schema(tuple(Read(name, name, name, take, name != "title") for name, take in columns), rules)


_JUDGED = _layout(("query-id", ID), ("corpus-id", ID), ("score", NUMBER))
LAYOUT: dict[str, Schema] = {  # part of the BEIR layout -> what is read of its file
    "corpus": _layout(
        ("_id", ID),
        ("title", Name("texts.text_or_nothing")),
        ("text", Name("texts.text_or_empty")),
        rules=(Held(("text", "title"), Name("texts.require_something")),),
    ),
    "queries": _layout(("_id", ID), ("text", TEXT)),
    "qrels": _JUDGED,
    "eval_qrels": _JUDGED,
    "test_qrels": _JUDGED,
}


CALLED = {  # part of the layout -> what `columns` in a spec calls its columns
    "corpus": {"_id": "id", "title": "title", "text": "text"},
    "queries": {"_id": "id", "text": "text"},
    "qrels": {"query-id": "query", "corpus-id": "document", "score": "grade"},
}


def layout_of(given: Retrieval) -> dict[str, Schema]:
    """Part of the BEIR layout -> what is read of its file, by the names that a spec gives to its columns."""
    return {part: _renamed(schema, given, part if part in CALLED else "qrels") for part, schema in LAYOUT.items()}


def _renamed(schema: Schema, given: Retrieval, part: str) -> Schema:
    said = getattr(given.columns, part) if given.columns else None
    if said is None:
        return schema
    columns = tuple(item.replaced(source=getattr(said, CALLED[part][item.name])) for item in schema.columns)
    return Schema(columns, schema.rules)


class Lookup(Record):
    """A file that has the texts of some roles, whose columns hold ids."""

    roles: tuple[str, ...]
    file: str
    schema: Schema  # of its columns `id` and `text`

    @property
    def id(self) -> Call:
        """What reads the ids."""
        return self.schema.columns[0].made

    @property
    def text(self) -> Call:
        """What reads the texts."""
        return self.schema.columns[1].made


def lookups(data: Data) -> dict[str, Lookup]:
    """What the repo calls the texts that stand in files of their own -> the roles that take them from there."""
    found: dict[str, Lookup] = {}
    for role, file in text_files(data).items():
        schema = _texts_by_id(file)
        same = [name for name, other in found.items() if (other.file, other.schema) == (file.file, schema)]
        name = same[0] if same else f"{role.upper()}_TEXTS"
        found[name] = Lookup((*(found[name].roles if same else ()), role), file.file, schema)
    return found


def _texts_by_id(file: TextFile) -> Schema:
    source = text_of(file)
    joined = source.columns if len(source.columns) > 1 else ()
    take = _taken_text("text", source, gaps=False, known="")
    return Schema((Read("id", "id", file.id, ID), Read("text", "text", source.name, take, joined=joined)))


def schema_of(data: Data) -> Schema:
    """What is read of a data set: texts first, the label last, as every loss takes them."""
    if data.retrieval is not None:
        return Schema(tuple(Read(name, name, name, TEXT) for name in JUDGED))
    if data.columns is None:
        return Schema(())
    roles = set(named_roles(data.columns))
    found: list[tuple[str, str, Source]] = []
    known = {pair_alias(role, roles): name for name, looked_up in lookups(data).items() for role in looked_up.roles}
    for said in named_roles(data.columns):
        sources = sources_of(data.columns, said)
        role = pair_alias(said, roles)
        names = _numbered(role) if len(sources) > 1 else iter([LABELS.get(role, role)])
        found += [(role, name, source) for source, name in zip(sources, names, strict=False)]
    spread = _spreading(data.columns, found)
    counted = [role for role, _, _ in found]
    decimal = (data.file.decimal if data.file else None) or "."
    columns = tuple(
        Read(
            role,
            name,
            source.name,
            _taken_text(role, source, spread is not None and name in spread.negatives, known.get(role, ""))
            if role in TEXTS
            else _taken(role, counted, data.columns, decimal),
            joined=source.columns if len(source.columns) > 1 else (),
        )
        for role, name, source in found
    )
    return Schema(columns, tuple(_rules(found, spread)), spread)


def _spreading(columns: Columns, found: Sequence[tuple[str, str, Source]]) -> Spreading | None:
    """How rows are spread; None where each is one row already."""
    each = tuple(name for role, name, source in found if source.within and role in TEXTS and role not in TOGETHER)
    negatives = [(name, source) for role, name, source in found if role == "negative"]
    judged = columns.scores is not None or columns.margin is not None
    declared = isinstance(columns.negative, NegativeColumn)
    several = len(negatives) > 1 or declared or any(source.within for _, source in negatives)
    if several and not judged:
        count = negatives_of(columns)
        made = tuple(islice(_numbered("negative"), count)) if count > 1 else ("negative",)
        return Spreading(each, tuple(name for name, _ in negatives), made)
    return Spreading(each, (), ()) if each else None


def _rules(found: Sequence[tuple[str, str, Source]], spread: Spreading | None) -> Iterator[Held]:
    """What the columns of a row keep together."""
    roles = {role: source for role, _, source in found}
    if spread and spread.negatives:
        yield Held(spread.negatives, Name("lists.require_negative"))
    for role, name, source in found:
        if role == "negative" and "positive" in roles:
            lists = source.within or roles["positive"].within
            yield Held((name, "positive"), Name("lists.require_others" if lists else "texts.require_another"))
    if {"documents", "scores"} <= roles.keys():
        yield Held(("scores", "documents"), Name("numbers.require_as_many"))


def _taken_text(role: str, source: Source, gaps: bool, known: str) -> Expression:
    """What takes the values of a role of texts: a text, or a list of them; of negatives one may be missing.

    `known` is what finds texts by their ids, where the values are ids.
    """
    if known:
        take: Expression = Call("ids.OrNothing", (Name(known),)) if gaps else Name(known)
    elif len(source.columns) > 1:
        take = Call("joined.Join", (source.separator,), {"needed": False} if gaps else {})
    else:
        take = Name("texts.text_or_nothing") if gaps else TEXT
    if role == "documents" and take == TEXT:
        return Name("texts.texts")
    if source.within or role == "documents":
        return Call("lists.Each", (take,), {"needed": False} if gaps else {})
    return take


def columns_read(data: Data) -> dict[str, str]:
    """Column of the file -> its role: what a profile must have been counted for."""
    return {item.source: item.role for item in schema_of(data).columns}


def _numbered(role: str) -> Iterator[str]:
    """What several columns of a role are called: negative_1, negative_2 ...; text_2, text_3 ..."""
    return (f"{role.removesuffix('_2')}_{number}" for number in count(2 if role == "text_2" else 1))


def listed(value: str | int | bool | list[str | int | bool] | None) -> list[str | int | bool]:
    """The values that a spec names, where one stands for a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _taken(role: str, roles: Sequence[str], columns: Columns, decimal: str) -> Expression:
    """What takes the values of a role."""
    negatives, score, binary = roles.count("negative"), columns.score, columns.binary
    match role:
        case "score":
            low, high = (score.min, score.max) if isinstance(score, ScoreColumn) else (0.0, 1.0)
            if isinstance(score, ScoreColumn) and score.values:
                return Call("numbers.Grades", (score.values, low, high))
            return Call("numbers.Score", (low, high), {"decimal": decimal} if decimal != "." else {})
        case "scores":
            return Name("numbers.numbers") if "documents" in roles else Call("numbers.Numbers", (1 + negatives,))
        case "margin":
            return Name("numbers.margin") if negatives == 1 else Call("numbers.Numbers", (negatives,))
        case "embedding":
            return Call("numbers.Vectors", (sum(role.startswith("text") for role in roles),))
        case "binary":
            if isinstance(binary, BinaryColumn):
                named = {"positive": listed(binary.positive), "negative": listed(binary.negative)}
                return Call("binary.Binary", (), {key: labels for key, labels in named.items() if labels})
            return Call("binary.Binary", (), {"positive": [1], "negative": [0]})
        case "class":
            if isinstance(columns.class_, ClassColumn) and columns.class_.names:
                return Call("classes.Class", (Name("CLASS_NAMES"),))
            return Name("classes.class_name")
        case "probabilities":
            said = columns.probabilities
            classes = len(said.names or ()) if isinstance(said, ClassColumn) else 0
            return Call("numbers.Probabilities", (classes,) if classes else ())
    return TEXT
