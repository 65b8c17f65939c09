"""Says values and what a key takes in words, and writes example lines, for the findings about a spec's language."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args

from stgen.diagnostics.diagnostic import KeyPath
from stgen.language.shapes import BOUNDS, Shape, keys_of, shapes
from stgen.source.kind import Kind

NAMES: dict[Any, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def described(allowed: tuple[Shape, ...]) -> str:
    return either([part for shape in allowed for part in _description(shape)])


def _description(shape: Shape) -> list[str]:
    if shape.origin is Literal:
        return [shown(word) for word in get_args(shape.type)]
    if shape.origin is list:
        inner = get_args(shape.type)[0]
        plural = {str: "texts", int: "whole numbers", float: "numbers"}
        return [f"a list of {plural.get(inner, 'tables' if shapes(inner)[-1].is_table else 'values')}"]
    if shape.origin is dict:
        return ["a table"]
    if shape.is_table:
        required = [key for key, info in keys_of(shape.type).items() if info.is_required()]
        return [f"a table with {' and '.join(f'`{key}`' for key in required)}" if required else "a table"]
    return [f"{NAMES.get(shape.type, 'a value')}{_range(shape)}"]


def _range(shape: Shape) -> str:
    bounds = {name: getattr(bound, name) for name, *_ in BOUNDS for bound in shape.bounds if hasattr(bound, name)}
    if bounds and len(set(bounds.values())) == 1 and len(bounds) > 1:
        return f", which is {shown(bounds['ge'])}"
    said = [words.format(shown(bounds[name])) for name, _, words in BOUNDS if name in bounds]
    return "".join(f" {part}" for part in [(" and " if "gt" in bounds else " ").join(said)] if part)


def called(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, int | float):
        return f"the number {shown(value)}"
    return "a list" if isinstance(value, list) else "a table"


def shown(value: Any) -> str:
    """A value as a spec writes it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def pair(key: str, value: Any, kind: Kind) -> str:
    return f'"{key}": {shown(value)}' if kind == "json" else f"{key} = {shown(value)}"


def example_line(key: str, allowed: tuple[Shape, ...], kind: Kind) -> str:
    """An example of the key with a value."""
    shape = allowed[0]
    if shape.origin is list and shapes(get_args(shape.type)[0])[0].is_table and kind == "toml":
        return f"[[{key}]]"
    if shape.is_table and kind == "toml":
        inner = [name for name, info in keys_of(shape.type).items() if info.is_required()]
        inner = inner or list(shape.type.usual or keys_of(shape.type))[: len(shape.type.usual) or 1]
        return f"{key} = {{ {', '.join(f'{name} = ...' for name in inner)} }}"
    return f'"{key}": {_example(shape)}' if kind == "json" else f"{key} = {_example(shape)}"


def _example(shape: Shape) -> str:
    if shape.origin is Literal:
        return shown(get_args(shape.type)[0])
    if shape.origin is list:
        return f"[{_example(shapes(get_args(shape.type)[0])[-1])}]"
    if shape.is_table or shape.origin is dict:
        return "{ ... }"
    least = next((bound.ge for bound in shape.bounds if hasattr(bound, "ge")), None)
    numbers = {int: str(least if least is not None else 1), float: str(least if least is not None else 0.5)}
    return {str: '"..."', bool: "true", **numbers}.get(shape.type, "...")


def either(parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def dotted(path: KeyPath) -> str:
    """`data[0].columns.score`: a key path as people write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
