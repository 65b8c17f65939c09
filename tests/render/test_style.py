"""Linking and formatting: what the generated repo's own configuration would do, whatever lies around, or a finding that says why not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from commandline import stgen
from compiling import raw_tree_of, tree_of
from frontend import SHORTEST
from stgen.render import style
from stgen.render.imports import LINE_LENGTH, modules_of
from stgen.render.linking import READER
from stgen.render.style import TARGET, StyleError, format_trees
from stgen.render.tree import File, Tree

UGLY = "x = {  'a':1 }\n"
NICE = 'x = {"a": 1}\n'


@pytest.fixture
def runs(monkeypatch) -> list[list[str]]:
    """The commands that were run."""
    seen: list[list[str]] = []
    real = subprocess.run

    def run(command, *arguments, **options):
        seen.append(command)
        return real(command, *arguments, **options)

    monkeypatch.setattr(style.subprocess, "run", run)
    return seen


def test_formats_python_and_nothing_else():
    (tree,) = format_trees([Tree({"a.py": File(UGLY, "once", 0o755), "b.toml": File(UGLY)})])
    assert tree["a.py"] == File(NICE, "once", 0o755)
    assert tree["b.toml"] == File(UGLY)


def test_one_run_of_each_command_for_all_trees_and_each_text_once(runs, monkeypatch):
    formatted: list[str] = []
    real = style._format
    monkeypatch.setattr(style, "_format", lambda texts, own: formatted.extend(texts) or real(texts, own))
    trees = format_trees(
        [Tree({"a.py": File(UGLY), "b.py": File(UGLY)}), Tree({"c.py": File(UGLY), "d.py": File("y=1")})]
    )
    assert [[file.text for file in tree.values()] for tree in trees] == [[NICE, NICE], [NICE, "y = 1\n"]]
    assert [command[1] for command in runs] == ["check", "format"]
    assert formatted == [UGLY, "y=1"]


@pytest.mark.parametrize(
    "data",
    [
        'train = "t.csv"\ncolumns = { text = "a", class = "c" }',
        'train = "t.json"\ncolumns = { text_1 = "a", text_2 = "b", score = "s" }',
        'train = "t.parquet"\ncolumns = { text_1 = "a", text_2 = "b", binary = "c" }',
        'train = "t.txt.gz"\ncolumns = { text = "text" }',
        'train = "t.jsonl"\ncolumns = { anchor = ["i", "q"], positive = "pos[]", negative = "neg[]" }',
        'train = "t.jsonl"\ncolumns = { anchor = "q", positive = "p", negative = ["n_1", "n_2"] }',
        'train = "t.jsonl"\ncolumns = { anchor = "q", positive = "p" }\ntexts = { positive = "documents.jsonl" }',
        'retrieval = { corpus = "c.jsonl", queries = "q.jsonl", qrels = "qrels.txt", trec = true }',
    ],
)
def test_the_reader_needs_neither_linker_nor_formatter(data):
    tree = raw_tree_of(f"[[data]]\n{data}")
    texts = {file.text: path for path, file in tree.items() if path.startswith(f"{READER}/")}
    assert len(texts) >= 4
    assert style._format(texts, sorted(modules_of(tree))) == list(texts)


def test_nothing_to_format_runs_nothing(runs):
    assert format_trees([]) == []
    format_trees([Tree({"README.md": File("")})])
    assert runs == []


def test_configuration_of_the_machine_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "ruff.toml").write_text('line-length = 40\nformat.quote-style = "single"\n')
    (tmp_path / ".gitignore").write_text("*\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(style, "MEMORY", str(tmp_path))
    long = 'x = "a text that is rather longer than forty characters are", 1, 2\n'
    (tree,) = format_trees([Tree({"a.py": File(long), "b.py": File(UGLY)})])
    assert tree["a.py"].text == long
    assert tree["b.py"].text == NICE


@pytest.mark.parametrize("free", [10**12, 0])
def test_files_are_in_memory_where_there_is_room(runs, tmp_path, monkeypatch, free):
    folders = {name: tmp_path / name for name in ("memory", "disk")}
    for folder in folders.values():
        folder.mkdir()
    monkeypatch.setattr(style, "MEMORY", str(folders["memory"]))
    monkeypatch.setattr(tempfile, "tempdir", str(folders["disk"]))
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=free, f_frsize=1))
    assert format_trees([Tree({"a.py": File(UGLY)})])[0]["a.py"].text == NICE
    assert {Path(command[-1]).parent for command in runs} == {folders["memory" if free else "disk"]}
    assert set(tmp_path.rglob("*")) == set(folders.values())


def test_a_system_without_files_in_memory_has_them_on_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(style, "MEMORY", str(tmp_path / "none"))
    assert format_trees([Tree({"a.py": File(UGLY)})])[0]["a.py"].text == NICE


def test_generated_configuration_says_the_same():
    ruff = tomllib.loads(tree_of("")["pyproject.toml"].text)["tool"]["ruff"]
    assert (ruff["line-length"], ruff["target-version"]) == (LINE_LENGTH, TARGET)
    assert "format" not in ruff


def test_generated_repo_is_formatted_by_its_own_configuration(tmp_path):
    (tmp_path / "stgen.toml").write_text(SHORTEST)
    assert stgen("compile", tmp_path / "stgen.toml").code == 0
    done = subprocess.run(
        [style._ruff(), "format", "--no-cache", "--check", "."], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_code_that_is_no_python_is_reported():
    with pytest.raises(StyleError, match=r"could not check the generated code: tests/a\.py:1:5: .*syntax"):
        format_trees([Tree({"tests/a.py": File("def (:\n"), "b.py": File(NICE)})])


LINKED = """\
import sys
from collections.abc import Iterator, Sequence

import torch
from datasets import Dataset

import mine
from data import load

print(sys, Iterator, Sequence, torch, Dataset, mine, load)
"""
UNLINKED = """\
from data import load
from collections.abc import Sequence
from collections.abc import Iterator
import torch
import clean, mine
import sys
from datasets import (
    Dataset,
    DatasetDict,
)

print(sys, Iterator, Sequence, torch, Dataset, mine, load)
"""
OWN = Tree({"data.py": File(NICE), "mine.py": File(NICE), "a.py": File(UNLINKED)})


def test_imports_are_dropped_where_nothing_uses_them_and_sorted():
    assert format_trees([OWN])[0]["a.py"].text == LINKED


def test_a_folder_that_is_called_like_a_package_changes_nothing(tmp_path, monkeypatch):
    for name in ("datasets", "src/torch"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(style, "MEMORY", str(tmp_path))
    assert format_trees([OWN])[0]["a.py"].text == LINKED


def test_what_is_compiled_beside_it_changes_nothing():
    specs = ["", 'loss = { custom = "mine.py:Mine" }', 'metrics = { custom = ["yours.py:yours"] }']
    trees = [raw_tree_of(spec) for spec in specs]
    assert format_trees(trees) == [format_trees([tree])[0] for tree in trees]


@pytest.mark.parametrize("comment", ["# ruff: noqa", "# ruff: noqa: F401", "# flake8: noqa"])
def test_words_of_a_spec_in_a_comment_dont_keep_imports(comment):
    (tree,) = format_trees([Tree({"a.py": File(f"import os  # noqa\n\nx = 1  {comment}\n")})])
    assert tree["a.py"].text == f"x = 1  {comment}\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("print(absent)\n", "F821 Undefined name `absent`"),
        ("from mine import parse\n\n\ndef parse():\n    pass\n", "F811 Redefinition of unused `parse`"),
    ],
)
def test_a_name_that_cant_be_linked_is_reported_with_its_file(text, fault):
    with pytest.raises(StyleError, match=r"check the generated code: train\.py:\d+:\d+: " + fault):
        format_trees([Tree({"train.py": File(text), "b.py": File(NICE)})])


def test_missing_ruff_is_one_finding_and_nothing_is_written(tmp_path, monkeypatch):
    (tmp_path / "spec.toml").write_text(SHORTEST)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setitem(sys.modules, "ruff", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = stgen("compile", tmp_path / "spec.toml")
    assert done.code == 1
    assert "STG320" in done.err
    assert "pip install" in done.err
    assert not (tmp_path / "spec").exists()


def test_ruff_that_cant_be_run_is_one_finding(tmp_path, monkeypatch):
    (tmp_path / "spec.toml").write_text(SHORTEST)
    (tmp_path / "ruff").write_text("")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    done = stgen("compile", tmp_path / "spec.toml")
    assert done.code == 1
    assert "STG320" in done.err


def test_ruff_is_found_by_its_own_module(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert format_trees([Tree({"a.py": File(UGLY)})])[0]["a.py"].text == NICE


def test_of_several_specs_the_one_with_a_name_that_is_taken_is_named(tmp_path):
    (tmp_path / "good.toml").write_text(SHORTEST)
    (tmp_path / "bad.toml").write_text(SHORTEST + '[metrics]\ncustom = ["mine.py:main"]\n')
    done = stgen("compile", tmp_path / "bad.toml", tmp_path / "good.toml")
    assert done.code == 1
    assert done.err.count("error[STG410]") == 1
    assert f"--> {tmp_path / 'bad.toml'}" in done.err
    assert "a metric can't be called `main`" in done.err
    assert "mine.py:own_main" in done.err
    assert not (tmp_path / "good").exists()
