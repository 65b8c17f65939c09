"""Saves files and folders whole or not at all, and holds a folder for one run. A folder counts once it is sealed."""

import errno
import hashlib
import io
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

SEAL = "seal.json"  # written last: the files of a folder with their sizes, and the run that they are of
REWRITTEN = ("README.md", SEAL)  # evaluate.py puts its figures into the model card
CONTENT = "sha256:"  # in front of what is known by its hash alone
UNWRITABLE = {errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EPIPE, errno.EROFS}
WRAPPED = ("(os error ", "unexpected pos")  # so safetensors and torch tell it
FULL = 2**20  # free bytes below which a disk is full
PLACES = {Path.cwd()}  # in which this program writes


def write(path: Path, text: str) -> None:
    """Write a text file: whoever reads it finds the old text or the new."""
    PLACES.add(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    sync(unfinished)
    unfinished.replace(path)


def write_json(path: Path, content: Any) -> None:
    write(path, json.dumps(content, indent=1, ensure_ascii=False))


def read_json(path: Path, otherwise: Any = None) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else otherwise


def sync(path: Path) -> None:
    """Wait until a file is on the disk, so that it survives a power failure."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def seal(folder: Path, run: dict[str, Any]) -> None:
    """Mark a folder as whole, and as that of a run."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    for file in files:
        sync(file)
    sizes = {file.relative_to(folder).as_posix(): file.stat().st_size for file in files if file.name not in REWRITTEN}
    write_json(folder / SEAL, {"run": run, "files": sizes})


def read_seal(folder: Path) -> dict[str, Any]:
    """Return what the seal of a folder says; nothing where it has none."""
    try:
        said = read_json(folder / SEAL)
        return said if isinstance(said["run"], dict) and isinstance(said["files"], dict) else {}
    except (OSError, ValueError, TypeError, LookupError):
        return {}


def find_flaw(folder: Path) -> str | None:
    """Say why a folder isn't whole, or return None."""
    said = read_seal(folder)
    if not said:
        return f"its {SEAL}, which is written last, is missing or cut off"
    for name, size in said["files"].items():
        file = folder / name
        if not file.exists():
            return f"{name} is missing"
        if file.stat().st_size != size:
            return f"{name} has {file.stat().st_size:,} bytes of {size:,}"
    return None


def differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    said = []
    for name in {**now, **before}:
        old, new = before.get(name), now.get(name)
        if old != new:
            how = "is new" if old is None else "is gone" if new is None else "changed"
            said.append(f"{name} {how}" if how != "changed" or CONTENT in f"{old}{new}" else f"{name} {old} -> {new}")
    return ", ".join(said)


def start_version(folder: Path) -> Path:
    """Return an empty folder for the next version of a folder. An empty seal in it tells whose it is."""
    settle(folder)
    remove_previous(folder)
    unfinished = beside(folder, "unfinished")
    of_others = unfinished.exists() and any(unfinished.iterdir()) and not (unfinished / SEAL).exists()
    if of_others or unfinished.is_symlink():
        raise SystemExit(f"{unfinished} stands where a next version is written, and is none: move it away")
    unfinished.mkdir(parents=True, exist_ok=True)
    (unfinished / SEAL).write_text("")
    for path in unfinished.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != SEAL:
            path.unlink()
    return unfinished


def put_in_place(folder: Path) -> None:
    """Let the sealed next version of a folder take its place. The one before stays beside it."""
    if folder.exists():
        folder.resolve().rename(beside(folder, "previous"))
    settle(folder)


def settle(folder: Path) -> None:
    """Finish the renaming of `put_in_place` where a kill has cut it off: no system can swap two folders at once."""
    unfinished, previous = beside(folder, "unfinished"), beside(folder, "previous")
    if not folder.exists() and unfinished.exists():  # else somebody has removed it
        with suppress(OSError):  # another process has been faster
            (previous if find_flaw(unfinished) else unfinished).rename(folder.resolve())


def remove_previous(folder: Path) -> None:
    """Remove the version that another has taken the place of."""
    if folder.exists():
        shutil.rmtree(beside(folder, "previous"), ignore_errors=True)


def beside(folder: Path, state: str) -> Path:
    """Return where a version of a folder lies that doesn't count: beside it, also where that is a link to another place."""
    place = folder.resolve()
    return place.with_name(f"{place.name}.{state}")


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder until the block ends, or a kill ends all; stop where another run holds it, and say which."""
    if os.environ.get("RANK", "0") != "0":  # the first of the processes that are launched together holds it for all
        try:
            yield
        except BaseException:
            time.sleep(30)  # where the first fails too, it alone says why: its end is that of all
            raise
        return
    program = Path(sys.argv[0])
    PLACES.update({folder, Path(tempfile.gettempdir())})
    folder.mkdir(parents=True, exist_ok=True)
    user = os.getuid() if sys.platform != "win32" else 0
    place = f"run-{user}-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.lock"
    # Disks that machines share may have no locks: a file of this machine keeps its own runs apart there too.
    with (
        (folder / "run.lock").open("a+", encoding="utf-8") as file,
        Path(tempfile.gettempdir(), place).open("a+") as own,
    ):
        if not (lock(own) and lock(file)):
            file.seek(0)
            used = f"{program.stem}: {folder} is in use by {file.read() or 'another run'}"
            raise SystemExit(f"{used}; wait until that has ended, or end it")
        file.truncate(0)
        run = f"{program.name}, process {os.getpid()} on {socket.gethostname()}"
        file.write(f"{run}, since {datetime.now():%Y-%m-%d %H:%M:%S}")
        file.flush()
        yield
        file.truncate(0)


def lock(file: IO[str]) -> bool:
    """Lock a file for this process, unless another has."""
    try:
        import fcntl  # not on Windows

        # Not flock: a worker that outlives its killed parent would go on holding that.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except ImportError:
        print(f"warning: no lock on {file.name}; see to it that no other run writes there")
    except OSError as error:
        apart = "runs of this machine are kept apart; see to it that none of another writes there"
        print(f"warning: no lock on {file.name} ({error.strerror}): {apart}")
    return True


def end_plainly(goes_on: str) -> None:
    """Let Ctrl-C, or a disk that takes no more, end the program with a line that says how to go on.

    What it leaves is what any kill may leave.
    """
    # Neither a worker speaks nor another process of the launch.
    speaker = os.getpid() if os.environ.get("RANK", "0") == "0" else None

    def end(*_: object) -> None:
        if os.getpid() == speaker:
            os.write(2, f"\n{Path(sys.argv[0]).stem}: interrupted. The same command {goes_on}\n".encode())
        os._exit(130)

    def fail(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        # Another process has ended, which says why: the end of one is that of all.
        if "gloo" in str(error) or "NCCL" in str(error):
            time.sleep(30)
        if (fault := find_fault(error)) is None:
            return sys.__excepthook__(kind, error, traceback)
        os.write(2, f"{Path(sys.argv[0]).stem}: {fault}. Once that is mended, the same command {goes_on}\n".encode())
        os._exit(1)  # what is printed and couldn't be written would be tried again

    # Who starts it in the background may have it ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)
    sys.excepthook = fail
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a line that can't be printed is told too


def find_fault(error: BaseException | None) -> str | None:
    """Say so where an error comes from a disk that takes no more: libraries wrap the system's error in theirs, or hide it."""
    full = [folder for folder in PLACES if folder.exists() and shutil.disk_usage(folder).free < FULL]
    if full:
        return f"the disk of {min(full)} is full ({error})"
    while error and getattr(error, "errno", None) not in UNWRITABLE and not any(sign in str(error) for sign in WRAPPED):
        error = error.__cause__ or error.__context__
    return f"a file can't be written or read: {error}" if error else None
