"""What is done with the imports of a program before the linter sees it: dropped, sorted, wrapped, and nothing else touched."""

from __future__ import annotations

import pytest
from compiling import raw_tree_of
from stgen.render import style
from stgen.render.definitions import Definition, definitions_as_code, definitions_of
from stgen.render.imports import modules_of, with_used_imports
from stgen.render.style import format_trees
from stgen.render.tree import File, Tree

OWN = frozenset({"data", "verdict"})
PROGRAM = '''"""Imports json, in its words: import nothing."""

from __future__ import annotations

import os

os.environ["TQDM_DISABLE"] = "1"  # before the libraries
if "HOME" in os.environ:  # asked before them too
    os.environ["HOME"] = "/"

import math
import data
import numpy as np
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
)
from verdict import worse, Verdict, LIMIT, better
from collections.abc import Iterator
import json
import torch

def train() -> Iterator[Verdict]:
    """Use np and torchvision, and data."""
    return worse(SentenceTransformer, LIMIT, better, TEXT)


TEXT = """
import os
import json
from collections import Counter
"""
'''
LINKED = (
    PROGRAM[: PROGRAM.index("import math")]
    + """import json
from collections.abc import Iterator

import numpy as np
from sentence_transformers import SentenceTransformer

import data
from verdict import LIMIT, Verdict, better, worse


"""
    + PROGRAM[PROGRAM.index("def train") :]
)


def test_what_the_text_does_not_name_goes_and_the_rest_is_in_order():
    """`json` stands in a string, and so is left for the linter, as `np` and `data` are, which a docstring names."""
    assert with_used_imports(PROGRAM, OWN) == LINKED
    assert with_used_imports(LINKED, OWN) == LINKED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        '"""A docstring without an end.\n\nimport json\n',
        '"""Only words."""\n',
        "import json\n",  # not one that is used: the linter knows what becomes of the space
        "from json import *\n",
        "import json; import os\n\nx = 1\n",
        "import json  # noqa\n\nx = 1\n",
        "try:\n    import json\nexcept ImportError:\n    json = None\n",
    ],
)
def test_what_it_does_not_know_is_left_alone(text):
    assert with_used_imports(text, OWN) == text


def test_a_name_in_any_script_is_a_name():
    text = "from verdict import größe, größer\n\nprint(größer)\n"
    assert with_used_imports(text, OWN) == "from verdict import größer\n\nprint(größer)\n"


def test_a_long_line_is_wrapped_as_the_formatter_does():
    names = [f"name_of_some_length_{number}" for number in range(6)]
    text = f"from verdict import {', '.join(names)}\n\nprint({', '.join(names)})\n"
    wrapped = "from verdict import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    assert with_used_imports(text, OWN).startswith(wrapped)


def test_modules_of_a_repo():
    assert modules_of(["train.py", "reader/__init__.py", "reader/files.py", "README.md", "tests/test_data.py"]) == {
        "train",
        "reader",
        "files",
        "test_data",
    }


@pytest.mark.parametrize("model", ["dense", "cross-encoder", "sparse", "multi-vector"])
def test_the_linter_makes_the_same_of_a_repo(model, monkeypatch):
    """With and without: what stgen drops is what the linter would."""
    fragment = f"model = {{ type = '{model}' }}"
    linked = raw_tree_of(fragment)
    monkeypatch.setattr("stgen.render.rendering.with_used_imports", lambda text, own: text)
    left = raw_tree_of(fragment)
    assert linked["train.py"].text != left["train.py"].text
    assert format_trees([linked]) == format_trees([left])


def test_the_linter_has_nothing_to_correct_in_most_programs(monkeypatch):
    """Else it would read them again, which is what this spares."""
    tree = raw_tree_of("")
    programs = {path: file for path, file in tree.items() if path.endswith(".py")}
    monkeypatch.setattr(style, "FORMAT", ("--version",))
    (linked,) = format_trees([Tree(programs)])
    corrected = [path for path in programs if linked[path].text != programs[path].text]
    assert len(corrected) * 5 <= len(programs), corrected


def test_definitions_of_the_wheel_are_those_of_the_checkout():
    made: dict = {}
    exec(definitions_as_code(), made)
    assert "json_lines" in made["DEFINITIONS"]
    for module, entries in made["DEFINITIONS"].items():
        wanted = definitions_of(module)
        made = (
            Definition(frozenset(names), text, frozenset(needs), frozenset(words))
            for names, text, needs, words in entries
        )
        assert tuple(made) == wanted


def test_a_program_and_another_file_of_its_text():
    """Only the program is formatted."""
    (tree,) = format_trees([Tree({"a.py": File("x=1\n"), "b.txt": File("x=1\n")})])
    assert (tree["a.py"].text, tree["b.txt"].text) == ("x = 1\n", "x=1\n")
