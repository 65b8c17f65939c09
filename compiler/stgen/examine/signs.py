"""What files hold that isn't what it seems: lists that are written as text, a first row in place of names, quotes behind backslashes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.examine.exam import Exam, finding, first_of, percent, positions_of, quoted
from stgen.reader.cells import DELIMITERS
from stgen.rows.dialect import dialect, file_line
from stgen.rows.formats import CELLS, format_of
from stgen.rows.list_texts import parser_of
from stgen.rows.survey import Survey
from stgen.rows.text_signs import SOME, bytes_as_text, lists_as_text
from stgen.values.quoting import shell

READ = {  # suffix -> how pandas reads it, with all cells as they are
    ".csv": "read_csv({file}, dtype=str, keep_default_na=False)",
    ".tsv": 'read_csv({file}, sep="\\t", dtype=str, keep_default_na=False)',
    ".parquet": "read_parquet({file})",
}
JSONL = "read_json({file}, lines=True)"
HTML = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|table|tr|td|code|pre)\b[^<>]{0,200}>|&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[0-9a-f]{2,6});",
    re.IGNORECASE,
)
MARKED = 0.1  # share of texts with tags that is no accident
LABELLED = re.compile(r"__label__[^ ]+ |[A-Za-z]+:[A-Za-z]+ (?=[^ ])")  # of fastText, and of questions by their kind
ESCAPED = 0.01  # share of texts with a backslash before a quote that is no accident


def first_row_as_names(exam: Exam, survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """STG389: a table whose first line is a row like the others."""
    file, shown = survey.paths[0], survey.files[0][0]
    names = dialect(file, shown, exam.data.file).get("header")
    if not isinstance(names, list) or format_of(file) not in CELLS:
        return
    sources = [item.column for item in exam.fields]
    roles = {item.column: item.role for item in exam.fields}
    if len(sources) == len(names) and not set(sources) & set(survey.names):
        header = sources
    else:
        header = [roles.get(name, number) for name, number in zip(survey.names, names, strict=False)]
    message = f"the first line of {shown} looks like a row, and is read as the header"
    hint = f"write {file_line(exam.data.file, {'header': header})} beside the path, and name these in `columns`"
    notes = (
        f"`stgen inspect {shell(shown)}` proposes both lines",
        "else the row is lost, and its texts become column names",
    )
    yield finding("STG389", message, path, hint, notes)


def first_items(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG441: lists of objects of which the first alone makes a row."""
    for item in exam.fields:
        found = survey.columns.get(first_of(item))
        lengths = found.lists.lengths if found else {}
        more = sum((length - 1) * rows for length, rows in lengths.items() if length > 1)
        if not found or not more:
            continue
        message = f"`{item.column}` takes the first object of each `{found.name}` of {survey.shown}, and {more:,} others are left out"
        keys = found.name.replace(".", "[].")
        under = f"{exam.data.file.rows}[].{keys}" if exam.data.file and exam.data.file.rows else f"[].{keys}"
        line = file_line(exam.data.file, {"rows": under})
        if format_of(survey.paths[0]) in (".json", ".jsonl"):
            hint = (
                f"to train on all of them write {line} beside the path; their columns are then called as in each object"
            )
        else:
            hint = "to train on all of them write a row for each"
        yield finding("STG441", message, item.path, hint)


def further_items(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG441: lists of texts that have more items than positions are read."""
    for name, used in positions_of(exam.fields).items():
        found = survey.columns.get(name)
        lengths = found.lists.lengths if found and found.lists.texts else {}
        more = sum((length - used) * rows for length, rows in lengths.items() if length > used)
        if more:
            item = next(item for item in exam.fields if item.column.startswith(f"{name}["))
            message = f"{more:,} texts of `{name}` in {survey.shown} stand behind the first {used}, and are left out"
            hint = (
                "nothing needs to be done if they shall be; else name further positions, or write a row for each pair"
            )
            yield finding("STG441", message, item.path, hint, severity="note")


def lists_in_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG223: lists that are written as text."""
    for item in exam.texts:
        if lists_as_text(survey.texts(item.column)):
            yield written_lists(survey, item.column, item.path)
        elif bytes_as_text(survey.texts(item.column)):
            yield _written_bytes(survey, item.column, item.path)


def _written_bytes(survey: Survey, name: str, path: KeyPath) -> Diagnostic:
    """Bytes as Python writes them, with the command that makes texts of them."""
    message = f"`{name}` of {survey.shown} holds bytes as Python writes them, such as {quoted(survey.texts(name)[0])}"
    column = json.dumps(name)
    change = f"rows[{column}] = rows[{column}].map(lambda text: ast.literal_eval(text).decode())"
    command = remade(survey, change, ".texts", "ast, pandas")
    hint = "make texts of them, and name that file" + (f": {command}" if command else "")
    return finding("STG223", message, path, hint, ("the b, the quotes and \\x.. would be trained on",), "error")


def written_lists(survey: Survey, name: str, path: KeyPath = ("data", 0, "columns")) -> Diagnostic:
    """Lists that are written as text, with the command that makes lists of them again."""
    first = next(filter(str.strip, survey.texts(name)), "")
    message = f"`{name}` of {survey.shown} holds lists serialized as text, such as {quoted(first)}"
    notes = ("brackets, quotes and all would be trained on as one text",)
    return finding("STG223", message, path, made_lists(survey, name), notes)


def made_lists(survey: Survey, name: str) -> str:
    """The command that makes lists of texts that are written like lists."""
    hint = "make lists of them in a file that can hold lists, and name that"
    written = [
        other for other in survey.columns if lists_as_text(survey.texts(other))
    ]  # all at once: a file is made of them
    modules, changes = {"pandas"}, []
    for other in written or [name]:
        imports, read = parser_of(survey.texts(other))
        modules |= set(imports.split(", "))
        changes.append(f"rows[{json.dumps(other)}] = rows[{json.dumps(other)}].map({read})")
    command = remade(survey, "; ".join(changes), ".lists", ", ".join(sorted(modules)))
    return f"{hint}: {command}" if command else hint


def with_class(survey: Survey, numbers: str) -> str:
    """The command that writes a column `class` of the numbers that an expression of Python has for the rows."""
    return remade(survey, f'rows["class"] = {numbers}', ".classes")


def number_of_one(name: str) -> str:
    """The expression that has, for each list of a column, where its 1 stands."""
    return f"[list(one).index(1) for one in rows[{json.dumps(name)}]]"


def remade(survey: Survey, change: str, called: str, imports: str = "pandas") -> str:
    """The command that writes the rows of a file as JSON Lines with a change; "" for what is on the hub."""
    file = survey.files[0][0]
    suffix = format_of(file)
    if suffix is None:
        return ""
    target = file[: file.rfind(suffix)] + (".jsonl" if suffix in CELLS else f"{called}.jsonl")
    program = (
        f"import {imports}; rows = {frame_of(survey)}; {change}; "
        f'rows.to_json({json.dumps(target)}, orient="records", lines=True, force_ascii=False)'
    )
    return f"python -c {shell(program)}"


def frame_of(survey: Survey) -> str:
    """The expression of Python that reads a file with pandas, cells as they are; "" for what is on the hub."""
    file = survey.files[0][0]
    suffix = format_of(file)
    return f"pandas.{READ.get(suffix, JSONL).format(file=json.dumps(file))}" if suffix else ""


def escaped_quotes(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG204: cells with quotes behind backslashes, which are read as they stand."""
    if format_of(survey.paths[0]) not in CELLS or getattr(exam.data.file, "quoting", None) == "backslash":
        return
    for item in exam.texts:
        texts = survey.texts(item.column)
        found = [text for text in texts if '\\"' in text]
        if len(found) > ESCAPED * len(texts):
            message = f"`{item.column}` has backslash-escaped quotes, such as {quoted(found[0])}"
            hint = f"write {file_line(exam.data.file, {'quoting': 'backslash'})} beside the path"
            notes = ("read as they are, the backslashes are part of the texts",)
            yield finding("STG204", message, item.path, hint, notes, "warning")


def markup(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG418: texts with the tags of HTML; STG419: lines that begin with the class of fastText."""
    prepare = exam.spec.prepare
    normalized = prepare is not None and prepare.normalize is not None and prepare.normalize.html
    for item in exam.texts:
        texts = survey.texts(item.column)
        tagged = [text for text in texts if HTML.search(text)]
        if not normalized and len(texts) >= SOME and len(tagged) >= MARKED * len(texts):
            message = f"{percent(len(tagged), len(texts))} of `{item.column}` have tags or entities of HTML, such as {quoted(tagged[0])}"
            notes = ("they are trained on as words",)
            yield finding("STG418", message, item.path, "write prepare = { normalize = { html = true } }", notes)
        if len(texts) >= SOME and all(map(LABELLED.match, texts)):
            shown = survey.files[0][0]
            target = f"{shown.rpartition('.')[0]}.tsv"
            message = f"the texts of `{item.column}` begin with their class, such as {quoted(texts[0])}"
            command = f"sed -E 's/^(__label__)?([^ ]+) /\\2\t/' {shell(shown)} > {shell(target)}"
            hint = f"{command}, and write {file_line(None, {'header': ['class', 'text'], 'quoting': 'none'})}"
            yield finding("STG419", message, item.path, hint, ("else the class is a word of the text",))


def several_columns_in_one(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG204: a column whose name and texts hold a delimiter alike."""
    for item in exam.texts:
        texts = survey.texts(item.column)
        for sign, called in DELIMITERS.items():
            count = item.column.count(sign)
            in_text = format_of(survey.paths[0]) == ".txt" and sign == "\t" and len(texts) >= SOME
            wanted = texts[0].count(sign) if in_text and texts else count
            if wanted and len(survey.names) == 1 and all(text.count(sign) == wanted for text in texts):
                yield _split(survey, item.column, item.path, called, wanted + 1 if in_text else 0)
                break


def _split(survey: Survey, name: str, path: KeyPath, called: str, columns: int) -> Diagnostic:
    """That texts are rows of a table."""
    shown = survey.files[0][0]
    message = f"each text of {shown} has {called} in the same places: it is a table with its columns in one"
    header = ["anchor", "positive"] if columns == 2 else [f"column_{number}" for number in range(1, columns + 1)]
    line = file_line(None, {"delimiter": "\t", "header": header})
    hint = f"write {line} beside the path" if columns else "write the file anew with the columns apart"
    notes = (f"`{name}` would be trained on with its delimiters",)
    return finding("STG204", message, path, hint, notes, "warning")
