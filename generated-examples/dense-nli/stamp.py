"""Ties the rows that prepare.py wrote to what they were made from: they count as long as that is what lies here.

They lie in prepared/rows/, which a next version replaces as a whole.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import saving

ROOT = Path(__file__).parent

# Kind of thing that decides what prepare.py writes -> its name -> its hash or value.
MadeOf = dict[str, dict[str, str]]


def unfinished(rows: Path) -> Path:
    """Return the folder in which prepare.py writes rows, before all of them together take their places."""
    folder = saving.beside(rows, "unfinished")
    return folder if (folder / saving.SEAL).exists() else saving.start_version(rows)


@cache
def require(rows: Path, made_of: Callable[[], MadeOf]) -> dict[str, Any]:
    """Return the seal of the rows, which is held once against what lies here: by the first process of those on this machine."""
    saving.settle(rows)
    seal = saving.read_seal(rows)
    if not seal:
        raise SystemExit(f"data: {rows / saving.SEAL} is missing; run `python prepare.py` first")
    if os.environ.get("LOCAL_RANK", "0") != "0":
        return seal
    if change := find_change(rows, made_of()):
        raise SystemExit(f"data: {change}; run `python prepare.py`")
    return seal


@contextmanager
def unchanged(rows: Path, made_of: Callable[[], MadeOf]) -> Iterator[Path]:
    """Give the folder of the rows; stop where prepare.py has written others by the time that they are read."""
    seal = require(rows, made_of)
    try:
        yield rows
    finally:
        if saving.read_seal(rows) != seal:
            raise SystemExit(
                "data: prepare.py has written other rows since this program began to read them; start it again"
            )


def find_change(rows: Path, now: MadeOf) -> str | None:
    """Say what is no longer as it was when prepare.py ran, or return None. Only the kinds of things in `now` are compared."""
    seal = saving.read_seal(rows)
    if not seal:
        return f"{rows / saving.SEAL} is missing"
    wrote = hash_files(rows / name for name in seal["files"] if name.endswith(".parquet"))
    taken = now if now["files"] else {**now, "files": seal["run"].get("files", {})}  # rows may be taken without those
    changed = name_changes(seal["run"], {**taken, "rows": wrote})
    return f"{changed} since prepare.py ran" if changed else None


def name_changes(before: dict[str, Any], now: MadeOf) -> str:
    """Name what differs in what rows are made from, over all kinds of things."""
    kinds = {kind: known if isinstance(known := before.get(kind), dict) else {} for kind in now}
    return ", ".join(filter(None, (saving.differences(kinds[kind], found) for kind, found in now.items())))


def require_same(rows: Path, before: MadeOf, now: MadeOf) -> None:
    """Stop, and forget what was written, when anything is no longer what it was when it was read."""
    if changed := name_changes(before, now):
        saving.start_version(rows)
        raise SystemExit(f"prepare: {changed} while the rows were read; run it again when nothing writes there")


def publish(rows: Path, made_of: MadeOf) -> None:
    """Put the rows that were written in place of the last ones, all files at once; what others left beside those stays."""
    folder = saving.beside(rows, "unfinished")
    hashes = hash_files(folder.glob("*.parquet"))
    saving.seal(folder, {**made_of, "rows": {relative(rows / Path(name).name): hashes[name] for name in hashes}})
    for file in others(rows):
        copy = folder / file.relative_to(rows)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
    saving.put_in_place(rows)
    saving.remove_previous(rows)


def others(rows: Path) -> Iterator[Path]:
    """Yield the files among the rows that prepare.py did not write, or that were edited since it sealed them."""
    seal, wrote = rows / saving.SEAL, saving.read_seal(rows).get("files", {})
    for file in rows.rglob("*"):
        ours = file == seal or (
            file.relative_to(rows).as_posix() in wrote and file.stat().st_mtime_ns <= seal.stat().st_mtime_ns
        )
        if file.is_file() and not ours:
            yield file


def hash_files(files: Iterable[Path]) -> dict[str, str]:
    """Return the hashes of those files that are there, by their path as seen from here."""
    return {relative(file): hash_file(file) for file in files if file.is_file()}


def hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return saving.CONTENT + hashlib.file_digest(stream, "sha256").hexdigest()


def relative(file: Path) -> str:
    """Return a path as seen from here: it holds where the repo is copied together with what lies around it."""
    return Path(os.path.relpath(file, ROOT)).as_posix()
