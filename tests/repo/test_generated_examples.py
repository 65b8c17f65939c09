"""The examples are what their specs compile to, stand on data of stated origin, and train through their own tests."""

from __future__ import annotations

import ast
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import EXAMPLES
from stgen.cli.main import main

SPECS = sorted(EXAMPLES.glob("*/stgen.toml"))
LONGEST = 40  # lines of a function
LEAST = {"dense", "cross-encoder", "sparse", "multi-vector"}


def run(*command: str, folder: Path, types: Path) -> None:
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment = os.environ | quiet | {"MYPY_CACHE_DIR": str(types)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


def test_there_are_enough_of_them():
    """Of every model type at least one, and six at least."""
    assert len(SPECS) >= 6
    texts = [spec.read_text() for spec in SPECS]
    assert all(any(f'type = "{type}"' in text for text in texts) for type in LEAST)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.parent.name)
def test_up_to_date(spec):
    """`stgen compile generated-examples/*/stgen.toml` brings them up to date."""
    stdout, stderr = io.StringIO(), io.StringIO()
    code = main(["check", str(spec)], io.BytesIO(), stdout, stderr)
    assert code == 0, stderr.getvalue() + stdout.getvalue()[:4000]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.parent.name)
def test_data_states_its_source_and_licence(spec):
    text = (spec.parent / "data" / "README.md").read_text()
    assert "Licence:" in text
    assert "https://" in text
    assert "Changes:" in text


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.parent.name)
def test_is_clean_and_passes_its_own_tests(spec, tmp_path, types):
    """In a copy, as the repo's owner would: lint, types, then its tests, which train it for two steps."""
    repo = tmp_path / spec.parent.name
    left_out = shutil.ignore_patterns("prepared", "results", "models", "checkpoints", "__pycache__", ".*_cache")
    shutil.copytree(spec.parent, repo, ignore=left_out)
    run(sys.executable, "-m", "ruff", "check", ".", folder=repo, types=types)
    run(sys.executable, "-m", "ruff", "format", "--check", ".", folder=repo, types=types)
    run(sys.executable, "-m", "mypy", ".", folder=repo, types=types)
    run(sys.executable, "-m", "pytest", "-q", folder=repo, types=types)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.parent.name)
def test_no_function_is_longer_than_a_page(spec):
    programs = [path for path in spec.parent.rglob("*.py") if ".stgen" not in path.parts]
    functions = [
        (path.name, node.name, (node.end_lineno or 0) - node.lineno + 1)
        for path in programs
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(functions) > 20
    assert [found for found in functions if found[2] > LONGEST] == []
