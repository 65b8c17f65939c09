"""Explains, against the models of the language, what is wrong with data that aren't a Spec: one finding a mistake."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from stgen.diagnostics import Diagnostic, KeyPath
from stgen.positions import Kind
from stgen.spec import Spec, Table
from stgen.suggest import closest, meant_keys, other_names

NAMES: dict[Any, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
# A bound of annotated_types, what it asks of a value, and how it is said.
# fmt: off
BOUNDS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    ("ge", operator.ge, "from {}"),
    ("gt", operator.gt, "above {}"),
    ("le", operator.le, "up to {}"),
    ("lt", operator.lt, "below {}"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Shape:
    """One alternative of what a value may be: a type of the language, and the bounds on it."""

    type: Any
    bounds: tuple[Any, ...] = ()

    @property
    def origin(self) -> Any:
        return get_origin(self.type) or self.type

    @property
    def is_table(self) -> bool:
        return isinstance(self.type, type) and issubclass(self.type, Table)


def mistakes(model: type[Table], data: dict[str, Any], kind: Kind) -> list[Diagnostic]:
    """All mistakes of keys, types and values in `data`, in the order in which they stand."""
    return list(_table(model, data, (), kind))


def keys_of(model: type[Table]) -> dict[str, FieldInfo]:
    """The keys of a table as a spec writes them."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def shapes(annotation: Any, bounds: tuple[Any, ...] = ()) -> tuple[Shape, ...]:
    """The alternatives that an annotation allows, `None` (not said) aside."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        more = tuple(bound for item in metadata for bound in getattr(item, "metadata", [item]))
        return shapes(inner, bounds + more)
    if origin in (Union, UnionType):
        return tuple(shape for item in get_args(annotation) for shape in shapes(item, bounds) if item is not NoneType)
    return (Shape(annotation, bounds),)


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(model: type[Table], data: dict[str, Any], path: KeyPath, kind: Kind) -> Iterator[Diagnostic]:
    keys = keys_of(model)
    misspelled: set[str] = set()
    for key, value in data.items():
        if key in keys:
            info = keys[key]
            yield from _value(shapes(info.annotation, tuple(info.metadata)), value, (*path, key), kind)
        else:
            meant = _meant(key, keys, data)
            misspelled.update(meant)
            yield _unknown_key(key, keys, meant, path)
    for key, info in keys.items():
        if info.is_required() and key not in data and key not in misspelled:
            yield _missing_key(key, info, path, kind)


def _meant(key: str, keys: dict[str, FieldInfo], data: dict[str, Any]) -> tuple[str, ...]:
    """The keys of this table that an unknown key may stand for; none when it is known as a key of another table."""
    free = [name for name in keys if name not in data]
    if known := other_names(key, free):
        return known
    return () if _elsewhere(key) else meant_keys(key, free) or meant_keys(key, keys)


def _missing_key(key: str, info: FieldInfo, path: KeyPath, kind: Kind) -> Diagnostic:
    where = f"`{_dotted(path)}` lacks" if path else "the spec lacks"
    note = (info.description or "").rstrip(".")
    line = _line(key, shapes(info.annotation, tuple(info.metadata)), kind)
    message, notes = f"{where} the key `{key}`", (f"{key}: {note[:1].lower()}{note[1:]}",)
    return Diagnostic("STG022", message, path, f"add {line}", notes, about="key")


def _unknown_key(key: str, keys: dict[str, FieldInfo], meant: tuple[str, ...], path: KeyPath) -> Diagnostic:
    message = f"`{key}` is not a key of {f'`{_dotted(path)}`' if path else 'the top of a spec'}"
    if meant:
        hint = f"did you mean {_either([f'`{name}`' for name in meant])}?"
    elif elsewhere := _elsewhere(key):
        hint = f"did you mean {_either(elsewhere)}?"
    else:
        hint = f"the keys here are {', '.join(keys)}"
    return Diagnostic("STG020", message, (*path, key), hint, about="key")


def _elsewhere(key: str) -> list[str]:
    """Where in the first two levels of the language this key stands, under this or another name."""
    top = keys_of(Spec)
    found = [f"`{name}` at the top" for name in (key, *other_names(key, top)) if name in top]
    for section, info in top.items():
        for shape in shapes(info.annotation):
            inner = shapes(get_args(shape.type)[0])[0] if shape.origin is list else shape
            legal = keys_of(inner.type) if inner.is_table else {}
            header = f"[[{section}]]" if shape.origin is list else f"[{section}]"
            found += [f"`{name}` in {header}" for name in (key, *other_names(key, legal)) if name in legal]
    return found


# --- values ----------------------------------------------------------------------------------------------------------


def _value(allowed: tuple[Shape, ...], value: Any, path: KeyPath, kind: Kind) -> Iterator[Diagnostic]:
    fitting = [shape for shape in allowed if _fits(shape, value)]
    if not fitting:
        yield _wrong_type(allowed, value, path, kind)
        return
    shape = max(fitting, key=lambda shape: _overlap(shape, value))
    if shape.is_table:
        yield from _table(shape.type, value, path, kind)
    elif shape.origin is list:
        yield from _list(shape, value, path, kind)
    elif shape.origin is dict:
        inner = shapes(get_args(shape.type)[1])
        for key, item in value.items():
            yield from _value(inner, item, (*path, key), kind)
    elif shape.origin is Literal:
        if not any(_among(value, get_args(other.type)) for other in fitting if other.origin is Literal):
            yield _not_one_of(allowed, value, path)
    elif path == ("stgen",) and value != 1:
        hint = "write stgen = 1; a newer version of stgen may know more"
        yield Diagnostic("STG025", f"this stgen knows version 1 of the language, not {value}", path, hint)
    elif _out_of_bounds(shape, value):
        message = f"`{_dotted(path)}` must be {_described(allowed)}, not {_shown(value)}"
        yield Diagnostic("STG024", message, path)


def _fits(shape: Shape, value: Any) -> bool:
    """Whether the value is of the kind that this alternative takes; what it holds is looked at later."""
    if shape.type is Any:
        return True
    if shape.is_table:
        return isinstance(value, dict)
    if shape.origin is Literal:
        return type(value) in {type(word) for word in get_args(shape.type)}
    if shape.type is float:
        return type(value) in (int, float)
    return type(value) is shape.origin


def _overlap(shape: Shape, value: Any) -> int:
    """How many of the keys of a value the table of this alternative has, or nearly: picks the table that was meant."""
    keys = keys_of(shape.type) if shape.is_table else {}
    return sum(2 if key in keys else 1 if closest(key, keys) else 0 for key in (value if keys else ()))


def _list(shape: Shape, value: list[Any], path: KeyPath, kind: Kind) -> Iterator[Diagnostic]:
    least = next((bound.min_length for bound in shape.bounds if hasattr(bound, "min_length")), 0)
    if len(value) < least:
        yield Diagnostic("STG026", f"`{_dotted(path)}` is empty", path, "write at least one, or leave the key out")
    inner = shapes(get_args(shape.type)[0])
    for index, item in enumerate(value):
        yield from _value(inner, item, (*path, index), kind)


def _among(value: Any, words: tuple[Any, ...]) -> bool:
    return any(type(value) is type(word) and value == word for word in words)


def _wrong_type(allowed: tuple[Shape, ...], value: Any, path: KeyPath, kind: Kind) -> Diagnostic:
    key = str(next(part for part in reversed(path) if isinstance(part, str)))
    message = f"`{_dotted(path)}` must be {_described(allowed)}, and this is {_called(value)}"
    if isinstance(path[-1], int):
        return Diagnostic("STG021", message, path)
    return Diagnostic("STG021", message, path, f"write {_meant_line(key, allowed, value, kind)}")


def _meant_line(key: str, allowed: tuple[Shape, ...], value: Any, kind: Kind) -> str:
    """The line to write: the value itself in the right form where that can be seen, else an example."""
    lists = [shape for shape in allowed if shape.origin is list]
    if lists and isinstance(value, dict) and kind == "toml":
        return f"[[{key}]], with two brackets: there may be several"
    if lists and any(_fits(inner, value) for inner in shapes(get_args(lists[0].type)[0])):
        return _pair(key, [value], kind)
    plain = [shape for shape in allowed if not shape.is_table]
    for candidate in _readings(value) if len(plain) == len(allowed) else []:
        if any(_fits(shape, candidate) for shape in plain if shape.origin is not Literal):
            return _pair(key, candidate, kind)
    return _line(key, allowed, kind)


def _readings(value: Any) -> list[Any]:
    """What a value of the wrong type may have been meant to be, likeliest first."""
    if isinstance(value, str):
        word = value.strip().lower()
        words = {"true": True, "yes": True, "false": False, "no": False}
        numbers: list[Any] = [convert(word) for convert in (int, float) if _converts(convert, word)]
        return ([words[word]] if word in words else []) + numbers
    if isinstance(value, float) and value.is_integer():
        return [int(value)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [_shown(value)]


def _converts(convert: type[int] | type[float], word: str) -> bool:
    try:
        number = convert(word)
    except ValueError:
        return False
    return number - number == 0


def _not_one_of(allowed: tuple[Shape, ...], value: Any, path: KeyPath) -> Diagnostic:
    words = [word for shape in allowed if shape.origin is Literal for word in get_args(shape.type)]
    near = closest(value, words) if isinstance(value, str) else None
    hint = f'did you mean "{near}"?' if near else ""
    message = f"`{_dotted(path)}` must be {_described(allowed)}, not {_shown(value)}"
    return Diagnostic("STG023", message, path, hint)


def _out_of_bounds(shape: Shape, value: Any) -> bool:
    return any(
        hasattr(bound, name) and not test(value, getattr(bound, name))
        for bound in shape.bounds
        for name, test, _ in BOUNDS
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _described(allowed: tuple[Shape, ...]) -> str:
    return _either([part for shape in allowed for part in _description(shape)])


def _description(shape: Shape) -> list[str]:
    if shape.origin is Literal:
        return [_shown(word) for word in get_args(shape.type)]
    if shape.origin is list:
        inner = get_args(shape.type)[0]
        plural = {str: "texts", int: "whole numbers", float: "numbers"}
        return [f"a list of {plural.get(inner, 'tables' if shapes(inner)[-1].is_table else 'values')}"]
    if shape.origin is dict:
        return ["a table"]
    if shape.is_table:
        required = [key for key, info in keys_of(shape.type).items() if info.is_required()]
        return [f"a table with {' and '.join(f'`{key}`' for key in required)}" if required else "a table"]
    said = [
        words.format(_shown(getattr(bound, name)))
        for name, _, words in BOUNDS
        for bound in shape.bounds
        if hasattr(bound, name)
    ]
    return [" ".join([NAMES.get(shape.type, "a value"), *said])]


def _called(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {_shown(value)}"
    if isinstance(value, int | float):
        return f"the number {_shown(value)}"
    return "a list" if isinstance(value, list) else "a table"


def _shown(value: Any) -> str:
    """A value as a spec writes it, cut where it is long."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _pair(key: str, value: Any, kind: Kind) -> str:
    return f'"{key}": {_shown(value)}' if kind == "json" else f"{key} = {_shown(value)}"


def _line(key: str, allowed: tuple[Shape, ...], kind: Kind) -> str:
    """An example of the key with a value."""
    shape = allowed[0]
    if shape.origin is list and shapes(get_args(shape.type)[0])[0].is_table and kind == "toml":
        return f"[[{key}]]"
    if shape.is_table and kind == "toml":
        inner = [name for name, info in keys_of(shape.type).items() if info.is_required()] or list(keys_of(shape.type))[
            :1
        ]
        return f"{key} = {{ {', '.join(f'{name} = ...' for name in inner)} }}"
    return f'"{key}": {_example(shape)}' if kind == "json" else f"{key} = {_example(shape)}"


def _example(shape: Shape) -> str:
    if shape.origin is Literal:
        return _shown(get_args(shape.type)[0])
    if shape.origin is list:
        return f"[{_example(shapes(get_args(shape.type)[0])[-1])}]"
    if shape.is_table or shape.origin is dict:
        return "{ ... }"
    least = next((bound.ge for bound in shape.bounds if hasattr(bound, "ge")), None)
    numbers = {int: str(least if least is not None else 1), float: str(least if least is not None else 0.5)}
    return {str: '"..."', bool: "true", **numbers}.get(shape.type, "...")


def _either(parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def _dotted(path: KeyPath) -> str:
    """`data[0].columns.score`: a key path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
