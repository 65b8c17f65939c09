"""Tells by its suffix how a file of data is read."""

from __future__ import annotations

import os

from stgen.language.paths import COMPRESSED

FORMATS: dict[str, str] = {".jsonl": "json", ".json": "json", ".csv": ",", ".tsv": "\t", ".parquet": "parquet"}


def format_of(path: str) -> str | None:
    """How a file is read, by its suffix: "json", "parquet", or the delimiter of its cells; None when it can't be."""
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        stem, suffix = os.path.splitext(stem)
        if suffix == ".parquet":
            return None  # compressed within, never as a whole
    return FORMATS.get(suffix)
