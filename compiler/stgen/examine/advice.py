"""What to do about rows that break the contract, where that depends on what else the rows hold: exam -> more words, help, notes."""

from __future__ import annotations

import json
import math
from collections import Counter

from stgen.diagnostics.suggest import closest
from stgen.examine.exam import Exam, Field, column, quoted
from stgen.examine.signs import made_lists, number_of_one, remade, with_class
from stgen.language.facts import class_names
from stgen.language.spec_data import ScoreColumn
from stgen.reader.nested import root_of
from stgen.rows.column import Column
from stgen.rows.dialect import decimal_commas, dialect, file_line
from stgen.rows.encodings import save_as_utf8
from stgen.rows.label_values import decimal_sign, graded_words, guess_binary, score_line, written_otherwise
from stgen.rows.reading import read
from stgen.rows.survey import Survey
from stgen.rows.text_signs import commonest, lists_as_text
from stgen.values.quoting import toml

Said = tuple[str, str, tuple[str, ...]]
STRAY = 0.2  # share of scores outside their range that are slips rather than another scale
SHOWN = 6
FILES = 100  # whose names of columns are looked at
NEEDY = ("CosineSimilarityLoss", "SparseCosineSimilarityLoss", "BinaryCrossEntropyLoss")


def wrong_kind(exam: Exam, survey: Survey, item: Field) -> Said:
    """A value of a kind that its role doesn't take."""
    found = column(survey, item)
    if item.is_text and found.of("list").count:
        key = f'{item.path[3]} = "{item.column}[]"'
        what = "gives a row several of its texts" if item.role == "negative" else "makes a row of each of its texts"
        return "", f"{key} {what}; a list of texts that is ranked is the role `documents`", ()
    if item.role == "score" and (line := _score_of_words(exam, survey, item)):
        return line
    if item.role == "class" and found.of("list").count:
        if found.lists.one_hot:
            command = with_class(survey, number_of_one(item.column))
            return "", f'each has a 1 among zeros: write its position as a column, and class = "class": {command}', ()
        first = f"class = {toml(f'{item.column}[0]')}"
        return (
            "",
            f"a text has one class: to train on the first of each list write {first}; else write a row for each",
            (),
        )
    if item.role == "documents":
        written = lists_as_text(survey.texts(item.column))
        return "", made_lists(survey, item.column) if written else "`documents` is a list of texts", ()
    if item.is_text and found.kind != "text":
        return "", "is this the column that you mean?", ()
    return "", "correct these rows, or remove them", ()


def _score_of_words(exam: Exam, survey: Survey, item: Field) -> Said | None:
    """How words that are grades, and numbers with a comma before their decimals, are read as scores."""
    found = column(survey, item)
    if grades := graded_words(found.values or ()):
        line = toml({"column": item.column, "values": dict(grades)})
        return "", f"if these words are grades: score = {line}, with the numbers that you mean", ()
    if decimal_commas(survey.texts(item.column)):
        line = file_line(exam.data.file, {"decimal": ","})
        return "", f"write {line} beside the path: a comma stands before their decimals", ()
    if written_otherwise(survey.texts(item.column)):
        return "", _digits_alone(survey, item), ()
    return None


def _digits_alone(survey: Survey, item: Field) -> str:
    """What makes numbers of texts with signs between and beside their digits."""
    help, name = "write digits and a decimal point alone", f"rows[{json.dumps(item.column)}]"
    sign = decimal_sign(survey.texts(item.column))
    kept = f'{name}.str.replace(r"[^0-9{sign}+-]", "", regex=True).str.replace(",", ".").astype(float)'
    command = remade(survey, f"{name} = {kept}", ".numbers") if sign else ""
    said = {",": "a comma stands before their decimals", ".": "a point stands before their decimals"}
    return f"{help}: if {said[sign]}, {command}" if command else help


def no_value(exam: Exam, survey: Survey, item: Field) -> Said:
    """Values that are missing, in single rows or because a file names its columns otherwise than the others do."""
    root = root_of(item.column)
    for (shown, _), path in zip(survey.files[:FILES], survey.paths, strict=False):
        batch = next(read(path, shown, frozenset(), exam.data.file), None) if len(survey.files) > 1 else None
        if batch and batch.places and not {item.column, root} & batch.columns.keys():
            listed = ", ".join(f"`{name}`" for name in list(batch.columns)[:SHOWN])
            return (
                f"; {shown} has no column `{root}`",
                "name the columns alike in all files",
                (f"its columns are {listed}",),
            )
    return "", "fill them in, or remove the rows", ()


def not_utf8(exam: Exam, survey: Survey, item: Field) -> Said:
    """Texts that are no UTF-8."""
    told = dialect(survey.paths[0], survey.files[0][0], exam.data.file).get("encoding")
    help = save_as_utf8(survey.paths[0], survey.files[0][0])
    if not told:
        return "", help, ()
    return "", f"write {file_line(exam.data.file, {'encoding': told})} beside the path; or save it as UTF-8: {help}", ()


def out_of_range(exam: Exam, survey: Survey, item: Field) -> Said:
    """Scores outside the declared range."""
    if item.role == "probabilities":
        return "", "correct these rows: where they are scores or logits, take their softmax", ()
    found = column(survey, item)
    given = exam.data.columns.score if exam.data.columns else None
    low, high = (given.min, given.max) if isinstance(given, ScoreColumn) else (0.0, 1.0)
    declared = (
        f"is declared {low:g} to {high:g}" if isinstance(given, ScoreColumn) else "a score is 0 to 1 unless declared"
    )
    needs = f", and {exam.loss} needs scores between 0 and 1" if exam.loss in NEEDY else ""
    more = f"; `{item.column}` runs from {found.low:g} to {found.high:g}, and {declared}{needs}"
    outside = sum(math.isfinite(value) and not low <= value <= high for value in found.numbers)
    hint = (
        "correct these rows, or remove them; if they are right, declare" if outside < STRAY * survey.rows else "declare"
    )
    notes = ("the library trains on such labels without an error, toward a target that no cosine can reach",)
    return more, f"{hint} the range, and stgen scales it: score = {toml(score_line(found))}", notes


def not_binary(exam: Exam, survey: Survey, item: Field) -> Said:
    """Labels that say neither yes nor no."""
    found = column(survey, item)
    more = f"; the values of `{item.column}` are {values_of(found)}"
    notes = ("contrastive losses get a negative value from such labels, or skip the rows",)
    if found.of("text").count or (found.values is not None and len(found.values) == 2):
        return more, f"write {binary_line(item, found)}", notes
    return more, f"if these are degrees of similarity: score = {toml(score_line(found))}", notes


def no_class(exam: Exam, survey: Survey, item: Field) -> Said:
    """Numbers and signs that are no class."""
    found = column(survey, item)
    if found.kind == "number" or not found.whole:
        return "", f"if it is a degree of similarity: score = {toml(item.column)}", ()
    notes = ("it stands for unlabelled in many data sets, and would train as a class of its own, or break the loss",)
    return "", 'remove the rows, or write prepare = { on_bad_row = "set-aside" }, which trains without them', notes


def beyond_names(exam: Exam, survey: Survey, item: Field) -> Said:
    """Labels that the declared names don't cover."""
    found, names = column(survey, item), class_names(exam.data)
    legal = {*names, *map(str, range(len(names)))}
    outside = Counter({value: rows for value, rows in (found.values or {}).items() if value not in legal})
    value = str(commonest(outside, 1)[0][0]) if outside else ""
    listed = ", ".join(map(str, sorted(outside, key=str)[:SHOWN]))
    near = closest(value, names) if value and not value.isdecimal() else None
    more = f"; `{item.column}` holds {listed}, and `names` declares {len(names)} classes" if listed else ""
    if near:
        return more, f"did you mean {quoted(near)}?", ()
    return more, f"name every class, in the order of their numbers; numbers go from 0 to {len(names) - 1}", ()


def lengths(exam: Exam, survey: Survey, item: Field) -> Said:
    """Lists that don't have one number for each text."""
    notes = ("numbers and texts are matched by position alone",)
    if exam.has("documents"):
        return "", f"a row wants one for each text in `{exam.field('documents').column}`", notes
    if item.role == "probabilities":
        return (
            "",
            "a row wants a probability for each class, in one order",
            ("they stand for classes by position alone",),
        )
    negatives = sum(field.role == "negative" for field in exam.fields)
    if item.role == "scores":
        return "", f"a row wants {1 + negatives}: the positive's score, then one for each negative", notes
    return (
        "",
        f"a row wants {negatives}: one for each negative" if item.role == "margin" else "remove these rows",
        notes,
    )


def values_of(found: Column) -> str:
    """The values of a label, some of them."""
    if found.values is None:
        return "many"
    ordered = sorted(found.values, key=str)
    listed = ", ".join(quoted(value) if isinstance(value, str) else toml(value) for value in ordered[:SHOWN])
    return listed + (", ..." if len(ordered) > SHOWN else "")


def binary_line(item: Field, found: Column) -> str:
    """The line that says which labels mean that two texts belong together."""
    labels = guess_binary(found)
    return (
        f"binary = {toml({'column': item.column} | labels)}" if labels else "binary = { column = ..., positive = ... }"
    )
