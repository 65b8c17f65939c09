"""Numbers: scores, margins, vectors, and lists of them."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .contract import ContractError, quote

THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")  # beside numbers with decimal commas


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


@dataclass(frozen=True)
class Score:
    """Scores within their declared range, scaled to 0..1: a cosine can't reach any other target."""

    low: float = 0.0
    high: float = 1.0
    decimal: str = "."

    def __call__(self, value: Any) -> float:
        """Take a score."""
        if isinstance(value, str) and self.decimal == ",":
            if THOUSANDS.fullmatch(value.strip()):
                raise ContractError("STG209", f"may be thousands or decimals: {quote(value)}")
            value = value.replace(",", ".")
        found = number(value)
        if not self.low <= found <= self.high:
            raise ContractError("STG225", f"is {found:g}, and a score goes from {self.low:g} to {self.high:g}")
        return (found - self.low) / (self.high - self.low)
