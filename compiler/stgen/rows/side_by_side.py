"""Finds the other half of texts that stand in a file a language, line by line: `train.en` -> `train.de`, and how to put them side by side."""

from __future__ import annotations

import os

from stgen.language.languages import CODES
from stgen.reader.files import UnreadableError
from stgen.values.quoting import shell, toml

MOST = 1 << 28  # bytes of a file whose lines are counted


def require_one_file(path: str, shown: str) -> None:
    """Raise UnreadableError for a file that holds one side of pairs alone."""
    stem, suffix = os.path.splitext(path)
    if suffix[1:] not in CODES or not os.path.isfile(path):
        return
    folder, name = os.path.split(stem)
    for entry in sorted(os.listdir(folder or ".")):
        other, code = os.path.splitext(entry)
        if other != name or code == suffix or code[1:] not in CODES:
            continue
        lines = _lines(path)
        if not lines or lines != _lines(os.path.join(folder, entry)):
            continue
        beside = os.path.join(os.path.dirname(shown), entry)
        target = f"{os.path.splitext(shown)[0]}.tsv"
        message = (
            f"{shown} has the texts of one language, and {beside} as many lines: they belong together by their number"
        )
        file = {"header": [suffix[1:], code[1:]], "quoting": "none"}
        hint = f"put them side by side: paste {shell(shown)} {shell(beside)} > {shell(target)}, and name that, with file = {toml(file)}"
        raise UnreadableError("STG443", message, hint)


def _lines(path: str) -> int:
    """How many lines a file has; 0 where it is too large to be counted here."""
    if os.path.getsize(path) > MOST:
        return 0
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
