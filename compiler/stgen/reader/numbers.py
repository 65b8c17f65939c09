"""Numbers: scores, margins, vectors, and lists of them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .contract import ContractError, counted, quote

THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")  # beside numbers with decimal commas
ROUNDED = 0.02  # what the rounding of probabilities may add to their sum, or take from it


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


@dataclass(frozen=True)
class Numbers:
    """Lists of so many numbers."""

    count: int

    def __call__(self, value: Any) -> list[float]:
        """Take a list."""
        found = numbers(value)
        if len(found) != self.count:
            raise ContractError("STG239", f"has {counted(len(found), 'number')}, and a row has {self.count}")
        return found


@dataclass
class Probabilities:
    """A probability for each class, all lists as long as the first; what rounding leaves is scaled away."""

    classes: int = 0

    def __call__(self, value: Any) -> list[float]:
        """Take a list."""
        found = numbers(value)
        for position, item in enumerate(found):
            if not 0 <= item <= 1:
                raise ContractError("STG225", f"is {item:g}, and a probability lies between 0 and 1", f"[{position}]")
        self.classes = self.classes or len(found)
        if len(found) != self.classes or len(found) < 2:
            wanted = f"there are {self.classes} classes" if self.classes > 1 else "there must be two classes or more"
            raise ContractError("STG239", f"has {counted(len(found), 'number')}, and {wanted}")
        total = math.fsum(found)
        if abs(total - 1) > ROUNDED:
            raise ContractError("STG390", f"adds up to {total:.3g}, and the probabilities of a row add up to 1")
        return [item / total for item in found]


def margin(value: Any) -> float:
    """Take the margin of a triplet, which may stand in a list of its own."""
    return number(value[0] if isinstance(value, list) and len(value) == 1 else value)


def require_as_many(scores: list[float], documents: list[str]) -> None:
    """Refuse a row whose scores and documents don't match."""
    if len(scores) != len(documents):
        raise ContractError("STG239", f"has {counted(len(scores), 'number')} for {counted(len(documents), 'text')}")


@dataclass
class Vectors:
    """A teacher's vectors, all as wide as the first: one for each text of a row, or one that holds for all of them."""

    texts: int
    width: int = 0

    def __call__(self, value: Any) -> Any:
        """Take a vector, or of several texts a list of them."""
        nested = isinstance(value, list) and bool(value) and all(isinstance(item, list) for item in value)
        vectors = [numbers(item) for item in value] if nested else [numbers(value)]
        if len(vectors) not in {1, self.texts}:
            raise ContractError("STG239", f"has {len(vectors)} vectors, and a row has {counted(self.texts, 'text')}")
        self.width = self.width or len(vectors[0])
        if odd := [len(vector) for vector in vectors if len(vector) != self.width]:
            raise ContractError("STG244", f"has {counted(odd[0], 'number')}, and the first row has {self.width}")
        return vectors[0] if self.texts == 1 else vectors * (self.texts // len(vectors))


@dataclass(frozen=True)
class Grades:
    """Scores that stand in the file as words."""

    values: Mapping[str, float]
    low: float = 0.0
    high: float = 1.0

    def __call__(self, value: Any) -> float:
        """Take the score that a word stands for."""
        if value is None or value == "":
            raise ContractError("STG210", "has no value")
        word = spelling_of(value)
        if word not in self.values:
            raise ContractError("STG225", f"is {quote(value)}, and the grades are {', '.join(self.values)}")
        return (self.values[word] - self.low) / (self.high - self.low)


def spelling_of(value: Any) -> str:
    """Return how a grade is spelled: 2.0 as 2, and true as JSON has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
