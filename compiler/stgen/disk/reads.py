"""What a compile reads and its spec names: none of it is ever an output that is written over, or that goes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from stgen.values.record import Record

LONGEST = 4096  # characters of a path
MAGIC = frozenset("*?[")


class Reads(Record):
    """The specs that a compile reads, and whatever else their texts may name: files, folders and patterns.

    Which strings of a spec are paths is not asked: one that is none protects nothing, as no file is called that.
    """

    specs: tuple[str, ...] = ()
    data: Mapping[str, Any] = {}

    def is_spec(self, at: str) -> bool:
        """Whether the file at a path is one of the specs."""
        return os.path.lexists(at) and any(_same(spec, at) for spec in self.specs)

    def names(self, at: str, root: str) -> bool:
        """Whether the file at a path of the folder `root` is a spec, or something that the spec names."""
        if self.is_spec(at):
            return True
        folder = os.path.realpath(os.path.dirname(self.specs[0]) if self.specs else os.getcwd())
        place, base = os.path.realpath(at), os.path.realpath(root)
        return any(_covers(text, folder, place, base) for text in _strings(self.data) if _can_be_path(text))


def _can_be_path(text: str) -> bool:
    return 0 < len(text) <= LONGEST and "\0" not in text


def _covers(text: str, folder: str, place: str, root: str) -> bool:
    """Whether a path or pattern names a place: itself, or a folder above it that isn't above the whole repo."""
    if MAGIC & set(text) and fnmatchcase(os.path.relpath(place, folder), os.path.normpath(text)):
        return True
    path = os.path.realpath(os.path.join(folder, text))
    return not _lies_in(root, path) and _lies_in(place, path)


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _same(one: str, other: str) -> bool:
    """Whether two paths are one file. Another name of it (a hard link) is not: it is written over without harm."""
    if os.path.realpath(one) == os.path.realpath(other) or _spelled(one) == _spelled(other):
        return True
    try:
        return os.path.samefile(one, other) and os.stat(one).st_nlink == 1
    except OSError:
        return False


def _spelled(path: str) -> str:
    """A path with the links above it resolved, and not the one that it may be itself."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
