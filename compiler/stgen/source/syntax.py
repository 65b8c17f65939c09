"""Turns what the TOML and JSON parsers raise into findings that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Span
from stgen.source.positions import line_at, scan, span_of

# What the parser says -> what is said, and what to do. The first row whose words occur in the parser's message wins.
# The place is the parser's ("here"), two characters before it ("before"), the first character of the line ("line"), or
# where the text can't be followed any more ("open").
MARKED = "keep what is right, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"
# fmt: off
TOML: tuple[tuple[str, str, str, str, str], ...] = (
    # the parser says              code      place     what is wrong                                    help
    ("Cannot overwrite a value",   "STG009", "line",   "this key is defined a second time",      "keep one of the two lines"),
    ("twice",                      "STG009", "line",   "this table is declared a second time",    "put the keys of both under one header; a list of tables is written [[name]]"),
    ("Cannot mutate immutable",    "STG009", "line",   "this adds to a table that is complete already", "write the keys inside the { ... } where the table began"),
    ("Cannot redefine namespace",  "STG009", "line",   "this declares a table that exists already",     "put the keys of both under one header"),
    ("Duplicate inline table key", "STG009", "line",   "a key is defined twice in this { ... }",            "keep one of the two"),
    ("Invalid value",              "STG007", "here",   "a value is expected here",                          'text needs quotes: name = "text"; true and false are lower case'),
    ("Expected '=' after",         "STG007", "here",   "an = is missing after the key",                 'a line is: name = "value"'),
    ("Invalid statement",          "STG007", "here",   "a key or a [table] is expected here",                   "a line is: name = value, or [table]; a comment begins with #"),
    ("Expected newline",           "STG007", "here",   "something follows the value on this line",      "one value a line, text in quotes; a comment begins with #"),
    ("Illegal character '\\n'",     "STG007", "open",   "a quote is opened here and never closed",         "close it on the same line, or use triple quotes for several lines"),
    ("Illegal character '\\r'",     "STG007", "open",   "a quote is opened here and never closed",         "close it on the same line, or use triple quotes for several lines"),
    ("Found invalid character '\\n'", "STG007", "open", "a quote is opened here and never closed",         "close it on the same line, or use triple quotes for several lines"),
    ("Unterminated string",        "STG007", "open",   "a quote is opened here and never closed",         "close it on the same line, or use triple quotes for several lines"),
    ('Expected "\'"',               "STG007", "open",   "a quote is opened here and never closed",         "close it on the same line"),
    ('Expected "\'\'\'"',           "STG007", "open",   "a triple quote is opened here and never closed",  "close it with \'\'\'"),
    ("Unclosed array",             "STG007", "here",   "a list is not closed, or a comma is missing",   "separate by commas and close with ]"),
    ("Unclosed inline table",      "STG007", "here",   "a { is not closed, or a comma is missing",      "separate by commas and close with } on the same line"),
    ("Expected ']",                "STG007", "here",   "a table's header is not closed",                "write [table], or [[table]] for a list of tables"),
    ("Unescaped",                  "STG007", "before", "this backslash starts no valid escape sequence",               "double it, or put the text in single quotes: 'C:\\data'"),
    ("hex value",                  "STG007", "before", "this escape is not a character",                "write four hexadecimal digits after \\u, eight after \\U"),
    ("Unicode scalar value",       "STG007", "line",   "an escape in this line is not a character",     "write four hexadecimal digits after \\u, eight after \\U"),
    ("Invalid initial character",  "STG007", "here",   "a key is expected here",                            "quote a key that holds other characters than letters, digits, - and _"),
    ("Illegal character",          "STG007", "here",   "a control character stands here",               "remove it, or write it as an escape: \\t, \\n, \\u001b"),
    ("Found invalid character",    "STG007", "here",   "a control character stands here",               "remove it, or write it as an escape in double quotes"),
    ("Invalid date",               "STG007", "here",   "this is an invalid date, and a spec has no dates",          "quote it"),
)
# The same, where what stands at the place says more than the parser: the first row whose two beginnings fit wins.
TOML_AT: tuple[tuple[str, str, str, str], ...] = (
    # the parser says                here      what is wrong                                          help
    ("",                             "<<<<<<< ", "a merge has left both sides here, between marks",  MARKED),
    ("Invalid initial character",    "}",      "a comma follows the last key of this { ... }",        "TOML allows none there: leave it out"),
    ("Invalid initial character",    "",       "a { ... } goes on beyond its line",                   "write it on one line, or its keys under a [table] of its own"),
    ("Invalid statement",            "{",      "this is JSON in a file that is called .toml",         "call the file .json"),
    ("Expected '=' after",           ":",      "a colon stands where TOML has an =",                  'TOML is no YAML: name = "value", and a table begins with [name]'),
)
JSON_AT: tuple[tuple[str, str, str, str], ...] = (
    ("",                             "<<<<<<< ", "a merge has left both sides here, between marks", MARKED),
    ("Expecting",                    "//",     "a comment stands here, and JSON has none",            "leave it out, or write the spec in TOML"),
    ("Expecting",                    "/*",     "a comment stands here, and JSON has none",            "leave it out, or write the spec in TOML"),
    ("Expecting",                    "#",      "a comment stands here, and JSON has none",            "leave it out, or write the spec in TOML"),
    ("Expecting",                    "'",      "a single quote stands here, and JSON has double ones", 'write "text"'),
    ("Expecting property name",      "}",      "a comma follows the last key",                        "leave it out"),
    ("Expecting value",              "]",      "a comma follows the last item of this list",          "leave it out"),
    ("Expecting value",              "True",   "true and false are lower case in JSON",               "write true"),
    ("Expecting value",              "False",  "true and false are lower case in JSON",               "write false"),
)
JSON: tuple[tuple[str, str, str], ...] = (
    # the parser says                 what is wrong                                         help
    ("Expecting property name",       "a key is expected here",                                 'keys stand in double quotes; no comma follows the last one'),
    ("Expecting value",               "a value is expected here",                               "JSON has no comments, no trailing commas and no single quotes"),
    ("Expecting ',' delimiter",       "a comma is missing before this",                     "separate the parts by commas"),
    ("Expecting ':' delimiter",       "a colon is missing after the key",                   '"name": value'),
    ("Extra data",                    "the spec ends before this",                          "one object a file"),
    ("Unterminated string",           "a quote is opened and never closed",                   "close it on the same line"),
    ("Invalid control character",     "a control character stands inside a string",         "write it as an escape: \\n, \\t"),
    ("Invalid \\",                    "this backslash starts no valid escape sequence",                    "double it"),
)
# fmt: on
TOO_DEEP = "tables or lists are nested too deeply"
_TOML_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)\s*$")


class _RepeatedError(ValueError):
    """An object of a JSON document holds a key twice."""


def unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; ValueError when a key stands twice, of which the parser would keep the last."""
    pairs = list(pairs)
    table = dict(pairs)
    if len(table) != len(pairs):
        raise _RepeatedError
    return table


def explain_toml(error: Exception, text: str, file: str) -> Diagnostic:
    """The finding for what `tomllib.loads` raised."""
    if isinstance(error, RecursionError):
        return _too_deep(file)
    said = str(error)
    place = _TOML_PLACE.search(said)
    if place is None:
        return _number(text, file)
    # The parser counts in text whose line ends are \n alone, which changes no column before the end of a line.
    line, column = (int(place[1]), int(place[2])) if place[1] else _end(text)
    code, where, message, help_ = _toml_words(said)
    if at := _words_at(TOML_AT, said, line_at(text, line)[column - 1 :]):
        message, help_ = at
    if where == "line":
        line, column = _statement(text, line)
    elif where == "open":
        span = span_of(text, *[scan(text, "toml").stopped] * 2)
        line, column = span.line, span.column
    elif where == "before" and place[1]:
        column = max(column - 2, 1)
    shown = line_at(text, line)
    end = _word_end(shown, column)
    return Diagnostic(code, message, help=help_, file=file, span=Span(line, column, end), line=shown)


def _words_at(table: tuple[tuple[str, str, str, str], ...], said: str, rest: str) -> tuple[str, str] | None:
    """What is wrong and what to write, by what stands at the place; "" in the table is the end of the line."""
    for words, begins, message, help_ in table:
        if said.startswith(words) and (rest.startswith(begins) if begins else not rest.strip()):
            return message, help_
    return None


def _toml_words(said: str) -> tuple[str, str, str, str]:
    for words, *row in TOML:
        if words in said:
            code, where, message, help_ = row
            return code, where, message, help_
    return "STG007", "here", _TOML_PLACE.sub("", said).strip().lower(), "see https://toml.io for the syntax"


def _end(text: str) -> tuple[int, int]:
    """Line and column behind the last character that is not white space."""
    body = text.rstrip()
    return body.count("\n") + 1, len(body) - body.rfind("\n")


def _statement(text: str, line: int) -> tuple[int, int]:
    """Where the statement of a line begins: the parser points behind it."""
    shown = line_at(text, line)
    while not shown.strip() and line > 1:
        line -= 1
        shown = line_at(text, line)
    return line, len(shown) - len(shown.lstrip()) + 1


def _word_end(shown: str, column: int) -> int:
    """The end of what to underline: the word that begins there, or one character."""
    word = re.match(r"[\w.\[\]-]+", shown[column - 1 :])
    return column + (len(word.group()) if word else 1)


def _number(text: str, file: str) -> Diagnostic:
    """A number of more digits than Python converts: the parsers' only error without a place."""
    digits = re.search(r"(?<![0-9_])[0-9_]{4000,}+", text)
    span = span_of(text, *digits.span()) if digits else Span(1, 1, 1)
    message = "a value of a spec can't be a number of thousands of digits"
    return Diagnostic("STG012", message, file=file, span=span, line=line_at(text, span.line))


def too_deep(text: str, place: tuple[int, int], file: str) -> Diagnostic:
    """The finding for a dotted key of thousands of parts."""
    span = span_of(text, *place)
    return Diagnostic("STG010", TOO_DEEP, file=file, span=span, line=line_at(text, span.line))


def _too_deep(file: str) -> Diagnostic:
    return Diagnostic("STG010", TOO_DEEP, file=file, span=Span(1, 1, 1))


def explain_json(error: Exception, text: str, file: str) -> Diagnostic:
    """The finding for what `json.loads` raised with the hooks of this module."""
    from json import JSONDecodeError

    if isinstance(error, RecursionError):
        return _too_deep(file)
    if isinstance(error, _RepeatedError):
        return _repeated(text, file)
    if not isinstance(error, JSONDecodeError):
        return _number(text, file)
    shown = line_at(text, error.lineno)
    message, help_ = _words_at(JSON_AT, error.msg, shown[error.colno - 1 :]) or _json_words(error.msg)
    span = Span(error.lineno, error.colno, _word_end(shown, error.colno))
    return Diagnostic("STG008", message, help=help_, file=file, span=span, line=shown)


def _json_words(said: str) -> tuple[str, str]:
    for words, message, help_ in JSON:
        if words in said:
            return message, help_
    return said.lower(), "see https://json.org for the syntax"


def _repeated(text: str, file: str) -> Diagnostic:
    repeated = scan(text, "json").repeated
    if not repeated:  # deeper than places are remembered
        return Diagnostic("STG009", "a key is defined twice in one object", help="keep one of the two", file=file)
    path, place = repeated[0]
    span = span_of(text, *place.key)
    message = f"the key `{path[-1]}` is defined a second time"
    return Diagnostic(
        "STG009", message, path, "keep one of the two", (), "error", "key", file, span, line_at(text, span.line)
    )
