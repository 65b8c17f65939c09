"""Templates read like the files that they make: few statements each, none nested; those that are not there yet only get fewer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from places import TEMPLATES

FILE, FRAGMENT = 10, 4
"""The most statements of a template that makes a file, and of one that is included in others."""

STATEMENT = re.compile(r"(?:^[ \t]*%% ?|\{%-? *)(\w+)", re.MULTILINE)
OPENS, CLOSES = {"if", "for"}, {"endif", "endfor"}
COUNTED = OPENS | {"elif", "else", "set"}
INCLUDED = re.compile(r'include "([^"]+)"')

# Template -> its statements, and how deep they are nested. A number here may only fall.
# fmt: off
LEFT: dict[str, tuple[int, int]] = {
    "data/reading_arguments.py.j2": (4, 2),
    "evaluators/as_is.py.j2": (5, 2),
    "evaluators/entailment.py.j2": (5, 2),
    "evaluators/unroll.py.j2": (5, 2),
    "launch/kubernetes.yaml.j2": (8, 2),
    "launch/skypilot.yaml.j2": (3, 2),
    "monitor/embeddings.py.j2": (8, 2),
    "report.html.jinja.j2": (42, 5),
    "report.py.j2": (18, 3),
    "report/charts.html.jinja.j2": (14, 3),
    "report/compare.html.jinja.j2": (10, 3),
}
# fmt: on


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


def included() -> set[str]:
    """The templates that others include by name, and all in folders from which they choose."""
    starts = {start for name in templates() for start in INCLUDED.findall(Path(TEMPLATES, name).read_text())}
    return {name for name in templates() if any(name.startswith(start) for start in starts)}


def limits(name: str) -> tuple[int, int]:
    return LEFT.get(name, (FRAGMENT if name in included() else FILE, 1))


@pytest.mark.parametrize("name", templates())
def test_holds_few_statements_and_none_within_another(name: str) -> None:
    (count, depth), (most, deepest) = look(name), limits(name)
    assert count <= most
    assert depth <= deepest


def test_exceptions_are_no_wider_than_they_need_to_be() -> None:
    assert {name: look(name) for name in LEFT} == LEFT


def test_statements_are_counted_wherever_they_stand() -> None:
    assert COUNTED.isdisjoint(CLOSES)
    assert STATEMENT.findall("%% if a\n    %% for b in c\nx{% if d %}y{% endif %}\n%% endfor\n%% endif") == [
        "if", "for", "if", "endif", "endfor", "endif",
    ]  # fmt: skip


if __name__ == "__main__":  # the table, as it would be now
    for name in templates():
        most = FRAGMENT if name in included() else FILE
        count, depth = look(name)
        if count > most or depth > 1:
            print(f'    "{name}": ({count}, {depth}),')
