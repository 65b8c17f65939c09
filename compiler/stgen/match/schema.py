"""What is read of a data set: the roles of its columns -> a schema, which the repo is given as text and the checks of rows as objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import count
from typing import Any

from stgen.language.spec import BinaryColumn, ClassColumn, Columns, Data, ScoreColumn
from stgen.match.columns import JUDGED, LABELS
from stgen.match.detect import named_roles, pair_alias
from stgen.reader.contract import Column
from stgen.reader.nested import Nested
from stgen.reader.rules import Rule
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record

PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[[0-9]{1,9}\])+")
"""A column within others: `positives[0].text`."""


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

    @property
    def nested(self) -> bool:
        """Whether it lies within a column: a field of an object, or a position of a list."""
        return is_path(self.source)

    @property
    def reads(self) -> str:
        """The class of the reader that reads it."""
        return "Nested" if self.nested else "Column"


class Held(Record):
    """What several columns must keep together."""

    names: tuple[str, ...]
    check: Expression


class Schema(Record):
    """The columns that are read, in the order in which losses take them, and what a row must keep."""

    columns: tuple[Read, ...]
    rules: tuple[Held, ...] = ()


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


def schema_of(data: Data) -> Schema:
    """What is read of a data set: texts first, the label last, as every loss takes them."""
    if data.retrieval is not None:
        return Schema(tuple(Read(name, name, name, TEXT) for name in JUDGED))
    if data.columns is None:
        return Schema(())
    given = named_roles(data.columns)
    found: list[tuple[str, str, str]] = []
    for role, value in given.items():
        sources = value if isinstance(value, list) else [value]
        if len(sources) > 1:
            found += [(role, name, str(source)) for name, source in zip(_numbered(role), sources, strict=False)]
            continue
        role = pair_alias(role, set(given))
        found.append((role, LABELS.get(role, role), str(getattr(sources[0], "column", sources[0]))))
    roles = [role for role, _, _ in found]
    decimal = (data.file.decimal if data.file else None) or "."
    columns = tuple(
        Read(role, name, source, _taken(role, roles, data.columns, decimal)) for role, name, source in found
    )
    rules = [Held((name, "positive"), Name("texts.require_another")) for role, name, _ in found if role == "negative"]
    if "documents" in roles and "scores" in roles:
        rules.append(Held(("scores", "documents"), Name("numbers.require_as_many")))
    return Schema(columns, tuple(rules))


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
        case "documents":
            return Name("texts.texts")
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
    return TEXT


def columns_of(schema: Schema, names: Mapping[str, object] = {}) -> list[Column]:
    """The columns of a schema as the reader takes them; `names` has what other names of a repo stand for."""
    kinds = {"Column": Column, "Nested": Nested}
    return [
        kinds[item.reads](item.name, item.source, _object(item.take, names), item.needed) for item in schema.columns
    ]


def rules_of(schema: Schema) -> list[Rule]:
    """The rules of a schema as the reader takes them."""
    return [Rule(item.names, _object(item.check, {})) for item in schema.rules]


def _object(value: Expression, names: Mapping[str, object]) -> Any:
    """What an expression of a schema means."""
    if isinstance(value, Name) and value.dotted in names:
        return names[value.dotted]
    if isinstance(value, Name | Call):
        module, name = _dotted(value)
        found = getattr(import_module(f"stgen.reader.{module}"), name)
        return found if isinstance(value, Name) else found(*(_object(arg, names) for arg in value.args), **value.kwargs)
    return value


def _dotted(value: Expression) -> tuple[str, str]:
    module, _, name = (value.dotted if isinstance(value, Name) else value.function).rpartition(".")
    return module, name
