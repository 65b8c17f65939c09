"""Templates read like the files that they make: few statements each, none nested."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from places import TEMPLATES

FILE, FRAGMENT = 10, 4
"""The most statements of a template that makes a file, and of one that is included in others."""

STATEMENT = re.compile(r"(?:^[ \t]*%% ?|\{%-? *)(\w+)", re.MULTILINE)
OPENS, CLOSES = {"if", "for"}, {"endif", "endfor"}
COUNTED = OPENS | {"elif", "else", "set"}
INCLUDED = re.compile(r'include "([^"]+)"')


def templates() -> list[str]:
    """All templates but those of the scaffold, which are Cookiecutter's."""
    paths = (path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2"))
    return sorted(path for path in paths if not path.startswith("new/"))


def look(name: str) -> tuple[int, int]:
    """Count a template's statements, and how deep they are nested."""
    words = STATEMENT.findall(Path(TEMPLATES, name).read_text())
    depth = deepest = 0
    for word in words:
        depth += (word in OPENS) - (word in CLOSES)
        deepest = max(deepest, depth)
    return sum(word in COUNTED for word in words), deepest


@cache
def included() -> set[str]:
    """The templates that others include by name, and all in folders from which they choose."""
    starts = {start for name in templates() for start in INCLUDED.findall(Path(TEMPLATES, name).read_text())}
    return {name for name in templates() if any(name.startswith(start) for start in starts)}


@pytest.mark.parametrize("name", templates())
def test_holds_few_statements_and_none_within_another(name: str) -> None:
    count, depth = look(name)
    assert count <= (FRAGMENT if name in included() else FILE)
    assert depth <= 1


def test_statements_are_counted_wherever_they_stand() -> None:
    assert COUNTED.isdisjoint(CLOSES)
    assert STATEMENT.findall("%% if a\n    %% for b in c\nx{% if d %}y{% endif %}\n%% endfor\n%% endif") == [
        "if", "for", "if", "endif", "endfor", "endif",
    ]  # fmt: skip
