"""Tells whether a path fits a pattern such as `data/*.jsonl` or `**/stgen.toml`, by the text of both: no disk is touched."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_MAGIC = re.compile(r"[*?[]")


def is_pattern(text: str) -> bool:
    """Whether a name stands for all files that fit it."""
    return _MAGIC.search(text) is not None


def name_fits(name: str, pattern: str) -> bool:
    """Whether one component of a path fits one of a pattern. As in a shell, a wildcard takes in nothing hidden."""
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return pattern == "**" or fnmatchcase(name, pattern)


def fits(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, in which `**` stands for any number of folders."""
    parts = pattern.split("/")
    reached = _over_folders(parts, {0})  # how many parts of the pattern the names so far may have used up
    for name in path.split("/"):
        used = {at + (parts[at] != "**") for at in reached if at < len(parts) and name_fits(name, parts[at])}
        reached = _over_folders(parts, used)
    return len(parts) in reached


def _over_folders(parts: list[str], reached: set[int]) -> set[int]:
    """The same, where each `**` may also stand for no folder at all."""
    return reached | {
        end
        for start in reached
        for end in range(start + 1, len(parts) + 1)
        if all(part == "**" for part in parts[start:end])
    }
