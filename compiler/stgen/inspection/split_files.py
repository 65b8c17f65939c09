"""Finds the files of all splits by how one is called: `train-00000-of-00002.parquet` -> a pattern for it, and `validation-*` and `test-*` beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from stgen.inspection.beir import beir_files, beir_folder
from stgen.language.paths import is_on_hub
from stgen.reader.files import UnreadableError
from stgen.rows.formats import format_of
from stgen.rows.json_splits import SPLITS
from stgen.rows.sources import files_of

WORD = re.compile(r"[A-Za-z]+")
SHARD = re.compile(r"-\d{3,6}-of-\d{3,6}(?=\.)")  # how the hub and many programs number the parts of a file
ANY_SHARD = "-*-of-*"
FOLDER = "data"  # within a data set of the hub


@dataclass(frozen=True)
class SplitFiles:
    """The file or pattern of the training rows, and those of the other splits by their keys in a spec."""

    train: str
    others: dict[str, str] = field(default_factory=dict)


def split_files(named: str) -> SplitFiles | None:
    """The splits of a folder, or of a file among others; None for what is neither, and for a folder in the BEIR layout."""
    if is_on_hub(named):
        return None
    if not os.path.isdir(named):
        return None if beir_folder(named) else _around(named)
    if {"corpus", "queries"} <= beir_files(named).keys():
        return None
    trains = dict.fromkeys(_pattern(name) for name in sorted(os.listdir(named)) if _split_of(name) == "train")
    if not trains and os.path.isdir(within := os.path.join(named, FOLDER)):
        return split_files(within)
    return _around(os.path.join(named, next(iter(trains)))) if len(trains) == 1 else None


def _around(train: str) -> SplitFiles | None:
    """The splits beside a file or pattern of training rows."""
    folder, name = os.path.split(train)
    if _split_of(name) != "train":
        return None
    name = _pattern(name)
    others: dict[str, str] = {}
    for word, key in SPLITS.items():
        path = os.path.join(folder, _called(name, word))
        if key != "train" and key not in others and any(_there(path)):
            others[key] = path
    several = len(list(_there(os.path.join(folder, name)))) > 1
    return SplitFiles(os.path.join(folder, name) if several else train, others)


def _split_of(name: str) -> str:
    """The key of the split that a file is called after; "" where its name holds none, or several."""
    words = [word.lower() for word in WORD.findall(name) if word.lower() in SPLITS]
    return SPLITS[words[0]] if len(words) == 1 and format_of(name) else ""


def _called(name: str, split: str) -> str:
    """The name that a file has for another split."""
    return WORD.sub(lambda word: split if word[0].lower() in SPLITS else word[0], name)


def _pattern(name: str) -> str:
    return SHARD.sub(ANY_SHARD, name)


def _there(path: str) -> Iterator[str]:
    """The files of a path or pattern that there are."""
    try:
        yield from (found for found, _ in files_of(path, "") if os.path.isfile(found))
    except UnreadableError:
        return
