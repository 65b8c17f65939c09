"""What is read of a data set: the roles of its columns -> a schema, which the repo is given as text and the checks of rows as objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from stgen.language.spec import BinaryColumn, ClassColumn, Columns, Data, ScoreColumn
from stgen.match.columns import JUDGED, LABELS
from stgen.match.detect import named_roles, pair_alias
from stgen.reader.contract import Column, Rule
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class Read(Record):
    """A column that is read: its role, its name in training, its name in the file, and what takes its values."""

    role: str
    name: str
    source: str
    module: str  # of the reader, which has what takes the values
    take: Expression


class Held(Record):
    """What several columns must keep together."""

    names: tuple[str, ...]
    module: str
    check: Expression


class Schema(Record):
    """The columns that are read, in the order in which losses take them, and what a row must keep."""

    columns: tuple[Read, ...]
    rules: tuple[Held, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules of the reader that take the values."""
        return tuple(sorted({column.module for column in self.columns} | {rule.module for rule in self.rules}))


TEXT = Name("text")
ID = Name("identifier")
NUMBER = Name("number")


def _layout(*columns: tuple[str, str, Expression], rules: tuple[Held, ...] = ()) -> Schema:
    return Schema(tuple(Read(name, name, name, module, take) for name, module, take in columns), rules)


_JUDGED = _layout(("query-id", "texts", ID), ("corpus-id", "texts", ID), ("score", "numbers", NUMBER))
LAYOUT: dict[str, Schema] = {  # part of the BEIR layout -> what is read of its file
    "corpus": _layout(
        ("_id", "texts", ID),
        ("title", "texts", Name("text_or_nothing")),
        ("text", "texts", Name("text_or_empty")),
        rules=(Held(("text", "title"), "texts", Name("require_something")),),
    ),
    "queries": _layout(("_id", "texts", ID), ("text", "texts", TEXT)),
    "qrels": _JUDGED,
    "eval_qrels": _JUDGED,
    "test_qrels": _JUDGED,
}


def schema_of(data: Data) -> Schema:
    """What is read of a data set: texts first, the label last, as every loss takes them."""
    if data.retrieval is not None:
        return Schema(tuple(Read(name, name, name, "texts", TEXT) for name in JUDGED))
    if data.columns is None:
        return Schema(())
    given = named_roles(data.columns)
    found: list[tuple[str, str, str]] = []
    for role, value in given.items():
        if role == "negative":
            found += _negatives(value)
            continue
        role = pair_alias(role, set(given))
        found.append((role, LABELS.get(role, role), str(getattr(value, "column", value))))
    roles = [role for role, _, _ in found]
    columns = tuple(Read(role, name, source, *_taken(role, roles, data.columns)) for role, name, source in found)
    rules = [
        Held((name, "positive"), "texts", Name("require_another")) for role, name, _ in found if role == "negative"
    ]
    if "documents" in roles and "scores" in roles:
        rules.append(Held(("scores", "documents"), "numbers", Name("require_as_many")))
    return Schema(columns, tuple(rules))


def _negatives(value: object) -> list[tuple[str, str, str]]:
    sources = value if isinstance(value, list) else [value]
    names = ["negative"] if len(sources) == 1 else [f"negative_{n}" for n in range(1, len(sources) + 1)]
    return [("negative", name, str(source)) for name, source in zip(names, sources, strict=True)]


def _taken(role: str, roles: Sequence[str], columns: Columns) -> tuple[str, Expression]:
    """The module and the function of the reader for a role."""
    negatives, score, binary = roles.count("negative"), columns.score, columns.binary
    match role:
        case "documents":
            return "texts", Name("texts")
        case "score":
            low, high = (score.min, score.max) if isinstance(score, ScoreColumn) else (0.0, 1.0)
            return "numbers", Call("Score", (low, high))
        case "scores":
            return "numbers", Name("numbers") if "documents" in roles else Call("Numbers", (1 + negatives,))
        case "margin":
            return "numbers", Name("margin") if negatives == 1 else Call("Numbers", (negatives,))
        case "embedding":
            return "numbers", Call("Vectors", (sum(role.startswith("text") for role in roles),))
        case "binary":
            if isinstance(binary, BinaryColumn):
                return "binary", Call("Binary", (), {"positive": [binary.positive]})
            return "binary", Call("Binary", (), {"positive": [1], "negative": [0]})
        case "class":
            if isinstance(columns.class_, ClassColumn) and columns.class_.names:
                return "classes", Call("Class", (Name("CLASS_NAMES"),))
            return "classes", Name("class_name")
    return "texts", TEXT


def columns_of(columns: Sequence[Read], names: Mapping[str, object] = {}) -> list[Column]:
    """The columns of a schema as the reader takes them; `names` has what the names of a repo stand for."""
    return [Column(item.name, item.source, _object(item.module, item.take, names)) for item in columns]


def rules_of(schema: Schema) -> list[Rule]:
    """The rules of a schema as the reader takes them."""
    return [Rule(item.names, _object(item.module, item.check, {})) for item in schema.rules]


def _object(module: str, value: Expression, names: Mapping[str, object]) -> Any:
    """What an expression means among the names of a module of the reader."""
    if isinstance(value, Name):
        found = names.get(value.dotted)
        return getattr(import_module(f"stgen.reader.{module}"), value.dotted) if found is None else found
    if isinstance(value, Call):
        function = getattr(import_module(f"stgen.reader.{module}"), value.function)
        args = [_object(module, item, names) for item in value.args]
        return function(*args, **value.kwargs)
    return value
