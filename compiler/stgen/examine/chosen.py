"""Checks whether there are enough eval rows to choose a checkpoint by."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, column, finding
from stgen.language.spec_data import Rows
from stgen.plan.splits import BY_CHANCE, ENOUGH, shares
from stgen.rows.survey import Survey

SOME = 40  # training rows up to which nobody expects more than a trial


def too_few_to_choose(exam: Exam) -> Iterator[Diagnostic]:
    """STG394: fewer eval rows than the metric needs to tell checkpoints apart; how many are named outright, compile says."""
    train, named = exam.train, exam.surveys.get("eval")
    if train is None or train.rows < SOME or isinstance(exam.data.eval, Rows):
        return
    rows, share = (named.rows, 0.0) if named else _held_out(exam, train.rows)
    asked = _asked(exam, named or train)
    queries = round(rows * asked)
    if not queries or queries >= ENOUGH:
        return
    what = "rows" if asked == 1 else "queries"
    where = named.shown if named else f"the {share:.0%} of {train.shown} that are held out for eval"
    message = f"{queries:,} {what} choose the checkpoint ({where})"
    hint = f"add {what} to it" if named else _more(train.rows, what, round(train.rows * asked))
    yield finding("STG394", message, ("data", exam.index, "eval" if named else "train"), hint, (BY_CHANCE,))


def _asked(exam: Exam, survey: Survey) -> float:
    """The queries for each row, where rows repeat them: a search measures each once."""
    if not exam.has("anchor") or exam.field("anchor").column not in survey.columns:
        return 1.0
    found = column(survey, exam.field("anchor")).repeats()
    return found.distinct / found.rows if found.rows else 1.0


def _held_out(exam: Exam, rows: int) -> tuple[int, float]:
    """How many of the training rows are held out for eval once the test has its share, and which share that is."""
    found = ((wanted, one.amount) for one, wanted, _ in exam.held_rows(rows) if one.split == "eval")
    return next(found, (0, 0.0))


def _more(rows: int, what: str, there: int) -> str:
    """How to get enough eval rows or queries out of so many: by no more than is held out of them once they are counted."""
    test, share = shares(rows)
    if what == "rows" and round(rows * (1 - test) * share) >= ENOUGH:
        return f"`stgen profile` counts the rows, and {share:.0%} are held out; or write eval = {{ rows = {ENOUGH} }}"
    return f"collect more {what}: the {ENOUGH} that it takes would be {ENOUGH / there:.0%} of these"
