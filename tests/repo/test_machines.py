"""One run over two machines, both of them here: rows are prepared once in a folder that they share, or once on each."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix import repos
from streams import STEPS, make

pytest.importorskip("sentence_transformers")
pytestmark = pytest.mark.trains

HARDWARE = {"gpu": "A100-40GB", "gpus": 1, "nodes": 2, "launcher": "torchrun"}
PREPARED = "Preparing the rows: "
UP_TO_DATE = " is up to date: nothing that it was made from has changed"
LONGEST = 300  # seconds until both wait for the rows


def make_repo(repo: Path) -> None:
    make(repo, data={"streaming": False}, prepare={"deduplicate": {}}, hardware=HARDWARE)


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextlib.contextmanager
def launched(first: Path, second: Path) -> Iterator[tuple[list[subprocess.Popen[bytes]], list[Path]]]:
    """Start what each of two machines runs in its repo; give both with the files of what they print, and end them."""
    port, machines, said = free_port(), [], []
    try:
        for rank, repo in enumerate((first, second)):
            environment = os.environ | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "NODE_RANK": str(rank),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": port,
                "ACCELERATE_USE_CPU": "true",
                "HF_HUB_OFFLINE": "1",
                "OMP_NUM_THREADS": "1",
            }
            said.append(repo.parent / f"machine-{rank}.txt")
            with said[-1].open("wb") as file:
                command = ["bash", "launch/torchrun.sh", "--base", "../base"]
                started = subprocess.Popen(command, cwd=repo, env=environment, stdout=file, stderr=subprocess.STDOUT)
            machines.append(started)
        yield machines, said
    finally:
        for machine in machines:
            machine.terminate()
            machine.wait()


def printed(machines: list[subprocess.Popen[bytes]], said: list[Path]) -> list[str]:
    """Wait for both machines, which must train to the end; return what they printed."""
    codes = [machine.wait(LONGEST) for machine in machines]
    texts = [path.read_text() for path in said]
    assert codes == [0, 0], texts
    return texts


def test_machines_that_share_a_folder_prepare_the_rows_once(tmp_path: Path) -> None:
    """Both come while the folder is held, so that both wait for it, and then go on in turn."""
    repo = tmp_path / "repo"
    make_repo(repo)
    with repos.modules(repo) as load, contextlib.ExitStack() as held:
        held.enter_context(load("saving").hold(repo / "prepared"))
        with launched(repo, repo) as (machines, said):
            until = time.monotonic() + LONGEST
            while not all("; waiting for it" in path.read_text() for path in said):
                assert time.monotonic() < until, [path.read_text() for path in said]
                time.sleep(0.2)
            assert not (repo / "prepared/rows").exists()
            held.close()
            texts = printed(machines, said)
    assert sorted((text.count(PREPARED), text.count(UP_TO_DATE)) for text in texts) == [(0, 1), (1, 0)]
    trained(repo)


def test_machines_with_a_folder_each_prepare_the_rows_once_on_each(tmp_path: Path) -> None:
    first, second = tmp_path / "first/repo", tmp_path / "second/repo"
    first.parent.mkdir()
    make_repo(first)
    shutil.copytree(first.parent, second.parent)
    with launched(first, second) as (machines, said):
        texts = printed(machines, said)
    assert [(text.count(PREPARED), text.count(UP_TO_DATE)) for text in texts] == [(1, 0), (1, 0)]
    assert rows_of(first) == rows_of(second) != {}
    trained(first)
    assert not (second / "models").exists()  # the model stays on the first machine


def rows_of(repo: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (repo / "prepared/rows").glob("*.parquet")}


def trained(repo: Path) -> None:
    """Both machines took part in the run that is here, and nothing unfinished lies beside its rows."""
    log = json.loads((repo / "results/training.json").read_text())
    assert log[-1]["step"] == STEPS
    run = json.loads((repo / "results/run.json").read_text())
    assert run["processes"]["measured"] == 2
    assert sorted(path.name for path in (repo / "prepared").iterdir() if path.is_dir()) == ["rows", "steps"]


TABLES = {"torchrun": {}, "slurm": {}, "kubernetes": {"image": "me/t:1", "claim": "out"}, "skypilot": {}}


@pytest.mark.parametrize("launcher", TABLES)
def test_every_launch_over_machines_prepares_the_rows_before_it_trains(launcher: str, tmp_path: Path) -> None:
    """Slurm's script runs on the first machine alone, the others' on each, and prepare.py waits for its folder."""
    table = {launcher: TABLES[launcher]} if TABLES[launcher] else {}
    hardware = HARDWARE | {"launcher": launcher, **table}
    make(tmp_path / "repo", data={"streaming": False}, prepare={"deduplicate": {}}, hardware=hardware)
    (script,) = [path for path in (tmp_path / "repo/launch").iterdir() if path.name.startswith(f"{launcher}.s")]
    lines = script.read_text().splitlines()
    starts = [
        number for number, line in enumerate(lines) if line.startswith(("exec accelerate ", "srun ", "torchrun "))
    ]
    assert len(starts) == 1
    assert [number for number, line in enumerate(lines) if "prepare.py" in line] < starts
    assert lines.count("python prepare.py") == 1
