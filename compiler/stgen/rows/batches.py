"""What messages about data files are made of: places, counts, and pyarrow where it is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from stgen.reader.contract import Batch, counted
from stgen.reader.files import BLOCK, UnreadableError

__all__ = ["BLOCK", "INSTALL", "SHOWN", "Batch", "UnreadableError", "counted", "import_arrow", "places"]

SHOWN = 3  # faults of one kind that a message names
INSTALL = "pip install 'stgen[data]'"


def places(numbers: list[int], count: int, noun: str) -> str:
    """`line 3`, `lines 3, 8 and 12`, `lines 3, 8, 12 and 40 more`: the first of `count` places."""
    shown = [f"{number}" for number in numbers[:SHOWN]]
    if count > len(shown):
        shown = [", ".join(shown), f"{count - len(shown):,} more"]
    elif len(shown) > 1:
        shown = [", ".join(shown[:-1]), shown[-1]]
    return f"{noun}{'s' * (count > 1)} {' and '.join(shown)}"


def import_arrow(shown: str, what: str) -> Any:
    """pyarrow, which only some formats need. Raises UnreadableError where it isn't installed."""
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        raise UnreadableError("STG207", f"{shown} is {what}, and reading that takes pyarrow", INSTALL) from None
    return pyarrow
