"""Tells in which language lists are written as text: texts -> the expression of Python that makes lists of them again."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Callable, Sequence
from itertools import pairwise

BLANK = (tokenize.NL, tokenize.NEWLINE)
SOME = 20  # texts that are looked at
# fmt: off
WAYS: tuple[tuple[Callable[[str], object], str, str], ...] = (  # what reads them, the modules and the expression of it
    (json.loads,       "json, pandas", "json.loads"),
    (ast.literal_eval, "ast, pandas",  "ast.literal_eval"),
)
# In two parts, as the expression is the user's: those of this package are held to linear time by name.
NUMPY = ("ast, pandas, re", r"""lambda text: [ast.literal_eval(item) for item in re""" r""".findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", text)]""")
POSTGRES = ("csv, pandas", 'lambda text: next(csv.reader([text[1:-1]], escapechar="\\\\"))')
# fmt: on


def parser_of(texts: Sequence[str]) -> tuple[str, str]:
    """The modules and the expression that make lists of texts such as `['a', 'b']`."""
    some = [text.strip() for text in texts[:SOME] if text.strip()]
    if all(text.startswith("{") for text in some) and not all(_reads(json.loads, text) for text in some):
        return POSTGRES if not all(_is_object(text) for text in some) else WAYS[1][1:]
    fitting = [way[1:] for way in WAYS if all(_reads(way[0], text) for text in some)]
    if fitting[:1] != [WAYS[0][1:]] and any(map(_side_by_side, some)):
        return NUMPY
    return fitting[0] if fitting else WAYS[1][1:]


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _side_by_side(text: str) -> bool:
    """Whether texts stand in a list with nothing between them, as numpy prints them: Python makes one text of two."""
    try:
        kinds = [
            token.type for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in BLANK
        ]
    except (tokenize.TokenError, SyntaxError):
        return False
    return (tokenize.STRING, tokenize.STRING) in pairwise(kinds)


def _is_object(text: str) -> bool:
    try:
        return isinstance(ast.literal_eval(text), dict)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
