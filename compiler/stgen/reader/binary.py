"""Labels that say whether two texts belong together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .contract import ContractError, quote

SPELLINGS = {"true": "1", "1.0": "1", "false": "0", "0.0": "0"}


def spelling(value: Any) -> str:
    """Return what makes two labels the same: TRUE, true and 1 are; Yes and yes aren't."""
    said = str(value)
    return SPELLINGS.get(said.casefold(), said)


@dataclass
class Binary:
    """Labels that mean that two texts belong together, and the others: those that are named, or else a single one."""

    positive: Sequence[str | int | bool]
    negative: Sequence[str | int | bool] = ()
    known: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Learn how the labels are spelled."""
        self.known |= {spelling(value): 0.0 for value in self.negative}
        self.known |= {spelling(value): 1.0 for value in self.positive}

    def __call__(self, value: Any) -> float:
        """Take 1 for a pair that belongs together and 0 for one that doesn't."""
        if value is None or value == "":
            raise ContractError("STG210", "has no value")
        if not isinstance(value, str | int | float):
            raise ContractError("STG209", f"is not a label: {quote(value)}")
        name = spelling(value)
        if 0.0 not in self.known.values():
            self.known[name] = self.known.get(name, 0.0)  # the first other value is the negative one
        if name not in self.known:
            labels = " and ".join(map(quote, self.known))
            raise ContractError("STG228", f"is {quote(value)}, and the labels are {labels}")
        return self.known[name]
