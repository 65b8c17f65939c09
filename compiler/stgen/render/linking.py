"""Links the reader: of its modules a repo gets the definitions that its programs reach, each as it stands in `stgen/reader/`.

Of the imports those stay that a remaining definition uses: the linter doesn't see the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from stgen.render.definitions import Definition, Reached, definitions_of, reader_text
from stgen.render.imports import with_used_imports, words_of

ATTRIBUTE = re.compile(r"\b(\w+)\.(?=(\w+))")
IMPORT = re.compile(r"^from reader(?:\.(\w+))? import (.+)$", re.MULTILINE)
PACKAGE = "__init__"
READER = "reader"
"""The folder of the reader in a repo."""


def linked_reader(programs: Iterable[str]) -> dict[str, str]:
    """Return the modules of the reader that some programs need, each with what of it is reached."""
    return dict(_link(frozenset[Reached]().union(*map(_roots, programs))))


@cache  # the specs of one run share most of their texts
def _roots(text: str) -> frozenset[Reached]:
    """What a program uses of the reader."""
    if f"from {READER}" not in text:  # as most programs
        return frozenset()
    imports = IMPORT.findall(text)
    rest = IMPORT.sub("", text)
    words, of = words_of(rest), ATTRIBUTE.findall(rest)
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
        for one in definitions_of(module):
            if name in one.names and one not in found:
                found.add(one)
                waiting += one.needs
    texts = {module: _joined(module, found) for module, found in sorted(reached.items()) if found}
    return tuple(({PACKAGE: reader_text(PACKAGE)} | texts).items())


def _joined(module: str, reached: set[Definition]) -> str:
    kept = [one for one in definitions_of(module) if not one.names or one in reached]
    words = frozenset[str]().union(*(one.words for one in kept))
    return with_used_imports("".join(one.text for one in kept), frozenset(), words)
