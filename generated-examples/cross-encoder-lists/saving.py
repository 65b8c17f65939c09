"""Saves files and folders whole or not at all, and tells whole folders from those that a kill or a full disk cut off."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

SEAL = "seal.json"  # written last: the files of a folder with their sizes, and the run that they are of
REWRITTEN = ("README.md", SEAL)  # evaluate.py puts its figures into the model card


def write(path: Path, text: str) -> None:
    """Write a text file: whoever reads it finds the old text or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    sync(unfinished)
    unfinished.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, for people to read too."""
    write(path, json.dumps(content, indent=1, ensure_ascii=False))


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
        said: dict[str, Any] = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said


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


def start_version(folder: Path) -> Path:
    """Return an empty folder for the next version of a folder."""
    settle(folder)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    return unfinished


def put_in_place(unfinished: Path, folder: Path) -> None:
    """Let the sealed next version of a folder take its place."""
    previous = folder.with_name(f"{folder.name}.previous")
    shutil.rmtree(previous, ignore_errors=True)
    if folder.exists():
        folder.rename(previous)
    settle(folder)
    shutil.rmtree(previous, ignore_errors=True)


def settle(folder: Path) -> None:
    """Finish the renaming of `put_in_place` where a kill has cut it off: no system can swap two folders at once."""
    unfinished, previous = (folder.with_name(f"{folder.name}.{state}") for state in ("unfinished", "previous"))
    with suppress(OSError):  # another process has been faster
        if not folder.exists() and find_flaw(unfinished) is None:
            unfinished.rename(folder)
        if not folder.exists() and previous.exists():
            previous.rename(folder)
