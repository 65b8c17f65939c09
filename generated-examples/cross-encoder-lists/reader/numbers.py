"""Numbers: scores, margins, vectors, and lists of them."""

import math
from decimal import Decimal
from typing import Any

from .contract import ContractError, counted, quote


def number(value: Any) -> float:
    """Take a finite number, written as one or as text."""
    if value is None or value == "":
        raise ContractError("STG210", "has no value")
    found = spelled(value) if isinstance(value, str) else value
    if not isinstance(found, int | float | Decimal):
        raise ContractError("STG209", f"is not a number: {quote(value)}")
    try:
        found = float(found)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ContractError("STG226", f"is NaN or infinite: {quote(value)}")
    return found


def spelled(value: str) -> float | None:
    """Return the number that a text spells, 45 of 45%, or None: 1_000 and digits of other scripts are Python's own way."""
    value = value.strip()  # also of the no-break space that word processors write
    try:
        return float(value.removesuffix("%")) if value.isascii() and "_" not in value else None
    except ValueError:
        return None


def numbers(value: Any) -> list[float]:
    """Take a list of finite numbers."""
    if not isinstance(value, list):
        what = "has no value" if value is None else f"is not a list of numbers: {quote(value)}"
        raise ContractError("STG210" if value is None else "STG209", what)
    if not value:
        raise ContractError("STG211", "is an empty list")
    found = []
    for position, item in enumerate(value):
        try:
            found.append(number(item))
        except ContractError as fault:
            raise ContractError(fault.code, fault.says, f"[{position}]") from None
    return found


def require_as_many(scores: list[float], documents: list[str]) -> None:
    """Refuse a row whose scores and documents don't match."""
    if len(scores) != len(documents):
        raise ContractError("STG239", f"has {counted(len(scores), 'number')} for {counted(len(documents), 'text')}")
