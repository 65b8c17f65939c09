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
    "README.md.j2":                       (29, 2),
    "candidates.py.j2":                   (7, 2),
    "convert.py.j2":                      (11, 3),
    "custom_loss/embeddings.py.j2":       (6, 2),
    "custom_loss/pairs.py.j2":            (4, 2),
    "custom_loss/sparse.py.j2":           (6, 2),
    "custom_loss/tokens.py.j2":           (6, 2),
    "custom_metric/embeddings.py.j2":     (5, 2),
    "custom_metric/pairs.py.j2":          (5, 2),
    "custom_metric/tokens.py.j2":         (5, 2),
    "data.py.j2":                         (10, 4),
    "data/layout.py.j2":                  (6, 3),
    "data/read.py.j2":                    (6, 2),
    "data/reading_arguments.py.j2":       (4, 2),
    "evaluate.py.j2":                     (7, 2),
    "evaluate/base.py.j2":                (5, 2),
    "evaluate/ends.py.j2":                (5, 2),
    "evaluators/as_is.py.j2":             (7, 3),
    "evaluators/entailment.py.j2":        (7, 3),
    "evaluators/in_turn.py.j2":           (5, 1),
    "evaluators/unroll.py.j2":            (8, 3),
    "evaluators/vectors.py.j2":           (6, 1),
    "launch/kubernetes.yaml.j2":          (8, 2),
    "launch/skypilot.yaml.j2":            (3, 2),
    "monitor/embeddings.py.j2":           (8, 2),
    "readme/compare.md.j2":               (8, 1),
    "readme/run.md.j2":                   (3, 2),
    "readme/runs.md.j2":                  (4, 2),
    "report.html.jinja.j2":               (42, 5),
    "report.py.j2":                       (20, 3),
    "report/charts.html.jinja.j2":        (14, 3),
    "report/compare.html.jinja.j2":       (10, 3),
    "several/README.md.j2":               (22, 2),
    "several/data.py.j2":                 (4, 2),
    "several/evaluate.py.j2":             (20, 3),
    "several/measure.py.j2":              (4, 2),
    "several/verdict.py.j2":              (2, 2),
    "steps/mine.py.j2":                   (15, 2),
    "steps/teach_embeddings.py.j2":       (9, 1),
    "steps/teach_scores.py.j2":           (13, 2),
    "stream.py.j2":                       (15, 2),
    "train/constants.py.j2":              (2, 2),
    "train/function/chance_levels.py.j2": (6, 2),
    "verdict.py.j2":                      (2, 2),
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
