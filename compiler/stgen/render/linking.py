"""Links the reader: of its modules a repo gets the definitions that its programs reach, each as it stands in `stgen/reader/`.

A definition is a statement at the top of a module with the comments above it. Of the imports those stay that a remaining
line uses.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache

from stgen import reader
from stgen.render.imports import with_used_imports
from stgen.values.record import Record

Reached = tuple[str, str]
"""A module of the reader, and the name of a definition in it."""

WORD = re.compile(r"\w+")
ATTRIBUTE = re.compile(r"\b(\w+)\.(?=(\w+))")
IMPORT = re.compile(r"^from reader(?:\.(\w+))? import (.+)$", re.MULTILINE)
PACKAGE = "__init__"
READER = "reader"
"""The folder of the reader in a repo."""


class Definition(Record):
    """A statement at the top of a module: what it defines (nothing of what every repo has), and what that needs."""

    names: frozenset[str]
    text: str
    needs: frozenset[Reached]


def linked_reader(programs: Iterable[str]) -> dict[str, str]:
    """Return the modules of the reader that some programs need, each with what of it is reached."""
    return dict(_link(frozenset[Reached]().union(*map(_roots, programs))))


def reader_text(name: str) -> str:
    """The whole text of a module of the reader."""
    with open(os.path.join(os.path.dirname(reader.__file__), f"{name}.py"), encoding="utf-8") as file:
        return file.read()


@cache  # the specs of one run share most of their texts
def _roots(text: str) -> frozenset[Reached]:
    """What a program uses of the reader."""
    imports = IMPORT.findall(text)
    if not imports:
        return frozenset()
    rest = IMPORT.sub("", text)
    words, of = set(WORD.findall(rest)), ATTRIBUTE.findall(rest)
    names = [(module, name) for module, imported in imports for name in imported.split(", ")]
    of_modules = {(name, used) for module, name in names if not module for owner, used in of if owner == name}
    return frozenset(of_modules | {(module, name) for module, name in names if module and name in words})


@cache
def _link(roots: frozenset[Reached]) -> tuple[tuple[str, str], ...]:
    reached: dict[str, set[Definition]] = {}
    waiting = list(roots)
    while waiting:
        module, name = waiting.pop()
        found = reached.setdefault(module, set())
        for one in _definitions(module):
            if name in one.names and one not in found:
                found.add(one)
                waiting += one.needs
    texts = {module: _joined(module, found) for module, found in sorted(reached.items()) if found}
    return tuple(({PACKAGE: reader_text(PACKAGE)} | texts).items())


def _joined(module: str, reached: set[Definition]) -> str:
    text = "".join(one.text for one in _definitions(module) if not one.names or one in reached)
    return with_used_imports(text, frozenset())


@cache
def _definitions(module: str) -> tuple[Definition, ...]:
    text = reader_text(module)
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    imported = _imported(tree)
    own = {name for statement in tree.body for name in _defined(statement)}
    definitions, end = [], 0
    for statement in tree.body:
        names, last = _defined(statement), statement.end_lineno or end
        needs = frozenset(_needs(statement, module, own, imported))
        definitions.append(Definition(frozenset(names), "".join(lines[end:last]), needs))
        end = last
    return tuple(definitions)


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
