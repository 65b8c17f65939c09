"""Tells, before anything costly is imported, that a compile has nothing to do: the hashes in the lock all hold.

The imports of this module are the price of every `stgen compile`; argparse, pydantic and jinja2 cost ten times more.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha1

from stgen import __version__
from stgen.source.beside import profile_path
from stgen.values.blob import blob_id

LOCK_FORMAT = 2
LOCK_PATH = ".stgen/manifest.json"
WRITTEN_PATH = ".stgen/written"
JOURNAL_PATH = ".stgen/journal"
JOURNAL_NEW = ".stgen/journal.new"
WRITER_PATH = ".stgen/writer"
UNSETTLED = frozenset(path.rpartition("/")[2] for path in (JOURNAL_PATH, JOURNAL_NEW, WRITER_PATH))
"""What stands in the lock's folder while stgen writes, and after a write that was cut off."""

SPEC_NAMES = ("stgen.toml", "stgen.json")

LARGEST_LOCK = 1024 * 1024
LARGEST_REPO = 64 * 1024 * 1024
"""Bytes of all files that are hashed. A lock can name what it likes, and only a hostile one names more."""

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def output_folder(spec: str) -> str:
    """Where a spec compiles to by default: its own folder if it is called stgen, else a folder of its name beside it."""
    folder, name = os.path.split(spec)
    stem, _ = os.path.splitext(name)
    return folder or "." if name in SPEC_NAMES else os.path.join(folder, stem)


def nothing_to_do(spec: str, folder: str) -> int:
    """How many files are up to date when a compile of `spec` into `folder` would change nothing; 0 when it might."""
    try:
        if _unsettled(folder):
            return 0
        return _files_that_hold(_bytes(os.path.join(folder, LOCK_PATH), LARGEST_LOCK), spec, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0  # whatever is wrong, the whole way finds it and says so


def _unsettled(folder: str) -> bool:
    """Whether a write was cut off or is under way, or a link stands where none of ours does."""
    ours = os.path.join(folder, os.path.dirname(LOCK_PATH))
    if os.path.islink(ours):
        return True
    with os.scandir(ours) as entries:
        return any(entry.name in UNSETTLED or entry.is_symlink() for entry in entries)


def _files_that_hold(text: bytes, spec: str, folder: str) -> int:
    import json

    lock = json.loads(text)
    if lock["lock"] != LOCK_FORMAT or lock["stgen"] != __version__ or not _same_compiler(folder, text):
        return 0
    if lock["spec"] not in lock["inputs"] or not os.path.samefile(os.path.join(folder, lock["spec"]), spec):
        return 0
    if lock.get("folder", "") not in ("", os.path.basename(os.path.dirname(os.path.abspath(spec)))):
        return 0
    left = [LARGEST_REPO]
    if not all(_holds(os.path.join(folder, path), id, left) for path, id in lock["inputs"].items()):
        return 0
    profile = profile_path(spec)
    if os.path.lexists(profile) and not any(
        os.path.samefile(os.path.join(folder, path), profile) for path in lock["inputs"]
    ):
        return 0  # a profile has come since
    files = lock["files"]
    if not _plain(folder, {path.rpartition("/")[0] for path in files}):
        return 0
    if not _holds(os.path.join(folder, WRITTEN_PATH), lock["written"], left):
        return 0
    return len(files) if all(_entry_holds(os.path.join(folder, path), files[path], left) for path in files) else 0


def _plain(folder: str, inside: set[str]) -> bool:
    """Whether folders are folders of the repo, and none of those above them a link."""
    for path in inside:
        names = path.split("/") if path else []
        if ".." in names or path.startswith("/"):
            return False
        if any(os.path.islink(os.path.join(folder, *names[: end + 1])) for end in range(len(names))):
            return False
    return True


def _entry_holds(path: str, entry: dict[str, object], left: list[int]) -> bool:
    if entry["policy"] == "once":
        return os.path.lexists(path)
    if os.path.islink(path) or (bool(os.stat(path).st_mode & 0o100) != ("executable" in entry) and os.name == "posix"):
        return False
    return _holds(path, entry["id"], left)


def _holds(path: str, id: object, left: list[int]) -> bool:
    """Whether a file has this id. Takes its size from what may be `left` to read."""
    data = _bytes(path, left[0])
    left[0] -= len(data)
    return blob_id(data) == id


def _bytes(path: str, limit: int) -> bytes:
    """A plain file's bytes. Raises ValueError for all else, and for more than `limit` bytes; waits for nothing."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise ValueError(path)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(path)
    return data


# --- in a checkout, where the version doesn't tell that the compiler has changed ---------------------------------------


def remember(folder: str, lock: bytes, compiler: str) -> None:
    """Note that the compiler of that fingerprint wrote `lock` into `folder`. Does nothing in a wheel, or if it can't."""
    if not compiler:
        return
    note = _note(folder)
    try:
        os.makedirs(os.path.dirname(note), exist_ok=True)
        with open(note, "w", encoding="ascii") as file:
            file.write(compiler + blob_id(lock))
    except OSError:
        return  # the note only saves time


def _same_compiler(folder: str, lock: bytes) -> bool:
    if _installed():
        return True
    with open(_note(folder), encoding="ascii") as file:
        return file.read() == fingerprint() + blob_id(lock)


def _installed() -> bool:
    return os.path.isdir(os.path.join(PACKAGE, "templates"))


def _note(folder: str) -> str:
    name = sha1(os.path.realpath(folder).encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()
    return os.path.join(PACKAGE, "__pycache__", f"compiled-{name}")


def fingerprint() -> str:
    """Path, size and time of change of every file of the compiler and its templates, as one hash; "" in a wheel.

    Taken before anything is compiled: an edit of the compiler in between must not pass for what compiled.
    """
    if _installed():
        return ""
    lines: list[str] = []
    for top in (PACKAGE, os.path.join(PACKAGE, "..", "..", "templates")):
        folders = [top]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        if entry.name != "__pycache__":
                            folders.append(entry.path)
                        continue
                    stat = entry.stat()
                    lines.append(f"{entry.path} {stat.st_size} {stat.st_mtime_ns}\n")
    return sha1("".join(sorted(lines)).encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()
