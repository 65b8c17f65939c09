"""The lock of a folder, as a Lock, or as what is wrong with it."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.folder import InTheWayError, opened
from stgen.disk.lock import LARGEST_LOCK, LOCK_PATH, Lock, LockError, MergedLockError, NewerLockError
from stgen.disk.obstacles import in_the_way, inside, refused

RESTORE = "restore it from version control; or delete it: files that haven't changed are then taken over"
TAKE_A_SIDE = (
    "take one side with `git checkout --ours .stgen`, or delete it; then `stgen update` makes all as the spec says"
)


def read_lock(folder: str) -> tuple[Lock, list[Diagnostic]]:
    """The lock in `folder`, an empty one where there is none, and what is wrong with it."""
    path = inside(folder, LOCK_PATH)
    if problems := in_the_way(folder, [LOCK_PATH]):
        return Lock({}), list(problems.values())
    try:
        with opened(folder) as existing:
            held = existing.read(LOCK_PATH, LARGEST_LOCK) if existing else None
        return (Lock.parse(held.data.decode()) if held else Lock({})), []
    except OSError as error:
        return Lock({}), [refused(folder, LOCK_PATH, error, "read")]
    except NewerLockError as error:
        return Lock({}), [
            Diagnostic(
                "STG306",
                f"a newer stgen wrote this folder: {error}",
                help="upgrade stgen: `pip install --upgrade stgen`",
                file=path,
            )
        ]
    except (LockError, UnicodeDecodeError, InTheWayError) as error:
        instead = TAKE_A_SIDE if isinstance(error, MergedLockError) else RESTORE
        why = f"it has more than {LARGEST_LOCK // 1024} KiB" if isinstance(error, InTheWayError) else error
        return Lock({}), [
            Diagnostic(
                "STG305",
                f"the lock can't be read: {why}",
                help=instead,
                file=path,
            )
        ]
