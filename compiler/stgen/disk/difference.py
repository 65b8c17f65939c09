"""The unified diff of two texts, as git prints it: bytes before and after -> lines."""

from __future__ import annotations

import io
from difflib import unified_diff

UNENDED = "\\ No newline at end of file\n"
MODES = {False: "100644", True: "100755"}


def difference(old: bytes, new: bytes, old_name: str, new_name: str) -> str:
    """The diff that makes `new` of `old`; empty where they are equal."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n{UNENDED}"
        for line in unified_diff(_lines(old), _lines(new), old_name, new_name)
    )


def mode_difference(executable: bool) -> str:
    """What git prints of a file that is made executable, or no longer is."""
    return f"old mode {MODES[not executable]}\nnew mode {MODES[executable]}\n"


def _lines(data: bytes) -> list[str]:
    """The lines of a file. `str.splitlines` would also break them at form feeds and the like, which no diff does."""
    return list(io.StringIO(data.decode(errors="replace"), newline="\n"))
