"""Formatting: what the generated repo's own configuration would do, whatever lies around, or a finding that says why not."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from commandline import stgen
from compiling import tree_of
from frontend import SHORTEST
from stgen.render import style
from stgen.render.style import LINE_LENGTH, TARGET, StyleError, format_trees
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


def test_one_process_for_all_trees_and_each_text_once(runs, monkeypatch):
    formatted: list[str] = []
    real = style._format
    monkeypatch.setattr(style, "_format", lambda texts: formatted.extend(texts) or real(texts))
    trees = format_trees(
        [Tree({"a.py": File(UGLY), "b.py": File(UGLY)}), Tree({"c.py": File(UGLY), "d.py": File("y=1")})]
    )
    assert [[file.text for file in tree.values()] for tree in trees] == [[NICE, NICE], [NICE, "y = 1\n"]]
    assert len(runs) == 1
    assert formatted == [UGLY, "y=1"]


def test_nothing_to_format_runs_nothing(runs):
    assert format_trees([]) == []
    format_trees([Tree({"README.md": File("")})])
    assert runs == []


def test_configuration_of_the_machine_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "ruff.toml").write_text('line-length = 40\nformat.quote-style = "single"\n')
    (tmp_path / ".gitignore").write_text("*\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(style.tempfile, "tempdir", str(tmp_path))
    long = 'x = "a text that is rather longer than forty characters are", 1, 2\n'
    (tree,) = format_trees([Tree({"a.py": File(long), "b.py": File(UGLY)})])
    assert tree["a.py"].text == long
    assert tree["b.py"].text == NICE


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
    with pytest.raises(StyleError, match="could not format"):
        format_trees([Tree({"a.py": File("def (:\n")})])


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
