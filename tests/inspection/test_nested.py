"""Columns that lie within objects and lists: a spec names them by paths, and `inspect` proposes those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from stgen.reader.contract import Batch
from stgen.reader.nested import Nested, steps
from stgen.reader.texts import text

ASK = "How do I clean my rain barrel, number {n}?"
SAY = "Wipe barrel {n} with a damp cloth, and let it dry in the open for an hour before you put it away."
NOT = "Trains to town {n} leave on every day of the week but the last, as the table in the hall says."


def rows(form: str) -> list[dict[str, Any]]:
    """Rows of a form, in which texts stand for `ask`, `say` and `not`."""
    return [
        json.loads(form.replace("ask", ASK.format(n=n)).replace("say", SAY.format(n=n)).replace("not", NOT.format(n=n)))
        for n in range(200)
    ]


# fmt: off
FORMS: list[tuple[str, str, str]] = [  # what it is, a row of it, what `inspect` proposes
    ("set of two",   '{"set": ["ask", "say"]}',                                'anchor = "set[0]", positive = "set[1]"'),
    ("object",       '{"set": {"query": "ask", "pos": "say"}}',                'anchor = "set.query", positive = "set.pos"'),
    ("lists",        '{"query": "ask", "pos": ["say"], "neg": ["not", "b"]}',  'anchor = "query", positive = "pos[0]", negative = "neg[0]"'),
    ("list in one",  '{"set": {"query": "ask", "pos": ["say"], "neg": ["not"]}}', 'anchor = "set.query", positive = "set.pos[0]", negative = "set.neg[0]"'),
    ("passages",     '{"query": "ask", "positive_passages": [{"docid": "1", "title": "t", "text": "say"}], "negative_passages": [{"docid": "2", "title": "", "text": "not"}]}',
                     'anchor = "query", positive = "positive_passages[0].text", negative = "negative_passages[0].text"'),
    ("a scored set", '{"texts": ["ask", "say"], "label": 0.25}',               'text_1 = "texts[0]", text_2 = "texts[1]", score = "label"'),
]
# fmt: on


@pytest.mark.parametrize(("form", "roles"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_inspect_proposes_paths_that_validate_accepts(tmp_path: Path, form: str, roles: str) -> None:
    made = rows(form)
    if "label" in form:
        made = [row | {"label": number / 200} for number, row in enumerate(made)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made))
    done = stgen("inspect", tmp_path / "train.jsonl", "--format", "json")
    line = json.loads(done.out)["line"]
    assert line == f"columns = {{ {roles} }}"
    head = 'stgen = 1\n[model]\ntype = "dense"\nbase = "sentence-transformers/all-MiniLM-L6-v2"\n[[data]]\n'
    (tmp_path / "stgen.toml").write_text(f'{head}train = "train.jsonl"\n{line}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "error[" not in done.err


def test_lists_of_objects_are_called_that(tmp_path: Path) -> None:
    made = rows('{"query": "ask", "positive_passages": [{"docid": "1", "title": "t", "text": "say"}]}')
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made))
    columns = json.loads(stgen("inspect", tmp_path / "train.jsonl", "--format", "json").out)["columns"]
    assert columns[1]["type"] == "list of objects (docid, title, text)"


def test_lists_without_scores_are_no_documents(tmp_path: Path) -> None:
    made = [{"text": ASK.format(n=n), "labels": ["garden", "water"][: 1 + n % 2]} for n in range(200)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made))
    found = json.loads(stgen("inspect", tmp_path / "train.jsonl", "--format", "json").out)
    assert found["line"] == 'columns = { text = "text" }'
    assert found["unused"] == ["labels"]


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("a.b", {"b": "x"}, "x"),
        ("a[1]", ["x", "y"], "y"),
        ("a[0].b.c[1]", [{"b": {"c": ["x", "y"]}}], "y"),
        ("a[2]", ["x", "y"], None),
        ("a.b", ["x"], None),
        ("a[0]", "text", None),
        ("a.b", None, None),
    ],
)
def test_paths(path: str, value: Any, found: Any) -> None:
    column = Nested("anchor", path, text)
    assert list(column.values(Batch("line", [1], {"a": [value]}))) == [found]


def test_a_column_that_is_called_like_a_path_goes_first() -> None:
    column = Nested("anchor", "a.b", text)
    assert column.values(Batch("line", [1], {"a": [{"b": "within"}], "a.b": ["itself"]})) == ["itself"]
    assert not column.lacks(["a.b"])
    assert column.lacks(["b"]) == "a.b"
    assert list(steps(".b[3].c")) == ["b", 3, "c"]
