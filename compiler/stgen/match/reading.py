"""What a schema means to the reader: Schema -> the columns and rules that the checks of rows hold rows against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from stgen.match.schema import Read, Schema
from stgen.reader.contract import Column
from stgen.reader.joined import Joined
from stgen.reader.nested import Nested
from stgen.reader.rules import Rule
from stgen.values.expressions import Call, Expression, Name


def columns_of(schema: Schema, names: Mapping[str, object] = {}) -> list[Column]:
    """The columns of a schema as the reader takes them; `names` has what other names of a repo stand for."""
    return [_column(item, _object(item.take, names)) for item in schema.columns]


def _column(item: Read, take: Callable[[Any], Any]) -> Column:
    if item.joined:
        return Joined(item.name, item.source, take, item.needed, item.joined)
    return (Nested if item.reads == "Nested" else Column)(item.name, item.source, take, item.needed)


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
