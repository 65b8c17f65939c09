"""What is made beside its place: nothing is left of it, also by processes that are killed, and nothing of others is removed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stgen.values.unfinished import file_beside, folder_beside

MAKE = {
    "file": "with file_beside(path) as (descriptor, beside): os.write(descriptor, b'half'); print(1, flush=True); sys.stdin.read()",
    "folder": "with folder_beside(path) as beside: open(os.path.join(beside, 'half'), 'w').close(); print(1, flush=True); sys.stdin.read()",
}


def process(kind: str, path: Path) -> subprocess.Popen[bytes]:
    """A process that is in the middle of making something beside a path."""
    code = f"import os, sys\nfrom stgen.values.unfinished import *\npath = {str(path)!r}\n{MAKE[kind]}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    made = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert made.stdout is not None
    assert made.stdout.readline() == b"1\n"
    return made


def make(kind: str, path: Path) -> None:
    if kind == "file":
        with file_beside(str(path)) as (_, beside):
            os.replace(beside, path)
    else:
        with folder_beside(str(path)) as beside:
            os.mkdir(os.path.join(beside, "project"))
            os.rename(os.path.join(beside, "project"), path)


@pytest.mark.parametrize("kind", MAKE)
def test_what_a_killed_process_has_left_goes(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "made"
    with process(kind, path) as one:
        assert len(list(tmp_path.iterdir())) == 1
        one.kill()
    assert len(list(tmp_path.iterdir())) == 1
    make(kind, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", MAKE)
def test_what_a_living_process_makes_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "made"
    with process(kind, path) as one:
        make(kind, path)
        assert len(list(tmp_path.iterdir())) == 2
        one.communicate(b"")
    assert (one.returncode, list(tmp_path.iterdir())) == (0, [path])


@pytest.mark.parametrize("kind", MAKE)
def test_what_is_of_others_stays(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "made", tmp_path / "elsewhere"
    (elsewhere / "kept").mkdir(parents=True)
    (elsewhere / "writer").touch()
    (tmp_path / ".made.unfinished-linked__").symlink_to(elsewhere)
    (tmp_path / ".made.unfinished-notes").touch()
    (tmp_path / ".made.unfinished-abcdefgh").mkdir()
    (tmp_path / ".made.unfinished-abcdefgh/notes").touch()
    before = set(tmp_path.rglob("*"))
    make(kind, path)
    assert set(tmp_path.rglob("*")) - before == {path}
    assert before <= set(tmp_path.rglob("*"))
