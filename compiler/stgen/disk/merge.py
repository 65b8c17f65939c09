"""Merges what people changed in a generated repo with what its spec compiles to now: Changes -> Changes.

A merge needs three texts: the person's, the new one, and the one that both began from. The last is what stgen wrote
before: it is kept in `.stgen/written`, and git may have it where that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import git, written
from stgen.disk.folder import Folder
from stgen.disk.fresh import WRITTEN_PATH
from stgen.disk.output import Change, Repo, read_lock
from stgen.disk.three_way import TooLongError, merge_texts, unresolved
from stgen.values.blob import blob_id


class Merged(NamedTuple):
    """What `merge` made of changes: those to write, why they can't be written, and the conflicts in them (STG308)."""

    changes: list[Change]
    refused: list[Diagnostic]
    conflicts: list[Diagnostic]


class MergeError(Exception):
    """Two texts can't be merged. Its message says why."""


def merge(repo: Repo, changes: list[Change]) -> Merged:
    """Merge every edited file of `changes`, those of a compile that found nothing wrong. Reads the folder, and writes nothing.

    An edited file that the repo no longer has stays as it is: it is the person's own from then on, and merged again
    should the repo get it back. A file that isn't in the lock and was never stgen's is left among the changes.
    """
    made = Merged([], [], [])
    if not any(change.kind in ("edited", "foreign") for change in changes):
        return Merged(changes, [], [])
    entries = read_lock(repo.folder)[0].files
    with Folder(repo.folder) as folder:
        texts = written.read(folder)
    for change in changes:
        id = entries[change.path].id if change.path in entries else ""
        if change.kind == "foreign" and change.path in texts:
            id = blob_id(texts[change.path].encode())  # the repo had it, and a person edited it before it went
        if change.wanted is not None and (change.kind == "edited" or (id and change.kind == "foreign")):
            _add(made, repo, change, id, texts)
        else:
            made.changes.append(change)
    return made


def _add(made: Merged, repo: Repo, change: Change, id: str, texts: Mapping[str, str]) -> None:
    """Merge one file, of which stgen wrote the bytes with git blob id `id` before."""
    path = repo.at(change.path)
    assert change.wanted is not None  # `merge` picked those that the repo has
    assert change.on_disk is not None  # it is edited, so it is there
    markers = unresolved(change.on_disk.decode(errors="replace"))
    if blob_id(change.wanted.data) == id:
        made.changes.append(change.replaced(kind="edited"))  # nothing new from the spec: as the person left it
        if markers:
            made.conflicts.append(_conflict(path, markers, "still has markers of an earlier merge in"))
        return
    if markers:
        # Merged again, they would stand within each other, and what is whose could not be told any more.
        made.refused.append(
            _conflict(path, markers, "can't be merged before the conflicts of an earlier merge are resolved, in")
        )
        return
    try:
        yours = _text(change.on_disk)
        text, conflicts = merge_texts(yours, _before(repo.folder, change.path, id, texts), change.wanted.text)
    except (MergeError, TooLongError) as error:
        made.refused.append(_refused(path, str(error)))
        return
    made.changes.append(change.replaced(kind="update", wanted=change.wanted.replaced(text=text)))
    if conflicts:
        made.conflicts.append(_conflict(path, conflicts, "was changed both by hand and by the spec in"))


def _before(folder: str, path: str, id: str, texts: Mapping[str, str]) -> str:
    """The text with git blob id `id`. Raises MergeError where neither what is kept nor git has it."""
    if path in texts and blob_id(texts[path].encode()) == id:
        return texts[path]
    data = git.blob(folder, id)
    if data is None:
        raise MergeError(f"neither `{WRITTEN_PATH}` nor git has what stgen wrote there")
    return _text(data)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MergeError("it isn't UTF-8") from None


def _refused(path: str, why: str) -> Diagnostic:
    return Diagnostic(
        "STG307",
        f"`{path}` was changed by hand and can't be merged: {why}. Nothing was written",
        help="compile into another folder with `-o DIR`, and bring your changes there",
        file=path,
    )


def _conflict(path: str, count: int, what: str) -> Diagnostic:
    places = "1 place" if count == 1 else f"{count} places"
    return Diagnostic(
        "STG308",
        f"`{path}` {what} {places}",
        help="edit it: between `<<<<<<<` and `>>>>>>>` stand both versions; keep what is right and remove the markers",
        file=path,
    )
