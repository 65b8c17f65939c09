"""Layouts that are drawn: what `validate --data` accepts the repo reads and trains on, and what it finds stops the repo in its words."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from pathlib import Path
from random import Random

import drawn_layouts as drawn
import pytest
from matrix import repos
from stgen.examine.examining import examine
from stgen.language.spec import Spec

FILES = 60  # layouts, three files each
TRAINED = 3


def draw(number: int, folder: Path) -> tuple[Path, list[str]]:
    """Draw a layout; return its repo, and the errors that validate finds."""
    repo = folder / f"layout-{number}"
    repo.mkdir()
    spec = drawn.spec_of(drawn.write(Random(f"layout {number}"), repo))
    found = examine(Spec.model_validate(spec), str(repo))
    repos.write_repo(spec, repo)
    return repo, [item.message for item in found if item.severity == "error"]


def stopped_by(repo: Path, run: bool = False) -> str:
    """What stops the repo before it has its rows, and with `run` before two steps of training; "" for nothing."""
    with (
        repos.modules(repo) as load,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        try:
            if (repo / "prepare.py").exists():
                load("prepare").main([])
            rows = load("data").load("train")
        except SystemExit as reason:
            return str(reason)
        assert len(rows)
        if run:
            program = load("train")
            base = str(repo / (repo / "base.txt").read_text())
            program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
    return ""


def test_what_is_found_in_a_layout_is_what_stops_the_repo(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(FILES):
        repo, errors = draw(number, tmp_path)
        stopped = stopped_by(repo)
        assert bool(stopped) is bool(errors), (number, stopped, errors)
        if stopped:
            lines = [line.strip() for line in stopped.splitlines()]
            first = lines[1 if "break the contract" in stopped else 0]
            for program in ("data: ", "prepare: ", "reading: "):
                first = first.removeprefix(program)
            assert any(first.partition(";")[0] in message or message in first for message in errors), (
                number,
                stopped,
                errors,
            )
        outcomes["stopped" if stopped else "read"] += 1
    assert min(outcomes["stopped"], outcomes["read"]) >= FILES // 5, outcomes


@pytest.mark.parametrize("number", range(TRAINED))
def test_a_layout_without_a_fault_trains(number: int, tmp_path: Path) -> None:
    for attempt in range(100):
        repo, errors = draw(1000 * (number + 1) + attempt, tmp_path)
        if not errors:
            assert stopped_by(repo, run=True) == ""
            assert (repo / "results/training.json").exists()
            repos.check_tests(repo, "tests/test_data.py")
            return
    raise AssertionError("no sound layout was drawn")
