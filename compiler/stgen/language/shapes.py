"""What the models of the language allow, read off their annotations: the keys of a table, the shapes of a value."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from stgen.language.table import Table, TableElsewhere
from stgen.values.record import Record

# A bound of annotated_types, what it asks of a value, and how it is said.
# fmt: off
BOUNDS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    ("ge", operator.ge, "from {}"),
    ("gt", operator.gt, "above {}"),
    ("le", operator.le, "up to {}"),
    ("lt", operator.lt, "below {}"),
)
# fmt: on


class Shape(Record):
    """One alternative of what a value may be: a type of the language, and the bounds on it."""

    type: Any
    bounds: tuple[Any, ...] = ()

    @property
    def origin(self) -> Any:
        return get_origin(self.type) or self.type

    @property
    def is_table(self) -> bool:
        return isinstance(self.type, type) and issubclass(self.type, Table)


def keys_of(model: type[Table]) -> dict[str, FieldInfo]:
    """The keys of a table as a spec writes them."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def shapes(annotation: Any, bounds: tuple[Any, ...] = ()) -> tuple[Shape, ...]:
    """The alternatives that an annotation allows, `None` (not said) aside."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        for item in metadata:
            if isinstance(item, TableElsewhere):
                return (Shape(item.table(), bounds),)
        more = tuple(bound for item in metadata for bound in getattr(item, "metadata", [item]))
        return shapes(inner, bounds + more)
    if origin in (Union, UnionType):
        return tuple(shape for item in get_args(annotation) for shape in shapes(item, bounds) if item is not NoneType)
    return (Shape(annotation, bounds),)
