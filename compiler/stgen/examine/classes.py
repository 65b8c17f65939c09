"""Checks classes: invalid class numbers, classes without rows or with a single one, class imbalance."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from stgen.diagnostics.diagnostic import Diagnostic, listed
from stgen.examine.exam import Exam, column, finding, percent, quoted
from stgen.language.facts import class_names
from stgen.plan.counts import rows_by_class
from stgen.plan.ledger import FEWEST
from stgen.reader.numbers import spelled
from stgen.rows.column import Column
from stgen.rows.label_values import is_likert
from stgen.rows.survey import Survey
from stgen.rows.text_signs import commonest
from stgen.values.quoting import toml

SCALE = re.compile(r"scor|rating|similar|likert|stars|grade|relevan|relatedness|agreement|votes", re.IGNORECASE)
DOMINANT = 0.8  # share of the majority class from which it is worth a warning
SHOWN = 5


def classes_of_training(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG234: a declared class without rows; STG230: a single class; STG237: every row has its own class."""
    item = exam.field("class")
    found, names = column(survey, item), class_names(exam.data)
    counts = class_counts(found)
    if not counts or survey.rows < 2:
        return
    if len(counts) == 1:
        message = (
            f"every row of {survey.shown} has the class {quoted(next(iter(counts)))}: there is nothing to discriminate"
        )
        yield finding("STG230", message, item.path, "map a column with several classes")
        return
    if unseen := [name for number, name in enumerate(names) if name not in counts and str(number) not in counts]:
        named = listed(map(quoted, unseen), SHOWN)
        message = f"no row of {survey.shown} has the class {named}, which `names` declares"
        yield finding(
            "STG234",
            message,
            item.path,
            "remove the names at the end of the list, or add rows of these classes",
        )
    by_class = exam.sampler == "group_by_label"
    sampled = exam.match is not None and any(row.template == "sample_classes" for row in exam.match.way.rows)
    if sampled or (exam.match is not None and exam.match.loss.sampler == "group_by_label"):
        yield from _groups(exam, survey, counts, sampled)
    if by_class and not exam.converted and (used := rows_by_class(counts.values())) < exam.batch <= survey.rows:
        message = f"batches by class use {used} of {survey.rows:,} rows of train, fewer than one batch of {exam.batch}"
        notes = ("such a batch takes pairs of rows of each class, and of the largest class no more than of the next",)
        yield finding("STG414", message, item.path, _filled(exam, used), notes)
    name, most = commonest(counts, 1)[0]
    if most >= DOMINANT * counts.total() and len(counts) > 1:
        message = f"{percent(most, counts.total())} of the rows of {survey.shown} have the class {quoted(name)}"
        notes = (
            "a group_by_label sampler drops most rows of a majority class, and a classifier learns to predict it always",
        )
        yield finding("STG236", message, item.path, "downsample it, or add rows of the others", notes)


def _sense(name: str) -> str:
    """What a class means, whatever its case, blanks and accents are written with, and whether 1 is 1.0."""
    number = spelled(name)
    return " ".join(normalize("NFKC", name).casefold().split()) if number is None else f"{number:g}"


def spelled_alike(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG387: classes that differ only in how they are spelled."""
    item = exam.field("class")
    values = column(survey, item).values
    if class_names(exam.data) or values is None:
        return
    alike: dict[str, list[str]] = {}
    for value in sorted(filter(_is_text, values)):
        alike.setdefault(_sense(value), []).append(value)
    several = [names for names in alike.values() if len(names) > 1]
    if not several:
        return
    shown = "; ".join(" and ".join(map(_exactly, names)) for names in several[:SHOWN])
    message = (
        f"classes of `{item.column}` differ only in their spelling: {shown}{' ...' if len(several) > SHOWN else ''}"
    )
    notes = ("each spelling trains as a class of its own, apart from the others",)
    yield finding("STG387", message, item.path, "spell them alike in the rows", notes)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _exactly(value: str) -> str:
    """A value with its blanks."""
    return f'"{value}"' if value.isprintable() and len(value) <= 60 else quoted(value)


def degrees(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG388: degrees of similarity of two texts, taken for classes."""
    item = exam.field("class")
    values = [str(value) for value in column(survey, item).values or ()]
    if class_names(exam.data) or len(exam.texts) != 2 or not all(map(str.isdecimal, values)):
        return
    numbers = sorted(map(int, values))
    if is_likert(numbers) or (SCALE.search(item.column) and len(numbers) > 2):
        low, high = min(numbers[0], 1), numbers[-1]
        message = (
            f"`{item.column}` runs from {numbers[0]} to {high}: it looks like a similarity scale, not a set of classes"
        )
        hint = f"write score = {toml({'column': item.column, 'min': low, 'max': high})}; or, if they are classes, name them: names = [...]"
        notes = ("as classes their order is lost: 4 is then no nearer to 5 than 1 is",)
        yield finding("STG388", message, item.path, hint, notes)


def new_classes(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG234: an eval or test class without training rows."""
    item, train = exam.field("class"), exam.train
    if train is None:
        return
    known, here = class_counts(column(train, item)), class_counts(column(survey, item))
    if known is None or here is None:
        return
    if new := sorted((name for name in here if name not in known), key=str):
        named = listed(map(quoted, new), SHOWN)
        message = f"{survey.shown} has rows of the class {named}, which {train.shown} lacks"
        yield finding(
            "STG234",
            message,
            item.path,
            "remove these rows, or add training rows of the class",
            severity="warning" if class_names(exam.data) else "error",
        )


def too_few_of_a_class(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG415: eval or test rows of which no two have a class; STG416: too few of two classes for an eval loss."""
    if exam.match is None or exam.match.evaluated_format.name != "text-class":
        return
    counts = class_counts(column(survey, exam.field("class")))
    if counts and max(counts.values()) < 2:
        message = f"no two rows of {survey.shown} have the same class, so nothing can be measured on them"
        notes = ("a text is measured by whether it finds others of its class among the held-out rows",)
        yield finding("STG415", message, exam.field("class").path, "add rows of these classes to it", notes)
    elif counts and exam.sampler == "group_by_label" and not exam.converted and rows_by_class(counts.values()) < FEWEST:
        message = f"{survey.shown} has no two rows of two classes, so there is no eval loss"
        yield finding("STG416", message, exam.field("class").path, "add rows of these classes to it")


def _filled(exam: Exam, used: int) -> str:
    """The largest batch that so many rows fill, where the loss takes it."""
    size = used // exam.least * exam.least
    return (
        f"write batch_size = {size} under [train], or add rows of the smaller classes"
        if size
        else "add rows of the smaller classes"
    )


def class_counts(found: Column) -> Counter[Any] | None:
    """Rows of each class; None when there are too many classes to count."""
    if found.values is not None:
        return found.values
    if found.kind in ("number", "truth"):
        return Counter(int(value) for value in found.numbers if math.isfinite(value))
    return Counter(filter(None, found.keys))


def _groups(exam: Exam, survey: Survey, counts: Counter[Any], sampled: bool) -> Iterator[Diagnostic]:
    """STG237 and STG235: classes without two texts, of which no pair and no triplet can be built."""
    item = exam.field("class")
    needs = (
        "a class needs two texts to make a pair"
        if sampled
        else f"{exam.loss} needs two texts of a class to make a triplet"
    )
    single = [name for name, rows in counts.items() if rows == 1]
    if len(single) == len(counts):
        message = f"every row of {survey.shown} has a class of its own (`{item.column}`)"
        rest = "prepare.py would stop" if sampled else "its loss would be 0 from the first step"
        notes = (f"{needs}: {rest}",)
        yield finding("STG237", message, item.path, "map the column of the classes, not an id", notes)
    elif single:
        shown = "" if column(survey, item).values is None else f", such as {quoted(min(single, key=str))}"
        message = f"{len(single):,} of {len(counts):,} classes of {survey.shown} have a single row{shown}"
        notes = (f"{needs}; {'prepare.py' if sampled else 'the sampler'} leaves these rows out",)
        yield finding("STG235", message, item.path, "add rows, or merge small classes", notes)
