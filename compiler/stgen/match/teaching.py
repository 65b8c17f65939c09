"""Says what becomes of a teacher that the spec names, and of the labels that it replaces: a match -> diagnostics."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.facts import class_names
from stgen.language.sources import sources_of
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.language.spec_model import Loss as LossTable
from stgen.match.formats import BY_NAME as FORMATS
from stgen.match.matching import Match
from stgen.match.mismatch import ways_to_teach
from stgen.rules.bases import reads_pairs
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow

GIVES = {"teach_embeddings": "vectors", "teach_scores": "scores"}


def check_teacher(table: LossTable, match: Match, spec: Spec, path: KeyPath) -> Iterator[Diagnostic]:
    """STG119: an unused teacher. STG450: labels that it replaces. STG451: which of its labels are learned, where it has two kinds."""
    if table.teacher is None:
        return
    where = (*path, "teacher")
    row = next((row for row in match.way.rows if "teacher" in row.needs), None)
    if row is None:
        yield _unused(table, match, spec, where)
        return
    if "none" not in (match.format.label, FORMATS[row.source].label):
        yield _replaced(row, match, spec.data[match.index], where)
    if table.name == "auto" and table.convert == "auto" and not reads_pairs(table.teacher):
        yield from _other_kind(row, spec, where)


def _unused(table: LossTable, match: Match, spec: Spec, path: KeyPath) -> Diagnostic:
    if table.convert == "none":
        reason, hint = "`convert` rules out that it labels the data", "leave `convert` out, or the teacher"
    elif table.name != "auto":
        reason, hint = f"{table.name} takes no labels of a teacher", "leave `name` out, or the teacher"
    else:
        lines = ways_to_teach(match.format.name, spec.model.type, class_names(spec.data[match.index]))
        reason = "no conversion has it label the data"
        hint = f"write {lines}; or leave it out" if lines else "leave it out"
    return Diagnostic("STG119", f"the teacher would never be used: {reason}", path, hint, about="key")


def _replaced(row: ConversionRow, match: Match, data: Data, path: KeyPath) -> Diagnostic:
    labels = sources_of(data.columns, match.format.roles[-1]) if data.columns else ()
    what = f"the column {labels[0].name}" if labels else row.loses
    return Diagnostic(
        "STG450",
        f"the teacher's {GIVES[row.template]} take the place of {what}{' in training' if row.training_only else ''}",
        path,
        "to train on the labels that the data have, leave the teacher out",
        ("eval and test rows keep theirs: the model is measured by them",) if row.training_only else (),
        severity="note",
        about="key",
    )


def _other_kind(row: ConversionRow, spec: Spec, path: KeyPath) -> Iterator[Diagnostic]:
    others = [
        other
        for other in CONVERSIONS
        if (other.source, other.needs) == (row.source, row.needs)
        and other.target != row.target
        and spec.model.type in other.models
    ]
    if not any(other.template != row.template for other in others):
        return
    ways = " or ".join(f"{other.consent} ({_says(other)})" for other in others)
    yield Diagnostic(
        "STG451",
        f"the teacher could give vectors or scores: its {GIVES[row.template]} are learned ({_says(row)})",
        path,
        f"for the others write {ways}",
        severity="note",
        about="key",
    )


def _says(row: ConversionRow) -> str:
    return row.loses.removeprefix("nothing, but ")
