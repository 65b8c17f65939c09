"""Checks rows against each other: conflicting labels of the same texts, and false negatives in the batch."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.classes import class_counts
from stgen.examine.exam import Exam, column, finding, percent, tallied, where
from stgen.language.spec_data import ScoreColumn
from stgen.rows.survey import Survey, row_keys
from stgen.rows.tally import Tally

APART = 0.5  # of the score range, from which two scores of one pair are a conflict
ORDERED = ("class",)  # labels for which the order of the two texts matters: premise and hypothesis
MEET = 1.0  # expected false negatives of each anchor that are worth a warning


def two_labels(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG290: rows whose texts stand in an earlier row under another label."""
    label = next((item for item in exam.fields if item.role in ("class", "binary", "score")), None)
    prepare = exam.spec.prepare
    if label is None or not exam.texts or (prepare and prepare.deduplicate and prepare.deduplicate.exact):
        return
    keys = _texts(exam, survey, label.role not in ORDERED)
    found = column(survey, label)
    of_texts = found.kind == "text"
    labels: Sequence[float] = found.keys if of_texts else found.numbers
    given = exam.data.columns.score if exam.data.columns else None
    width = given.max - given.min if isinstance(given, ScoreColumn) else 1.0
    odd, first = _conflicts(keys, labels, APART * width if label.role == "score" else 0.0)
    if not odd.count:
        return
    texts = "text" if len(exam.texts) == 1 else "texts"
    message = (
        f"`{label.column}` contradicts an earlier row with the same {texts} in {where(survey, odd)}: "
        f"row {odd.rows[0]:,} and row {first:,} differ"
    )
    hint = "correct the labels"
    if not exam.data.streaming:  # which yields one row at a time
        hint += (
            ", or write prepare = { deduplicate = { exact = true } }, which removes all rows with conflicting labels"
        )
    notes = ("their gradients cancel",)
    yield finding("STG290", message, label.path, hint, notes)


def negatives_of_other_rows(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG213: a negative that is the positive of another row with the same anchor."""
    if not exam.has("anchor", "positive", "negative"):
        return
    anchors, positives = (column(survey, exam.field(role)).keys for role in ("anchor", "positive"))
    right = set(zip(anchors, positives, strict=True))
    for item in exam.texts:
        if item.role != "negative":
            continue
        rows = zip(anchors, column(survey, item).keys, positives, strict=True)
        odd = tallied(
            bool(anchor and negative) and negative != positive and (anchor, negative) in right
            for anchor, negative, positive in rows
        )
        if odd.count:
            message = (
                f"`{item.column}` is the positive of another row with the same anchor in {where(survey, odd)}: "
                "it is a correct answer, not a negative"
            )
            hint = "remove these rows, or draw other negatives for them: leave out all positives of the anchor"
            notes = ("the loss pulls the text to the anchor in one row, and pushes it away in the other",)
            yield finding("STG213", message, item.path, hint, notes, "warning")


def answers_as_negatives(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG291: classes converted to pairs for an in-batch loss, so few that rows of one class share a batch."""
    if exam.objective != "in-batch" or not exam.has("class") or len(exam.texts) != 1 or exam.batch < 2:
        return
    counts = class_counts(column(survey, exam.field("class")))
    if counts is None or not counts.total():
        return
    same = sum((rows / counts.total()) ** 2 for rows in counts.values())
    expected = (exam.batch - 1) * same
    if expected < MEET:
        return
    message = (
        f"of the {exam.batch - 1:,} in-batch negatives of each anchor about {expected:.1f} are false negatives: two random rows of "
        f"{survey.shown} have the same class with a probability of {percent(same)}, and {exam.loss} doesn't know classes"
    )
    hint = 'write name = "BatchAllTripletLoss" under [loss], which knows classes; or name a loss with a guide: GISTEmbedLoss'
    notes = ("estimated from the class frequencies alone; paraphrases in other classes aren't counted",)
    yield finding("STG291", message, exam.field("class").path, hint, notes)


def _texts(exam: Exam, survey: Survey, either_way: bool) -> array[int]:
    """A key of each row's texts; where the order of two texts says nothing, both ways have the same."""
    columns = [column(survey, item) for item in exam.texts]
    if either_way and len(columns) == 2:
        pairs = zip(columns[0].keys, columns[1].keys, strict=True)
        return array("q", [hash((one, other) if one < other else (other, one)) for one, other in pairs])
    return row_keys(columns)


def _conflicts(keys: array[int], labels: Sequence[float], apart: float) -> tuple[Tally, int]:
    """The rows whose texts stand in an earlier row with a label that is further off than `apart`, and the first such row."""
    seen: dict[int, tuple[float, int]] = {}
    odd, first = Tally(), 0
    for number, (key, label) in enumerate(zip(keys, labels, strict=True), 1):
        if not key or math.isnan(label):
            continue
        before, row = seen.setdefault(key, (label, number))
        if abs(before - label) > apart:
            first = first or row
            odd.note(number)
    return odd, first
