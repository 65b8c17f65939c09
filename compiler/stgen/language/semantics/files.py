"""Looks at how a spec names the files of its data: suffixes, hub references, what no path can be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.paths import COMPRESSED

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".parquet")
HUB = re.compile(r"hf://[\w.-]+/[\w.-]+(?:/[\w.-]+)?(?:@[\w./-]+)?#[\w.\[\]:%+-]+")


def bad_file(named: str, path: KeyPath) -> Iterator[Diagnostic]:
    """What is wrong with a file's name, as the text alone shows it."""
    if not named.strip():
        yield Diagnostic("STG053", "the path is empty", path, 'write "data/train.jsonl"')
    elif named.startswith("hf://"):
        yield from _bad_hub(named, path)
    elif "://" in named:
        message = "data is read from files and from the Hugging Face hub, not from other URLs"
        yield Diagnostic("STG053", message, path, "download the file, and write its path")
    elif named.startswith("~"):
        message = "~ is not expanded: a spec means the same on every machine"
        yield Diagnostic("STG053", message, path, "write a path that starts from the spec's folder")
    else:
        yield from _bad_path(named, path)


def _bad_hub(named: str, path: KeyPath) -> Iterator[Diagnostic]:
    if HUB.fullmatch(named):
        return
    hint = f'add the split: "{named}#train"' if HUB.fullmatch(f"{named}#train") else "write hf://ORG/NAME#train"
    note = "the form is hf://ORG/NAME[/CONFIG][@REVISION]#SPLIT"
    yield Diagnostic("STG048", f'"{named}" is not a data set on the hub', path, hint, (note,))


def _bad_path(named: str, path: KeyPath) -> Iterator[Diagnostic]:
    stem, suffix = os.path.splitext(named.lower())
    if suffix in COMPRESSED:
        suffix = os.path.splitext(stem)[1]
    if suffix not in SUFFIXES:
        from stgen.diagnostics.suggest import closest

        near = closest(suffix, SUFFIXES) if suffix else None
        hint = f"did you mean {near}?" if near else f"convert it to one of {' '.join(SUFFIXES)}"
        message = (
            f"{suffix} isn't a data format that stgen reads" if suffix else "no suffix says in which format the data is"
        )
        notes = (f"each may be compressed: {' '.join(COMPRESSED)}", "a data set on the hub is hf://ORG/NAME#SPLIT")
        yield Diagnostic("STG047", message, path, hint, notes)
    if named.startswith("/") or re.match(r"[A-Za-z]:[\\/]", named):
        message = "an absolute path is valid on this machine only"
        yield Diagnostic("STG055", message, path, "write it from the spec's folder", severity="note")
