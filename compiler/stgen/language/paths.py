"""Where the spec's paths lie as seen from the generated repo, and what a data source names. No disk is touched."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from stgen.values.expressions import Call, Expression

# fmt: off
READERS: dict[str, tuple[str, dict[str, str]]] = {  # suffix -> module of the reader, and its options
    ".jsonl":   ("json_lines", {}),
    ".json":    ("json_list",  {}),
    ".csv":     ("cells",      {}),
    ".tsv":     ("cells",      {"delimiter": "\t"}),
    ".txt":     ("plain_text", {}),
    ".parquet": ("parquet",    {}),
}
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
# fmt: on

_HUB = re.compile(
    r"hf://(?P<path>[\w.-]+/[\w.-]+)(?:/(?P<name>[\w.-]+))?(?:@(?P<revision>[\w./-]+))?#(?P<split>[\w.\[\]:%+-]+)\Z"
)
_LOCAL = ("./", "../", "/", "~")


class Place(NamedTuple):
    """Where the spec's folder and the generated repo lie: both absolute, in POSIX spelling."""

    spec_folder: str
    repo: str


def from_repo(path: str, place: Place) -> str:
    """A path of the spec, as seen from the generated repo."""
    if path.startswith(("/", "~")):
        return path
    return posixpath.relpath(posixpath.join(place.spec_folder, path), place.repo)


def is_on_hub(named: str) -> bool:
    """Whether a spec names a data set on the hub, rather than files."""
    return named.startswith("hf://")


def hub_source(text: str) -> dict[str, str] | None:
    """`hf://ORG/NAME[/CONFIG][@REVISION]#SPLIT` as arguments of `load_dataset`; None when it isn't one."""
    found = _HUB.match(text)
    return {key: value for key, value in found.groupdict().items() if value} if found else None


OPTIONS: dict[str, tuple[str, ...]] = {  # module of the reader -> the keys of a data set's `file` that it takes
    "cells": ("delimiter", "quoting", "header", "encoding"),
    "plain_text": ("delimiter", "header", "encoding"),
    "json_lines": ("header", "rows"),
    "json_list": ("header", "rows"),
}
SHAPED = {"json_lines": "json_rows", "json_list": "json_items"}
"""Module of the reader -> the one that takes those keys, where rows aren't plain objects."""


def file_options(module: str, file: object) -> dict[str, Expression]:
    """What a data set's `file` says to a module of the reader."""
    return {key: value for key in OPTIONS.get(module, ()) if (value := getattr(file, key, None)) is not None}


def way_to_read(found: tuple[str, dict[str, str]], file: object) -> tuple[str, dict[str, Expression]]:
    """The reader for files of a suffix and its options, with what a data set's `file` says: lines with a delimiter are a table, and rows may be no objects."""
    module, options = found
    if module == "plain_text" and getattr(file, "delimiter", None):
        module, options = "cells", {"quoting": "none"}
    said = file_options(module, file)
    if module == "plain_text":
        said.pop("header", None)  # a line is one column, whatever the others of the data set are
    if module == "cells" and len(str(said.get("delimiter", ","))) > 1:
        module = "signs"
    return SHAPED.get(module, module) if said else module, {**options, **said}


def reader(path: str) -> tuple[str, dict[str, str]] | None:
    """The reader for a local file or glob by its suffix, compression aside; None when there is none."""
    name = posixpath.basename(path).lower()
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    return READERS.get(posixpath.splitext(name)[1])


def is_local(base: str) -> bool:
    """Whether a model is a folder rather than a hub id: it must begin like a path, as `org/name` could be either."""
    return base.startswith(_LOCAL) or base in (".", "..")


def model_location(base: str | None, place: Place) -> Expression:
    """Where a model lies: a hub id as it is, a folder relative to the generated repo."""
    if base is None or not is_local(base):
        return base
    path = from_repo(base, place)
    if path.startswith("~"):
        return Call("str", (Call("Path.expanduser", (Call("Path", (path,)),)),))
    return path if path.startswith("/") else Call("str", (Call("ROOT.joinpath", (path,)),))
