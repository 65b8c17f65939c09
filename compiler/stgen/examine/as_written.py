"""Checks what `file` says of how files are written against their first bytes: an encoding, names of columns."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.examine.exam import Exam, finding, quoted
from stgen.rows.dialect import file_line
from stgen.rows.encodings import HEAD, encoding_of
from stgen.rows.formats import CELLS, format_of
from stgen.rows.streams import opened
from stgen.rows.survey import Survey

SHOWN = 3  # characters beyond ASCII that a message shows


def read_otherwise(exam: Exam, survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """STG466: a table or a text in another encoding than it is read in, which no byte of it contradicts."""
    file, shown = survey.paths[0], survey.files[0][0]
    if format_of(file) not in (*CELLS, ".txt") or any(code == "STG202" for code, _ in survey.problems):
        return
    with opened(file, shown) as stream:
        data = stream.read(HEAD)
    said = exam.data.file.encoding if exam.data.file and exam.data.file.encoding else "utf-8"
    found = encoding_of(data) or "utf-8"
    if found != "utf-8" and said != "utf-8":
        return  # of two that both decode it, the author knows better
    read, meant = data.decode(said, "replace"), data.decode(found, "replace")
    if read == meant or said.lower().replace("_", "-") in ("utf-8-sig", "utf8"):
        return
    odd = "".join(dict.fromkeys(char for char in read if not char.isascii() or char == "\x1b"))[:SHOWN]
    message = f"{shown} is {found.upper()}, and is read as {said.upper()}: its texts have {quoted(odd)}"
    written = "remove `encoding`" if found == "utf-8" else f"write {file_line(exam.data.file, {'encoding': found})}"
    yield finding("STG466", message, path, f"{written} beside the path")


def names_as_a_row(exam: Exam, survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    """STG467: a table whose first line has the names that the spec gives its columns."""
    file, shown = survey.paths[0], survey.files[0][0]
    names = exam.data.file.header if exam.data.file else None
    if not names or format_of(file) not in CELLS:
        return
    first = [str((survey.sample.get(name) or [""])[0]).strip().casefold() for name in survey.sample]
    if first and first == [name.strip().casefold() for name in survey.sample]:
        message = f"the first line of {shown} has the names that `header` gives its columns, and is read as a row"
        written = file_line(exam.data.file.model_copy(update={"header": None}) if exam.data.file else None, {})
        hint = "remove `header`" if written == "file = {}" else f"write {written}"
        yield finding("STG467", message, path, f"{hint}: the file names its columns itself")
