"""Drops from the imports of a program those whose names its text doesn't have, and puts the others in order.

A template imports all that it may use. The linter would drop the rest too, and has the last word (`style.py`); but it
reads a program anew for each round of corrections, and one that needs none is read once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

LINE_LENGTH = 120
"""Of generated Python. The pyproject.toml of a generated repo says the same; a test holds them together."""

DOCSTRING = '"""'
STATEMENT = re.compile(r"(?:from ([\w.]+) )?import (?:\(((?:\n    [\w ]+,)+)\n\)|([\w., ]+))\n+")
SETTING = re.compile(r'(?:if "[^\n]*\n    )?os\.environ\[[^\n]*\n+|if __name__ [^\n]*\n(?:    [^\n]*\n|\n)+')
"""What comes before libraries are imported: what they read then, and what holds meanwhile."""
DEFINES = ("class ", "def ", "async def ", "@")
BETWEEN = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
"""What stands between words, as `str.translate` takes it: several times as fast as a regular expression."""


class Import(NamedTuple):
    """One name that a program imports: from a module, or a module itself where `module` is empty."""

    module: str
    name: str
    alias: str

    @property
    def bound(self) -> str:
        """What the program calls it."""
        return self.alias or (self.name if self.module else self.name.partition(".")[0])

    @property
    def written(self) -> str:
        """It as it stands behind `import`."""
        return f"{self.name} as {self.alias}" if self.alias else self.name


def modules_of(paths: Iterable[str]) -> frozenset[str]:
    """The modules of a repo by its paths: its own, which stand last among imports."""
    return frozenset(_module(path) for path in paths if path.endswith(".py"))


@cache  # the repos of one run share most of their paths
def _module(path: str) -> str:
    return path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]


@cache  # the specs of one run share most of their texts
def with_used_imports(text: str, own: frozenset[str], words: frozenset[str] | None = None) -> str:
    """The text, with those of the imports at its top that it uses; `own` are the modules of its repo.

    `words` are the names that it has behind them, where they are known.
    """
    pieces = _cut(text)
    if words is None:
        words = words_of("\n".join(pieces[::2]))
    parts = pieces[:1]
    for block, other in zip(pieces[1::2], pieces[2::2], strict=True):
        used = tuple(one for one in _imports_of(block) if one.module == "__future__" or one.bound in words)
        space = "\n\n" if other.startswith(DEFINES) else "\n"
        parts += [_written(used, own) + space if used else block, other]
    return "".join(parts)


def words_of(text: str) -> frozenset[str]:
    """The words of a program, those in its comments and texts too."""
    return frozenset(text.translate(BETWEEN).split())


def _cut(text: str) -> list[str]:
    """A program in pieces: every second one is a block of imports, as long as nothing but settings stands between them."""
    pieces, done = [], 0
    end = _end_of_docstring(text)
    while True:
        begin = end
        while found := STATEMENT.match(text, end):
            end = found.end()
        if end > begin:
            pieces += [text[done:begin], text[begin:end]]
            done = end
        setting = SETTING.match(text, end)
        if not setting:
            return [*pieces, text[done:]]
        end = setting.end()


def _end_of_docstring(text: str) -> int:
    end = text.find(DOCSTRING, len(DOCSTRING)) + len(DOCSTRING) if text.startswith(DOCSTRING) else 0
    while text.startswith("\n", end):
        end += 1
    return end


@cache
def _imports_of(block: str) -> tuple[Import, ...]:
    """What a block imports, each once."""
    return tuple(dict.fromkeys(one for statement in STATEMENT.finditer(block) for one in _imported(statement)))


def _imported(statement: re.Match[str]) -> Iterator[Import]:
    module, lines, line = statement.groups("")
    for imported in (lines or line).split(","):
        name, _, alias = imported.strip().partition(" as ")
        if name:
            yield Import(module, name, alias)


@cache
def _written(imports: tuple[Import, ...], own: frozenset[str]) -> str:
    """The statements of some imports: by section, modules before names of modules, a blank line between two sections."""
    statements: dict[tuple[int, bool, str, str, str], list[Import]] = {}
    for one in imports:
        module = one.module or one.name
        alone = one.written if one.alias or not one.module else ""  # what gets another name has a statement of its own
        place = (_section(module, own), bool(one.module), module.lower(), module, alone)
        statements.setdefault(place, []).append(one)
    sections: dict[int, str] = {}
    for place in sorted(statements):
        sections[place[0]] = sections.get(place[0], "") + _statement(statements[place])
    return "\n".join(sections.values())


def _section(module: str, own: frozenset[str]) -> int:
    root = module.partition(".")[0]
    if root == "__future__":
        return 0
    if root in sys.stdlib_module_names:
        return 1
    if root in own:
        return 3
    return 2 if root else 4  # a relative import begins with a dot


def _statement(imports: list[Import]) -> str:
    """What imports some names of one module, or one module."""
    module, names = imports[0].module, [one.written for one in sorted(imports, key=_order)]
    if not module:
        return f"import {names[0]}\n"
    line = f"from {module} import {', '.join(names)}\n"
    if len(line) <= LINE_LENGTH + len("\n"):
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"


def _order(one: Import) -> tuple[int, str, str]:
    """Constants before classes before functions."""
    kind = 0 if len(one.name) > 1 and one.name.isupper() else 1 if one.name[0].isupper() else 2
    return kind, one.name.lower(), one.name
