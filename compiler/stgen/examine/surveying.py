"""Surveys the files that a data set names, as the reader of the repo reads them: an Exam and a name -> a Survey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.examine.exam import Exam, SplitName, column, finding, first_of, positions_of
from stgen.examine.outside import are_outside, unquoted
from stgen.examine.texts_by_id import text_or_nothing
from stgen.language.facts import class_names
from stgen.language.paths import is_on_hub
from stgen.language.sources import ITEMS
from stgen.language.spec_data import Data, ScoreColumn
from stgen.match.reading import columns_of, rules_of
from stgen.match.schema import lookups, schema_of
from stgen.reader.classes import KnownClass, class_name
from stgen.reader.contract import Column, ContractError
from stgen.reader.joined import Join, Joined
from stgen.reader.nested import Nested
from stgen.reader.numbers import spelling_of
from stgen.rows.batches import UnreadableError
from stgen.rows.cell_types import number_in
from stgen.rows.dialect import with_line
from stgen.rows.sources import files_of
from stgen.rows.survey import Schema, Survey
from stgen.rows.surveying import survey


def _looked_at(exam: Exam) -> list[Column]:
    """The positions of lists of negatives as columns, and the lists by themselves."""
    found: list[Column] = [Nested(name, name, str) for item in exam.fields if (name := first_of(item))]
    found += [Nested(name, name, str) for name in positions_of(exam.fields)]
    for item in exam.fields:
        if not item.source:
            continue
        found.append(Nested(item.column, item.source.partition(ITEMS)[0], str))
        join = Join("\n", needed=False)
        found.append(
            Joined(item.column, item.column, join, sources=item.joined)
            if item.joined
            else Nested(item.column, item.column, str)
        )
    return found


def schema_of_split(exam: Exam, split: SplitName) -> Schema:
    """What is read of a split, by the reader that the generated repo has."""
    read = schema_of(exam.data)
    columns = columns_of(read, {"CLASS_NAMES": class_names(exam.data), **exam.texts_by_id})
    known = _known_classes(exam) if split != "train" else None
    if known:
        columns = [replace(column, take=known) if column.take is class_name else column for column in columns]
    seen = {item.source: SEEN[item.role] for item in read.columns if item.role in SEEN}
    seen |= {item.source: partial(_score_or_value, exam.data) for item in read.columns if item.role == "score"}
    roles = {role: exam.texts_by_id[name] for name, item in lookups(exam.data).items() for role in item.roles}
    seen |= {
        item.column: partial(text_or_nothing, roles[item.path[3]]) for item in exam.fields if item.path[3] in roles
    }
    each = [item.source for item in read.columns if read.spread and item.name in read.spread.each]
    return Schema(columns, rules_of(read), seen, exam.data.file, _looked_at(exam), each)


def _known_classes(exam: Exam) -> KnownClass | None:
    """The classes of the training rows, which others can't go beyond; None where they are too many to be known."""
    if exam.train is None or not exam.has("class") or class_names(exam.data):
        return None
    values = column(exam.train, exam.field("class")).values
    return KnownClass(list(values)) if values else None


def _class_or_value(value: object) -> object:
    try:
        return class_name(value)
    except ContractError:
        return value


def _score_or_value(data: Data, value: object) -> object:
    """A score as its number, whether a word stands for it, or a text that spells it."""
    score = data.columns.score if data.columns else None
    if isinstance(score, ScoreColumn) and score.values:
        return score.values.get(spelling_of(value), value)
    comma = data.file is not None and data.file.decimal == ","
    return number_in(value.replace(",", ".") if comma and isinstance(value, str) else value)


SEEN: dict[str, Callable[[object], object]] = {"margin": number_in, "relevance": number_in, "class": _class_or_value}
"""Role -> what a survey takes its values for."""


def survey_named(
    named: str,
    folder: str,
    tree: str | None,
    wanted: frozenset[str],
    path: KeyPath,
    schema: Schema,
    streamed: bool = False,
) -> Survey | Diagnostic:
    """Survey the files that a key names; what keeps them from being read, where something does."""
    if is_on_hub(named) and streamed:
        message = f"{named} is on the hub and streamed, and its rows aren't checked here"
        return finding(
            "STG208", message, path, "nothing needs to be done", ("the generated program checks them before it trains",)
        )
    outside = False
    files: list[tuple[str, str]] = []
    try:
        files = files_of(named, folder)
        outside = are_outside((file for file, _ in files if not is_on_hub(file)), tree)
        found = survey(files, wanted, schema)
    except UnreadableError as told:
        error = with_line(told, *files[0], schema.file) if told.code in ("STG202", "STG203", "STG204") else told
        item = finding(error.code, error.message, path, error.help, error.notes)
        return unquoted(item, named) if outside else item
    found.outside = outside
    return found
