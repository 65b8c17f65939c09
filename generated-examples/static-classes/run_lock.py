"""Holds a folder for one run, so that no two write into it at once."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO

NAME = "run.lock"


def is_first() -> bool:
    """Whether this is the first of the processes that are launched together, which writes for all."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def hold(folder: Path, wait: bool = False) -> Iterator[None]:
    """Hold a folder until the block ends; where another run holds it, say which, and stop or wait for it.

    The hold ends with the process, however that ends: a kill leaves nothing to clean up. Of the processes that are
    launched together, the first holds the folder for all; of those that wait, each holds it in its turn.
    """
    if not is_first() and not wait:
        yield
        return
    program = Path(sys.argv[0])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="utf-8") as file, find_lockable(file) as key:
        if not lock(key):
            file.seek(0)
            holder = file.read() or "another run"
            if not wait:
                raise SystemExit(
                    f"{program.stem}: {folder} is in use by {holder}; wait until that has ended, or end it"
                )
            print(f"{program.stem}: {folder} is in use by {holder}; waiting for it", flush=True)
            while not lock(key):
                time.sleep(1)
        file.truncate(0)
        file.write(
            f"{program.name}, process {os.getpid()} on {socket.gethostname()}, since {datetime.now():%Y-%m-%d %H:%M:%S}"
        )
        file.flush()
        yield
        file.truncate(0)


if sys.platform == "win32":
    import msvcrt

    def find_lockable(file: IO[str]) -> AbstractContextManager[IO[str]]:
        """Give the file: every disk has locks here."""
        return nullcontext(file)

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

    @contextmanager
    def find_lockable(file: IO[str]) -> Iterator[IO[str]]:
        """Give the file, or one of this machine that stands for it: disks that machines share may have no locks."""
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_UN)
        except (BlockingIOError, PermissionError):
            yield file  # another run has locked it, so its disk has locks
        except OSError as error:
            print(
                f"warning: no lock on {file.name} ({error.strerror}): runs of this machine are kept apart; see to it that none of another writes there"
            )
            place = hashlib.sha256(str(Path(file.name).resolve()).encode()).hexdigest()[:16]
            with Path(tempfile.gettempdir(), f"run-{os.getuid()}-{place}.lock").open("a+", encoding="utf-8") as key:
                yield key
        else:
            yield file

    def lock(file: IO[str]) -> bool:
        """Lock a file for this process, unless another has."""
        try:
            # Not flock: a worker that outlives its killed parent would go on holding that.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            print(
                f"warning: no lock on {file.name} either ({error.strerror}): see to it that nothing else writes there"
            )
        return True
