"""Reads a file of data and proposes how a spec refers to it: a path -> a data set's schema, or what is wrong with the file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.values.quoting import toml

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file of training rows, and the roles of its columns."""

    file: str
    columns: dict[str, Any]
    unused: tuple[str, ...]
    rows: int

    @property
    def says(self) -> str:
        """What was found, in one line."""
        unused = f"; not used: {', '.join(self.unused)}" if self.unused else ""
        return f"{self.file}: {self.rows:,} rows; columns = {toml(self.columns)}{unused}"

    def place(self, folder: str, copy: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
        """How a spec in `folder` names the file, and what is to be copied for that."""
        if copy:
            path = f"data/train{_suffix(self.file)}"
            return path, ((self.file, path),)
        path = os.path.relpath(os.path.realpath(self.file), os.path.realpath(folder))
        return path.replace(os.sep, "/"), ()


def propose(file: str) -> tuple[Proposal | None, list[Diagnostic]]:
    """Read the whole file and guess the role of each column."""
    from stgen.inspection.guessing import guess
    from stgen.rows.batches import UnreadableError
    from stgen.rows.survey import require_rows, survey

    try:
        seen = survey([(file, file)])
        require_rows(seen)
    except UnreadableError as error:
        return None, [Diagnostic(error.code, error.message, help=error.help, notes=error.notes, file=file)]
    found = guess(seen)
    if not found.columns:
        return None, [_no_roles(file, tuple(seen.columns))]
    return Proposal(file, dict(found.columns), found.unused, seen.rows), []


def _no_roles(file: str, names: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "STG331",
        f"nothing in `{file}` shows which column is a text to train on",
        help=f"start from a recipe, name the file as its `train`, and give its columns roles: `stgen inspect {file}` says "
        "what is in them",
        notes=(f"its columns are {', '.join(names[:10])}" + (" ..." if len(names) > 10 else ""),),
        file=file,
    )


def _suffix(file: str) -> str:
    """`.csv`, `.jsonl.gz`: all that says how the file is read."""
    stem, suffix = os.path.splitext(os.path.basename(file).lower())
    return os.path.splitext(stem)[1] + suffix if suffix in _COMPRESSED else suffix
