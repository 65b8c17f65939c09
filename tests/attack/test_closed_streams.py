"""Streams that are closed, or lead to a disk that is full: no traceback, no exit code 3, and nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")
SPEC = """\
stgen = 1

[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"

[[data]]
train = "train.jsonl"
columns = { anchor = "question", positive = "answer" }
"""
COMMANDS = (
    "--version",
    "--help",
    "compile",
    "compile --stdout",
    "check --format json",
    "update",
    "plan",
    "explain stgen.toml",
    "explain STG103",
    "losses",
    "schema",
    "validate --data",
    "inspect train.jsonl",
    "new other --recipe list",
)
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stgen.toml").write_text(SPEC)
    rows = (f'{{"question": "what is {n}?", "answer": "it is {n} of all"}}\n' for n in range(300))
    (tmp_path / "train.jsonl").write_text("".join(rows))
    assert ended(tmp_path, "compile")[0] == 0
    return tmp_path


def ended(project: Path, command: str) -> tuple[int, str]:
    """The exit code of a command line of the shell's, and all that it printed where that could be read."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "compiler")}
    line = f'"{sys.executable}" -m stgen {command}'
    shell = subprocess.run(
        ["sh", "-c", line], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    return shell.returncode, shell.stdout + shell.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_stream_is_no_fault(project: Path, command: str) -> None:
    code, _ = ended(project, command)
    assert code == 0
    for closed in CLOSED:
        again, said = ended(project, f"{command} {closed}")
        assert (again, "Traceback" in said, "please report" in said) == (0, False, False), (closed, said)


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_result_that_can_not_be_written_is_said(project: Path, command: str) -> None:
    _, printed = ended(project, f"{command} 2>/dev/null")
    code, said = ended(project, f"{command} >{FULL}")
    if not printed:
        assert code == 0
        return
    assert code == 1
    assert "what was to be printed can't be written: no space left on device" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_remarks_that_can_not_be_written_change_no_exit_code(project: Path, command: str) -> None:
    assert ended(project, f"{command} 2>{FULL}")[0] == 0


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full")
def test_a_repo_is_written_whole_where_nothing_can_be_said(project: Path) -> None:
    (project / "train.py").unlink()
    (project / "stgen.toml").write_text(SPEC + "[train]\nepochs = 7\n")
    assert ended(project, f"compile >{FULL} 2>{FULL}")[0] == 0
    assert ended(project, "check --strict")[0] == 0
