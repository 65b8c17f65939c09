"""A prompt that the spec gives stands in one place of a repo, model.py; training and all else take it from there."""

from __future__ import annotations

import ast

import pytest
from planned import plan_of
from stgen.render.programs.prompts import prompts_argument
from stgen.render.rendered import render_text
from stgen.render.rendering import render
from stgen.values.expressions import to_python

PAIRS = {"anchor": "a", "positive": "p"}
EQUALS = {"text": "t", "class": "c"}
LISTS = {"anchor": "a", "documents": "d", "scores": "s"}
BOTH = {"query": "Seek. ", "document": "tell: "}


@pytest.mark.parametrize(
    ("model", "columns", "argument"),
    [
        ({"prompts": BOTH}, PAIRS, '{"anchor": model.PROMPTS["query"], "positive": model.PROMPTS["document"]}'),
        ({"prompts": {"query": "Seek. "}}, PAIRS, '{"anchor": model.PROMPTS["query"]}'),
        ({"prompts": BOTH, "type": "sparse"}, PAIRS, '{"anchor": model.PROMPTS["query"], "positive": model.PROMPTS["document"]}'),
        ({"prompts": BOTH, "type": "multi-vector"}, PAIRS, '{"anchor": model.PROMPTS["query"], "positive": model.PROMPTS["document"]}'),
        ({"prompts": BOTH, "architecture": "static"}, PAIRS, '{"anchor": model.PROMPTS["query"], "positive": model.PROMPTS["document"]}'),
        ({"prompts": {"query": "Seek. "}}, EQUALS, '{"anchor": model.PROMPTS["document"], "positive": model.PROMPTS["document"]}'),
        ({"prompts": {"query": "Seek. "}, "type": "cross-encoder"}, LISTS, 'model.PROMPTS["query"]'),
    ],
)  # fmt: skip
def test_a_prompt_of_the_spec_stands_in_one_place(
    model: dict[str, object], columns: dict[str, object], argument: str
) -> None:
    plan, found = plan_of(model, columns)
    assert plan is not None, found
    assert to_python(prompts_argument(plan)["prompts"]) == argument
    tree = render(plan, render_text)
    programs = {path: file.text for path, file in tree.items() if path.endswith(".py") and "/" not in path}
    assert [path for path, text in programs.items() if "Seek. " in text] == ["model.py"]
    assert argument in programs["train.py"]
    assert _prompts_of(programs["model.py"]) == dict(plan.model.prompts)


def _prompts_of(program: str) -> object:
    """What model.py says of each side."""
    for statement in ast.parse(program).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "PROMPTS":
            return ast.literal_eval(statement.value)
    raise AssertionError(program)
