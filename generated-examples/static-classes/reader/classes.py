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
class KnownClass:
    """A class that the training rows have."""

    names: Sequence[str]

    def __call__(self, value: Any) -> str:
        """Take a class by its name."""
        name = class_name(value)
        if name not in self.names:
            raise ContractError("STG234", f"is {quote(name)}, a class that no row of train has")
        return name
