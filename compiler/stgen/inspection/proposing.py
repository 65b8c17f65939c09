"""Proposes the data table of a spec for some files: reads them, guesses, and holds the guess against the language and the rows."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stgen.compile import plan_source
from stgen.diagnostics.console import failed
from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.inspection.guessing import guess, natures_of, nested_columns
from stgen.inspection.joining import list_of
from stgen.inspection.judged import propose_judged
from stgen.inspection.proposal import Guess
from stgen.inspection.remarks import file_remarks
from stgen.inspection.texts_beside import propose_texts
from stgen.language.paths import Place, is_on_hub
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, FileFormat
from stgen.match.detect import detect
from stgen.match.formats import Format
from stgen.match.schema import is_path
from stgen.reader.cells import DELIMITERS
from stgen.reader.contract import Column
from stgen.reader.nested import Nested
from stgen.rows.cell_types import number_in
from stgen.rows.dialect import decimal_commas, dialect
from stgen.rows.survey import Schema, Survey, require_rows, survey
from stgen.rows.text_signs import are_numbers
from stgen.rules.recipes import STARTS
from stgen.source.source import read
from stgen.values.quoting import toml

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
    written = dialect(*files[0])
    found = survey(files, None, Schema((), file=FileFormat.model_validate(written)))
    require_rows(found)
    within, decimal = looked_into(found, files, written)
    proposed = guess(within, task)
    if len(files) == 1:
        format_written = FileFormat.model_validate(written | decimal)
        propose_texts(proposed, within, natures_of(within), files[0][0], format_written)
        propose_judged(proposed, files[0][0], format_written)
    proposed.file = written | decimal
    if proposed.file:
        proposed.why = {"file": _how_written(proposed.file), **proposed.why}
    if "header" in written:
        found = _renamed(found, proposed)
    refused = refusal(proposed, files[0][0])
    if refused:
        proposed = Guess(unused=tuple(found.columns))
    data = _data(shown, proposed) if proposed.columns else None
    format = detect(data, (), Findings()) if data else None
    remarks = _broken(found) if not (data and format) else _row_remarks(files, data, format) if held else ()
    return Proposal(found, proposed, format, data, (*refused, *file_remarks(found, proposed), *remarks))


def looked_into(
    found: Survey, files: list[tuple[str, str]], written: dict[str, object]
) -> tuple[Survey, dict[str, object]]:
    """The survey with texts within objects and lists as columns of their own, and with numbers that are texts as numbers.

    Beside it, what `file` must say for that.
    """
    within = nested_columns(found)
    seen: dict[str, Callable[[Any], Any]] = {}
    decimal: dict[str, object] = {}
    for name, column in found.columns.items():
        texts = found.texts(name) if column.kind == "text" else []
        if decimal_commas(texts):
            seen[name], decimal = _with_comma, {"decimal": ","}
        elif are_numbers(texts):
            seen[name] = number_in
    if not within and not seen:
        return found, {}
    lists = {list_of(name): None for name in within if is_path(list_of(name))}
    columns: list[Column] = [Nested(name, name, _as_it_is) for name in (*within, *lists)]
    again = survey(files, None, Schema(columns, seen=seen, file=FileFormat.model_validate(written | decimal)))
    again.problems = found.problems
    again.cells |= dict.fromkeys(seen, "number")
    return again, decimal


def _as_it_is(value: Any) -> Any:
    return value


def _with_comma(value: Any) -> Any:
    return number_in(value.replace(",", ".") if isinstance(value, str) else value)


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
        "delimiter": f"cells are apart by {DELIMITERS.get(str(file.get('delimiter')), 'another sign')}",
        "quoting": "quotes aren't doubled within cells",
        "header": "the first line is a row, and holds no names",
        "encoding": f"its letters are those of {file.get('encoding')}",
        "rows": f"the rows stand under {file.get('rows')}",
        "decimal": "numbers have a comma before their decimals",
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


def _row_remarks(files: list[tuple[str, str]], data: Data, format: Format) -> tuple[Diagnostic, ...]:
    """What `validate --data` would say of the rows under the guessed schema, for the first model type that fits."""
    from stgen.examine.examining import examine_files
    from stgen.inspection.offers import offers
    from stgen.language.facts import class_names

    offered = offers(format.name, class_names(data))
    model = next((offer.model for offer in offered if not offer.consent), "dense")
    # How many rows a batch has is decided once a spec is written, and its rows are counted.
    sized = ("STG215", "STG216", "STG220", "STG291", "STG414")
    return tuple(item for item in examine_files(spec_of(model, data), files) if item.code not in sized)


def spec_of(model: str, data: Data) -> Spec:
    """The shortest spec for some data."""
    table = data.model_dump(by_alias=True, exclude_none=True)
    return Spec.model_validate({"stgen": 1, "model": {"type": model}, "data": [table]})


def _broken(found: Survey) -> tuple[Diagnostic, ...]:
    """What is wrong with rows whatever the roles of their columns are."""
    from stgen.examine.contract import broken_texts

    return tuple(broken_texts(found, ("data", 0, "train")))
