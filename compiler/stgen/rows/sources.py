"""Finds the local files that a spec names: a path or a pattern, from the spec's folder -> the files in the order in which they are read."""

from __future__ import annotations

import glob
import os

from stgen.rows.batches import UnreadableError

HUB = "hf://"


def files_of(named: str, folder: str) -> list[tuple[str, str]]:
    """The files that a path or pattern names, each as a path and as messages call it. Raises UnreadableError."""
    path = os.path.join(folder, named)
    if not glob.has_magic(named):
        return [(path, named)]
    found = sorted(entry for entry in glob.glob(path, recursive=True) if os.path.isfile(entry))
    if not found:
        raise UnreadableError("STG200", f"no file fits {named}", "paths start from the spec's folder")
    return [(entry, os.path.relpath(entry, folder or ".")) for entry in found]
