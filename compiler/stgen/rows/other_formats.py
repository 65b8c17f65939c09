"""Tells what a file is that can't be read under its suffix: its first bytes, or its name -> the one thing that is wrong."""

from __future__ import annotations

import json
import os

from stgen.reader.files import UnreadableError
from stgen.rules.other_files import BEGINNINGS, SAVED, SUFFIXES, Beginning
from stgen.values.quoting import shell

HEAD = 64  # bytes that show what a file is


def require_as_named(head: bytes, path: str, shown: str) -> None:
    """Refuse a file that begins as one of another format does. Raises UnreadableError."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for found in BEGINNINGS:
        if begins.startswith(found.starts) and not (found.suffix and path.lower().endswith(found.suffix)):
            raise UnreadableError("STG201", f"{shown} is {found.called}", _way(found, shown))


def renamed(shown: str) -> str:
    """What makes a file with an unusual suffix one that is read; "" where nothing is known."""
    stem, suffix = os.path.splitext(shown)
    name, said = SUFFIXES.get(suffix.lower(), ("", ""))
    if not name:
        return ""
    return f"rename it: mv {shell(shown)} {shell(stem + name)}" + (
        f", and write {said} beside the path" if said else ""
    )


def saved_folder(folder: str) -> str:
    """What makes files of a folder that `save_to_disk` has written; "" for other folders."""
    there = next((name for name in SAVED if os.path.isfile(os.path.join(folder, name))), "")
    if not there:
        return ""
    loaded = f"datasets.load_from_disk({json.dumps(folder)})"
    if there == SAVED[0]:
        program = f'import datasets; [rows.to_parquet(f"{{split}}.parquet") for split, rows in {loaded}.items()]'
    else:
        program = f'import datasets; {loaded}.to_parquet("train.parquet")'
    return f"`save_to_disk` has written it: python -c {shell(program)} makes Parquet of it"


def _way(found: Beginning, shown: str) -> str:
    if found.suffix:
        stem, suffix = os.path.splitext(shown)
        named = stem + found.suffix if found.suffix == ".parquet" else shown + found.suffix
        return f"name it so: mv {shell(shown)} {shell(named)}"
    if not found.program:
        return found.help
    stem, suffix = os.path.splitext(shown)
    made = stem + (found.made if suffix != found.made else f".table{found.made}")
    program = found.program.format(file=json.dumps(shown), made=json.dumps(made))
    return f"{found.help}: python -c {shell(program)}"
