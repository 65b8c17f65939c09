"""Holds a folder for one writer at a time, and gives it over as it was before any write that was cut off.

The lock is the system's, on `.stgen/writer`: it ends with the process that holds it, however that ends. The file says
who that is; it goes when the writer is done, and one that a killed writer left is taken over.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.folder import Folder, InTheWayError
from stgen.disk.fresh import JOURNAL_PATH, UNSETTLED, WRITER_PATH
from stgen.disk.journal import JournalError, WriteError, clear, pending, undo
from stgen.disk.obstacles import inside, refused
from stgen.render.tree import OURS
from stgen.values.locking import lock

WAIT = 10.0
"""Seconds for which a second writer waits for the first. A compile takes a tenth of one."""

AGAIN = 0.05
TRIES = 100
NOTE = re.compile(rb"stgen, process [0-9]{1,10} on [A-Za-z0-9_.-]{0,64}\n")
LONGEST_NOTE = 512
LONGEST_NAME = 64


class HeldError(Exception):
    """Another process writes into the folder. Its message says which."""


@contextmanager
def alone(root: str) -> Iterator[list[Diagnostic]]:
    """Hold a folder, made where it isn't there, and undo what a write that was cut off has left.

    Yields what there is to say; with an error among it, nothing may be written. What was made and isn't needed goes.
    """
    with ExitStack() as stack:
        try:
            for path in _missing(root):
                with suppress(FileExistsError):  # another writer was faster
                    os.mkdir(path)
                    stack.callback(_remove_empty, path)
            folder = stack.enter_context(Folder(root))
            stack.callback(_leave, folder)
            stack.callback(_release, folder, _acquire(folder))
            found = _recover(folder)
        except (OSError, InTheWayError) as error:
            found = [refused(root, "", error, "write")]
        except HeldError as error:
            found = [_held(root, str(error))]
        yield found


def settle(root: str) -> list[Diagnostic]:
    """Undo what a write that was cut off has left in a folder, where anything was left; what there is to say."""
    try:
        names = set(os.listdir(inside(root, OURS)))
    except OSError:
        return []  # no folder of ours, or one that can't be read, as who reads it will say
    if not names & UNSETTLED:
        return []
    with alone(root) as found:
        return found


def unfinished(root: str) -> list[Diagnostic]:
    """Why a folder can't be compared: a write was cut off in it, or is under way for longer than one waits."""
    end = time.monotonic() + WAIT
    while os.path.lexists(inside(root, JOURNAL_PATH)):
        try:
            with Folder(root) as folder:
                who = _writer(folder)
                if who is None:
                    return [_cut_off(root)] if pending(folder) else []
        except JournalError as error:
            return [_untrusted(root, error)]
        except (OSError, InTheWayError) as error:
            return [refused(root, JOURNAL_PATH, error, "read")]
        if time.monotonic() > end:
            return [_held(root, who)]
        time.sleep(AGAIN)
    return []


# --- one at a time ----------------------------------------------------------------------------------------------------


def _missing(root: str) -> list[str]:
    """The folders to be made for one that isn't there, outermost first."""
    missing: list[str] = []
    while root and not os.path.isdir(root):
        missing.append(root)
        root = os.path.dirname(root)
    return missing[::-1]


def _acquire(folder: Folder) -> int:
    """Wait for the lock. Returns the open file that holds it; raises HeldError after a while."""
    end = time.monotonic() + WAIT
    while True:
        descriptor = _open(folder)
        if not lock(descriptor):
            who = _named(descriptor)
            os.close(descriptor)
            if time.monotonic() > end:
                raise HeldError(who)
            time.sleep(AGAIN)
            continue
        if _is_at(folder, descriptor):
            _sign(folder, descriptor)
            return descriptor
        os.close(descriptor)  # the one before was done, and has removed it


def _open(folder: Folder) -> int:
    for _ in range(TRIES):
        try:
            if folder.look(OURS) is None:
                folder.make(OURS)
            return folder.open_shared(WRITER_PATH)
        except (FileNotFoundError, FileExistsError):
            continue  # the one before has removed the folder, or another one has made it
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), WRITER_PATH)


def _is_at(folder: Folder, descriptor: int) -> bool:
    seen = folder.look(WRITER_PATH)
    return seen is not None and os.path.samestat(seen, os.fstat(descriptor))


def _sign(folder: Folder, descriptor: int) -> None:
    """Write down who holds the lock: over what a killed one has left, and over nothing else."""
    left, status = _note(descriptor), os.fstat(descriptor)
    # A power cut leaves a note as nulls; a file of nulls that is longer, or has another name too, is somebody's.
    ours = NOTE.fullmatch(left) or not left.strip(b"\0")
    if not ours or status.st_size > LONGEST_NOTE or status.st_nlink > 1:
        os.close(descriptor)
        raise InTheWayError(WRITER_PATH, "not ours")
    machine = re.sub(r"[^A-Za-z0-9_.-]", "-", platform.node())[:LONGEST_NAME]
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"stgen, process {os.getpid()} on {machine}\n".encode())
    except BaseException:
        _release(folder, descriptor)
        raise


def _note(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, LONGEST_NOTE)


def _named(descriptor: int) -> str:
    """Who holds the lock, by what stands in the file. Others can have written it, so that only a note of ours is shown."""
    note = _note(descriptor)
    return note.decode().strip() if NOTE.fullmatch(note) else "another process"


def _release(folder: Folder, descriptor: int) -> None:
    try:
        with suppress(OSError, InTheWayError):
            if _is_at(folder, descriptor):
                folder.remove(WRITER_PATH)
    finally:
        os.close(descriptor)
        if sys.platform == "win32":  # where a file that is open can't be removed
            with suppress(OSError, InTheWayError):
                folder.remove(WRITER_PATH)


def _leave(folder: Folder) -> None:
    with suppress(OSError, InTheWayError):
        folder.remove_folder(OURS)  # where it is empty


def _writer(folder: Folder) -> str | None:
    """Who writes into the folder; None where nobody does."""
    if folder.look(WRITER_PATH) is None:
        return None
    try:
        descriptor = folder.open_shared(WRITER_PATH)
    except (OSError, InTheWayError):
        return None
    try:
        return None if lock(descriptor) else _named(descriptor)
    finally:
        os.close(descriptor)


def _remove_empty(path: str) -> None:
    with suppress(OSError):
        os.rmdir(path)


# --- what was cut off -------------------------------------------------------------------------------------------------


def _recover(folder: Folder) -> list[Diagnostic]:
    """Undo what the journal of a write that was cut off names. Raises OSError or InTheWayError."""
    try:
        clear(folder)
        journal = pending(folder)
        if journal is None:
            return []
        others = undo(folder, journal)
    except JournalError as error:
        return [_untrusted(folder.root, error)]
    except WriteError as error:
        return [refused(folder.root, error.path, error.error, "write")]
    changed = ", ".join(f"`{inside(folder.root, path)}`" for path in others)
    return [
        Diagnostic(
            "STG310",
            f"a write into `{folder.root}` was cut off, and what it had changed was put back as it was",
            notes=(f"changed since, and so left as it is: {changed}",) if others else (),
            severity="note",
            file=folder.root,
        )
    ]


def _cut_off(root: str) -> Diagnostic:
    return Diagnostic(
        "STG310",
        f"a write into `{root}` was cut off, so that what is there is neither the old repo nor the new one",
        help="run `stgen compile`, or `stgen update` where you have edited files: it first puts back what was there",
        file=root,
    )


def _untrusted(root: str, error: JournalError) -> Diagnostic:
    at = inside(root, JOURNAL_PATH)
    return Diagnostic(
        "STG311",
        f"`{at}` says that a write was cut off here, and can't be trusted: {error}",
        help="remove it: files then stay as they are, and `stgen update` brings them to what the spec says",
        file=at,
    )


def _held(root: str, who: str) -> Diagnostic:
    return Diagnostic(
        "STG315",
        f"`{root}` is being written by {who}, for more than {WAIT:.0f} seconds",
        help="wait until it is done, or end it; nothing was written",
        file=root,
    )
