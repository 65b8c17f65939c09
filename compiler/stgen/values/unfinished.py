"""Files and folders that are made beside their place, to be moved there whole. What a killed process has left of them, the next one removes.

The one that makes them holds the system's lock on them, so that none is taken from a process that lives.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from stgen.values.locking import lock

DRAWN = 8  # characters that `tempfile` puts behind the prefix
HOLDER = "writer"  # the file of a folder that is locked


@contextmanager
def file_beside(path: str) -> Iterator[tuple[int, str]]:
    """Make a file beside a path: its descriptor, and where it lies. Unless it is moved, it goes."""
    folder, prefix = os.path.dirname(path) or ".", _prefix(path)
    _sweep(folder, prefix)
    descriptor, beside = tempfile.mkstemp(prefix=prefix, dir=folder)
    try:
        lock(descriptor)
        yield descriptor, beside
    finally:
        with suppress(OSError):
            os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(beside)


@contextmanager
def folder_beside(path: str) -> Iterator[str]:
    """Make a folder beside a path. In the end it goes, with what is in it."""
    folder, prefix = os.path.dirname(path) or ".", _prefix(path)
    _sweep(folder, prefix)
    beside = tempfile.mkdtemp(prefix=prefix, dir=folder)
    try:
        descriptor = os.open(os.path.join(beside, HOLDER), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            lock(descriptor)
            yield beside
        finally:
            os.close(descriptor)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _prefix(path: str) -> str:
    return f".{os.path.basename(path)[:80]}.unfinished-"


def _sweep(folder: str, prefix: str) -> None:
    """Remove what nobody holds any more. No link is followed."""
    with suppress(OSError), os.scandir(folder) as entries:
        left = [entry.path for entry in entries if entry.name.startswith(prefix)]
        for path in left:
            if len(os.path.basename(path)) == len(prefix) + DRAWN:
                _remove(path)


def _remove(path: str) -> None:
    """Remove a file or folder unless a process holds it, or it isn't one that we make."""
    mode = os.lstat(path).st_mode
    if stat.S_ISREG(mode) and _is_free(path):
        os.unlink(path)
    elif stat.S_ISDIR(mode):
        holder = os.path.join(path, HOLDER)
        if not os.path.lexists(holder):
            with suppress(OSError):
                os.rmdir(path)  # where it was only just made, or is somebody's and holds something
        elif stat.S_ISREG(os.lstat(holder).st_mode) and _is_free(holder):
            shutil.rmtree(path, ignore_errors=True)


def _is_free(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return lock(descriptor)
    finally:
        os.close(descriptor)
