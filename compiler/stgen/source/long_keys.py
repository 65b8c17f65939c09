"""Finds a dotted key without end before TOML's parser meets it: the parser's time grows with the square of the parts."""

from __future__ import annotations

import re

# Every alternative takes all that it has looked at, also of a quote that is never closed: so the scan is linear.
_TOKEN = re.compile(
    r"""
      (?P<key>(?:(?:[A-Za-z0-9_-]++ | "(?:[^"\\\n]|\\.)*+" | '[^'\n]*+') [\ \t]*+ \. [\ \t]*+)++)
    | \"""(?:[^"\\]|\\.|"(?!""))*+ (?:\""")?
    | '''(?:[^']|'(?!''))*+ (?:''')?
    | "(?:[^"\\\n]|\\.)*+ "?
    | '[^'\n]*+ '?
    | \#[^\n]*+
    | [A-Za-z0-9_-]++
    """,
    re.VERBOSE | re.DOTALL,
)


def long_key(text: str, parts: int) -> tuple[int, int] | None:
    """Where the first dotted key of more than so many parts stands in the text of a TOML file; None where there is none."""
    for token in _TOKEN.finditer(text):
        if token["key"] and token["key"].count(".") >= parts:
            return token.span()
    return None
