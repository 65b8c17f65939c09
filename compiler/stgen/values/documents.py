"""Writes JSON that every parser reads: what machines get from a command. Python's own writes Infinity, and halves of characters."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from stgen.values.surrogates import escaped, has_surrogate


def document(data: Any, *, ascii_only: bool = False) -> str:
    """A JSON document, indented and with the end of its line. What no JSON number is stands there as text: "NaN", "Infinity"."""
    return json.dumps(_strict(data), indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"


def _strict(value: Any) -> Any:
    if isinstance(value, str):
        return escaped(value) if has_surrogate(value) else value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(_strict(key)): _strict(item) for key, item in value.items()}
    return [_strict(item) for item in value] if isinstance(value, list | tuple) else str(value)
