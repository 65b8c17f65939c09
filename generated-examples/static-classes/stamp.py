"""Keeps together what prepare.py writes: all of its files change at once, and a stamp says what they were made from.

prepare.py writes into prepared/unfinished/. When every file is whole, that folder becomes prepared/finished/, and from that
moment its files count; then they are moved to their places. Who reads looks into prepared/finished/ first, and so finds
all files of one run, wherever prepare.py is stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import saving

ROOT = Path(__file__).parent
STAMP = "stamp.json"
SEEN = "seen.json"  # what files looked like when they were hashed
OLD_ENOUGH = 2_000_000_000  # nanoseconds: the times of a younger file may not tell that it changes once more

# Kind of thing that decides what prepare.py writes -> its name -> its hash or value.
MadeOf = dict[str, dict[str, str]]


@contextmanager
def reading(prepared: Path, made_of: Callable[[], MadeOf]) -> Iterator[None]:
    """Stop where the rows are not made from what lies here now, or are written anew while they are read."""
    before = require(prepared, made_of)
    try:
        yield
    except FileNotFoundError:
        if read(prepared) == before:
            raise
    if read(prepared) != before:
        raise SystemExit(
            "data: prepare.py has written other rows since this program began to read them; start it again"
        )


@cache
def require(prepared: Path, made_of: Callable[[], MadeOf]) -> dict[str, Any] | None:
    """Return the stamp, which is held once against what lies here: by the first process of those on this machine."""
    stamp = read(prepared)
    if stamp is None:
        raise SystemExit(f"data: {prepared / STAMP} is missing; run `python prepare.py` first")
    if os.environ.get("LOCAL_RANK", "0") != "0":
        return stamp
    if change := find_change(prepared, made_of()):
        raise SystemExit(f"data: {change}; run `python prepare.py`")
    return stamp


def find(prepared: Path, name: str) -> Path:
    """Return where a file of prepared/ lies."""
    finished = prepared / "finished" / name
    return finished if finished.exists() else prepared / name


def read(prepared: Path) -> dict[str, Any] | None:
    """Return what the files of prepared/ were made from, and their hashes; None where no run of prepare.py has ended."""
    return load(prepared / "finished" / STAMP) or load(prepared / STAMP)


def load(file: Path) -> dict[str, Any] | None:
    """Read a stamp, or return None where there is none. Its files lie in one folder: a name with a path is none of ours."""
    try:
        stamp = json.loads(file.read_text(encoding="utf-8"))
        parts = [stamp["wrote"], *stamp["made_of"].values()]
    except (FileNotFoundError, ValueError, TypeError, LookupError, AttributeError):
        return None
    ours = all(isinstance(part, dict) for part in parts) and all(Path(name).name == name for name in stamp["wrote"])
    return stamp if ours else None


def find_change(prepared: Path, now: MadeOf) -> str | None:
    """Say what is no longer as it was when prepare.py ran, or return None. Only the kinds of things in `now` are compared.

    Prepared rows may be taken where none of the files is that they were made from.
    """
    stamp = read(prepared)
    if stamp is None:
        return f"{prepared / STAMP} is missing"
    for kind, found in now.items():
        known = stamp["made_of"].get(kind, {})
        if kind == "files" and not found:
            continue
        for name in sorted(known.keys() | found.keys()):
            if known.get(name) != found.get(name):
                how = "is new" if name not in known else "is gone" if name not in found else "has changed"
                return f"{name} {how} since prepare.py ran"
    for name, digest in stamp["wrote"].items():
        if name.endswith(".parquet") and hash_file(prepared, find(prepared, name)) != digest:
            return f"{prepared / name} is not as prepare.py wrote it"
    return None


def begin(prepared: Path) -> None:
    """Make an empty folder for the files of a run; those of one that was stopped go."""
    folder = prepared / "unfinished"
    if (folder / STAMP).exists() and not folder.is_symlink():
        shutil.rmtree(folder)
    remove_empty(folder)
    unfinished(prepared)


def unfinished(prepared: Path) -> Path:
    """Return the folder for files that don't count yet. The stamp in it, which is empty, tells that it is no one else's."""
    folder = prepared / "unfinished"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / STAMP).touch()
    return folder


def publish(prepared: Path, made_of: MadeOf) -> None:
    """Put the files of a run in place of those of the last one, all at once."""
    folder = unfinished(prepared)
    files = sorted(file for file in folder.iterdir() if file.name != STAMP)
    stamp = {"made_of": made_of, "wrote": {file.name: hash_file(prepared, file) for file in files}}
    saving.write_json(folder / STAMP, stamp)
    for file in files:
        saving.sync(file)
    sync_folder(folder)
    folder.rename(prepared / "finished")
    sync_folder(prepared)
    settle(prepared)


def settle(prepared: Path) -> None:
    """Move finished files to their places, and remove what an earlier run wrote and this one didn't."""
    finished = prepared / "finished"
    before, now = load(prepared / STAMP), load(finished / STAMP)
    if now and not finished.is_symlink():
        for name, digest in before["wrote"].items() if before else ():
            if name not in now["wrote"] and hash_file(prepared, prepared / name) == digest:
                (prepared / name).unlink()
        for name in (*now["wrote"], STAMP):  # the stamp last
            if (finished / name).exists():
                (finished / name).replace(prepared / name)
    remove_empty(finished)


def remove_empty(folder: Path) -> None:
    """Remove a folder that prepare.py has emptied; stop where it is a link, or something of others lies in it."""
    if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
        raise SystemExit(f"prepare: {folder} is not what prepare.py made of it; move it away")
    if folder.exists():
        folder.rmdir()


def hash_files(prepared: Path, files: Iterable[Path]) -> dict[str, str]:
    """Return the hashes of files, by their path as seen from here."""
    return {relative(file): hash_file(prepared, file) for file in files}


def hash_file(prepared: Path, file: Path) -> str:
    """Hash a file, but for one that looks as it did when it was last hashed; return "" where there is no file."""
    if not file.is_file():
        return ""
    status, now = file.stat(), time.time_ns()
    looks = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    if (known := seen(prepared).get(relative(file))) and known[:-1] == looks:
        return str(known[-1])
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if now - max(looks[1:]) > OLD_ENOUGH:
        seen(prepared)[relative(file)] = [*looks, digest]
    return digest


def relative(file: Path) -> str:
    """Return a path as seen from here: it holds where the repo is copied together with what lies around it."""
    return Path(os.path.relpath(file, ROOT)).as_posix()


@cache
def seen(prepared: Path) -> dict[str, list[Any]]:
    """Return the sizes, times and hashes of files as they were hashed last."""
    try:
        kept = json.loads((prepared / SEEN).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {name: look for name, look in kept.items() if isinstance(look, list)} if isinstance(kept, dict) else {}


def remember(prepared: Path) -> None:
    """Keep the hashes of files, so that later programs need not read them."""
    known = {name: look for name, look in seen(prepared).items() if (ROOT / name).is_file()}
    saving.write_json(prepared / SEEN, known)


def sync_folder(folder: Path) -> None:
    """Wait until the list of a folder's files is on the disk; other systems than POSIX have no way to."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
