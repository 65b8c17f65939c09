"""Checks the data contract of every row: columns that are there, values of the right type, none missing or empty."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, Severity
from stgen.diagnostics.suggest import closest
from stgen.examine.exam import Exam, Field, column, finding, where
from stgen.rows.survey import Column, Kind, Survey
from stgen.rows.tally import Tally

# fmt: off
WANTED: dict[str, tuple[Kind, ...]] = {  # role -> the types of values it takes
    "class": ("text", "number", "truth"), "binary": ("text", "number", "truth"), "score": ("number", "truth"), "documents": ("list",),
    "scores": ("list",), "margin": ("number", "truth", "list"), "embedding": ("list",),
}
LISTED = ("documents", "scores", "embedding", "margin")  # roles whose values are lists, or can be
KINDS: dict[Kind, str] = {
    "text": "a text", "number": "a number", "truth": "true or false", "list": "a list", "object": "an object", "none": "nothing", "other": "something else",
}
# fmt: on


def has_values(exam: Exam, survey: Survey, role: str) -> bool:
    """Whether a column of a role holds any value of a kind that the role takes: else there is nothing to look at."""
    wanted = WANTED.get(role, ("text",))
    kinds = (column(survey, item).kinds for item in exam.fields if item.role == role)
    return any(not found.keys().isdisjoint(wanted) for found in kinds)


def missing_columns(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG206: a column of the spec that is missing in the files."""
    for item in exam.fields:
        if item.column not in survey.names:
            near = closest(item.column, survey.names)
            listed = ", ".join(f"`{name}`" for name in list(survey.names)[:12])
            message = f"{survey.shown} has no column `{item.column}`"
            hint = f"did you mean `{near}`?" if near else f"its columns are {listed}"
            yield finding("STG206", message, item.path, hint, (f"its columns are {listed}",) if near else ())


def more_than_kept(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG249: more rows than are compared with each other."""
    if survey.rows > survey.kept:
        message = f"duplicates and leakage are searched in the first {survey.kept:,} of {survey.rows:,} rows"
        hint = "nothing needs to be done; to check the others too, name them in a spec of their own"
        yield finding("STG249", message, ("data", exam.index), hint)


def odd_values(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG209: a value of a type that its role doesn't take."""
    for item in exam.fields:
        wanted = WANTED.get(item.role, ("text",))
        found = column(survey, item)
        for kind, tally in found.kinds.items():
            if kind != "none" and kind not in wanted:
                yield _odd(exam, item, found, kind, tally, survey)
        if item.role in LISTED:
            yield from _odd_items(exam, item, found, survey)


def no_values(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG210: a missing value; STG247: a word that the CSV reader takes for one."""
    for item in exam.fields:
        found = column(survey, item)
        if found.words.count:
            message = f'the CSV reader takes "{found.word}" for a missing value: {where(survey, found.words)} in `{item.column}`'
            hint = "write the rows as JSON Lines, where a word is a word; or remove them"
            yield finding("STG247", message, item.path, hint, severity=_severity(exam))
        none = found.of("none")
        if none.count > found.words.count and item.column in survey.names:
            lacking = Tally(
                none.count - found.words.count, [row for row in none.rows if row not in found.words.rows] or none.rows
            )
            message = f"`{item.column}` has no value in {where(survey, lacking)}"
            yield finding("STG210", message, item.path, "fill them in, or remove the rows", severity=_severity(exam))


def empty_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG211: an empty text."""
    for item in exam.fields:
        found = column(survey, item)
        empty = found.empty if item.is_text else found.lists.blank
        if empty.count:
            what = "is empty" if item.is_text else "holds an empty text"
            message = f"`{item.column}` {what} in {where(survey, empty)}"
            notes = ("the library trains on an empty text like on any other",)
            yield finding("STG211", message, item.path, "remove the rows", notes, _severity(exam))


def _odd(exam: Exam, item: Field, found: Column, kind: Kind, tally: Tally, survey: Survey) -> Diagnostic:
    wanted = " or ".join(KINDS[kind] for kind in WANTED.get(item.role, ("text",)))
    message = f"`{item.column}` holds {KINDS[kind]} in {where(survey, tally)}, and `{item.role}` is {wanted}"
    if item.role == "score" and kind == "text":
        return finding(
            "STG209", message, item.path, 'write scores as numbers: 0.8, not "0.8"', severity=_severity(exam)
        )
    if item.is_text and kind == "list":
        hint = "a list of texts is the role `documents`; else write one text a row"
        return finding("STG209", message, item.path, hint, severity=_severity(exam))
    if item.is_text and tally.count == survey.rows:
        return finding("STG209", message, item.path, "check that this is the right column", severity=_severity(exam))
    return finding("STG209", message, item.path, "correct these rows, or remove them", severity=_severity(exam))


def _odd_items(exam: Exam, item: Field, found: Column, survey: Survey) -> Iterator[Diagnostic]:
    lists = found.lists
    texts = item.role == "documents"
    kind = "texts" if texts else "numbers"
    wrong = lists.numbers if texts else lists.texts
    if lists.mixed.count or wrong:
        seen = (
            where(survey, lists.mixed) if lists.mixed.count else f"{wrong:,} of {survey.rows:,} rows of {survey.shown}"
        )
        message = f"`{item.column}` holds lists with other items than {kind}: {seen}"
        yield finding("STG209", message, item.path, f"`{item.role}` is a list of {kind}", severity=_severity(exam))
    if lists.nested.count and item.role != "embedding":
        message = f"`{item.column}` holds lists of lists in {where(survey, lists.nested)}"
        yield finding("STG209", message, item.path, f"`{item.role}` is a list of {kind}", severity=_severity(exam))
    if lists.none.count:
        message = f"`{item.column}` is an empty list in {where(survey, lists.none)}"
        yield finding("STG211", message, item.path, "remove the rows", severity=_severity(exam))


def _severity(exam: Exam) -> Severity:
    """An error, since the generated program stops at such a row; a warning where the spec has it set aside."""
    prepare = exam.spec.prepare
    return "warning" if prepare and prepare.on_bad_row == "set-aside" else "error"
