"""Classes: words or numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .contract import ContractError, quote
from .texts import text

UNLABELLED = ("-", "-1")  # what many data sets write in place of a class


def class_name(value: Any) -> str:
    """Take a class by its name, as text: 3 and "3" are one class."""
    if value is None or value == "":
        raise ContractError("STG210", "has no value")
    if isinstance(value, float):
        if not value.is_integer():
            raise ContractError("STG233", f"is no class: {value!r}")
        value = int(value)
    if not isinstance(value, str | int):
        raise ContractError("STG209", f"is not a class: {quote(value)}")
    name = text(str(value))
    if name in UNLABELLED or (isinstance(value, int) and value < 0):
        raise ContractError("STG233", f"is {name}, which stands for unlabelled")
    return name


@dataclass(frozen=True)
class Class:
    """One of several classes, by its name or its number."""

    names: Sequence[str]

    def __call__(self, value: Any) -> int:
        """Take the number of a class."""
        name = class_name(value)
        if name in self.names:
            return self.names.index(name)
        if name.isdecimal() and name.isascii() and int(name) < len(self.names):
            return int(name)
        raise ContractError("STG238", f"is not one of the {len(self.names)} classes: {quote(value)}")
