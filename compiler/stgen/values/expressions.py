"""Python expressions as values: how a plan states a constructor call without pasting text into a program."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from stgen.values.record import Record
from stgen.values.surrogates import has_surrogate

Literal = None | bool | int | float | str | Sequence["Expression"] | Mapping[str, "Expression"]
# Literal | Name | Item | Call, recursively; mypy can't hold the recursion through Sequence and Mapping.
Expression = Any


class Name(Record):
    """A dotted name of the generated program: `model`, `losses.TripletDistanceMetric.COSINE`."""

    dotted: str

    def __post_init__(self) -> None:
        require_dotted(self.dotted)


class Item(Record):
    """An item of what a dotted name holds: `Item("model.PROMPTS", "query")`."""

    dotted: str
    key: str

    def __post_init__(self) -> None:
        require_dotted(self.dotted)


class Call(Record):
    """A call: `Call("losses.CoSENTLoss", (Name("model"),), {"scale": 20.0})`."""

    function: str
    args: tuple[Expression, ...] = ()
    kwargs: Mapping[str, Expression] = {}

    def __post_init__(self) -> None:
        require_dotted(self.function)
        for key in self.kwargs:
            require_dotted(key)


@lru_cache(maxsize=1024)  # the programs of a repo share most of their names
def require_dotted(text: str) -> str:
    """Return `text` when it is a dotted Python name, raise ValueError otherwise: nothing else may become code."""
    if all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split(".")):
        return text
    raise ValueError(f"not a Python name: {text!r}")


def roots_of(expression: Expression) -> set[str]:
    """The first part of every dotted name in an expression."""
    return {name.partition(".")[0] for name in _names(expression)}


def _names(expression: Expression) -> list[str]:
    if isinstance(expression, (Name, Item)):
        return [expression.dotted]
    if isinstance(expression, Call):
        parts = [*expression.args, *expression.kwargs.values()]
        return [expression.function, *(name for part in parts for name in _names(part))]
    if isinstance(expression, (list, tuple)):
        return [name for item in expression for name in _names(item)]
    return []


def to_python(value: Expression) -> str:
    """The source text of an expression. Strings come in double quotes where that needs no more escapes."""
    if isinstance(value, Name):
        return value.dotted
    if isinstance(value, Item):
        return f"{value.dotted}[{_quote(value.key)}]"
    if isinstance(value, Call):
        parts = [to_python(arg) for arg in value.args]
        parts += [f"{key}={to_python(item)}" for key, item in value.kwargs.items()]
        return f"{value.function}({', '.join(parts)})"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{to_python(key)}: {to_python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(to_python(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return "[" + ", ".join(to_python(item) for item in value) + "]"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    raise TypeError(f"no Python literal for {type(value).__name__}")


def _quote(text: str) -> str:
    """A string literal as `ruff format` would write it: double quotes unless that costs escapes."""
    literal = ascii(text) if has_surrogate(text) else repr(text)
    if literal.startswith('"') or '"' in literal:
        return literal
    return '"' + literal[1:-1] + '"'
