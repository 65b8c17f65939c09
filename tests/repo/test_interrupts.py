"""Ctrl-C ends a program of a generated repo with a line that says how to go on, and no traceback: alone, and under its launcher."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from compiling import tree_of, write_tree

EVERYTHING = """
prepare = { deduplicate = { exact = true } }
compare = { seeds = [1, 2] }
export = { formats = ["onnx"] }
metrics = { mteb = { tasks = ["STSBenchmark"] } }
"""
GOES_ON = {
    "train": "with --resume goes on from the last checkpoint",
    "compare": "goes on where it was stopped",
    "evaluate": "measures again",
    "prepare": "prepares the rows anew",
    "export": "exports again",
    "mteb_tasks": "measures the tasks that are left",
}
IMPORTING = "import time\n\nprint('importing', flush=True)\ntime.sleep(60)\n"
"""A library that takes a while to import."""

PROGRAM = """
import pathlib, sys, time

import saving

saving.end_plainly("with --resume goes on")
pathlib.Path(f"started-{sys.argv[1]}").touch()
time.sleep(60)
"""
LAUNCHER = f"""#!{sys.executable}
import os, pathlib, signal, subprocess, sys, time

if sys.argv[-1] == "fails":
    sys.exit(7)
# As accelerate starts one process, and torchrun several: each in a session of its own, and ended when it is ended.
several, started = int(sys.argv[-1]) > 1, []
for rank in range(int(sys.argv[-1])):
    command = [sys.executable, "train.py", str(rank)]
    started.append(subprocess.Popen(command, env={{"RANK": str(rank)}}, start_new_session=several))
if several:
    signal.signal(signal.SIGTERM, lambda *_: [one.terminate() for one in started])
pathlib.Path("pids").write_text(" ".join(str(one.pid) for one in started))
while not all(pathlib.Path(f"started-{{rank}}").exists() for rank in range(len(started))):
    time.sleep(0.02)
print("launched", flush=True)
sys.exit(max(one.wait() for one in started))
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interrupted")
    write_tree(tree_of(EVERYTHING), folder)
    return folder


@pytest.mark.parametrize("name", GOES_ON)
def test_a_program_ends_with_a_line_while_it_still_imports(name: str, repo: Path, tmp_path: Path) -> None:
    for library in ("accelerate", "datasets", "mteb", "numpy", "onnx", "torch"):
        (tmp_path / f"{library}.py").write_text(IMPORTING)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, f"{name}.py"]
    with subprocess.Popen(
        command, cwd=repo, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "importing\n"
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=30)
    assert (program.returncode, said) == (130, f"\n{name}: interrupted. The same command {GOES_ON[name]}\n")


def test_who_started_it_to_be_left_alone_by_interrupts_is_obeyed(repo: Path) -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import saving; saving.end_plainly('never');"
        "signal.raise_signal(signal.SIGINT); print('went on')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)
    assert done.stdout == "went on\n"


class Launched:
    """A launch script in a terminal of its own, with programs in place of accelerate and train.py that only wait."""

    def __init__(self, repo: Path, given: str) -> None:
        """Start it; `given` is how many processes the launcher starts, or "fails"."""
        for name, text in {"train.py": PROGRAM, "accelerate": LAUNCHER, "prepare.py": ""}.items():
            (repo / name).write_text(text)
        (repo / "accelerate").chmod(0o755)
        self.repo = repo
        self.terminal, self.end = pty.openpty()
        self.said = ""
        # A session's first process that opens a terminal gets it as its own: what is typed there interrupts.
        script = "multi_cpu.sh" if given == "2" else "cpu.sh"
        start = f'exec bash launch/{script} "$0" <>{os.ttyname(self.end)} >&0 2>&0'
        environment = os.environ | {"PATH": f"{repo}:{os.environ['PATH']}"}
        command = ["bash", "-c", start, given]
        self.script = subprocess.Popen(command, cwd=repo, env=environment, start_new_session=True)

    def wait_for(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < end, self.said
            time.sleep(0.02)

    def read(self, until: str) -> None:
        """Read what it prints until a text comes, or nothing more."""
        while until not in self.said and select.select([self.terminal], [], [], 30)[0]:
            self.said += os.read(self.terminal, 4096).decode()

    def lives(self) -> bool:
        """Whether a process of the launch still runs: of one that has ended no command line is left."""
        commands = [Path("/proc", pid, "cmdline") for pid in (self.repo / "pids").read_text().split()]
        return any(map(is_told, commands))


def is_told(command: Path) -> bool:
    """Whether a process still has a command; it may end while this looks."""
    try:
        return bool(command.read_bytes())
    except OSError:
        return False


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("how", ["typed", "terminated"])
def test_a_launch_ends_whole(how: str, processes: str, repo: Path, tmp_path: Path) -> None:
    launched = Launched(Path(shutil.copytree(repo, tmp_path / "repo")), processes)
    launched.read("launched\r\n")
    if how == "typed":
        os.write(launched.terminal, b"\x03")
    else:
        launched.script.terminate()
    code = launched.script.wait(30)
    if how == "terminated":
        launched.wait_for(lambda: not launched.lives())
        assert code == 143
        return
    launched.read("goes on\r\n")
    assert code == 130, launched.said
    assert (
        launched.said.replace("\r", "") == "launched\n^C\ntrain: interrupted. The same command with --resume goes on\n"
    )


def test_a_launch_that_fails_hands_its_exit_code_on(repo: Path, tmp_path: Path) -> None:
    launched = Launched(Path(shutil.copytree(repo, tmp_path / "repo")), "fails")
    assert launched.script.wait(30) == 7
