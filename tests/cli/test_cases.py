"""Whole commands as a person types them: each folder of cases/ holds a script, its files, and all that it prints.

`cmd` is run line by line in a copy of the folder: lines that begin with `stgen` in this process, all others by the shell.
What they print together stands in `stdout` and `stderr`, the exit code of the last line in `exit`.
`python tests/cli/test_cases.py [NAME...]` writes those anew.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("*/cmd"))
PRINTED = ("stdout", "stderr", "exit")


def play(case: Path, folder: Path) -> dict[str, str]:
    """Run a case in `folder`, the folder of the process; what it printed, by the name of the file that holds it."""
    from stgen.cli.main import main

    shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("cmd", *PRINTED))
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    for line in (case / "cmd").read_text().splitlines():
        if not line.startswith("stgen"):
            subprocess.run(line, shell=True, check=True, cwd=folder)
            continue
        command, _, given = line.partition(" < ")
        data = (folder / given).read_bytes() if given else b""
        code = main(shlex.split(command)[1:], io.BytesIO(data), stdout, stderr)
    return {"stdout": stdout.getvalue(), "stderr": stderr.getvalue(), "exit": f"{code}\n"}


@pytest.mark.parametrize("name", NAMES)
def test_prints_what_stands_in_the_case(name, tmp_path, monkeypatch):
    folder = tmp_path / "project"  # its name is that of a project whose spec gives none
    folder.mkdir()
    monkeypatch.chdir(folder)
    printed = play(CASES / name, folder)
    wanted = {kind: (CASES / name / kind).read_text() for kind in PRINTED}
    assert printed == wanted


@pytest.mark.parametrize("name", NAMES)
def test_exit_code_is_one_of_the_four_and_no_traceback_is_shown(name):
    assert (CASES / name / "exit").read_text() in ("0\n", "1\n", "2\n", "3\n")
    assert "Traceback" not in (CASES / name / "stderr").read_text()


if __name__ == "__main__":
    sys.path.insert(0, str(CASES.parents[2] / "compiler"))
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as temporary:
            project = Path(temporary) / "project"
            project.mkdir()
            os.chdir(project)
            for kind, text in play(CASES / name, project).items():
                (CASES / name / kind).write_text(text)
            os.chdir(CASES)
