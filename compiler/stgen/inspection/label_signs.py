"""What a column's name and values show of it as a label of two texts: a Column -> yes or no."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from stgen.inspection.names import (
    ABOUT,
    BINARY,
    CLASSES,
    COUNTS,
    FLAGS,
    LABELS,
    MEANS,
    SCORES,
    UNNAMED,
    leaf,
    plain,
    says,
    words_of,
)
from stgen.inspection.natures import Nature
from stgen.reader.binary import spelling
from stgen.rows.column import Column
from stgen.rows.label_values import graded_words, written_otherwise, yes_or_no
from stgen.rows.survey import Survey

FEW_WORDS = 5  # of a label that nothing names
UNIT, SCALE = 1.0, 10.0  # ends of the ranges that scores without a telling name have
Label = Literal["", "class", "binary", "score"]


def are_shares(column: Column) -> bool:
    """Whether each row has a probability for each of some classes."""
    lists = column.lists
    return column.kind == "list" and len(lists.lengths) == 1 and 0 < lists.numbers == lists.shares


def may_be_label(survey: Survey, name: str, kind: Nature) -> bool:
    """Whether a column may say something of texts: words, numbers of which some are finite, or scores that are spelled otherwise."""
    if kind == "number":
        return survey.columns[name].low <= survey.columns[name].high
    return kind == "word" or spells_numbers(survey, name)


def spells_numbers(survey: Survey, name: str) -> bool:
    """Whether a column that is called like a score holds numbers in a spelling that isn't read."""
    return survey.columns[name].kind == "text" and says(name, SCORES) and written_otherwise(survey.texts(name))


def is_beside_pair(column: Column) -> bool:
    """Whether a column is no label of two texts by its name: what the one has, or the answer itself, yes or no."""
    first = re.split(r"[\W_]+", leaf(column.name).casefold())[0]
    answer = plain(leaf(column.name)) == "answer" and (column.kind == "truth" or yes_or_no(set(column.values or ())))
    return answer or (first in FLAGS and plain(leaf(column.name)) != first)


def is_named(column: Column) -> bool:
    """Whether a column is called as labels of two texts are."""
    words = SCORES | BINARY | LABELS | (MEANS if column.kind == "number" else frozenset())
    return says(column.name, words) and not is_about(column) and words_of(leaf(column.name)).isdisjoint(COUNTS)


def can_be(column: Column, wanted: Label) -> bool:
    """Whether a column can be the kind of label that is wanted."""
    if wanted == "score":
        return column.kind == "number" and len(column.values or (0, 1, 2)) > 2
    if wanted == "binary":
        return is_binary(column)
    return not wanted or column.kind == "text" or (column.whole and not is_binary(column))


def is_unnamed_class(column: Column) -> bool:
    """Whether the words of a column without a name are classes."""
    return bool(UNNAMED.fullmatch(column.name)) and column.kind == "text" and 1 < len(column.values or ()) <= FEW_WORDS


def is_about(column: Column) -> bool:
    """Whether a column says what texts are about, so that it is no label of two."""
    last = re.split(r"[\W_]+", leaf(column.name))[-1]
    return any(called.rstrip("0123456789") in ABOUT for called in (plain(leaf(column.name)), plain(last)))


def is_kind(column: Column) -> bool:
    """Whether a column sorts questions with their answers: words that are no grades, under a name that says of what kind a thing is."""
    values = set(column.values or ())
    return column.kind == "text" and says(column.name, CLASSES) and not yes_or_no(values) and not graded_words(values)


def is_binary(column: Column) -> bool:
    values = set(column.values or ())
    return are_bits(values) or (column.kind == "text" and yes_or_no(values))


def are_bits(values: Collection[object]) -> bool:
    """Whether values are 0 and 1 alone, or false and true, in whatever type each row has them."""
    return set(map(spelling, values)) == {"0", "1"}


def looks_scored(column: Column) -> bool:
    """Whether numbers that aren't whole lie in a range that scores have."""
    counted = not words_of(leaf(column.name)).isdisjoint(COUNTS)
    return column.kind == "number" and not column.whole and not counted and column.low >= -UNIT and column.high <= SCALE
