"""Prints located diagnostics: as text for people, as JSON, SARIF or GitHub workflow commands for machines."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from typing import Literal, TextIO

from stgen.diagnostics.diagnostic import Diagnostic, Span
from stgen.values.surrogates import escaped

Format = Literal["text", "json", "sarif", "github"]

MAX_WIDTH = 100  # columns of a snippet; of longer lines the part around the span is shown
TAB = 4
COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
BLUE, BOLD, PLAIN = "\x1b[1;34m", "\x1b[1m", "\x1b[0m"


def show(
    diagnostics: Sequence[Diagnostic], format: Format, stream: TextIO, color: bool | None = None, quiet: bool = False
) -> None:
    """Print findings to `stream`. `color` None means: on a terminal, unless NO_COLOR is set. `quiet`: no summary."""
    if format == "json":
        stream.write(_json([_record(item) for item in diagnostics]))
    elif format == "sarif":
        stream.write(_json(_sarif(diagnostics)))
    elif format == "github":
        stream.writelines(f"{_github(item)}\n" for item in diagnostics)
    else:
        paint = _Paint(_wants_color(stream) if color is None else color)
        for item in diagnostics:
            _write(stream, f"{_text(item, paint)}\n\n")
        if diagnostics and not quiet:
            _write(stream, f"{summary(diagnostics)}\n")


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    counts = {name: sum(item.severity == name for item in diagnostics) for name in ("error", "warning", "note")}
    return ", ".join(f"{count} {name}{'s' * (count > 1)}" for name, count in counts.items() if count)


def _wants_color(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(stream: TextIO, text: str) -> None:
    """Write what the stream's encoding can carry, the rest as escapes: a finding must never be lost to a terminal."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


# --- text ------------------------------------------------------------------------------------------------------------


class _Paint:
    """Puts text in a colour, or leaves it as it is."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, color: str, text: str) -> str:
        return f"{color}{text}{PLAIN}" if self.on and text else text


def _text(item: Diagnostic, paint: _Paint) -> str:
    color = COLORS[item.severity]
    lines = [paint(color, f"{item.severity}[{item.code}]") + paint(BOLD, f": {_printable(item.message)}")]
    gutter = " " * len(str(item.span.line if item.span else 1))
    if item.file:
        place = f":{item.span.line}:{item.span.column}" if item.span else ""
        lines.append(f"{gutter}{paint(BLUE, '-->')} {_printable(item.file)}{place}")
    if item.span and item.line.strip():
        shown, begin, width = _snippet(item.line, item.span)
        lines += [
            f"{gutter} {paint(BLUE, '|')}",
            f"{paint(BLUE, f'{item.span.line} |')} {shown}",
            f"{gutter} {paint(BLUE, '|')} {' ' * begin}{paint(color, '^' * width)}",
        ]
    remarks = [("note", note) for note in item.notes] + ([("help", item.help)] if item.help else [])
    lines += [f"{gutter} {paint(BLUE, '=')} {paint(BOLD, name)}: {_printable(text)}" for name, text in remarks]
    return "\n".join(lines)


def _snippet(line: str, span: Span) -> tuple[str, int, int]:
    """The line as a terminal shows it; and from which of its columns, for how many, the carets stand."""
    cells = [_cell(char) for char in line]
    first = min(span.column - 1, len(cells))
    last = min(max(span.end - 1, first + 1), max(len(cells), first + 1))
    start, stop = _window(cells, first, last)
    head, tail = "..." * (start > 0), "..." * (stop < len(cells))
    begin = len(head) + sum(width for _, width in cells[start:first])
    width = sum(width for _, width in cells[first : min(last, stop)])
    return head + "".join(text for text, _ in cells[start:stop]) + tail, begin, max(width, 1)


def _cell(char: str) -> tuple[str, int]:
    """What is printed for a character, and how many columns that takes."""
    if char == "\t":
        return " " * TAB, TAB
    if not char.isprintable():
        return ("", 0) if unicodedata.combining(char) else ("\ufffd", 1)
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return char, 0
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _window(cells: list[tuple[str, int]], first: int, last: int) -> tuple[int, int]:
    """Which cells of a line are shown: all, or those around the span that fit."""
    if sum(width for _, width in cells) <= MAX_WIDTH:
        return 0, len(cells)
    start, room = first, MAX_WIDTH - 6  # for the dots on both sides
    before = room // 3
    while start > 0 and before > cells[start - 1][1]:
        start -= 1
        before -= cells[start][1]
    stop, used = start, 0
    while stop < len(cells) and used + cells[stop][1] <= room:
        used += cells[stop][1]
        stop += 1
    return start, max(stop, min(first + 1, len(cells)))


def _printable(text: str) -> str:
    """Text of one line, without what could steer a terminal: a message may quote a hostile spec."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


# --- for machines ----------------------------------------------------------------------------------------------------


def _json(data: object) -> str:
    from stgen.values.documents import document

    return document(data, ascii_only=True)


def _record(item: Diagnostic) -> dict[str, object]:
    span = item.span
    return {
        "code": item.code,
        "severity": item.severity,
        "title": _title(item.code),
        "message": item.message,
        "file": item.file or None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_column": span.end if span else None,
        "path": list(item.path),
        "notes": list(item.notes),
        "help": item.help or None,
    }


def _title(code: str) -> str:
    from stgen.diagnostics.codes import BY_CODE

    return BY_CODE[code].title if code in BY_CODE else code


def _sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, object]:
    """SARIF 2.1.0, as code scanning services read it."""
    from stgen import __version__

    codes = sorted({item.code for item in diagnostics})
    driver = {"name": "stgen", "version": __version__, "rules": [_sarif_rule(code) for code in codes]}
    results = [_sarif_result(item, codes.index(item.code)) for item in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _sarif_rule(code: str) -> dict[str, object]:
    from stgen.diagnostics.codes import BY_CODE

    if code not in BY_CODE:
        return {"id": code}
    row = BY_CODE[code]
    return {
        "id": code,
        "shortDescription": {"text": row.title},
        "fullDescription": {"text": row.why},
        "help": {"text": row.fix},
        "defaultConfiguration": {"level": row.severity},
    }


def _sarif_result(item: Diagnostic, index: int) -> dict[str, object]:
    from urllib.parse import quote

    text = "\n".join((item.message, *item.notes, *([f"help: {item.help}"] if item.help else [])))
    result: dict[str, object] = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": item.severity,
        "message": {"text": text},
    }
    if item.file:
        location: dict[str, object] = {"artifactLocation": {"uri": quote(escaped(item.file).replace(os.sep, "/"))}}
        if item.span:
            end = max(item.span.end, item.span.column + 1)
            location["region"] = {"startLine": item.span.line, "startColumn": item.span.column, "endColumn": end}
        result["locations"] = [{"physicalLocation": location}]
    return result


def _github(item: Diagnostic) -> str:
    """A workflow command, which becomes an annotation of the file in a pull request."""
    level = {"error": "error", "warning": "warning", "note": "notice"}[item.severity]
    values = {"file": item.file, "title": f"{item.code}: {_title(item.code)}"}
    if item.span:
        values |= {"line": str(item.span.line), "col": str(item.span.column)}
        values |= {"endColumn": str(max(item.span.end - 1, item.span.column))}
    properties = ",".join(f"{key}={_property(value)}" for key, value in values.items() if value)
    text = "\n".join((item.message, *item.notes, *([f"help: {item.help}"] if item.help else [])))
    return f"::{level} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """Text of several lines as a workflow command carries it, without what could steer a terminal that shows the log."""
    parts = (char if char.isprintable() or char in "\t\r\n" else _printable(char) for char in text)
    return "".join(parts).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
