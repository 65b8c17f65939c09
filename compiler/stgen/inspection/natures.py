"""What kind of thing a column holds, as far as roles are concerned: texts, labels, numbers, lists, ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from stgen.inspection.names import (
    ASKED,
    BINARY,
    GROUPS,
    LABELS,
    SCORES,
    TIMES,
    UNNAMED,
    is_id,
    plain,
    role_by_name,
    says,
)
from stgen.rows.column import Column
from stgen.rows.survey import Survey
from stgen.rows.text_signs import common_start, form, lists_as_text, mean_words

Nature = Literal["text", "word", "number", "texts", "numbers", "vector", "id", "nothing"]
VECTOR = 16  # numbers of the shortest list that is taken for an embedding
CLASSES = 100  # values of the largest set of numbers, or of words under the name of an id, that is taken for classes
SPELLINGS = 20  # values of the largest set that may be answers of yes and no
TEXTS = ("anchor", "positive", "negative", "text_1", "text_2", "text")
SHORT = 6  # words of the longest dates
ROWS_A_CLASS = 5  # from which few values are classes; under a name that says so 2 do, under one of an id 10 must


def nature(survey: Survey, column: Column) -> Nature:
    """What kind of thing a column holds, as far as roles are concerned."""
    if column.kind == "text":
        return _nature_of_text(survey, column)
    if column.kind in ("number", "truth"):
        return _nature_of_numbers(survey, column)
    if column.kind != "list":
        return "nothing"
    lists = column.lists
    if not lists.texts and not lists.numbers:
        return "nothing"
    if lists.texts > lists.numbers:
        return "texts"
    widths = set(lists.lengths)
    return "vector" if len(widths) == 1 and min(widths) >= VECTOR else "numbers"


def few_values(survey: Survey, column: Column) -> bool:
    """Whether a column has few enough values, and more than one, to be one of classes."""
    values = column.values
    if values is None or len(values) < 2:
        return False
    rows = values.total()
    if rows == len(values):
        return False
    if is_id(column.name) and plain(column.name) not in ("id", "idx", "index"):
        return len(values) <= (rows // 2 if says(column.name, GROUPS) else min(CLASSES, rows // 10))
    if says(column.name, LABELS):
        return len(values) <= max(3, rows * 4 // 5)
    if says(column.name, BINARY | SCORES):
        return len(values) <= max(3, rows // 2)
    most = 10 * CLASSES if column.kind == "text" else CLASSES
    return len(values) <= max(2, min(most, rows // ROWS_A_CLASS))


def _nature_of_numbers(survey: Survey, column: Column) -> Nature:
    if column.whole and few_values(survey, column):
        return "number"
    called = column.whole and column.name in survey.cells and role_by_name(column.name, TEXTS)
    if (called or column.of("text").count) and _mostly_apart(survey, column):
        return "text"  # search words, most or all of which are numbers
    numbered = column.whole and (column.values is None or len(column.values) > CLASSES or _counts(column))
    if is_id(column.name) or numbered:
        return "number" if says(column.name, SCORES) else "id"
    return "number"


def _nature_of_text(survey: Survey, column: Column) -> Nature:
    texts = survey.texts(column.name)
    if lists_as_text(texts):
        return "nothing"
    if _holds_ids(texts):
        return "id"
    if column.values is not None and len(column.values) == 1 < survey.rows:
        return "nothing"
    further = UNNAMED.fullmatch(column.name) and column.name not in ("column_1", "column_2")
    if further and common_start(texts, ()):
        return "nothing"  # where each comes from, in the same words
    named = says(column.name, LABELS | BINARY | SCORES)
    if few_values(survey, column) and mean_words(texts) <= (8 if named else 4) and not _asked_again(column):
        return "word"
    moment = says(column.name, TIMES) and mean_words(texts) <= SHORT
    return "id" if is_id(column.name) or moment or form(texts) else "text"


def _holds_ids(texts: Sequence[str]) -> bool:
    """Whether numbers alone stand in all texts, and several in most: the ids of what stands elsewhere, or their scores."""
    parts = [text.split() for text in texts]
    numbers = all(part.replace(".", "", 1).isdecimal() for some in parts for part in some)
    return bool(parts) and numbers and sum(len(some) > 1 for some in parts) > len(parts) / 2


def _counts(column: Column) -> bool:
    """Whether numbers count the rows: each stands once, and none is left out."""
    rows = column.of("number").count
    return rows >= SPELLINGS and len(column.values or ()) == rows == column.high - column.low + 1


def _asked_again(column: Column) -> bool:
    """Whether short texts stand in several rows under a name that texts have: queries with several answers."""
    texts = role_by_name(column.name, TEXTS) and not says(column.name, LABELS | BINARY)
    asked = role_by_name(column.name, ("anchor",)) and says(column.name, ASKED)
    return bool(texts) and len(column.values or ()) > (2 if asked else SPELLINGS)


def _mostly_apart(survey: Survey, column: Column) -> bool:
    """Whether nearly every row has a value of its own."""
    return column.values is None or len(column.values) >= 0.8 * survey.rows
