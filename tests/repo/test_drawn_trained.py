"""From drawn files to a trained model: what validate finds clean is prepared, tested and trained; what it finds stops prepare.py in its words.

All in one process, so that torch is imported once: a few files of each kind here, and with the matrix many.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from random import Random
from typing import Any

import drawn_files as drawn
import pytest
from matrix import repos
from stgen.examine.examining import examine
from stgen.language.spec import Spec

FEW, MANY = 1, 12  # files of each kind, with and without a fault
Outcome = tuple[list[str], str]


def spec_of(kind: str, file: str) -> dict[str, Any]:
    """A spec over one drawn file, of whose rows some are held out."""
    model, columns = drawn.KINDS[kind]
    width = {"dimensions": 4} if kind == "embedding" else {}  # that of the drawn vectors
    return {
        "stgen": 1,
        "project": {"name": kind},
        "model": {"type": model, "base": "../bases/tiny", **width},
        "data": [
            {"train": file, "columns": columns, **drawn.said(kind, file), "eval": {"rows": 8}, "test": {"rows": 4}}
        ],
        "train": {"batch_size": 4},
        "hardware": {"accelerator": "cpu"},
    }


def draw(kind: str, sound: bool, number: int, folder: Path) -> tuple[Path, list[str]]:
    """Draw files of a kind until one is sound, or has a fault; return its repo, and the errors that validate finds."""
    for attempt in range(100):
        random = Random(f"{kind} {number} {attempt}")
        suffix = random.choice(drawn.suffixes_of(kind))
        repo = folder / f"{kind}-{number}-{attempt}"
        repo.mkdir()
        drawn.write_beside(repo)
        drawn.write(random, repo / f"train{suffix}", drawn.rows(random, drawn.KINDS[kind][1]))
        spec = spec_of(kind, f"train{suffix}")
        errors = [item.message for item in examine(Spec.model_validate(spec), str(repo)) if item.severity == "error"]
        if sound is not bool(errors):
            repos.write_repo(spec, repo)
            return repo, errors
    raise AssertionError(f"no such file of {kind} was drawn")


def prepare_and_train(repo: Path) -> str:
    """Prepare, run the repo's tests and train two steps; return what stopped it, or ""."""
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        try:
            if (repo / "prepare.py").exists():
                load("prepare").main([])
            rows = load("data").load("train")
        except SystemExit as reason:
            return str(reason)
        assert len(rows)
        program = load("train")
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
    printed = io.StringIO()
    with repos.modules(repo), contextlib.redirect_stdout(printed):
        code = pytest.main(
            ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", f"--rootdir={repo}", str(repo / "tests")]
        )
    assert code == 0, printed.getvalue()
    return ""


def check(kind: str, sound: bool, number: int, folder: Path) -> None:
    """Draw one file, and hold what the repo does against what validate says."""
    repo, errors = draw(kind, sound, number, folder)
    stopped = prepare_and_train(repo)
    if sound:
        assert not stopped
        training = json.loads((repo / "results/training.json").read_text())
        assert training
        return
    first = stopped.splitlines()[1 if "break the contract" in stopped else 0].strip()
    for program in ("data: ", "prepare: "):
        first = first.removeprefix(program)
    assert any(same(first, message) for message in errors), (stopped, errors)


def same(stopped: str, message: str) -> bool:
    """Whether a message begins with what stopped the repo; of a missing column, which is told of a split, its name alone."""
    if "has no column" in stopped:
        return stopped.partition(" has no ")[2].partition(";")[0] in message
    return message.startswith(stopped) or message in stopped


@pytest.mark.parametrize("sound", [True, False], ids=["sound", "broken"])
@pytest.mark.parametrize("kind", drawn.KINDS)
def test_a_drawn_file_trains_or_stops_as_validate_says(tmp_path: Path, kind: str, sound: bool) -> None:
    for number in range(FEW):
        check(kind, sound, number, tmp_path)


@pytest.mark.matrix
@pytest.mark.parametrize("sound", [True, False], ids=["sound", "broken"])
@pytest.mark.parametrize("kind", drawn.KINDS)
def test_many_drawn_files(tmp_path: Path, kind: str, sound: bool) -> None:
    for number in range(FEW, MANY):
        check(kind, sound, number, tmp_path)
