"""Parses the text of a spec file: text -> tables, or the finding that says what no spec can hold."""

from __future__ import annotations

import os
from typing import Any

from stgen.diagnostics.diagnostic import MOST, Diagnostic, KeyPath, Span, few
from stgen.source.kind import Kind
from stgen.source.opening import RefusedError
from stgen.values.surrogates import has_surrogate

MAX_DEPTH = 32
LONGEST_KEY = 100  # parts of a dotted key, three times as many as the deepest spec has
FOREIGN_SUFFIXES = (".yaml", ".yml", ".ini", ".cfg", ".py", ".xml")


def kind_of(shown: str, text: str) -> Kind:
    """Whether a spec is TOML or JSON: its suffix says it, else how it begins. Raises RefusedError."""
    suffix = os.path.splitext(shown)[1].lower()
    if suffix == ".json":
        return "json"
    if suffix in FOREIGN_SUFFIXES:
        raise RefusedError(
            Diagnostic(
                "STG016",
                f"a spec is TOML or JSON, not {suffix}",
                help="write it as TOML: the same keys, in a file that ends in .toml",
                file=shown,
            )
        )
    if suffix == ".toml":
        return "toml"
    return "json" if text.lstrip().startswith("{") else "toml"


def parse_toml(text: str, shown: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises RefusedError."""
    import tomllib

    if text.count(".") >= LONGEST_KEY:
        from stgen.source.long_keys import long_key
        from stgen.source.syntax import too_deep

        if place := long_key(text, LONGEST_KEY):
            raise RefusedError(too_deep(text, place, shown))
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        from stgen.source.syntax import explain_toml

        raise RefusedError(explain_toml(error, text, shown)) from None


def parse_json(text: str, shown: str) -> dict[str, Any]:
    """The tables of a JSON text. Raises RefusedError."""
    import json

    from stgen.source.syntax import explain_json, unique

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except (RecursionError, ValueError) as error:
        raise RefusedError(explain_json(error, text, shown)) from None
    if not isinstance(data, dict):
        raise RefusedError(
            Diagnostic(
                "STG011",
                f"a spec is an object, and this file holds {_called(data)}",
                help='write { "stgen": 1, "model": ..., "data": [...] }',
                file=shown,
                span=Span(1, 1, 1),
                line=text.split("\n", 1)[0],
            )
        )
    return data


def _called(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def uncarriable(data: dict[str, Any]) -> list[Diagnostic]:
    """Values that TOML or JSON allow and a spec can't carry. Iterative: the depth of a document is the author's."""
    wrong: list[Diagnostic] = []
    todo: list[tuple[KeyPath, Any]] = [((), data)]
    while todo and len(wrong) <= MOST:
        path, value = todo.pop()
        if len(path) > MAX_DEPTH:
            where = path[:3]
            return [Diagnostic("STG010", f"tables or lists are nested more than {MAX_DEPTH} deep", where)]
        if isinstance(value, dict):
            todo += [((*path, key), item) for key, item in value.items()]
            wrong += [
                Diagnostic("STG012", f"a key holds {reason}", (*path, key), about="key")
                for key in value
                if (reason := _bad_text(key))
            ]
        elif isinstance(value, list):
            todo += [((*path, index), item) for index, item in enumerate(value)]
        elif reason := _bad_value(value):
            wrong.append(Diagnostic("STG012", f"a value of a spec can't be {reason}", path))
    return few(wrong)


def _bad_value(value: object) -> str:
    if isinstance(value, str):
        return _bad_text(value)
    if isinstance(value, float):
        return "" if value - value == 0 else "infinite or not a number"
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**63 else "a whole number of more than 64 bits"
    return "null: leave the key out" if value is None else "a date or a time: quote it"


def _bad_text(text: str) -> str:
    if "\x00" in text:
        return "text with a null character"
    return "text with a lone surrogate" if has_surrogate(text) else ""
