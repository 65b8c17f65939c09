"""Findings as text, JSON, SARIF and workflow commands: carets under what is meant, and nothing that breaks a format."""

from __future__ import annotations

import io
import json

import pytest
from frontend import SHORTEST, load_text
from hypothesis import given
from hypothesis import strategies as st
from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.diagnostic import Diagnostic, Span
from stgen.diagnostics.show import MAX_WIDTH, TAB, show, summary

SCORES = Diagnostic(
    "STG045",
    "the range of the score is empty: 5 to 0",
    ("data", 0, "columns", "score", "max"),
    "write the lowest score as min",
    ("scores are scaled from their range to 0..1",),
    file="stsb.toml",
    span=Span(12, 9, 14),
    line='score = "sim", max = 0',
)


def text_of(*items, **options) -> str:
    stream = io.StringIO()
    show(items, "text", stream, **options)
    return stream.getvalue()


def underlined(line: str, span: Span) -> tuple[str, str]:
    """The snippet's two lines, without the gutter."""
    lines = text_of(Diagnostic("STG021", "m", file="f", span=span, line=line), color=False).splitlines()
    return lines[3].removeprefix("1 | "), lines[4].removeprefix("  | ")


def test_text():
    assert text_of(SCORES, color=False) == (
        """\
error[STG045]: the range of the score is empty: 5 to 0
  --> stsb.toml:12:9
   |
12 | score = "sim", max = 0
   |         ^^^^^
   = note: scores are scaled from their range to 0..1
   = help: write the lowest score as min

1 error
"""
    )


def test_without_a_place():
    assert text_of(Diagnostic("STG001", "there is no such file", file="a.toml"), color=False) == (
        "error[STG001]: there is no such file\n --> a.toml\n\n1 error\n"
    )
    assert text_of(Diagnostic("STG001", "m", help="h"), color=False, quiet=True) == "error[STG001]: m\n  = help: h\n\n"


def test_nothing_to_say():
    assert text_of() == ""


def test_tabs():
    assert underlined("\ta\t= 3", Span(1, 2, 3)) == (" " * TAB + "a" + " " * TAB + "= 3", " " * TAB + "^")
    assert underlined("\ta\t= 3", Span(1, 6, 7))[1] == " " * (2 * TAB + 3) + "^"


def test_wide_and_combining_characters():
    assert underlined("名前 = x", Span(1, 6, 7))[1] == " " * 7 + "^"
    assert underlined("名前 = x", Span(1, 1, 3))[1] == "^^^^"
    assert underlined("e\u0301 = x", Span(1, 6, 7))[1] == " " * 4 + "^"


def test_an_empty_span_has_one_caret():
    assert underlined("abc", Span(1, 4, 4)) == ("abc", "   ^")
    assert underlined("abc", Span(1, 99, 104))[1] == "   ^"


def test_long_lines():
    line = "a" * 300 + "HERE" + "b" * 300
    shown, carets = underlined(line, Span(1, 301, 305))
    assert len(shown) <= MAX_WIDTH
    assert shown.startswith("...a")
    assert shown.endswith("b...")
    assert shown[carets.index("^") : len(carets)] == "HERE"
    shown, carets = underlined("x = '" + "a" * 500 + "'", Span(1, 5, 507))
    assert shown.startswith("x = 'aa")
    assert len(carets) <= len(shown)
    shown, carets = underlined("語" * 200 + "X", Span(1, 201, 202))
    assert shown.endswith("X")
    assert carets.endswith(" ^")


@given(st.text(max_size=300), st.integers(1, 320), st.integers(0, 300))
def test_any_line(line, column, length):
    item = Diagnostic("STG021", line, file=line, span=Span(1, column, column + length), line=line, help=line)
    text = text_of(item, color=False)
    assert "\x1b" not in text
    assert all(len(part) <= 3 * MAX_WIDTH + 900 for part in text.split("\n"))


def test_a_hostile_spec_does_not_steer_the_terminal():
    text = text_of(
        Diagnostic("STG020", "`\x1b[31m\u202e\n` is no key", file="f", span=Span(1, 1, 3), line="\x1b[31m = 1")
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m\\u202e\\n" in text


def test_color_only_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def printed() -> str:
        stream = Terminal()
        show([SCORES], "text", stream)
        return stream.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1;31merror[STG045]\x1b[0m" in printed()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed()
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b" in printed()
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in printed()
    assert "\x1b" not in text_of(SCORES)
    assert "\x1b" in text_of(SCORES, color=True)


def test_a_stream_of_few_characters():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    show([Diagnostic("STG020", "`名` is no key")], "text", stream)
    stream.flush()
    assert b"`\\u540d` is no key" in raw.getvalue()


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        (["error"], "1 error"),
        (["error", "warning", "error"], "2 errors, 1 warning"),
        (["note", "note", "warning"], "1 warning, 2 notes"),
        ([], ""),
    ],
)
def test_summary(severities, text):
    assert summary([Diagnostic("STG020", "", severity=severity) for severity in severities]) == text


def test_json():
    stream = io.StringIO()
    show([SCORES, Diagnostic("STG001", "m", file="f")], "json", stream)
    first, second = json.loads(stream.getvalue())
    assert first == {
        "code": "STG045",
        "severity": "error",
        "title": BY_CODE["STG045"].title,
        "message": SCORES.message,
        "file": "stsb.toml",
        "line": 12,
        "column": 9,
        "end_column": 14,
        "path": ["data", 0, "columns", "score", "max"],
        "notes": ["scores are scaled from their range to 0..1"],
        "help": "write the lowest score as min",
    }
    assert second.keys() == first.keys()
    assert (second["line"], second["help"]) == (None, None)
    stream = io.StringIO()
    show([], "json", stream)
    assert json.loads(stream.getvalue()) == []


def test_sarif():
    stream = io.StringIO()
    show(
        [SCORES, Diagnostic("STG001", "m", file="a b/c.toml"), Diagnostic("STG055", "n", severity="note")],
        "sarif",
        stream,
    )
    log = json.loads(stream.getvalue())
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["STG001", "STG045", "STG055"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    first, second, third = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 12, "startColumn": 9, "endColumn": 14}
    assert second["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "a%20b/c.toml"}}
    assert (third["level"], "locations" in third) == ("note", False)


def test_github():
    stream = io.StringIO()
    item = Diagnostic("STG020", "50% \r\nof it::", file="a,b:c.toml", span=Span(3, 5, 8), severity="warning", help="h")
    show([item, Diagnostic("STG055", "n", severity="note")], "github", stream)
    first, second = stream.getvalue().splitlines()
    assert first == (
        "::warning file=a%2Cb%3Ac.toml,title=STG020%3A unknown key,line=3,col=5,endColumn=7::50%25 %0D%0Aof it::%0Ahelp: h"
    )
    assert second == "::notice title=STG055%3A absolute path::n"


def test_a_hostile_spec_steers_no_terminal_that_shows_a_log_of_ci():
    stream = io.StringIO()
    show([Diagnostic("STG020", "`\x1b[31m\u202e\x9b`\n\ta", file="\x1b.toml", help="h\u2028")], "github", stream)
    (line,) = stream.getvalue().split("\n")[:-1]
    assert line == "::error file=\\x1b.toml,title=STG020%3A unknown key::`\\x1b[31m\\u202e\\x9b`%0A\ta%0Ahelp: h\\u2028"


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_what_the_front_end_finds(format):
    found = load_text(SHORTEST.replace("base =", "bsae ="))[2]
    stream = io.StringIO()
    show(found, format, stream)
    assert "STG020" in stream.getvalue()
    assert "bsae" in stream.getvalue()
