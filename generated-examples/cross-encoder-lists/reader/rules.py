"""What several columns of a row must keep together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Bad, Batch, Column, ContractError, check_columns


@dataclass(frozen=True)
class Rule:
    """What several columns must keep together: `check` takes their values and raises a ContractError, which is told of the first."""

    names: tuple[str, ...]
    check: Callable[..., None]


def check_rows(
    batch: Batch, columns: Sequence[Column], rules: Sequence[Rule]
) -> tuple[dict[str, list[Any]], list[Bad]]:
    """Take the columns of a batch as `check_columns` does, and hold its rows against the rules."""
    taken, faults = check_columns(batch, columns)
    for rule in rules:
        faults += _broken(rule, columns, taken)
    return taken, faults


def _broken(rule: Rule, columns: Sequence[Column], taken: Mapping[str, list[Any]]) -> Iterator[Bad]:
    column = next(column for column in columns if column.name == rule.names[0])
    for position, values in enumerate(zip(*(taken[name] for name in rule.names), strict=True)):
        if None in values:
            continue  # a column's own fault
        try:
            rule.check(*values)
        except ContractError as fault:
            yield Bad(position, column, fault)
