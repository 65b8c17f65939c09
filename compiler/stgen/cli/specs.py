"""Expands the specs that a command was given: names and quoted patterns such as `**/stgen.toml` -> paths, sorted.

The shell expands a pattern only where nobody quotes it, and few expand `**`. A file that is literally called so wins.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from stgen.values.globbing import is_pattern, name_fits

IGNORED = frozenset(("node_modules", "__pycache__"))
VENV = "pyvenv.cfg"  # a file that stands in every virtual environment, however its folder is called


def expand(named: Sequence[str]) -> list[str]:
    """The specs, each once; a pattern that no file fits stays as it is. Raises OSError for a folder that can't be read."""
    found: dict[str, str] = {}
    for name in named:
        for path in _files(name):
            found.setdefault(os.path.normpath(path) if path != "-" else path, path)
    return list(found.values())


def _files(name: str) -> list[str]:
    if not is_pattern(name) or os.path.lexists(name):
        return [name]
    return sorted(_fitting(name), key=lambda path: path.split("/")) or [name]


def _fitting(pattern: str) -> set[str]:
    """The files that fit a pattern. Folders that are hidden, installed by a tool or links aren't searched."""
    parts = pattern.replace(os.sep, "/").split("/")
    todo = [("/" if parts[0] == "" else "", tuple(part for part in parts if part))]
    seen, found = set(todo), set()
    while todo:
        folder, left = todo.pop()
        for step in _step(folder, left):
            path, rest = step
            if not rest and os.path.isfile(path):
                found.add(path)
            elif rest and step not in seen and os.path.isdir(path or "."):
                seen.add(step)
                todo.append(step)
    return found


def _step(folder: str, parts: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the first part of a pattern leads to in a folder: paths, each with the parts that are left."""
    first, rest = parts[0], parts[1:]
    if not is_pattern(first):
        if os.path.lexists(os.path.join(folder, first)):
            yield os.path.join(folder, first), rest
        return
    if first == "**" and rest:
        yield folder, rest
    for entry in os.scandir(folder or "."):
        if not name_fits(entry.name, first):
            continue
        path = os.path.join(folder, entry.name)
        if entry.is_dir():
            if _is_searched(entry):
                yield path, parts if first == "**" else rest
        elif not rest:
            yield path, ()


def _is_searched(entry: os.DirEntry[str]) -> bool:
    return not (entry.is_symlink() or entry.name in IGNORED or os.path.lexists(os.path.join(entry.path, VENV)))
