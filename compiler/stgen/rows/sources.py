"""Finds the local files that a spec names: a path or a pattern, from the spec's folder -> the files in the order in which they are read."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator

from stgen.language.paths import hub_source, is_on_hub
from stgen.rows.batches import UnreadableError

ENTRIES = 100_000  # files and folders that a pattern may lead past


def files_of(named: str, folder: str) -> list[tuple[str, str]]:
    """The files that a path or pattern names, each as a path and as messages call it. Raises UnreadableError.

    A path begins with what exists as it is written: `exp[1]` is a folder's name where there is such a folder.
    """
    if is_on_hub(named):
        return [(named, (hub_source(named) or {"path": named})["path"])]
    path = os.path.join(folder, named)
    if not glob.has_magic(named) or os.path.lexists(path):
        return [(path, named)]
    found = sorted(entry for entry in _Walk(named).matching(folder) if os.path.isfile(entry))
    if not found:
        raise UnreadableError("STG200", f"no file fits {named}", "paths start from the spec's folder")
    return [(entry, os.path.relpath(entry, folder or ".")) for entry in found]


class _Walk:
    """What `glob.glob` does, from a folder that may be called anything, and with an end where links lead in circles."""

    def __init__(self, named: str) -> None:
        self.named = named
        self.left = ENTRIES

    def matching(self, folder: str) -> list[str]:
        """The paths that fit, each real folder looked into once for each `**`."""
        parts = [part for part in self.named.replace(os.sep, "/").split("/") if part not in ("", ".")]
        place = "/" if os.path.isabs(self.named) else folder
        while parts and os.path.lexists(os.path.join(place, parts[0])):
            place = os.path.join(place, parts.pop(0))
        found = [place]
        for part in [*parts, "*"] if parts[-1:] == ["**"] else parts:
            found = list(self._below(found) if part == "**" else self._step(found, part))
        return found

    def _step(self, folders: list[str], part: str) -> Iterator[str]:
        """What fits one part of the pattern in each of some folders."""
        for folder in folders:
            if not glob.has_magic(part):
                path = os.path.join(folder, part)
                yield from [path] if os.path.lexists(path) else []
                continue
            for name in fnmatch.filter(self._names(folder), part):
                if not name.startswith(".") or part.startswith("."):
                    yield os.path.join(folder, name)

    def _below(self, folders: list[str]) -> Iterator[str]:
        """Some folders and all those in them, hidden ones aside."""
        todo, seen = list(reversed(folders)), set[str]()
        while todo:
            folder = todo.pop()
            real = os.path.realpath(folder or ".")
            if real in seen or not os.path.isdir(real):
                continue
            seen.add(real)
            yield folder
            todo += [os.path.join(folder, name) for name in self._names(folder) if not name.startswith(".")]

    def _names(self, folder: str) -> list[str]:
        names: list[str] = []
        try:
            with os.scandir(folder or ".") as entries:
                for entry in entries:
                    names.append(entry.name)
                    self.left -= 1
                    if self.left < 0:
                        message = f"{self.named} leads past more than {ENTRIES:,} files and folders"
                        raise UnreadableError("STG342", message, "begin the pattern with the folder of the data")
        except OSError:
            pass  # no folder, or one that may not be listed: nothing in it fits
        return sorted(names)
