"""What several columns of a row must keep together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Batch, Broken, Column, ContractError, check_columns


@dataclass(frozen=True)
class Rule:
    """What several columns must keep together: `check` takes their values and raises a ContractError, which is told of the first."""

    names: tuple[str, ...]
    check: Callable[..., None]


def check_rows(
    batch: Batch, columns: Sequence[Column], rules: Sequence[Rule]
) -> tuple[dict[str, list[Any]], list[Broken]]:
    """Take the columns of a batch as `check_columns` does, and hold its rows against the rules."""
    taken, faults = check_columns(batch, columns)
    for rule in rules:
        faults += _broken(rule, columns, taken, batch.places)
    return taken, faults


def _broken(
    rule: Rule, columns: Sequence[Column], taken: Mapping[str, list[Any]], places: Sequence[int]
) -> Iterator[Broken]:
    column = next(column for column in columns if column.name == rule.names[0])
    for place, *values in zip(places, *(taken[name] for name in rule.names), strict=True):
        if None in values:
            continue  # a column's own fault
        try:
            rule.check(*values)
        except ContractError as fault:
            yield Broken(place, fault, column=column)
