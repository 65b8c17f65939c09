"""All changes of a write, or none of them: what was there is on the disk in a journal before the first file changes.

A write that fails is undone at once, one that is killed by the next command. Undoing looks at each file: one that holds
what the write put there gets back what it held, and one that holds anything else is left, as somebody has been there
since. So it can itself be cut off, and be done again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from stgen.disk.folder import NEW_FILE, Folder, Held, InTheWayError, mode_of
from stgen.disk.fresh import JOURNAL_NEW, JOURNAL_PATH, LOCK_PATH, WRITTEN_PATH
from stgen.render.tree import OURS, check_path, check_paths, parents
from stgen.values.blob import blob_id
from stgen.values.record import Record

TEMPORARY = ".stgen-tmp"
"""Suffix of a file that is being written."""

MARK = b"stgen journal 1\n"
LARGEST_JOURNAL = 128 * 1024 * 1024


class Step(Record):
    """What a write does with one file: from what it holds to what it shall hold, None being no file."""

    path: str
    old: bytes | None
    new: Held | None


class Undo(Record):
    """How one file is put back: what it held (None: there was none), and the id of what the write puts there ("": nothing)."""

    path: str
    old: Held | None
    new: str


class Journal(Record):
    """How a write is undone. `token` stands in the names of its temporaries, `made` are the folders it makes, outermost first."""

    token: str
    undos: tuple[Undo, ...]
    made: tuple[str, ...]


class JournalError(Exception):
    """What stands in the journal's place was not written by stgen, there. Its message says why."""


class MovedError(Exception):
    """A file is no longer as it was when it was compared."""

    def __init__(self, path: str) -> None:
        """Keep the path."""
        super().__init__(path)
        self.path = path


class WriteError(Exception):
    """A file can't be written; `error` says why, and everything is as it was, where the journal is gone."""

    def __init__(self, path: str, error: OSError | InTheWayError) -> None:
        """Keep both."""
        super().__init__(path)
        self.path = path
        self.error = error


def apply(folder: Folder, steps: Sequence[Step]) -> None:
    """Take all steps, in their order. Raises WriteError or MovedError, and then none is taken."""
    journal = _begin(folder, steps)
    try:
        _take(folder, steps, journal)
        with _writing(JOURNAL_PATH):
            _end(folder)
    except BaseException:
        # Where this fails too, the journal stays, and the next command undoes the rest; without it, all was written.
        with suppress(OSError, InTheWayError, WriteError):
            if folder.look(JOURNAL_PATH):
                undo(folder, journal)
        raise


def _begin(folder: Folder, steps: Sequence[Step]) -> Journal:
    """Write the journal: from here on, the write is undone unless it is finished."""
    undos = tuple(Undo(step.path, _unmoved(folder, step), blob_id(step.new.data) if step.new else "") for step in steps)
    needed = dict.fromkeys(above for step in steps if step.new for above in parents(step.path))
    with _writing(JOURNAL_PATH):
        made = tuple(path for path in needed if path != OURS and folder.look(path) is None)
        journal = Journal(os.urandom(4).hex(), undos, made)
        try:
            if folder.look(OURS) is None:
                folder.make(OURS)
            clear(folder)
            folder.create(JOURNAL_NEW, lambda inode: dump(journal, inode), NEW_FILE)
            folder.replace(JOURNAL_NEW, JOURNAL_PATH)
            folder.sync(OURS)
        except BaseException:
            _forget(folder)
            raise
    return journal


def _forget(folder: Folder) -> None:
    """Take away a journal that could not be written, as far as the disk lets one."""
    with suppress(OSError, InTheWayError):
        clear(folder)
    with suppress(OSError, InTheWayError):
        folder.remove(JOURNAL_PATH)
    with suppress(OSError, InTheWayError):
        folder.remove_folder(OURS)  # where it is empty


def _take(folder: Folder, steps: Sequence[Step], journal: Journal) -> None:
    """Take the steps. All bytes are on the disk before the first file changes."""
    for path in journal.made:
        with _writing(path):
            folder.make(path)
    for step, undo in zip(steps, journal.undos, strict=True):
        if new := step.new:
            temporary = _temporary(step.path, journal.token)
            with _writing(step.path):
                folder.create(temporary, new.data, mode_of(new, undo.old), masked=not undo.old)
    for step in steps:
        _unmoved(folder, step)
        with _writing(step.path):
            if step.new:
                folder.replace(_temporary(step.path, journal.token), step.path)
            else:
                folder.remove(step.path)
                _remove_empty(folder, step.path)
    _sync(folder, [step.path for step in steps])


def _sync(folder: Folder, paths: Sequence[str]) -> None:
    """Have on the disk for good which files there are in the folders of `paths`."""
    for above in dict.fromkeys(path.rpartition("/")[0] for path in paths):
        with _writing(above), suppress(FileNotFoundError, InTheWayError):  # gone, or another thing by now
            folder.sync(above)


@contextmanager
def _writing(path: str) -> Iterator[None]:
    """Say at which path the disk refuses."""
    try:
        yield
    except (OSError, InTheWayError) as error:
        raise WriteError(path, error) from error


def _unmoved(folder: Folder, step: Step) -> Held | None:
    """What a file holds, which is what it held when it was compared."""
    with _writing(step.path):
        held = folder.read(step.path)
    if (held and held.data) != step.old:
        raise MovedError(step.path)
    return held


def _remove_empty(folder: Folder, path: str) -> None:
    """Remove the folders above an orphan that it leaves empty."""
    with suppress(OSError):
        for above in reversed(parents(path)):
            folder.remove_folder(above)


def _temporary(path: str, token: str) -> str:
    above, slash, name = path.rpartition("/")
    return f"{above}{slash}.{name}.{token}{TEMPORARY}"


def _end(folder: Folder) -> None:
    folder.remove(JOURNAL_PATH)
    with suppress(OSError):
        folder.sync(OURS)  # else a loss of power brings it back, and the write is undone


# --- undoing ----------------------------------------------------------------------------------------------------------


def pending(folder: Folder) -> Journal | None:
    """The journal of a write that was cut off; None where there is none. Raises JournalError, OSError or InTheWayError."""
    held = folder.read(JOURNAL_PATH, LARGEST_JOURNAL)
    seen = folder.look(JOURNAL_PATH)
    return parse(held.data, seen.st_ino) if held and seen else None


def undo(folder: Folder, journal: Journal) -> list[str]:
    """Put back what a write has changed, and forget it. Returns the files that hold something else by now: they stay."""
    others = [undo.path for undo in reversed(journal.undos) if not _put_back(folder, undo, journal.token)]
    for path in reversed(journal.made):
        with suppress(OSError, InTheWayError):
            folder.remove_folder(path)  # where it is empty
    _sync(folder, [undo.path for undo in journal.undos])
    _end(folder)
    return others


def _put_back(folder: Folder, undo: Undo, token: str) -> bool:
    """Undo one step, as far as it was taken; whether the file then is as it was before."""
    temporary = _temporary(undo.path, token)
    try:
        if folder.look(temporary):
            folder.remove(temporary)
        now = folder.read(undo.path)
    except InTheWayError:
        return False
    if (now and now.data) == (undo.old and undo.old.data) and (now and now.mode) == (undo.old and undo.old.mode):
        return True
    if (blob_id(now.data) if now else "") != undo.new:
        return False
    if undo.old is None:
        folder.remove(undo.path)
        return True
    for above in parents(undo.path):
        if folder.look(above) is None:
            folder.make(above)
    folder.create(temporary, undo.old.data, undo.old.mode, masked=False)
    folder.replace(temporary, undo.path)
    return True


def clear(folder: Folder) -> None:
    """Remove a journal that was cut off before it was whole: nothing had been changed by then."""
    held = folder.read(JOURNAL_NEW, LARGEST_JOURNAL)
    if held is None:
        return
    if held.data[: len(MARK)] != MARK[: len(held.data)]:
        raise InTheWayError(JOURNAL_NEW, "not ours")
    folder.remove(JOURNAL_NEW)


# --- the file ---------------------------------------------------------------------------------------------------------


def dump(journal: Journal, inode: int) -> bytes:
    """The journal's bytes: a line of JSON, and then what the files held, one behind the other.

    It holds the number of its own file, which nobody can know who writes a journal elsewhere: a pull request can bring a
    file of this name, and what stands in such a one must not be done.
    """
    steps = [[undo.path, undo.new, [len(undo.old.data), undo.old.mode] if undo.old else None] for undo in journal.undos]
    head = {"inode": inode, "token": journal.token, "made": journal.made, "steps": steps}
    held = b"".join(undo.old.data for undo in journal.undos if undo.old)
    return MARK + json.dumps(head).encode() + b"\n" + held


def parse(data: bytes, inode: int) -> Journal:
    """The journal in a file of that number. Raises JournalError."""
    if not data.startswith(MARK):
        raise JournalError("it isn't one of stgen's, or one of another version")
    line, _, held = data[len(MARK) :].partition(b"\n")
    try:
        head = json.loads(line)
        if head["inode"] != inode:
            raise JournalError("it was written elsewhere and copied here")
        journal = Journal(head["token"], tuple(_undos(head["steps"], held)), tuple(map(_path, head["made"])))
        check_paths([undo.path for undo in journal.undos])
        if not re.fullmatch("[0-9a-f]{8}", journal.token):  # it stands in names of files
            raise JournalError("it is damaged")
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise JournalError("it is damaged") from None
    return journal


def _undos(steps: list[Any], held: bytes) -> Iterator[Undo]:
    at = 0
    for path, new, old in steps:
        if old is None:
            yield Undo(_path(path), None, _text(new))
            continue
        size, mode = old
        if not 0 <= size <= len(held) - at or not 0 <= mode <= 0o7777:
            raise ValueError("it is cut off")
        yield Undo(_path(path), Held(held[at : at + size], mode), _text(new))
        at += size
    if at != len(held):
        raise ValueError("it is longer than it says")


def _path(value: object) -> str:
    path = _text(value)
    if path not in (LOCK_PATH, WRITTEN_PATH):
        check_path(path)
    return path


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it is no text")
    return value
