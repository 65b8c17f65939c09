"""Finds the lists of one JSON file that are called like splits, however far down they begin: a file -> their keys and places."""

from __future__ import annotations

import re

from stgen.rows.streams import opened

SPLITS = {  # what people call a split -> the key of a spec
    "train": "train", "training": "train", "trn": "train", "dev": "eval", "val": "eval", "valid": "eval", "validation": "eval", "eval": "eval",
    "test": "test", "testing": "test",
}  # fmt: skip
PIECE = 1 << 20
# Within a text the quotes would be escaped, so that only a key matches.
LIST = re.compile(
    rb'(?<!\\)"(train(?:ing)?|trn|dev|val|valid|validation|eval|test(?:ing)?)"\s{0,64}:\s{0,64}\[', re.IGNORECASE
)
LONGEST = 160  # bytes of a match


def split_lists(path: str, shown: str) -> dict[str, int]:
    """The lists that are called like splits: their keys in their order, and at which byte each begins."""
    found: dict[str, int] = {}
    with opened(path, shown) as stream:
        at, held = 0, b""
        while piece := stream.read(PIECE):
            window = held + piece
            for match in LIST.finditer(window):
                found.setdefault(match[1].decode(), at - len(held) + match.end())
            at, held = at + len(piece), window[-LONGEST:]
    return found


def text_at(path: str, shown: str, place: int, size: int) -> str:
    """What stands at a byte of a file."""
    with opened(path, shown) as stream:
        while place and (skipped := stream.read(min(PIECE, place))):
            place -= len(skipped)
        return stream.read(size).decode("utf-8", "replace")
