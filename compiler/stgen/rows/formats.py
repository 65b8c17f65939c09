"""Tells by its suffix how a file of data is read."""

from __future__ import annotations

import os

from stgen.language.paths import COMPRESSED, READERS, is_on_hub

CELLS = (".csv", ".tsv")
"""Formats whose values are texts alone."""


def format_of(path: str) -> str | None:
    """How a file is read: its suffix, compression aside; None when it can't be."""
    if is_on_hub(path):
        return None
    stem, suffix = os.path.splitext(path.lower())
    if suffix in COMPRESSED:
        stem, suffix = os.path.splitext(stem)
        if suffix == ".parquet":
            return None  # compressed within, never as a whole
    return suffix if suffix in READERS else None
