"""The system's lock on an open file, which ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import sys

OFFSET = 1 << 30  # of the byte that is locked on Windows, where nobody could read one that is


def lock(descriptor: int) -> bool:
    """Take the lock; False where another process has it. Where a file system has none, nobody is kept out."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
