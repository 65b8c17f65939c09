"""Checks what every row must keep, through the reader of the generated repo: a finding names the row at which that stops, in its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Severity
from stgen.diagnostics.suggest import closest
from stgen.examine import advice
from stgen.examine.exam import Exam, Field, column, finding
from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.rows.batches import places
from stgen.rows.column import Kind
from stgen.rows.dialect import dialect, file_line
from stgen.rows.encodings import save_as_utf8
from stgen.rows.nested_texts import paths_of
from stgen.rows.no_rows import without_lines_above
from stgen.rows.survey import Problem, Survey


class Advice(NamedTuple):
    """What is said of rows that break the contract in one way: what follows the message, what to do, and why."""

    more: str = ""
    help: str = "correct these rows, or remove them"
    notes: tuple[str, ...] = ()


Look = Callable[[Exam, Survey, Field], tuple[str, str, tuple[str, ...]]]
# fmt: off
LINES: Mapping[str, Advice] = {  # what is said of lines that are no rows
    "STG203": Advice(help='a row is an object on a line of its own: {"question": "...", "answer": "..."}'),
    "STG440": Advice(help="keep one of them: readers of JSON take the last, and the others are lost"),
    "STG204": Advice(help="put quotes around a cell that holds the delimiter"),
    "STG445": Advice(help="remove these lines: of files that are joined, the first alone keeps its names of columns", notes=("they would be trained on as texts, or as a class of their own",)),
}
VALUES: Mapping[str, Advice | Look] = {  # what is said of values
    "STG202": advice.not_utf8,
    "STG209": advice.wrong_kind,
    "STG210": advice.no_value,
    "STG211": Advice(help="remove the rows", notes=("the library trains on an empty text like on any other",)),
    "STG213": Advice(help="remove the rows, or draw other negatives", notes=("the loss then pulls a text to the anchor and pushes it away at once",)),
    "STG225": advice.out_of_range,
    "STG226": Advice(help="remove the rows, or correct what made them",
                     notes=("a single NaN turns every weight of the model into NaN, or is silently dropped from the loss",)),
    "STG228": advice.not_binary,
    "STG233": advice.no_class,
    "STG234": Advice(help="remove these rows, or train on such rows too"),
    "STG238": advice.beyond_names,
    "STG239": advice.lengths,
    "STG390": Advice(help="correct these rows: each number is the probability of one class, and together they are 1",
                     notes=("the loss is a cross-entropy: it takes any numbers, and silently learns from wrong ones",)),
    "STG380": Advice(help="give it one; or set such rows aside: prepare = { on_bad_row = \"set-aside\" }",
                     notes=("to draw one from other rows could make a right answer a false negative",)),
    "STG383": Advice(help="add its text to that file, or remove the row", notes=("ids are compared as text: 007 isn't 7",)),
    "STG244": Advice(help="remove these rows, or embed them again"),
}
KINDS: Mapping[str, tuple[Kind, ...]] = {  # role -> the kinds of values it takes
    "class": ("text", "number", "truth"), "probabilities": ("list",), "binary": ("text", "number", "truth"), "score": ("number", "truth"), "documents": ("list",),
    "scores": ("list",), "margin": ("number", "truth", "list"), "embedding": ("list",),
}
# fmt: on


def has_values(exam: Exam, survey: Survey, role: str) -> bool:
    """Whether a column of a role holds any value of a kind that the role takes: else there is nothing to look at."""
    wanted = KINDS.get(role, ("text",))
    kinds = (column(survey, item).kinds for item in exam.fields if item.role == role)
    return any(not found.keys().isdisjoint(wanted) for found in kinds)


def missing_columns(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG206: a column of the spec that is missing in the files, or a path within one that leads nowhere in any row."""
    for item in exam.fields:
        if lacking := _lacking(item, survey):
            yield _missing(exam, survey, replace(item, column=lacking), nowhere=False)
        elif survey.rows and _leads_nowhere(item, survey):
            yield _missing(exam, survey, item, nowhere=True)


def has_columns(exam: Exam, survey: Survey) -> bool:
    """Whether the files have all columns of the spec."""
    return not any(_lacking(item, survey) for item in exam.fields)


def _leads_nowhere(item: Field, survey: Survey) -> bool:
    """Whether a path leads to nothing in any row; of a list of negatives, already at its first position."""
    further = bool(item.source) and "[0]" not in item.column
    return is_path(item.column) and not further and column(survey, item).of("none").count == survey.rows


def _missing(exam: Exam, survey: Survey, item: Field, nowhere: bool) -> Diagnostic:
    """What is said of a column that isn't there, or of a path that leads `nowhere` within one that is."""
    file, shown = survey.paths[0], survey.files[0][0]
    message = f"{survey.shown} has no column `{item.column}`"
    if nowhere:
        message = f"`{item.column}` leads to nothing in any row of {survey.shown}"
    elif "rows" in (written := dialect(file, shown, exam.data.file)):
        more = f": it is an object, whose rows stand under `{written['rows']}`"
        return finding(
            "STG206", message + more, item.path, f"write {file_line(exam.data.file, written)} beside the path"
        )
    asked = {field.column for field in exam.fields}
    names = [name for name in survey.names if not (is_path(name) and name in asked)]
    within = paths_of(file, shown, exam.data.file)
    if nowhere:
        names = [path for path in within if root_of(path) == root_of(item.column)]
    listed = ", ".join(f"`{name}`" for name in names[:12])
    there = f"within `{root_of(item.column)}` there are {listed}" if nowhere else f"its columns are {listed}"
    near = closest(item.column, names if nowhere else [*names, *within])
    if near:
        return finding("STG206", message, item.path, f"did you mean `{near}`?", (there,))
    return finding("STG206", message, item.path, there if listed else "no row has texts within it")


def _lacking(item: Field, survey: Survey) -> str:
    """The column of a field that the files lack; a path is there where its column is. "" where all are."""
    if item.column in survey.names:
        return ""
    named = item.joined or (item.column,)
    return next((name for name in named if not {name, root_of(name)} & survey.names.keys()), "")


def more_than_kept(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG249: more rows than are compared with each other."""
    if survey.rows > survey.kept:
        message = f"duplicates and leakage are searched in the first {survey.kept:,} of {survey.rows:,} rows"
        hint = "nothing needs to be done; to check the others too, name them in a spec of their own"
        yield finding("STG249", message, ("data", exam.index), hint)


def broken_lines(survey: Survey, path: KeyPath, severity: Severity) -> Iterator[Diagnostic]:
    """STG202 to STG204: lines that are no rows."""
    faults = [(code, problem) for (code, source), problem in survey.problems.items() if not source]
    for code, problem in (
        faults if survey.rows else faults[:1]
    ):  # of a file without rows the first fault says what it is
        said = LINES.get(code, Advice())
        if code == "STG202":
            said = Advice(help=save_as_utf8(survey.paths[0], survey.files[0][0]))
        if code == "STG204" and problem.count > survey.rows:
            above = without_lines_above(survey.paths[0], survey.files[0][0])
            said = Advice(help=above) if above else said
        if code == "STG203" and "header" in (written := dialect(survey.paths[0], survey.files[0][0])):
            said = Advice(
                help=f"its rows are lists: write {file_line(None, written)} beside the path, and name these in `columns`"
            )
        yield finding(code, told(problem, survey), path, said.help, said.notes, severity)


def broken_texts(survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """Rows that are broken whatever the roles of their columns are."""
    yield from broken_lines(survey, path, "error")
    for (code, source), problem in survey.problems.items():
        if source and code == "STG202":
            yield finding(code, told(problem, survey), path, save_as_utf8(survey.paths[0], survey.files[0][0]))


def broken_rows(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """Rows that break the contract, a finding for each column and each way in which it is broken."""
    for (code, source), problem in survey.problems.items():
        for item in [field for field in exam.fields if source == (field.source or field.column)][:1]:
            said = VALUES.get(code, Advice())
            more, hint, notes = said if isinstance(said, tuple) else said(exam, survey, item)
            whole = problem.count == survey.lines
            yield finding(code, told(problem, survey) + more, item.path, hint, notes, severity_of(exam, whole))


def told(problem: Problem, survey: Survey) -> str:
    """The words of the first row, and how many are like it."""
    if problem.count == 1:
        return problem.says
    where = places(problem.places, problem.count, problem.unit)
    return f"{problem.says}; {problem.count:,} of {survey.lines + survey.broken:,} rows are like it ({where})"


def severity_of(exam: Exam, whole: bool = False) -> Severity:
    """An error, since the generated program stops at such a row; a warning where the spec has some rows set aside."""
    prepare = exam.spec.prepare
    return "warning" if prepare and prepare.on_bad_row == "set-aside" and not whole else "error"
