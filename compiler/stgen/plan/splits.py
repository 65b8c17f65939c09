"""Which rows a data set trains on, and which it holds out: what the spec says, and where it is silent what is decided."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.language.sources import negatives_of
from stgen.language.spec_data import Data, Fraction, Rows
from stgen.match.decide import bucket, decide
from stgen.plan.planned_data import SPLITS, HeldOut
from stgen.rules.decisions import HELD_OUT
from stgen.rules.grounds import ROWS
from stgen.rules.row import Decision

BY_CHANCE = "on so few rows the metric varies more by chance than by training: the luckiest checkpoint is kept"
ENOUGH = 50
"""Eval rows; by fewer no checkpoint can be told from another."""


def shares(rows: int | None) -> tuple[float, float]:
    """What is held out for the test and for eval where the spec is silent: below 1 a share of the rows, else their number."""
    found: tuple[float, float] = held_out_row(rows).value  # type: ignore[assignment]
    return found


def held_out_row(rows: int | None) -> Decision:
    """The row of the table by which rows are held out; `rows` are those of the training file, None where nobody counted."""
    return decide(HELD_OUT, {"rows": bucket(ROWS, rows)})


def held_out(data: Data, rows: int | None = None) -> tuple[HeldOut, ...]:
    """The splits that are taken from the training rows, the test first: it must not depend on the eval set's size.

    `rows` are those of the training file, where they were counted.
    """
    found = []
    named = {split: source_of(data, split) for split in SPLITS}
    for split, share in zip(("test", "eval"), shares(rows), strict=True):
        wanted = getattr(data, split)
        if isinstance(wanted, Fraction):
            found.append(HeldOut(split, wanted.fraction))
        elif isinstance(wanted, Rows):
            found.append(HeldOut(split, wanted.rows))
        elif named[split] is None and not (split == "test" and named["eval"] is not None):
            found.append(HeldOut(split, share))
    return tuple(found)


def held_rows(data: Data, rows: int, counted: int | None = None) -> Iterator[tuple[HeldOut, int, int]]:
    """Each hold-out in turn, with how many of `rows` it takes, rounded as the repo does it, and how many it finds.

    `counted` are the rows that the plan knows of, by which it decides where the spec is silent. A stream holds out none.
    """
    for one in () if data.streaming else held_out(data, counted):
        wanted = round(one.amount * rows) if one.amount < 1 else round(one.amount)
        yield one, wanted, rows
        rows -= wanted


def source_of(data: Data, split: str) -> str | None:
    """The file or hub reference of a split, None where the spec names none."""
    if data.retrieval is not None:
        judged = data.retrieval
        return {"train": judged.qrels, "eval": judged.eval_qrels, "test": judged.test_qrels}[split]
    value = getattr(data, split)
    return value if isinstance(value, str) else None


def negatives_read(data: Data) -> int:
    """How many columns of negatives the files have, or of texts beside the first."""
    return negatives_of(data.columns) if data.columns else 0
