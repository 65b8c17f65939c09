"""Finds the local files that a spec names: a path or a pattern, from the spec's folder -> the files in the order in which they are read."""

from __future__ import annotations

import glob
import os

from stgen.rows.batches import UnreadableError

HUB = "hf://"


def files_of(named: str, folder: str) -> list[tuple[str, str]]:
    """The files that a path or pattern names, each as a path and as messages call it. Raises UnreadableError.

    A part of the path that exists as it is written is no pattern: `exp[1]` is a folder's name where there is such a folder.
    """
    path = os.path.join(folder, named)
    if not glob.has_magic(named) or os.path.exists(path):
        return [(path, named)]
    place, parts = ("/" if named.startswith("/") else folder), [part for part in named.split("/") if part]
    while parts and os.path.exists(os.path.join(place, parts[0])):
        place = os.path.join(place, parts.pop(0))
    entries = glob.glob("/".join(parts), root_dir=place or None, recursive=True)
    found = sorted(entry for name in entries if os.path.isfile(entry := os.path.join(place, name)))
    if not found:
        raise UnreadableError("STG200", f"no file fits {named}", "paths start from the spec's folder")
    return [(entry, os.path.relpath(entry, folder or ".")) for entry in found]
