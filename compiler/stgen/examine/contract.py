"""Checks what every row must keep, through the reader of the generated repo: a finding names the row at which that stops, in its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Severity
from stgen.diagnostics.suggest import closest
from stgen.examine import advice
from stgen.examine.exam import Exam, Field, column, finding
from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.rows.batches import places
from stgen.rows.column import Kind
from stgen.rows.nested_texts import paths_of
from stgen.rows.survey import Problem, Survey


class Advice(NamedTuple):
    """What is said of rows that break the contract in one way: what follows the message, what to do, and why."""

    more: str = ""
    help: str = "correct these rows, or remove them"
    notes: tuple[str, ...] = ()


Look = Callable[[Exam, Survey, Field], tuple[str, str, tuple[str, ...]]]
# fmt: off
LINES: Mapping[str, Advice] = {  # what is said of lines that are no rows
    "STG202": Advice(help="save the file as UTF-8; if it is Latin-1: iconv -f LATIN1 -t UTF-8"),
    "STG203": Advice(help='a row is an object on a line of its own: {"question": "...", "answer": "..."}'),
    "STG204": Advice(help="put quotes around a cell that holds the delimiter"),
}
VALUES: Mapping[str, Advice | Look] = {  # what is said of values
    "STG202": Advice(help="save the file as UTF-8, with whole characters; if it is Latin-1: iconv -f LATIN1 -t UTF-8"),
    "STG209": advice.wrong_kind,
    "STG210": Advice(help="fill them in, or remove the rows"),
    "STG211": Advice(help="remove the rows", notes=("the library trains on an empty text like on any other",)),
    "STG213": Advice(help="remove the rows, or draw other negatives", notes=("the loss then pulls a text to the anchor and pushes it away at once",)),
    "STG225": advice.out_of_range,
    "STG226": Advice(help="remove the rows, or correct what made them",
                     notes=("a single NaN turns every weight of the model into NaN, or drops out of the loss without a word",)),
    "STG228": advice.not_binary,
    "STG233": advice.no_class,
    "STG234": Advice(help="remove these rows, or train on such rows too"),
    "STG238": advice.beyond_names,
    "STG239": advice.lengths,
    "STG244": Advice(help="remove these rows, or embed them again"),
}
KINDS: Mapping[str, tuple[Kind, ...]] = {  # role -> the kinds of values it takes
    "class": ("text", "number", "truth"), "binary": ("text", "number", "truth"), "score": ("number", "truth"), "documents": ("list",),
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
        missing = item.column not in survey.names  # a path is among them where its column is
        nowhere = is_path(item.column) and column(survey, item).of("none").count == survey.rows
        if missing or nowhere:
            yield _missing(exam, survey, item, nowhere and not missing)


def _missing(exam: Exam, survey: Survey, item: Field, nowhere: bool) -> Diagnostic:
    within = paths_of(survey.paths[0], survey.files[0][0], exam.data.file)
    names = [name for name in survey.names if not is_path(name) or name not in {field.column for field in exam.fields}]
    inside = [path for path in within if root_of(path) == root_of(item.column)]
    near = closest(item.column, inside if nowhere else [*names, *within])
    listed = ", ".join(f"`{name}`" for name in (inside if nowhere else names)[:12])
    told = f"within `{root_of(item.column)}` there are {listed}" if nowhere else f"its columns are {listed}"
    message = (
        f"`{item.column}` leads to nothing in any row of {survey.shown}"
        if nowhere
        else f"{survey.shown} has no column `{item.column}`"
    )
    hint = f"did you mean `{near}`?" if near else told if listed else "no row has texts within it"
    return finding("STG206", message, item.path, hint, (told,) if near else ())


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
        yield finding(code, told(problem, survey), path, said.help, said.notes, severity)


def broken_texts(survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """Rows that are broken whatever the roles of their columns are."""
    yield from broken_lines(survey, path, "error")
    for (code, source), problem in survey.problems.items():
        said = VALUES.get(code)
        if source and isinstance(said, Advice):
            yield finding(code, told(problem, survey), path, said.help, said.notes)


def broken_rows(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """Rows that break the contract, a finding for each column and each way in which it is broken."""
    for (code, source), problem in survey.problems.items():
        for item in [field for field in exam.fields if field.column == source][:1]:
            said = VALUES.get(code, Advice())
            more, hint, notes = said if isinstance(said, tuple) else said(exam, survey, item)
            whole = problem.count == survey.rows
            yield finding(code, told(problem, survey) + more, item.path, hint, notes, severity_of(exam, whole))


def told(problem: Problem, survey: Survey) -> str:
    """The words of the first row, and how many are like it."""
    if problem.count == 1:
        return problem.says
    where = places(problem.places, problem.count, problem.unit)
    return f"{problem.says}; {problem.count:,} of {survey.rows + survey.broken:,} rows are like it ({where})"


def severity_of(exam: Exam, whole: bool = False) -> Severity:
    """An error, since the generated program stops at such a row; a warning where the spec has some rows set aside."""
    prepare = exam.spec.prepare
    return "warning" if prepare and prepare.on_bad_row == "set-aside" and not whole else "error"
