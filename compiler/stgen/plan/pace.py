"""What an evaluation costs, in rows of training: EvaluationPlans and a profile -> how many evaluations a run can afford.

A row that is trained on costs three passes of the model, forward, and backward at twice that; what is measured costs one.
"""

from __future__ import annotations

from stgen.language.facts import loss_tables
from stgen.language.spec import Spec
from stgen.match.formats import Format
from stgen.match.matching import Match
from stgen.plan.counts import measured_rows, rows_of_set
from stgen.plan.ledger import drawn_of
from stgen.plan.planned_measures import EvaluationPlan, Reading
from stgen.plan.steps import negatives_after
from stgen.rules.reads import WATCHED, read_of

LONGEST = 0.19
"""The share of a run that its evaluations may take, in rows: a fifth in tokens, as larger batches hold more padding."""
LEARNED = 3 * LONGEST / (1 - LONGEST)
"""Rows that all evaluations together may read, for each row that the training reads."""
TEXTS = ("anchor", "positive", "negative", "negatives", "text", "text_1", "text_2", "texts", "damaged", "original")
"""Roles of texts that each are read by themselves."""


def reading_of(spec: Spec, index: int, match: Match, build: str) -> Reading:
    """What an evaluation reads, and what of it comes to as much as a row of training: a text of several, or a pair."""
    row, table = read_of(build), loss_tables(spec)[index]
    texts = _texts_of(match.trained_format, negatives_after(spec.data[index], table, match))
    own = _texts_of(match.evaluated_format, negatives_after(spec.data[index], table, match, evaluated=True)) - 1
    of_lists = 1 + drawn_of(match, {}) if spec.model.type == "cross-encoder" else texts
    each = {"documents": texts - 1, "texts": texts, "lists": of_lists}.get(row.counted, 1)
    return Reading(row.counted, row.queries, row.texts, max(each, 1), max(own, 1))


def _texts_of(format: Format, negatives: int) -> int:
    """The texts of a row that are each read by themselves."""
    return len([role for role in format.roles if role in TEXTS]) + ("negatives" in format.roles) * (negatives - 1)


def evaluations_afforded(
    spec: Spec, match: Match, evaluations: tuple[EvaluationPlan, ...], learned: float
) -> float | None:
    """How many evaluations, beside that of the base, take a fifth of a run that reads so many rows; None where nobody has counted them."""
    each = [_rows_read(spec, index, match, one.reading) for index, one in enumerate(evaluations)]
    if any(rows is None for rows in each):
        return None
    return LEARNED * learned / max(sum(rows for rows in each if rows is not None), 1) - 1


def _rows_read(spec: Spec, index: int, match: Match, reading: Reading) -> float | None:
    """The rows that an evaluation of a set comes to: for the loss of its eval rows, its metric, and a look for a collapse."""
    measured, trained = measured_rows(spec, index, match, "eval"), rows_of_set(spec, index, match)
    if measured is None or trained is None:
        return None
    return measured + _metric(reading, measured, trained) + min(measured, WATCHED)


def _metric(reading: Reading, measured: int, trained: int) -> float:
    """The same for the metric alone."""
    queries = min(measured, reading.queries)
    read = {
        "documents": max(queries * reading.own, min(reading.texts, measured + trained)),
        "texts": queries + min(measured, reading.texts),
        "lists": queries * reading.texts,
        "fitted": measured + min(trained, reading.texts),
        "rows": measured,
    }[reading.counted]
    return read / reading.each
