"""Checks labels of pairs: scores in their range, finite, not constant; binary labels that are binary, balanced and not inverted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import compress

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.advice import binary_line, values_of
from stgen.examine.exam import Exam, column, finding, percent, tallied, where
from stgen.language.spec_data import BinaryColumn, ScoreColumn
from stgen.match.schema import listed
from stgen.reader.binary import spelling
from stgen.rows.column import Column
from stgen.rows.label_values import guess_binary, says_no, score_line, yes_or_no
from stgen.rows.survey import Survey, sampled_rows
from stgen.rows.tally import Tally
from stgen.rows.text_signs import overlap
from stgen.values.quoting import toml

SOME = 30  # rows of each label from which they are compared
STRAY = 0.2  # share of scores outside their range that are outliers rather than another scale
IMBALANCE = 4  # negatives for each positive from which a loss needs a weight
# fmt: off
LABELS = frozenset((  # usual names of a column that labels pairs as positive or negative
    "label", "labels", "is_duplicate", "duplicate", "is_match", "match", "relevant", "relevance", "is_relevant", "target", "gold", "is_positive", "score",
    "same", "is_same", "isDuplicate", "isMatch", "paraphrase", "is_paraphrase", "equivalent", "correct", "is_correct", "is_answer", "clicked",
))
# fmt: on


def scaled_already(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG246: a range much wider than the scores."""
    item = exam.field("score")
    found = column(survey, item)
    given = exam.data.columns.score if exam.data.columns else None
    if isinstance(given, ScoreColumn) and not given.values and 0 < found.high <= 1 < given.max and survey.rows > SOME:
        message = (
            f"`{item.column}` runs from {found.low:g} to {found.high:g}, and is declared {given.min:g} to {given.max:g}: "
            "it looks normalised already"
        )
        notes = (f"scaled again, no score would be above {found.high / given.max:.2g}",)
        yield finding("STG246", message, item.path, f"write score = {toml(item.column)}", notes)


def same_scores(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG227: constant scores."""
    item = exam.field("score")
    found = column(survey, item)
    if survey.rows > 1 and found.low == found.high:
        message = f"every `{item.column}` of {survey.shown} is {found.low:g}"
        notes = ("losses that rank by score (CoSENT, AnglE) are then 0, and the others learn a constant",)
        yield finding("STG227", message, item.path, "map a column whose scores vary", notes)


def one_score(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG227: a single held-out row, with which nothing can correlate."""
    if survey.rows == 1:
        message = f"{survey.shown} has one row, and a single pair has no correlation with its score"
        yield finding("STG227", message, exam.field("score").path, "add rows to it")


def binary_values(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG228: labels that never have the value that the spec calls positive."""
    item = exam.field("binary")
    found = column(survey, item)
    given = exam.data.columns.binary if exam.data.columns else None
    if not isinstance(given, BinaryColumn) or found.values is None:
        return
    if not {spelling(value) for value in listed(given.positive)} & set(map(spelling, found.values)):
        message = (
            f"no row of {survey.shown} has {toml(given.positive)} in `{item.column}`; its values are {values_of(found)}"
        )
        yield finding("STG228", message, item.path, f"write one of them: {binary_line(item, found)}")


def balance(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG230: only one label; STG231: label imbalance under binary cross-entropy."""
    item = exam.field("binary")
    found = column(survey, item)
    flags = _positives(exam, found)
    if found.values is None or flags is None or survey.rows < 2:
        return
    positives, all_rows = flags
    if positives in (0, all_rows):
        which = "positive" if positives else "negative"
        message = f"every row of {survey.shown} is {which}: there is nothing to discriminate"
        hint = "map the texts as anchor and positive, without the label" if positives else "add positive pairs"
        yield finding("STG230", message, item.path, hint)
        return
    ratio = (all_rows - positives) / positives
    if exam.loss == "BinaryCrossEntropyLoss" and ratio >= IMBALANCE and "pos_weight" not in exam.table.params:
        message = f"{positives:,} of {all_rows:,} rows of {survey.shown} are positive: {ratio:.1f} negatives a positive"
        hint = f"write params = {{ pos_weight = {ratio:.1f} }} under [loss]"
        notes = ("without a weight, predicting the majority class is close to the optimum",)
        yield finding("STG231", message, item.path, hint, notes)


def inverted(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG229: pairs of a high label have less word overlap than those of a low one."""
    item = exam.field("binary" if exam.has("binary") else "score")
    if not exam.has("text_1", "text_2"):
        return
    one, other = exam.field("text_1").column, exam.field("text_2").column
    rows = [
        (row.get(item.column), overlap(row[one], row[other])) for row in sampled_rows(survey) if _both(row, one, other)
    ]
    middle = _middle(exam, column(survey, item))
    low = [common for value, common in rows if _is_low(exam, value, middle)]
    high = [common for value, common in rows if _is_high(exam, value, middle)]
    if min(len(low), len(high)) < SOME:
        return
    below, above = sum(low) / len(low), sum(high) / len(high)
    if below < above + 0.15 or below < 1.5 * above:
        return
    message = f"`{item.column}` looks inverted: texts of low labels have {percent(below)} of their words in common, of high ones {percent(above)}"
    hint = (
        f"if 0 is the positive label: binary = {toml({'column': item.column, 'positive': 0})}"
        if item.role == "binary"
        else "if it is a distance, store 1 - distance"
    )
    yield finding(
        "STG229",
        message,
        item.path,
        hint,
        ("inverted labels train without an error, and the model learns the opposite",),
    )


def unused_labels(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG232: data mapped as positive pairs, with an unmapped label that marks some as negatives."""
    if exam.match is None or exam.match.format.label != "none" or len(exam.texts) < 2:
        return
    used = {item.column for item in exam.fields}
    for name, found in survey.columns.items():
        if name in used or name not in LABELS:
            continue
        notes = ("such rows cost 0.08 nDCG@10 where it was measured",)
        if no := _rows_that_say_no(found):
            says = "says no" if found.kind == "text" else "is 0"
            message = f"`{name}` {says} in {where(survey, no)}, and isn't mapped: these rows train as positive pairs"
            hint = _mapped(found)
            yield finding("STG232", message, ("data", exam.index, "columns"), hint, notes)


def _rows_that_say_no(found: Column) -> Tally | None:
    """The rows that a label marks as negatives: 0 among higher numbers, or a word for it."""
    if found.kind in ("number", "truth"):
        return tallied(value == 0 for value in found.numbers) if found.low == 0 < found.high else None
    values = found.values or ()
    if found.kind != "text" or not yes_or_no(values):
        return None
    no = {hash(value) for value in values if says_no(value)}
    return tallied(key in no for key in found.keys)


def _mapped(found: Column) -> str:
    """The line that gives such a label its role."""
    words, numbers = found.kind == "text", found.values is not None and set(found.values) <= {0, 1}
    if not (words or numbers):
        return f"map it: score = {toml(score_line(found))}"
    spelled = set(found.values or ()) <= {"0", "1"}
    line = toml(found.name) if numbers or spelled else toml({"column": found.name, **guess_binary(found)})
    return f'map it (binary = {line}), and to train on the positive pairs alone write convert = ["pair"] under [loss]'


# --- what they have in common ----------------------------------------------------------------------------------------


def _is_positive(exam: Exam, value: object) -> bool:
    given = exam.data.columns.binary if exam.data.columns else None
    wanted = listed(given.positive) if isinstance(given, BinaryColumn) else [1]
    return spelling(value) in set(map(spelling, wanted))


def _positives(exam: Exam, found: Column) -> tuple[int, int] | None:
    """Positive rows and all rows with a label; None where labels can't be told."""
    if found.values is None:
        return None
    positives = sum(rows for value, rows in found.values.items() if _is_positive(exam, value))
    return (positives, found.values.total()) if positives or set(map(spelling, found.values)) <= {"0", "1"} else None


def _both(row: dict[str, object], one: str, other: str) -> bool:
    return isinstance(row.get(one), str) and isinstance(row.get(other), str)


def _middle(exam: Exam, found: Column) -> tuple[float, float]:
    """Scores below the first are low, those above the second high."""
    values = sorted(compress(found.numbers, map(math.isfinite, found.numbers)))
    return (values[len(values) // 4], values[3 * len(values) // 4]) if values else (0.0, 0.0)


def _is_high(exam: Exam, value: object, middle: tuple[float, float]) -> bool:
    if exam.has("binary"):
        return value is not None and _is_positive(exam, value)
    return isinstance(value, int | float) and value >= middle[1] > middle[0]


def _is_low(exam: Exam, value: object, middle: tuple[float, float]) -> bool:
    if exam.has("binary"):
        return value is not None and not _is_positive(exam, value)
    return isinstance(value, int | float) and value <= middle[0] < middle[1]
