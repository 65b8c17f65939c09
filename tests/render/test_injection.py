"""A spec is hostile: whatever stands in its strings, the generated files parse, do nothing else, and carry the value unharmed."""

from __future__ import annotations

import ast
import copy
import io
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stgen.compile import compile_source
from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.paths import Place
from stgen.render.style import format_trees
from stgen.render.tree import Tree
from stgen.source.source import read

PLACE = Place("/home/me/project", "/home/me/project")

# fmt: off
HOSTILE = (
    "'", '"', "'''", '"""', "\\", "\\n", "\n", "\r", "\r\n", "\t", "\x0b", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\u202e",
    "$(touch pwned)", "`touch pwned`", "${HOME}", "; touch pwned", "&& touch pwned", "| tee pwned", "> pwned", "!!", "*", "~", "\N{NO-BREAK SPACE}",
    "{{ 7 * 7 }}", "{% raw %}", "{% endraw %}", "{# c #}", "%% if x", "\n%% endif\n", "{", "}", "{0}", "%s", "%(x)s", "#", "# noqa", "# type: ignore",
    "\nimport os\n", '")\nimport os  # ', "'); import os  # ", "[x](javascript:y)", "<script>", "</script>", "]]>", "-->", "|", "||", "\n---\n", "\n- a: b\n",
    "\n[tool.x]\n", "a = 1", ": ", "- ", "? ", "&a", "*a", "!!python/object:os.system", "@", "%", "=", ",", "::error::", "\N{SNOWMAN}", "\U0001f600", "e\u0301",
    "\n#SBATCH --uid=0\n", "EOF", "\nEOF\n", "__import__('os')", "f'{x}'", "r'", "b'", "0", "-1", "true", "null", "~", "yes", "", " ", "a" * 300,
)
# fmt: on
TEXTS = (
    st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=6)
    .map("".join)
    .filter(lambda text: "[]" not in text)
)  # which is a path, and rightly read by another module

PAIRS = {
    "stgen": 1,
    "project": {"name": "NAME", "description": "DESCRIPTION", "license": "mit", "languages": ["en"]},
    "model": {
        "type": "dense",
        "base": "org/base",
        "revision": "main",
        "max_length": 64,
        "prompts": {"query": "QUERY: ", "document": "DOCUMENT: "},
        "lora": {"targets": ["TARGET"]},
    },
    "data": [
        {
            "name": "SET",
            "train": "data/train.jsonl",
            "eval": "data/eval.csv",
            "test": "data/test.parquet",
            "columns": {"anchor": "ANCHOR", "positive": "POSITIVE"},
        }
    ],
    "loss": {"guide": "org/guide", "name": "CachedGISTEmbedLoss"},
    "train": {"optimizer": "adamw_torch", "extra": {"run_name": "RUN"}},
    "hardware": {
        "accelerator": "cuda",
        "gpus": 2,
        "launcher": "slurm",
        "slurm": {"partition": "PARTITION", "account": "ACCOUNT"},
    },
}
BINARY = {
    "stgen": 1,
    "model": {"type": "cross-encoder", "base": "org/base", "prompts": {"query": "QUERY: "}},
    "data": [
        {
            "train": "data/*.jsonl",
            "columns": {"text_1": "ONE", "text_2": "TWO", "binary": {"column": "LABEL", "positive": "YES"}},
        }
    ],
    "hardware": {"accelerator": "cpu"},
}
CLASSES = {
    "stgen": 1,
    "project": {"name": "NAME"},
    "model": {"type": "dense", "architecture": "static", "base": "./BASE"},
    "data": [
        {
            "train": "hf://org/set@main#train",
            "test": "data/test.tsv",
            "columns": {"text": "TEXT", "class": {"column": "CLASS", "names": ["FIRST", "SECOND"]}},
        }
    ],
    "loss": {"convert": ["triplet"]},
    "hardware": {"launcher": "torchrun", "gpus": 2, "nodes": 2},
}
SPLADE = {
    "stgen": 1,
    "model": {"type": "sparse", "base": "org/base", "prompts": {"document": "DOCUMENT: "}},
    "data": [
        {
            "retrieval": {
                "corpus": "CORPUS.jsonl",
                "queries": "QUERIES.jsonl",
                "qrels": "QRELS.tsv",
                "test_qrels": "TEST.tsv",
            }
        }
    ],
}
SPECS = {"pairs": PAIRS, "binary": BINARY, "classes": CLASSES, "splade": SPLADE}


def strings(node: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The paths of all strings of a spec."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, str):
            yield (*path, key)
        else:
            yield from strings(value, (*path, key))


def replaced(spec: dict[str, Any], path: KeyPath, text: str) -> dict[str, Any]:
    changed = copy.deepcopy(spec)
    table: Any = changed
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = text
    return changed


def compiled(spec: dict[str, Any]) -> tuple[Tree | None, list[Diagnostic]]:
    source, found = read("-", io.BytesIO(json.dumps(spec).encode()))
    if source is None:
        return None, found
    tree, found = compile_source(source, PLACE)
    return (format_trees([tree])[0] if tree else None), found


def of(tree: Tree, *suffixes: str) -> dict[str, str]:
    return {path: file.text for path, file in tree.items() if path.endswith(suffixes)}


# --- what each kind of file is, its strings aside -----------------------------------------------------------------------


class Blank(ast.NodeTransformer):
    """Makes all string literals equal, keys of keyword arguments and names of variables stay."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


def of_python(text: str) -> str:
    return ast.dump(Blank().visit(ast.parse(text)))


def of_data(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: of_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [of_data(item) for item in value]
    return "" if isinstance(value, str) else value


@cache
def of_shell(text: str) -> list[str]:
    subprocess.run(["bash", "-n"], input=text.encode(), check=True, capture_output=True)
    return [line for line in text.split("\n") if not line.startswith("#")]


def shapes(tree: Tree) -> dict[str, Any]:
    found: dict[str, Any] = {path: of_python(text) for path, text in of(tree, ".py").items()}
    found |= {path: of_data(tomllib.loads(text)) for path, text in of(tree, ".toml").items()}
    found |= {path: of_data(yaml.safe_load(text)) for path, text in of(tree, ".yaml", ".yml").items()}
    found |= {path: of_data(json.loads(text)) for path, text in of(tree, ".json").items()}
    return found | {path: of_shell(text) for path, text in of(tree, ".sh", ".sbatch").items()}


@cache
def harmless(name: str) -> dict[str, Any]:
    tree, _ = compiled(SPECS[name])
    assert tree is not None
    found = shapes(tree)
    del found["stgen.json"]
    return found


def literals(tree: Tree) -> set[str]:
    """All strings that the generated Python holds."""
    nodes = (node for text in of(tree, ".py").values() for node in ast.walk(ast.parse(text)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


# --- the tests ---------------------------------------------------------------------------------------------------------


def test_specs_compile_as_they_are():
    for spec in SPECS.values():
        tree, found = compiled(spec)
        assert tree is not None, found


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_string_is_refused_or_carried_through_harmlessly(name, data):
    """Everywhere: the generated files differ from those of a harmless spec in strings alone."""
    spec = SPECS[name]
    path = data.draw(st.sampled_from(sorted(strings(spec), key=str)))
    text = data.draw(TEXTS)
    tree, found = compiled(replaced(spec, path, text))
    if tree is None:
        assert any(item.severity == "error" for item in found)
        return
    new, old = shapes(tree), harmless(name)
    del new["stgen.json"]
    if not text or path[-1] in ("base", "train", "eval", "test", "corpus", "queries", "qrels"):
        return  # no prompt, a path instead of a name, another suffix: other code; that all of it parses is shown
    if "reader/nested.py" in new:
        return  # a name with a point in it may be a path into a value: other code
    assert new.keys() == old.keys()
    for file in new:
        assert new[file] == old[file], file


# Fields whose value must arrive in the generated Python as it is.
# fmt: off
EXACT = [
    ("pairs",   ("project", "description"),                    ".toml"),
    ("pairs",   ("model", "base"),                             ".py"),
    ("pairs",   ("model", "revision"),                         ".py"),
    ("pairs",   ("model", "prompts", "query"),                 ".py"),
    ("pairs",   ("model", "prompts", "document"),              ".py"),
    ("pairs",   ("model", "lora", "targets", 0),               ".py"),
    ("pairs",   ("data", 0, "columns", "anchor"),              ".py"),
    ("pairs",   ("data", 0, "columns", "positive"),            ".py"),
    ("pairs",   ("loss", "guide"),                             ".py"),
    ("pairs",   ("train", "extra", "run_name"),                ".py"),
    ("binary",  ("model", "prompts", "query"),                 ".py"),
    ("binary",  ("data", 0, "columns", "text_1"),              ".py"),
    ("binary",  ("data", 0, "columns", "binary", "column"),    ".py"),
    ("binary",  ("data", 0, "columns", "binary", "positive"),  ".py"),
    ("classes", ("data", 0, "columns", "text"),                ".py"),
    ("classes", ("data", 0, "columns", "class", "column"),     ".py"),
    ("classes", ("data", 0, "columns", "class", "names", 0),   ".py"),
    ("splade",  ("model", "prompts", "document"),              ".py"),
]
# fmt: on


@pytest.mark.parametrize(
    ("name", "path", "suffix"),
    EXACT,
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value,
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_value_arrives_as_it_is(name, path, suffix, text):
    tree, found = compiled(replaced(SPECS[name], path, text))
    if tree is None:
        assert any(item.severity == "error" for item in found)
        return
    if suffix == ".toml":
        assert tomllib.loads(tree["pyproject.toml"].text)["project"].get("description", "") == text
    else:
        assert text in literals(tree)


@pytest.mark.parametrize(
    ("name", "path", "suffix"),
    EXACT,
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value,
)
def test_hostile_enough_to_mean_something(name, path, suffix):
    """These values are not refused: the test above has looked at generated files."""
    tree, found = compiled(replaced(SPECS[name], path, 'it\'s {{ 7 * 7 }} $(touch pwned) `x` %% \\ """ #'))
    assert tree is not None or path in (("model", "base"), ("model", "revision"), ("loss", "guide")), found


@pytest.mark.parametrize("name", SPECS)
def test_generated_code_stays_clean(name, tmp_path):
    """The check and the format of ruff find nothing in what a spec full of hostile strings becomes."""
    number = 0
    for path in strings(SPECS[name]):
        for text in ('it\'s "quoted" {{ x }} $(id)', "two\nlines\u2028three", "a" * 300, "# noqa \\"):
            tree, _ = compiled(replaced(SPECS[name], path, text))
            for file, content in of(tree, ".py", ".toml").items() if tree else ():
                target = tmp_path / str(number) / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, encoding="utf-8", newline="")
            number += tree is not None
    assert number > 4
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[:3000]


@pytest.mark.parametrize("key", ["PARTITION\n#SBATCH --uid=0", "$(touch pwned)", "a b", "", "--wrap", "ü"])
def test_keys_of_slurm_are_refused_where_they_are_no_option(key):
    spec = copy.deepcopy(PAIRS)
    spec["hardware"]["slurm"] = {key: "x"}
    tree, found = compiled(spec)
    assert tree is None
    assert [item.code for item in found if item.severity == "error"] == ["STG174"]


@pytest.mark.parametrize("value", ["gpu\n#SBATCH --uid=0", "$(touch pwned)", "`id`", "", "a\u2028b", "'", "\\"])
def test_values_of_slurm_are_refused_where_sbatch_would_read_something_else(value):
    spec = copy.deepcopy(PAIRS)
    spec["hardware"]["slurm"] = {"comment": value}
    tree, found = compiled(spec)
    assert tree is None
    assert [item.code for item in found if item.severity == "error"] == ["STG174"]


def test_values_of_slurm_that_are_usual_arrive():
    spec = copy.deepcopy(PAIRS)
    spec["hardware"]["slurm"] = {
        "partition": "gpu-a100",
        "time": "1-12:00:00",
        "constraint": "a100&nvlink",
        "mem": "64G",
        "mail-user": "me@example.org",
        "cpus-per-task": 8,
    }
    tree, found = compiled(spec)
    assert tree is not None, found
    lines = tree["launch/slurm.sbatch"].text.splitlines()
    for key, value in spec["hardware"]["slurm"].items():
        assert f"#SBATCH --{key}={value}" in lines
