"""Merges what people changed in a generated repo with what its spec compiles to now: Changes -> Changes.

A merge needs three texts: the person's, the new one, and the one that both began from. The last is what stgen wrote
before; the lock has its git blob id. It comes from git, or from the copy that the last update left in `.stgen/compiled`.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.lock import blob_id
from stgen.disk.output import Change, Repo, in_the_way, inside, read_lock
from stgen.render.tree import OURS, File

COPIES = f"{OURS}/compiled"
"""Folder of the repo: what stgen would have written, for each file that a person has changed."""

SIDES = ("yours", "before", "from the spec")
"""What a conflict's markers call the person's text, the one before, and the new one."""

CONFLICTS_MOST = 127
"""`git merge-file` exits with the number of conflicts, at most this; above it has failed."""


class Merged(NamedTuple):
    """What `merge` made of changes: those to write, why they can't be written (STG307), and the conflicts in them (STG308)."""

    changes: list[Change]
    refused: list[Diagnostic]
    conflicts: list[Diagnostic]


class MergeError(Exception):
    """Two texts can't be merged. Its message says why."""


def merge(repo: Repo, changes: list[Change]) -> Merged:
    """Merge every edited file of `changes`, those of a compile. Reads the folder and git, and writes nothing.

    An edited file that the repo no longer has stays as it is: it is the person's own from then on.
    """
    before = read_lock(repo.folder)[0].files
    edited = [change for change in changes if change.kind == "edited" and change.wanted is not None]
    copies = [_copy(change.path, change.wanted) for change in edited if change.wanted]
    made = Merged([change for change in changes if change not in edited], [], [])
    made.changes.extend([*copies, *_old_copies(repo.folder, {copy.path for copy in copies})])
    made.refused.extend(in_the_way(repo.folder, [change.path for change in made.changes]).values())
    for change in edited:
        _add(made, repo, change, before[change.path].id)
    return made


def _add(made: Merged, repo: Repo, change: Change, id: str) -> None:
    """Merge one file, of which stgen wrote the bytes with git blob id `id` before."""
    path = repo.at(change.path)
    assert change.wanted is not None  # `merge` picked those that the repo has
    assert change.on_disk is not None  # it is edited, so it is there
    if blob_id(change.wanted.data) == id:
        made.changes.append(change)  # nothing new from the spec: as the person left it
        return
    try:
        text, conflicts = _merge_texts(
            change.on_disk, _written_before(repo.folder, change.path, id), change.wanted.data
        )
    except MergeError as error:
        made.refused.append(_refused(path, str(error)))
        return
    made.changes.append(change.replaced(kind="update", wanted=change.wanted.replaced(text=text)))
    if conflicts:
        made.conflicts.append(_conflict(path, conflicts))


def _copy(path: str, compiled: File) -> Change:
    return Change(f"{COPIES}/{path}", "update", None, File(compiled.text))


def _old_copies(folder: str, kept: set[str]) -> list[Change]:
    """Copies of files that nobody has changed any more: to be removed."""
    root = inside(folder, COPIES)
    paths = [os.path.relpath(os.path.join(at, name), root) for at, _, names in os.walk(root) for name in names]
    stand = [f"{COPIES}/{path.replace(os.sep, '/')}" for path in sorted(paths)]
    return [Change(path, "remove", None, None) for path in stand if path not in kept]


def _written_before(folder: str, path: str, id: str) -> bytes:
    """The bytes with git blob id `id`. Raises MergeError where neither the copy nor git has them."""
    try:
        with open(inside(folder, f"{COPIES}/{path}"), "rb") as file:
            data = file.read()
        if blob_id(data) == id:
            return data
    except OSError:
        pass  # no copy, as nobody had changed the file when it was last compiled
    done = _git("-C", folder, "cat-file", "blob", id)
    if done.returncode:
        raise MergeError("what stgen wrote there before was never added to git")
    return done.stdout


def _merge_texts(yours: bytes, before: bytes, compiled: bytes) -> tuple[str, int]:
    """The merged text, and how many places of it both sides changed. Raises MergeError."""
    with tempfile.TemporaryDirectory(prefix="stgen-") as folder:
        paths = [os.path.join(folder, str(number)) for number in range(len(SIDES))]
        for path, data in zip(paths, (yours, before, compiled), strict=True):
            with open(path, "wb") as file:
                file.write(data)
        done = _git("merge-file", "-p", *(part for side in SIDES for part in ("-L", side)), *paths)
    if not 0 <= done.returncode <= CONFLICTS_MOST:
        raise MergeError(done.stderr.decode(errors="replace").strip())
    try:
        return done.stdout.decode(), done.returncode
    except UnicodeDecodeError:
        raise MergeError("it isn't UTF-8") from None


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise MergeError("git merges the texts, and it isn't installed") from None


def _refused(path: str, why: str) -> Diagnostic:
    return Diagnostic(
        "STG307",
        f"`{path}` was changed by hand and can't be merged: {why}. Nothing was written",
        help="compile into another folder with `-o DIR` and bring your changes there; next time commit what stgen writes before you edit it",
        file=path,
    )


def _conflict(path: str, count: int) -> Diagnostic:
    places = "1 place was" if count == 1 else f"{count} places were"
    return Diagnostic(
        "STG308",
        f"`{path}`: {places} changed both by hand and by the spec",
        help=f"edit it: between `<<<<<<< {SIDES[0]}` and `>>>>>>> {SIDES[2]}` stand both; keep what is right and remove the markers",
        file=path,
    )
