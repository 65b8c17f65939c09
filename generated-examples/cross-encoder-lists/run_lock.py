"""Holds a folder for one run, so that no two write into it at once."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

NAME = "run.lock"


def is_first() -> bool:
    """Whether this is the first of the processes that are launched together, which writes for all."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder until the block ends; stop where another run holds it, and say which.

    The hold ends with the process, however that ends: a kill leaves nothing to clean up. Of the processes that are
    launched together, the first holds the folder for all.
    """
    if not is_first():
        yield
        return
    program = Path(sys.argv[0])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="utf-8") as file:
        if not lock(file):
            file.seek(0)
            holder = file.read() or "another run"
            raise SystemExit(f"{program.stem}: {folder} is in use by {holder}; wait until that has ended, or end it")
        file.truncate(0)
        file.write(
            f"{program.name}, process {os.getpid()} on {socket.gethostname()}, since {datetime.now():%Y-%m-%d %H:%M:%S}"
        )
        file.flush()
        yield
        file.truncate(0)


if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[str]) -> bool:
        """Lock a file for this process, unless another has."""
        file.seek(2**30)  # a byte far behind the text, which others may read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(file: IO[str]) -> bool:
        """Lock a file for this process, unless another has."""
        try:
            # Not flock: a worker that outlives its killed parent would go on holding that.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            print(f"warning: no lock on {file.name} ({error.strerror}); see to it that nothing else writes there")
        return True
