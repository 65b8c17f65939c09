"""Takes the modules of the reader apart into definitions: statements at the top of a module, each with the comments above it.

In a checkout they are parsed. The wheel holds them as a Python module, made when it was built, as it does the templates.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module

from stgen import reader
from stgen.values.record import Record

MODULE = "reader_as_definitions"
"""Name of the module in the wheel. It has `DEFINITIONS`, for each module of the reader the fields of its definitions."""

Reached = tuple[str, str]
"""A module of the reader, and the name of a definition in it."""

Fields = tuple[Sequence[str], str, Sequence[Reached], Sequence[str]]


class Definition(Record):
    """A statement at the top of a module: what it defines (nothing of what every repo has), and what that needs."""

    names: frozenset[str]
    text: str
    needs: frozenset[Reached]
    words: frozenset[str]  # the names that it has, wherever they are from: those in comments and texts aside


def reader_text(name: str) -> str:
    """The whole text of a module of the reader."""
    with open(os.path.join(os.path.dirname(reader.__file__), f"{name}.py"), encoding="utf-8") as file:
        return file.read()


@cache
def definitions_of(module: str) -> tuple[Definition, ...]:
    """The definitions of a module of the reader, in order."""
    made = _made_for_the_wheel()
    if made is None:
        return tuple(_parsed(module))
    return tuple(
        Definition(frozenset(names), text, frozenset(needs), frozenset(words))
        for names, text, needs, words in made[module]
    )


def definitions_as_code() -> str:
    """The text of the module that the wheel holds in place of what is parsed here: the same reader gives the same text."""
    folder = os.path.dirname(reader.__file__)
    modules = sorted(name.removesuffix(".py") for name in os.listdir(folder) if name.endswith(".py"))
    entries = [f"    {module!r}: {[_fields(one) for one in _parsed(module)]!r},\n" for module in modules]
    return f'"""Made from the reader when the wheel was built."""\n\nDEFINITIONS = {{\n{"".join(entries)}}}\n'


def _fields(one: Definition) -> Fields:
    return sorted(one.names), one.text, sorted(one.needs), sorted(one.words)


@cache
def _made_for_the_wheel() -> Mapping[str, Sequence[Fields]] | None:
    """What the wheel holds; None in a checkout, where the reader may have changed since."""
    try:
        made: Mapping[str, Sequence[Fields]] = import_module(f"stgen.{MODULE}").DEFINITIONS
    except ModuleNotFoundError:
        return None
    return made


def _parsed(module: str) -> Iterator[Definition]:
    text = reader_text(module)
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    imported = _imported(tree)
    own = {name for statement in tree.body for name in _defined(statement)}
    end = 0
    for statement in tree.body:
        names, last = _defined(statement), statement.end_lineno or end
        needs = frozenset(_needs(statement, module, own, imported))
        words = frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
        yield Definition(frozenset(names), "".join(lines[end:last]), needs, words)
        end = last


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def _imported(tree: ast.Module) -> dict[str, Reached]:
    """What the names are that a module imports from others of the reader; a module as a whole has no name within it."""
    found: dict[str, Reached] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.level:
            for alias in statement.names:
                whole = statement.module is None
                found[alias.asname or alias.name] = (alias.name, "") if whole else (str(statement.module), alias.name)
    return found


def _needs(statement: ast.stmt, module: str, own: set[str], imported: dict[str, Reached]) -> Iterator[Reached]:
    """What a definition names of its own module and of others."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in own:
            yield module, node.id
        elif isinstance(node, ast.Name) and node.id in imported:
            yield imported[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            yield imported[node.value.id][0], node.attr
