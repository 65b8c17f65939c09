"""Checks whether there are enough eval rows to choose a checkpoint by."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, finding
from stgen.language.spec_data import Rows
from stgen.plan.splits import BY_CHANCE, ENOUGH, shares

SOME = 40  # training rows up to which nobody expects more than a trial


def too_few_to_choose(exam: Exam) -> Iterator[Diagnostic]:
    """STG394: fewer eval rows than the metric needs to tell checkpoints apart; how many are named outright, compile says."""
    train, named = exam.train, exam.surveys.get("eval")
    if train is None or train.rows < SOME or isinstance(exam.data.eval, Rows):
        return
    rows, share = (named.rows, 0.0) if named else _held_out(exam, train.rows)
    if not rows or rows >= ENOUGH:
        return
    where = named.shown if named else f"the {share:.0%} of {train.shown} that are held out for eval"
    message = f"{rows:,} rows choose the checkpoint ({where})"
    hint = "add rows to it" if named else _more(train.rows)
    yield finding("STG394", message, ("data", exam.index, "eval" if named else "train"), hint, (BY_CHANCE,))


def _held_out(exam: Exam, rows: int) -> tuple[int, float]:
    """How many of the training rows are held out for eval once the test has its share, and which share that is."""
    found = ((wanted, one.amount) for one, wanted, _ in exam.held_rows(rows) if one.split == "eval")
    return next(found, (0, 0.0))


def _more(rows: int) -> str:
    """How to get enough eval rows out of so many: by no more than is held out of them once they are counted."""
    test, share = shares(rows)
    if round(rows * (1 - test) * share) >= ENOUGH:
        return f"`stgen profile` counts the rows, and {share:.0%} are held out; or write eval = {{ rows = {ENOUGH} }}"
    return f"collect more rows: the {ENOUGH} that it takes would be {ENOUGH / rows:.0%} of these"
