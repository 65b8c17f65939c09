"""Checks a teacher's scores and margins: numbers that a teacher gave, on the scale of the loss, for the texts that they stand beside."""

from __future__ import annotations

import math
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, Field, column, finding, percent, tallied, where
from stgen.match.reach import asks_teacher
from stgen.rows.survey import Survey
from stgen.rows.survey_lists import Lists

SOME = 20  # rows from which a pattern isn't chance
MOST = 0.5  # share of rows in which a teacher that knows its task doesn't prefer the negatives
APART = 100  # temperatures between two scores, from which a softmax is one-hot
NEAR = 1  # temperatures between the best and the worst score, up to which a softmax is nearly uniform
PLAIN = {
    "sparse": "SparseMultipleNegativesRankingLoss",
    "multi-vector": "MultiVectorMultipleNegativesRankingLoss",
}
"""The loss for rows that no teacher has scored, where it isn't MultipleNegativesRankingLoss."""


def teacher_scores(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG245: scores that don't look like a teacher's, or too far apart for the temperature."""
    if exam.objective != "teacher":
        return
    if exam.has("documents"):
        yield from _judged_lists(exam, survey)
        return
    if exam.converted:
        return
    item = exam.field("scores")
    lists = column(survey, item).lists
    if lists.numbers >= SOME and lists.binary == lists.numbers:
        message = f"`{item.column}` holds only 0 and 1, and {exam.loss} distils a teacher's scores"
        target = (
            "softmax([1, 0, 0]) = [0.58, 0.21, 0.21]: nearly uniform"
            if _fits_shares(exam)
            else "a margin of 1 for every row, whichever negative stands in it"
        )
        loss = PLAIN.get(exam.spec.model.type, "MultipleNegativesRankingLoss")
        hint = f"name {loss} under [loss] and leave `scores` out, or score the texts with a teacher"
        yield finding("STG245", message, item.path, hint, (f"the target would be {target}",))
    elif lists.numbers >= SOME and lists.last_first.count > MOST * lists.numbers:
        message = f"the teacher of `{item.column}` scores the positive below every negative in {where(survey, lists.last_first)}"
        yield finding(
            "STG245",
            message,
            item.path,
            "put the positive's score first, or negate the scores if they are distances",
            _REVERSED,
        )
    yield from _shares(exam, item, lists)


def _shares(exam: Exam, item: Field, lists: Lists) -> Iterator[Diagnostic]:
    """Scores whose softmax has one text alone, or nearly as much for each."""
    parameters = exam.match.loss.parameters if exam.match else ()
    own = next((one.default for one in parameters if one.name == "temperature"), 1.0)
    temperature = exam.table.params.get("teacher_temperature", exam.table.params.get("temperature", own))
    if not _fits_shares(exam) or not isinstance(temperature, int | float) or temperature <= 0:
        return
    if lists.spread > APART * temperature:
        message = f"scores of one row in `{item.column}` lie up to {lists.spread:g} apart: their softmax is one-hot"
        hint = f"write params = {{ teacher_temperature = {lists.spread / 10:.0f} }} under [loss]"
        yield finding("STG245", message, item.path, hint)
    elif SOME <= lists.numbers != lists.binary and 0 < lists.spread <= NEAR * temperature:
        texts = lists.lengths.most_common(1)[0][0]
        best = 1 / (1 + (texts - 1) * math.exp(-lists.spread / temperature))
        message = f"scores of one row in `{item.column}` lie at most {lists.spread:g} apart: of {texts} texts the best is to get {best:.2f}"
        hint = f"write params = {{ temperature = {min(temperature, NEAR) / 4:g} }} under [loss]"
        yield finding("STG245", message, item.path, hint, (_SHARPENED,))


def _judged_lists(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """Lists whose grades are somebody's yes and no, cut to the tuples of a loss that imitates a teacher."""
    if exam.match is None or asks_teacher(exam.match.way):
        return
    item = exam.field("scores")
    lists = column(survey, item).lists
    if lists.numbers >= SOME and lists.binary == lists.numbers:
        message = f"`{item.column}` holds only 0 and 1, and {exam.loss} distils a teacher's scores"
        hint = 'write convert = [{ to = "n-tuple", negatives = 4 }] under [loss], or name a teacher there'
        yield finding("STG245", message, item.path, hint)


def teacher_pair_scores(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG245: somebody's yes and no for pairs, under a loss that copies a teacher's scores."""
    if exam.objective != "teacher" or exam.converted:
        return
    item = exam.field("score")
    values = column(survey, item).values
    if survey.rows >= SOME and values is not None and set(values) <= {0, 1}:
        message = f"`{item.column}` holds only 0 and 1, and {exam.loss} distils a teacher's scores"
        hint = "map it as binary in place of score and leave the loss out, or score the pairs with a teacher"
        note = "the logits would be pulled to 0 and 1, where labels want them far apart"
        yield finding("STG245", message, item.path, hint, (note,))


def teacher_margins(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG245: margins that say that the negatives are the better texts."""
    if exam.converted:
        return
    item = exam.field("margin")
    found = column(survey, item)
    below = found.lists.below if found.lists.numbers else tallied(number < 0 for number in found.numbers)
    if survey.rows >= SOME and below.count > MOST * survey.rows:
        share = percent(below.count, survey.rows)
        message = f"the teacher prefers every negative to the positive in {share} of the rows: `{item.column}` is below 0 in {where(survey, below)}"
        yield finding(
            "STG245", message, item.path, "store the positive's score minus the negative's, not the reverse", _REVERSED
        )


_SHARPENED = "the library's msmarco/training_kd.py takes 0.25 for scores between 0 and 1, and found it better than 1"
_REVERSED = ("the model trains without an error, and learns to rank the negatives first",)


def _fits_shares(exam: Exam) -> bool:
    return exam.loss.endswith("DistillKLDivLoss")
