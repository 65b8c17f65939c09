"""Proposes the data table of a spec for some files: reads them, guesses, and holds the guess against the language and the rows."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stgen.compile import plan_source
from stgen.diagnostics.console import failed
from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.inspection.beir import require_texts
from stgen.inspection.choices import unsaid
from stgen.inspection.guessing import guess, natures_of
from stgen.inspection.joining import propose_joined
from stgen.inspection.judged import propose_judged
from stgen.inspection.nested_rows import nested_rows
from stgen.inspection.proposal import Guess
from stgen.inspection.remarks import file_remarks, in_columns
from stgen.inspection.texts_beside import propose_texts
from stgen.inspection.within import looked_into, schema_within
from stgen.language.paths import Place, is_on_hub
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, FileFormat
from stgen.match.detect import detect
from stgen.match.formats import Format
from stgen.reader.cells import DELIMITERS
from stgen.rows.dialect import dialect
from stgen.rows.survey import Schema, Survey
from stgen.rows.surveying import Asked, require_rows, survey_of_head, surveys
from stgen.rules.recipes import STARTS
from stgen.source.source import read
from stgen.values.quoting import toml

if TYPE_CHECKING:
    from stgen.examine.exam import Exam

HEAD = 20_000  # rows by which a larger file is expected to be what they are
KEPT = 1 << 18  # rows of which something is kept one by one: what is searched for duplicates
PLACE = Place("/project", "/project")
NAMED = "data"  # what the files are called while a guess is held against the language


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a spec would say of some files: the guess with its format, what there is in the rows, and what is wrong with them."""

    rows: Survey
    guess: Guess
    format: Format | None
    data: Data | None
    remarks: tuple[Diagnostic, ...]


def propose(files: list[tuple[str, str]], shown: str, task: str = "", held: bool = True) -> Proposal:
    """Read files and propose their data table. Raises UnreadableError.

    `task` is the format of data that is wanted; `held` says whether the rows are held against what is proposed.
    """
    require_texts(files[0][0])
    written = dialect(*files[0])
    written |= nested_rows(files[0][0], written)
    plain = Schema((), file=FileFormat.model_validate(written))
    expected = _expected(files, shown, written, task, held)
    found, *others = surveys(files, [(None, plain), *expected.asked], KEPT)
    require_rows(found)
    within, decimal = looked_into(found, files, written, expected.within, others)
    proposed = _guessed(within, files, written, decimal, task)
    if unsaid(found) or in_columns(found):
        proposed = Guess(unused=tuple(found.columns))
    if "header" in written:
        found = _renamed(found, proposed)
    refused = refusal(proposed, files[0][0])
    if refused:
        proposed = Guess(unused=tuple(found.columns))
    data = _data(shown, proposed) if proposed.columns else None
    format = detect(data, (), Findings()) if data else None
    if not (data and format):
        remarks = _broken(found)
    elif not held:
        remarks = ()
    elif expected.held and data == expected.data:
        remarks = _row_remarks(expected.held[0], others[-1])
    else:
        exam, asked = _exam(data, format)
        remarks = _row_remarks(exam, surveys(files, [asked], KEPT)[0])
    return Proposal(found, proposed, format, data, (*refused, *file_remarks(found, proposed), *remarks))


def _guessed(
    within: Survey, files: list[tuple[str, str]], written: dict[str, object], decimal: dict[str, object], task: str
) -> Guess:
    """What is guessed of the columns, of texts that stand in files beside, and of how the files are written."""
    proposed = guess(within, task)
    proposed.file = written | decimal
    if len(files) == 1:
        file = FileFormat.model_validate(proposed.file)
        propose_texts(proposed, within, natures_of(within), files[0][0], file)
        propose_judged(proposed, files[0][0], file)
        propose_joined(proposed, within)
    proposed.leave(within.columns)
    if proposed.file:
        proposed.why = {"file": _how_written(proposed.file), **proposed.why}
    return proposed


@dataclass(frozen=True, slots=True)
class Expected:
    """What the first rows of a large file show: how its columns are looked into, and what its rows are held against."""

    within: Schema | None = None
    data: Data | None = None
    held: tuple[Exam, Asked] | None = None

    @property
    def asked(self) -> list[Asked]:
        """All that is asked of the rows beside the survey of their columns."""
        return [*([(None, self.within)] if self.within else []), *([self.held[1]] if self.held else [])]


def _expected(files: list[tuple[str, str]], shown: str, written: dict[str, object], task: str, held: bool) -> Expected:
    """What to expect of a large file, so that it is read once: where the guess turns out otherwise, it is read again."""
    head = survey_of_head(files, Schema((), file=FileFormat.model_validate(written)), HEAD)
    if head is None or not head.rows:
        return Expected()
    within, decimal = schema_within(head, written)
    looked = survey_of_head(files, within, HEAD) if within else head
    if not held or looked is None:
        return Expected(within)
    proposed = _guessed(looked, files, written, decimal, task)
    names = list(looked.columns)
    if "header" in written:
        _renamed(looked, proposed)
    data = _data(shown, proposed) if proposed.columns and not refusal(proposed, files[0][0]) else None
    format = detect(data, (), Findings()) if data else None
    if not (data and format):
        return Expected(within)
    exam, (wanted, schema) = _exam(data, format)
    if "header" in written and schema:
        schema = replace(schema, renamed=dict(zip(names, looked.columns, strict=True)))
    return Expected(within, data, (exam, (wanted, schema)))


def _renamed(found: Survey, proposed: Guess) -> Survey:
    """Call the columns of a table without names by their roles."""
    roles = {source: role for role, source in proposed.columns.items() if isinstance(source, str)}
    roles |= {str(value["column"]): role for role, value in proposed.columns.items() if isinstance(value, dict)}
    header = [roles.get(name, name) for name in found.columns]
    proposed.file["header"] = header
    proposed.columns = {
        role: value | {"column": role} if isinstance(value, dict) else role if isinstance(value, str) else value
        for role, value in proposed.columns.items()
    }
    for column, name in zip(found.columns.values(), header, strict=True):
        column.name = name
    found.sample = {roles.get(name, name): values for name, values in found.sample.items()}
    found.columns = {column.name: column for column in found.columns.values()}
    found.names = dict.fromkeys(header)
    return found


def _how_written(file: dict[str, object]) -> str:
    """Why `file` is proposed."""
    said = {
        "delimiter": f"the delimiter is {DELIMITERS.get(str(file.get('delimiter')), 'another sign')}",
        "quoting": "quotes aren't doubled within cells",
        "header": "no header line names the columns",
        "encoding": f"the encoding is {file.get('encoding')}",
        "rows": f"the rows stand under {file.get('rows')}",
        "decimal": "numbers have a decimal comma",
    }
    return "; ".join(says for key, says in said.items() if key in file)


def _data(shown: str, proposed: Guess) -> Data:
    further = {"file": proposed.file, "texts": proposed.texts}
    further = {key: value for key, value in further.items() if value}
    return Data.model_validate({"train": shown, "columns": proposed.columns, **further})


# --- held against the language and the rows ------------------------------------------------------------------------------


def refusal(proposed: Guess, path: str) -> tuple[Diagnostic, ...]:
    """Why no spec compiles that has the lines that would be proposed; nothing where one does."""
    if not proposed.columns:
        return ()
    suffix = os.path.basename(path)[len(os.path.basename(path).split(".")[0]) :]
    wrong: list[Diagnostic] = []
    for start in STARTS:
        model = f"model = {toml({'type': start.type, 'base': start.english})}"
        spec = f"stgen = 1\n{model}\n[[data]]\ntrain = {toml(path if is_on_hub(path) else NAMED + suffix)}\n{proposed.line}\n"
        source, found = read("-", io.BytesIO(spec.encode(errors="replace")))
        if source is not None:
            found += plan_source(source, PLACE)[1]
        if not failed(found):
            return ()
        wrong = wrong or [item for item in found if item.severity == "error"]
    return tuple(item.replaced(path=(), file="", span=None, line="") for item in wrong[:1])


def _exam(data: Data, format: Format) -> tuple[Exam, Asked]:
    """How rows are held against a guess, for the first model type that fits."""
    from stgen.examine.examining import exam_of_rows
    from stgen.inspection.offers import offers
    from stgen.language.facts import class_names

    offered = offers(format.name, class_names(data))
    model = next((offer.model for offer in offered if not offer.consent), "dense")
    return exam_of_rows(spec_of(model, data))


def _row_remarks(exam: Exam, rows: Survey) -> tuple[Diagnostic, ...]:
    """What `validate --data` would say of rows that were looked at so."""
    from stgen.examine.examining import examine_rows

    # How many rows a batch has is decided once a spec is written, and its rows are counted.
    sized = ("STG215", "STG216", "STG220", "STG291", "STG414")
    told = ("STG249",)  # below the columns
    return tuple(item for item in examine_rows(exam, rows) if item.code not in (*sized, *told))


def spec_of(model: str, data: Data) -> Spec:
    """The shortest spec for some data."""
    table = data.model_dump(by_alias=True, exclude_none=True)
    return Spec.model_validate({"stgen": 1, "model": {"type": model}, "data": [table]})


def _broken(found: Survey) -> tuple[Diagnostic, ...]:
    """What is wrong with rows whatever the roles of their columns are."""
    from stgen.examine.contract import broken_texts

    return tuple(broken_texts(found, ("data", 0, "train")))
