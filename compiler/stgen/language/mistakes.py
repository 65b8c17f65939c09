"""Explains, against the models of the language, what is wrong with data that isn't a Spec: one finding a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from stgen.diagnostics.diagnostic import MOST, Diagnostic, KeyPath, few
from stgen.diagnostics.suggest import closest, meant_keys, other_names
from stgen.language.shapes import BOUNDS, Shape, keys_of, shapes
from stgen.language.spec import Spec
from stgen.language.table import Table
from stgen.language.wording import called, described, dotted, either, example_line, pair, shown
from stgen.source.kind import Kind


def mistakes(model: type[Table], data: dict[str, Any], kind: Kind) -> list[Diagnostic]:
    """The mistakes of keys, types and values in `data`, in the order in which they stand."""
    return few(_table(model, data, (), kind))


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
    if known := other_names(key, free) or other_names(key, keys):
        return known
    return () if _elsewhere(key) else meant_keys(key, free) or meant_keys(key, keys)


def _missing_key(key: str, info: FieldInfo, path: KeyPath, kind: Kind) -> Diagnostic:
    where = f"`{dotted(path)}` lacks" if path else "the spec lacks"
    note = (info.description or "").rstrip(".")
    line = example_line(key, shapes(info.annotation, tuple(info.metadata)), kind)
    message, notes = f"{where} the key `{key}`", (f"{key}: {note[:1].lower()}{note[1:]}",)
    return Diagnostic("STG022", message, path, f"add {line}", notes, about="key")


def _unknown_key(key: str, keys: dict[str, FieldInfo], meant: tuple[str, ...], path: KeyPath) -> Diagnostic:
    message = f"`{key}` is not a key of {f'`{dotted(path)}`' if path else 'the top of a spec'}"
    if meant:
        hint = f"did you mean {either([f'`{name}`' for name in meant])}?"
    elif elsewhere := _elsewhere(key):
        hint = f"did you mean {either(elsewhere)}?"
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
            yield _not_one_of(allowed, value, path, kind)
    elif path == ("stgen",) and value != 1:
        hint = "write stgen = 1; a newer version of stgen may know more"
        yield Diagnostic("STG025", f"this stgen knows version 1 of the language, not {value}", path, hint)
    elif _out_of_bounds(shape, value):
        message = f"`{dotted(path)}` must be {described(allowed)}, not {shown(value)}"
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
    return sum(2 if key in keys else 1 if closest(key, keys) else 0 for key in islice(value if keys else (), MOST))


def _list(shape: Shape, value: list[Any], path: KeyPath, kind: Kind) -> Iterator[Diagnostic]:
    least = next((bound.min_length for bound in shape.bounds if hasattr(bound, "min_length")), 0)
    if len(value) < least:
        yield Diagnostic("STG026", f"`{dotted(path)}` is empty", path, "write at least one, or leave the key out")
    inner = shapes(get_args(shape.type)[0])
    for index, item in enumerate(value):
        yield from _value(inner, item, (*path, index), kind)


def _among(value: Any, words: tuple[Any, ...]) -> bool:
    return any(type(value) is type(word) and value == word for word in words)


def _wrong_type(allowed: tuple[Shape, ...], value: Any, path: KeyPath, kind: Kind) -> Diagnostic:
    key = str(next(part for part in reversed(path) if isinstance(part, str)))
    message = f"`{dotted(path)}` must be {described(allowed)}, and this is {called(value)}"
    if isinstance(path[-1], int):
        return Diagnostic("STG021", message, path)
    return Diagnostic("STG021", message, path, f"write {_meant_line(key, allowed, value, kind)}")


def _meant_line(key: str, allowed: tuple[Shape, ...], value: Any, kind: Kind) -> str:
    """The line to write: the value itself in the right form where that can be seen, else an example."""
    lists = [shape for shape in allowed if shape.origin is list]
    if lists and isinstance(value, dict) and kind == "toml":
        return f"[[{key}]], with two brackets: there may be several"
    if lists and any(_fits(inner, value) for inner in shapes(get_args(lists[0].type)[0])):
        return pair(key, [value], kind)
    plain = [shape for shape in allowed if not shape.is_table]
    for candidate in _readings(value) if len(plain) == len(allowed) else []:
        if any(_fits(shape, candidate) for shape in plain if shape.origin is not Literal):
            return pair(key, candidate, kind)
    return example_line(key, allowed, kind)


def _readings(value: Any) -> list[Any]:
    """What a value of the wrong type may have been meant to be, likeliest first."""
    if isinstance(value, str):
        word = value.strip().lower()
        words = {"true": True, "yes": True, "false": False, "no": False}
        numbers: list[Any] = [convert(word) for convert in (int, float) if _converts(convert, word)]
        return ([words[word]] if word in words else []) + numbers
    if isinstance(value, list):
        return value if len(value) == 1 else []
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [round(value), shown(value)] if isinstance(value, float) else [shown(value)]


def _converts(convert: type[int] | type[float], word: str) -> bool:
    try:
        number = convert(word)
    except ValueError:
        return False
    return number - number == 0


def _not_one_of(allowed: tuple[Shape, ...], value: Any, path: KeyPath, kind: Kind) -> Diagnostic:
    words = [word for shape in allowed if shape.origin is Literal for word in get_args(shape.type)]
    near = closest(value, words) if isinstance(value, str) else None
    hint = f'did you mean "{near}"?' if near else _read_otherwise(path, allowed, value, kind)
    message = f"`{dotted(path)}` must be {described(allowed)}, not {shown(value)}"
    return Diagnostic("STG023", message, path, hint)


def _read_otherwise(path: KeyPath, allowed: tuple[Shape, ...], value: Any, kind: Kind) -> str:
    """The line with the number, or the true or false, that a text spells, where the key takes such; else ""."""
    plain = [shape for shape in allowed if shape.origin is not Literal]
    fitting = [
        one for one in _readings(value) if any(_fits(shape, one) and not _out_of_bounds(shape, one) for shape in plain)
    ]
    return f"write {pair(str(path[-1]), fitting[0], kind)}" if fitting else ""


def _out_of_bounds(shape: Shape, value: Any) -> bool:
    return any(
        hasattr(bound, name) and not test(value, getattr(bound, name))
        for bound in shape.bounds
        for name, test, _ in BOUNDS
    )
