"""Checks lists of relevance grades and teacher labels (scores, margins, embeddings): in the shape and on the scale that the loss expects."""

from __future__ import annotations

import math
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, Severity
from stgen.examine.exam import Exam, Field, column, finding, percent, tallied, where
from stgen.language.sources import ITEMS, negatives_of
from stgen.reader.contract import counted
from stgen.rows.column import Column
from stgen.rows.survey import Survey
from stgen.values.quoting import toml

GAIN = 30  # labels above which 2 ** label is too large to be useful
OVERFLOW = 127  # labels above which it overflows
SOME = 20  # rows from which a pattern isn't chance
FEW = 0.05  # share of lists without a ranking that is worth a warning


def useless_lists(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG240: lists with a single grade, or a single document."""
    item = exam.field("scores")
    lists = column(survey, item).lists
    equal = lists.equal
    if equal.count <= FEW * survey.rows:
        return
    message = f"all scores of a list are equal in {where(survey, equal)}"
    notes = ("such a list has no ranking: most listwise losses have no gradient on it",)
    severity: Severity | None = "error" if equal.count == survey.rows else None
    yield finding(
        "STG240", message, item.path, "remove these rows, or add documents with other grades", notes, severity
    )


def number_of_negatives(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG382: rows with fewer negatives than the loss gets, or with more."""
    fields = [item for item in exam.fields if item.role == "negative"]
    columns = exam.data.columns
    wanted = negatives_of(columns) if columns else 0
    given = [sum(map(bool, keys)) for keys in zip(*(column(survey, item).keys for item in fields), strict=True)]
    lists = [
        survey.columns[name] for name in {item.source.partition(ITEMS)[0] for item in fields} if name in survey.columns
    ]
    more = sum(rows for found in lists for length, rows in found.lists.lengths.items() if length > wanted)
    fewer, most = tallied(0 < number < wanted for number in given), max(given, default=0)
    if exam.has("scores") or exam.has("margin") or not (fewer.count or more):
        return
    if 0 < most < wanted:
        message = (
            f"no row has more than {counted(most, 'negative')}, and the loss gets {wanted}: each row repeats its own"
        )
        hint = f"write negative = {toml({'column': fields[0].source or fields[0].column, 'count': most})}"
        yield finding("STG382", message, fields[0].path, hint, severity="warning")
        return
    said = [f"fewer than {wanted} negatives in {where(survey, fewer)}: their own are repeated"] if fewer.count else []
    said += [f"more in {more:,}: the first {wanted} are used"] if more else []
    hint = "nothing needs to be done; `count` says how many the loss gets" if lists else "nothing needs to be done"
    yield finding("STG382", "; ".join(said), fields[0].path, hint)


def scale_of_labels(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG241: labels below 0 or too large for a gain of 2 ** label or a softmax."""
    item = exam.field("scores")
    lists = column(survey, item).lists
    if exam.loss == "LambdaLoss" and lists.negative.count:
        message = f"LambdaLoss takes labels from 0, and `{item.column}` goes down to {lists.low:g}: {where(survey, lists.negative)}"
        notes = ("labels below 0 are clipped to 0: most of a teacher's raw scores (logits) become equal",)
        yield finding(
            "STG241", message, item.path, "store grades (0, 1, 2, 3), or name ListNetLoss under [loss]", notes
        )
    if exam.loss == "LambdaLoss" and lists.large.count:
        message = f"LambdaLoss has a gain of 2 ** label, and `{item.column}` goes up to {lists.high:g}: {where(survey, lists.large)}"
        notes = (f"labels above {OVERFLOW} overflow to infinity, and turn every weight into NaN",)
        yield finding(
            "STG241",
            message,
            item.path,
            "store grades (0, 1, 2, 3)",
            notes,
            "error" if lists.high > OVERFLOW else "warning",
        )
    if exam.loss == "ListNetLoss" and lists.spread > GAIN:
        message = (
            f"ListNetLoss takes a softmax of the labels, and those of `{item.column}` lie up to {lists.spread:g} apart"
        )
        notes = ("the softmax is then one-hot: the grades are lost",)
        yield finding(
            "STG241", message, item.path, "scale the labels to a small range, such as 0 to 3", notes, "warning"
        )


def order_of_documents(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG242: documents not sorted best first, under a loss that learns their order in the row."""
    if exam.loss not in ("ListMLELoss", "PListMLELoss") or not exam.table.params.get("respect_input_order"):
        return
    item = exam.field("scores")
    unsorted = column(survey, item).lists.unsorted
    if unsorted.count:
        message = f"{exam.loss} learns the order of the documents in the row, and `{item.column}` isn't in descending order in {where(survey, unsorted)}"
        notes = ("the loss ignores the values of the labels: reversed ones give the same gradients",)
        hint = "leave respect_input_order out of params, so that the scores say the order; or sort the documents best first"
        yield finding("STG242", message, item.path, hint, notes)


def margins(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG243: margins that look like raw scores of the positive."""
    item = exam.field("margin")
    found = column(survey, item)
    low = min(found.low, found.lists.low)
    high = max(found.high, found.lists.high)
    alone = sum(map(math.isfinite, found.numbers))
    rows = alone + found.lists.numbers
    listed = exam.data.columns is not None and negatives_of(exam.data.columns) > 1
    if rows < SOME or low < 0 or (listed and alone):  # STG209 says then that each negative wants a margin
        return
    message = f"no margin of {rows:,} in `{item.column}` is below 0 (they run from {low:g} to {high:g}): they look like raw scores of the positives"
    hint = "store the teacher's score of the positive minus that of the negative; or both in a list, as `scores`"
    notes = ("a teacher prefers some negatives to the positive, which makes their margin negative",)
    yield finding("STG243", message, item.path, hint, notes)


def vectors(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG244: teacher embeddings of several dimensions, or of another one than the model's."""
    item = exam.field("embedding")
    lists = column(survey, item).lists
    widths = lists.lengths
    texts = len(exam.texts)
    if wrong := sum(rows for number, rows in lists.several.items() if number not in (1, texts)):
        message = f"`{item.column}` has neither one vector nor one for each of the {texts} texts in {wrong:,} of {survey.rows:,} rows"
        yield finding("STG244", message, item.path, "give each row one vector for all texts, or one for each")
        return
    if len(widths) > 1:
        return
    wide = next(iter(widths), None)
    projected = exam.table.params.get("projection_dim")
    if wide is not None and projected is not None and projected != wide:
        message = (
            f"projection_dim is {projected}, and the teacher's embeddings in `{item.column}` have {wide} dimensions"
        )
        path = ("data", exam.index, "loss") if exam.data.loss else ("loss",)
        where_said = (*path, "params", "projection_dim")
        yield finding("STG244", message, where_said, f"write projection_dim = {wide}: it is the teacher's width")
        return
    if wide is None or exam.width is None or wide == exam.width or projected is not None:
        return
    if exam.data.loss is None and exam.spec.model.type != "dense":
        return
    message = f"the teacher's embeddings in `{item.column}` have {wide} dimensions, and the model's {exam.width}"
    hint = f"write params = {{ projection_dim = {wide} }} under [loss], or dimensions = {wide} under [model]"
    yield finding("STG244", message, item.path, hint)


def repeated_documents(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG217: duplicate documents in a list."""
    item: Field = exam.field("documents")
    found: Column = column(survey, item)
    if found.lists.twice.count:
        share = percent(found.lists.twice.count, survey.rows)
        message = f"a list of `{item.column}` has duplicate texts in {where(survey, found.lists.twice)}, {share}"
        yield finding("STG217", message, item.path, "remove the duplicates: with two grades they contradict each other")
