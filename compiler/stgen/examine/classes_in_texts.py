"""Checks the words of classes: several of them in one text, and what stands for none beside those of NLI."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, listed
from stgen.examine.exam import Exam, column, finding, quoted
from stgen.examine.signs import remade
from stgen.language.facts import class_names
from stgen.rows.survey import Survey

SIGNS = (";", "|", ",")  # between the classes of one text
SHARE = 0.2  # of the values that have several classes, from which they are meant to
NLI = frozenset(("entailment", "neutral", "contradiction"))
SHOWN = 4


def several_in_one(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG209: classes that are several, written as one text."""
    item = exam.field("class")
    values = [value for value in column(survey, item).values or () if isinstance(value, str)]
    sign = next((sign for sign in SIGNS if _are_several(values, sign)), "")
    if class_names(exam.data) or not sign:
        return
    shown = next(value for value in values if sign in value)
    name = json.dumps(item.column)
    message = f"`{item.column}` of {survey.shown} has several classes in one text, such as {quoted(shown)}, and losses for classes take one"
    first = remade(survey, f"rows[{name}] = rows[{name}].str.split({json.dumps(sign)}).str[0].str.strip()", ".classes")
    hint = "write a row for each text and class; or, to train on the first of each" + (f": {first}" if first else "")
    notes = (
        "as it stands each combination trains as a class of its own, and those that share a class are pushed apart",
    )
    yield finding("STG209", message, item.path, hint, notes, "warning")


def _are_several(values: list[str], sign: str) -> bool:
    """Whether a sign stands between words that other values have too, and so often that words are no more than their combinations."""
    split = [[word.strip() for word in value.split(sign)] for value in values]
    several = [words for words in split if len(words) > 1]
    counts = Counter(word for words in split for word in set(words))
    if len(several) < max(2, SHARE * len(values)) or "" in counts:
        return False
    again = sum(all(counts[word] > 1 for word in words) for words in several)
    return again >= len(several) / 2 and len(counts) <= len(values)


def beside_entailment(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG233: a value beside the three classes of NLI, which stands for rows that nobody labelled."""
    item = exam.field("class")
    values = {value: str(value).strip().casefold() for value in column(survey, item).values or ()}
    others = sorted((str(value) for value, word in values.items() if word not in NLI), key=str)
    if class_names(exam.data) or not set(values.values()) > NLI or len(others) > len(NLI):
        return
    message = f"`{item.column}` of {survey.shown} has {listed([quoted(value) for value in others], SHOWN)} beside the three classes of entailment"
    hint = "if it stands for unlabelled, remove these rows; else name all classes: names = [...]"
    yield finding("STG233", message, item.path, hint, ("it would train as a class of its own",), "warning")
