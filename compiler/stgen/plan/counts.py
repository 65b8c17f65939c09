"""What a profile says of the run: a Match with the profile of its data -> how many rows there are, and how many steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import cast

from stgen.language.facts import class_names, set_name
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.decide import decide
from stgen.match.matching import Match
from stgen.match.reach import options
from stgen.plan.splits import held_rows, negatives_read
from stgen.profile.record import LabelColumn, SetProfile, Split
from stgen.rules.decisions import EPOCHS
from stgen.rules.row import ConversionRow
from stgen.values.record import Record

ENOUGH_STEPS = 100
"""Optimizer steps; in fewer the rate has hardly risen before it falls again."""
SHARE = {"entailment-to-triplets": 1 / 3, "entailment-to-pairs": 1 / 3}
"""Conversions that keep a share of the rows which the counts don't tell: classes of about the same size are assumed."""
GROUPED = ("judgements-to-lists", "labelled-pairs-to-lists", "triplets-to-lists", "n-tuples-to-lists", "mine-lists")
"""Conversions that make a list of all rows of an anchor."""
TIMES = {
    "triplets-to-labelled-pairs": 2,
    "pairs-to-texts": 2,
    "texts-apart": 2,
    "teach-pairs-apart": 2,
    "pair-texts-with-texts": 8,
    "pair-texts-with-others": 8,
}
"""Conversions that make several rows of each."""


def profile_of_set(spec: Spec, index: int, match: Match) -> SetProfile | None:
    """What was counted of a data set; None where nothing was."""
    return match.profile.of_set(set_name(spec, index)) if match.profile else None


def split_of(spec: Spec, index: int, match: Match, name: str) -> Split | None:
    """What was counted of a split of a data set."""
    found = profile_of_set(spec, index, match)
    return found.splits.get(name) if found else None


def rows_trained(spec: Spec, match: Match, *, planned: bool = True) -> int | None:
    """The rows of all data sets that the training learns from, those aside that are held out; None where one isn't counted.

    `planned`: the repo is compiled with these counts, which decide how many are held out.
    """
    found = [rows_of_set(spec, index, match, planned=planned) for index in range(len(spec.data))]
    return sum(rows for rows in found if rows is not None) if all(rows is not None for rows in found) else None


def estimated(spec: Spec, match: Match) -> bool:
    """Whether the number of rows isn't exact: a conversion leaves some out, or some are held out and what belongs together stays so."""
    if match.way.rows:
        return True
    split = split_of(spec, match.index, match, "train")
    if split is None or not any(text.pairs for text in split.texts[:1]):
        return False
    return any(held_rows(spec.data[match.index], split.made, split.made))


def rows_of_set(spec: Spec, index: int, match: Match, *, planned: bool = True) -> int | None:
    """The rows of one data set that its loss gets; of another set than the match's own as its files hold them."""
    split = split_of(spec, index, match, "train")
    if split is None:
        return None
    rows = float(left_over(split.made, spec.data[index], planned))
    for row in match.way.rows if index == match.index else ():
        rows = _converted(rows, row, spec.data[index], split, match, spec)
    if index == match.index and match.loss.sampler == "group_by_label":
        rows *= _share_by_class(split)
    return max(1, round(rows))


def _share_by_class(split: Split) -> float:
    """The share of its rows that batches by class use, as far as its classes are counted."""
    counts = next((one.counts for one in split.labels if one.role == "class" and one.counts), ())
    return rows_by_class(counts) / sum(counts) if counts else 1


def rows_by_class(counts: Iterable[int]) -> int:
    """How many rows batches by class use: pairs of each class, and of the largest no more than of the next."""
    pairs = sorted((number // 2 for number in counts), reverse=True)
    return 2 * sum(min(number, pairs[1]) for number in pairs) if len(pairs) > 1 else 0


def rows_of_file(spec: Spec, index: int, match: Match) -> int | None:
    """The rows that are read of the file or files that a data set trains on, those that will be held out among them."""
    split = split_of(spec, index, match, "train")
    return split.made if split else None


def left_over(rows: int, data: Data, planned: bool) -> int:
    """The training rows that are left once others are held out, as many as a plan says that knows the rows, or one that doesn't."""
    return max(1, rows - sum(wanted for _, wanted, _ in held_rows(data, rows, rows if planned else None)))


def epochs_of(spec: Spec, facts: Mapping[str, object]) -> float:
    """The passes over the rows: those of the spec, or what the facts decide."""
    return spec.train.epochs or cast("float", decide(EPOCHS, facts).value)


def steps_of(rows: int, batch: int, epochs: float) -> int:
    """The steps of a run. The last batch of an epoch is left out where it is smaller."""
    return max(1, ceil(max(rows // batch, 1) * epochs))


def measured_rows(spec: Spec, index: int, match: Match, name: str) -> int | None:
    """The rows of the eval or test split, whether it has files or is held out."""
    if (split := split_of(spec, index, match, name)) is not None:
        return split.made
    train = split_of(spec, index, match, "train")
    if train is None:
        return None
    for one, wanted, _ in held_rows(spec.data[index], train.made, train.made):
        if one.split == name:
            return wanted
    return measured_rows(spec, index, match, "eval") if name == "test" else None


def anchors_measured(spec: Spec, match: Match, tested: int) -> int:
    """The anchors of so many test rows, each measured once, where rows are ranked by them: as often as they repeat in what was counted."""
    splits = (split_of(spec, match.index, match, name) for name in ("test", "train"))
    split = next((one for one in splits if one is not None), None)
    searched = split is not None and any(text.role == "anchor" for text in split.texts)
    return round(tested * share_of_anchors(split)) or 1 if split and searched else tested


def share_of_anchors(split: Split) -> float:
    """The anchors for each row; of judgements, those with a relevant one. 1 where nobody counted them."""
    anchors = next((text for text in split.texts if text.role in ("anchor", "text_1")), None)
    if anchors is None:
        return 1
    judged = next((label.positive for label in split.labels if label.role == "score" and label.positive), None)
    return (judged or 1) * anchors.distinct / anchors.rows


class Alike(Record):
    """How likely another row has a text that an anchor's row has too, and how likely it is of its class."""

    texts: float
    classes: float


def alike_of(spec: Spec, match: Match) -> Alike | None:
    """The same from what was counted; None where nobody counted the training rows' texts."""
    split = split_of(spec, match.index, match, "train")
    if split is None or not split.texts:
        return None
    shared = [2 * text.pairs / (text.rows * (text.rows - 1)) for text in split.texts if text.rows > 1]
    counts = next((label.counts for label in split.labels if label.role == "class"), ())
    made_of_classes = any(row.source == "text-class" for row in match.way.rows)
    total = sum(counts)
    classes = sum((count / total) ** 2 for count in counts) if made_of_classes and total else 0.0
    return Alike(min(1.0, sum(shared)), classes)


def label_of(spec: Spec, match: Match, role: str) -> LabelColumn | None:
    """What was counted of the training rows' labels, where the loss gets them as they are."""
    split = split_of(spec, match.index, match, "train")
    if split is None or match.way.rows:
        return None
    return next((label for label in split.labels if label.role == role), None)


def share_of_positives(spec: Spec, match: Match) -> float | None:
    """The share of the training rows that are labelled positive; None where nobody counted them, or where none is."""
    label = label_of(spec, match, "binary")
    return label.positive or None if label else None


def classes_of(spec: Spec, match: Match) -> tuple[int, ...]:
    """The training rows of each class, in the order of the names that the spec gives; empty where it gives none."""
    label = label_of(spec, match, "class")
    names = class_names(spec.data[match.index])
    return label.counts if label and names and len(label.counts) == len(names) and all(label.counts) else ()


def skew_of_classes(spec: Spec, match: Match) -> float | None:
    """How many times more rows the largest class has than the smallest."""
    counts = classes_of(spec, match)
    return max(counts) / min(counts) if counts else None


def _converted(rows: float, row: ConversionRow, data: Data, split: Split, match: Match, spec: Spec) -> float:
    asked = options(data.loss or spec.loss, row)
    if asked is not None and asked.rows is not None:
        return asked.rows
    if row.name in GROUPED:
        return rows * share_of_anchors(split)
    if row.name == "n-tuples-to-triplets":
        return rows * max(negatives_read(data), 1)
    if row.name == "n-tuples-to-labelled-pairs":
        return rows * (1 + max(negatives_read(data), 1))
    if row.name == "lists-to-scored-pairs" and split.lists:
        return rows * split.lists[0].items.mean
    if row.name in ("positives-only", "join-qrels") and split.labels and split.labels[0].positive:
        return rows * split.labels[0].positive
    return rows * TIMES.get(row.name, 1) * SHARE.get(row.name, 1)
