"""What the templates import, read off their text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from places import TEMPLATES
from stgen.rules.modules import PACKAGES

PACKAGE = "{{ model.package | identifier }}"
STATEMENT = re.compile(r"^ *(from [\w.]+ import (?:\([^)]*\)|[^(\n]+)|import [\w.]+[^\n]*)$", re.MULTILINE)


class Import(NamedTuple):
    """One name that a template imports: `name` is empty for a whole module."""

    module: str
    name: str
    known_as: str

    @property
    def root(self) -> str:
        return self.module.partition(".")[0]


def imports_of(template: str, model: str = "dense") -> list[Import]:
    """What a template imports for a type of model, but what only a plan can name."""
    text = (TEMPLATES / template).read_text().replace(PACKAGE, PACKAGES[model])
    statements = [found for found in STATEMENT.findall(text) if "{" not in found]
    return [one for node in ast.parse("\n".join(statements)).body for one in _names(node)]


def all_imports() -> set[Import]:
    """What any template imports for any type of model."""
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.py.j2")]
    return {one for model in PACKAGES for name in names for one in imports_of(name, model)}


def _names(node: ast.stmt) -> Iterator[Import]:
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield Import(str(node.module), alias.name, alias.asname or alias.name)
        else:
            yield Import(alias.name, "", alias.asname or alias.name)
