"""Tells, before anything costly is imported, that a compile has nothing to do: the hashes in the lock all hold.

The imports of this module are the price of every `stgen compile`; argparse, pydantic and jinja2 cost ten times more.
"""

from __future__ import annotations

import os
from hashlib import sha1

from stgen import __version__

LOCK_FORMAT = 1
LOCK_PATH = ".stgen/manifest.json"
SPEC_NAMES = ("stgen.toml", "stgen.json")

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def blob_id(data: bytes) -> str:
    """The id that git gives a file of these bytes."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def output_folder(spec: str) -> str:
    """Where a spec compiles to by default: its own folder if it is called stgen, else a folder of its name beside it."""
    folder, name = os.path.split(spec)
    stem, _ = os.path.splitext(name)
    return folder or "." if name in SPEC_NAMES else os.path.join(folder, stem)


def nothing_to_do(spec: str, folder: str) -> int:
    """How many files are up to date when a compile of `spec` into `folder` would change nothing; 0 when it might."""
    try:
        with open(os.path.join(folder, LOCK_PATH), "rb") as file:
            text = file.read()
        return _files_that_hold(text, spec, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0  # whatever is wrong, the whole way finds it and says so


def _files_that_hold(text: bytes, spec: str, folder: str) -> int:
    import json

    lock = json.loads(text)
    if lock["lock"] != LOCK_FORMAT or lock["stgen"] != __version__ or not _same_compiler(folder, text):
        return 0
    if not os.path.samefile(os.path.join(folder, lock["spec"]), spec):
        return 0
    if lock.get("folder", "") not in ("", os.path.basename(os.path.dirname(os.path.abspath(spec)))):
        return 0
    if not all(_holds(os.path.join(folder, path), id) for path, id in lock["inputs"].items()):
        return 0
    for path, entry in lock["files"].items():
        if not _entry_holds(os.path.join(folder, path), entry):
            return 0
    return len(lock["files"])


def _entry_holds(path: str, entry: dict[str, object]) -> bool:
    if entry["policy"] == "once":
        return os.path.lexists(path)
    if os.path.islink(path) or (bool(os.stat(path).st_mode & 0o100) != ("executable" in entry) and os.name == "posix"):
        return False
    return _holds(path, entry["id"])


def _holds(path: str, id: object) -> bool:
    with open(path, "rb") as file:
        return blob_id(file.read()) == id


# --- in a checkout, where the version doesn't tell that the compiler has changed ---------------------------------------


def remember(folder: str, lock: bytes) -> None:
    """Note that this very compiler wrote `lock` into `folder`. Does nothing in an installed wheel, or if it can't."""
    if _installed():
        return
    note = _note(folder)
    try:
        os.makedirs(os.path.dirname(note), exist_ok=True)
        with open(note, "w", encoding="ascii") as file:
            file.write(_fingerprint() + blob_id(lock))
    except OSError:
        return  # the note only saves time


def _same_compiler(folder: str, lock: bytes) -> bool:
    if _installed():
        return True
    with open(_note(folder), encoding="ascii") as file:
        return file.read() == _fingerprint() + blob_id(lock)


def _installed() -> bool:
    return os.path.isdir(os.path.join(PACKAGE, "templates"))


def _note(folder: str) -> str:
    name = sha1(os.path.realpath(folder).encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()
    return os.path.join(PACKAGE, "__pycache__", f"compiled-{name}")


def _fingerprint() -> str:
    """Path, size and time of change of every file of the compiler and its templates, as one hash."""
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
