"""What a profile says of the run: a Match with the profile of its data -> how many rows there are, and how many steps."""

from __future__ import annotations

from math import ceil

from stgen.language.facts import set_name
from stgen.language.spec import Data, Spec
from stgen.match.matching import Match
from stgen.match.reach import options
from stgen.plan.splits import held_out, negatives_read
from stgen.profile.record import SetProfile, Split
from stgen.rules.row import ConversionRow

LONGEST_EVALUATION = 0.2
"""The share of a run that its evaluations may take."""
SHARE = {"entailment-to-triplets": 1 / 3, "entailment-to-pairs": 1 / 3}
"""Conversions that keep a share of the rows which the counts don't tell: classes of about the same size are assumed."""
TWICE = ("triplets-to-labelled-pairs", "pairs-to-texts", "texts-apart", "pair-texts-with-texts")
"""Conversions that make two rows of each."""


def profile_of_set(spec: Spec, index: int, match: Match) -> SetProfile | None:
    """What was counted of a data set; None where nothing was."""
    sets = match.profile.sets if match.profile else ()
    return next((one for one in sets if one.name == set_name(spec, index)), None)


def split_of(spec: Spec, index: int, match: Match, name: str) -> Split | None:
    """What was counted of a split of a data set."""
    found = profile_of_set(spec, index, match)
    return found.splits.get(name) if found else None


def rows_trained(spec: Spec, match: Match) -> int | None:
    """The rows of all data sets that the training learns from, those aside that are held out; None where one isn't counted."""
    found = [rows_of_set(spec, index, match) for index in range(len(spec.data))]
    return sum(rows for rows in found if rows is not None) if all(rows is not None for rows in found) else None


def rows_of_set(spec: Spec, index: int, match: Match) -> int | None:
    """The rows of one data set that its loss gets; of another set than the match's own as its files hold them."""
    split = split_of(spec, index, match, "train")
    if split is None:
        return None
    rows = float(left_over(split.rows, spec.data[index]))
    for row in match.way.rows if index == match.index else ():
        rows = _converted(rows, row, spec.data[index], split, match, spec)
    return max(1, round(rows))


def left_over(rows: int, data: Data) -> int:
    """The training rows that are left once others are held out."""
    for one in held_out(data):
        rows -= held_rows(rows, one.amount)
    return max(rows, 1)


def steps_of(rows: int, batch: int, epochs: float) -> int:
    """The steps of a run. The last batch of an epoch is left out where it is smaller."""
    return max(1, ceil(max(rows // batch, 1) * epochs))


def held_rows(rows: int, amount: float) -> int:
    """Rows of a hold-out: below 1 the amount is a share."""
    return min(rows, ceil(amount * rows) if amount < 1 else int(amount))


def measured_rows(spec: Spec, index: int, match: Match, name: str) -> int | None:
    """The rows of the eval or test split, whether it has files or is held out."""
    if (split := split_of(spec, index, match, name)) is not None:
        return split.rows
    train = split_of(spec, index, match, "train")
    if train is None:
        return None
    left = train.rows
    for one in held_out(spec.data[index]):
        taken = held_rows(left, one.amount)
        if one.split == name:
            return taken
        left -= taken
    return measured_rows(spec, index, match, "eval") if name == "test" else None


def evaluations_afforded(spec: Spec, match: Match, learned: float) -> float | None:
    """How many evaluations take a fifth of a run that learns from so many rows, epochs and all; None where nobody knows.

    A training row costs three passes: forward, and backward twice as much. A row of eval costs two: for its loss and for
    the metric. The evaluator of a search also embeds its corpus.
    """
    measured = [measured_rows(spec, index, match, "eval") for index in range(len(spec.data))]
    if any(rows is None for rows in measured):
        return None
    corpora = [split_of(spec, index, match, "corpus") for index in range(len(spec.data))]
    corpus = sum(one.rows for one in corpora if one)
    # Training rows of the BEIR layout are pairs, so that a document of the corpus counts half of one.
    each = 2 * sum(rows for rows in measured if rows is not None) + corpus / 2
    return LONGEST_EVALUATION / (1 - LONGEST_EVALUATION) * 3 * learned / max(each, 1)


def _converted(rows: float, row: ConversionRow, data: Data, split: Split, match: Match, spec: Spec) -> float:
    asked = options(data.loss or spec.loss, row)
    if asked is not None and asked.rows is not None:
        return asked.rows
    if row.name in TWICE:
        return 2 * rows
    if row.name == "n-tuples-to-triplets":
        return rows * max(negatives_read(data), 1)
    if row.name == "n-tuples-to-labelled-pairs":
        return rows * (1 + max(negatives_read(data), 1))
    if row.name == "lists-to-scored-pairs" and split.lists:
        return rows * split.lists[0].items.mean
    if row.name == "positives-only" and split.labels and split.labels[0].positive:
        return rows * split.labels[0].positive
    return rows * SHARE.get(row.name, 1)
