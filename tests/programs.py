"""Programs of a generated repo, and its tests, each in a process of its own that has torch loaded already, so that many can be run and killed."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import runpy
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from filelock import FileLock

LOADED = [
    "accelerate",
    "datasets",
    "matplotlib.figure",
    "scipy.stats",
    "sentence_transformers",
    "sklearn.metrics",
    "torch",
]
LONGEST = 300  # seconds that a program may take
WRITES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree")
"""What the interpreter calls the operations that change a disk; `open` is told apart by its mode."""


class Program:
    """A program that runs; `said` is where its output goes."""

    def __init__(
        self, repo: Path, name: str, *arguments: str, said: Path, die_at: int = 0, count_in: Path | None = None
    ) -> None:
        """Start it. At the disk operation `die_at` it kills itself; how many it came to is written to `count_in`."""
        self.said = said
        self.process = started(run, str(repo), name, arguments, str(said), die_at, str(count_in or ""))

    def kill(self) -> None:
        """End it as a power failure would: nothing of its own is run any more."""
        if self.process.is_alive() and self.process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()

    def end(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it said."""
        self.process.join(LONGEST)
        if self.process.is_alive():
            self.kill()
            raise AssertionError(f"it ran for more than {LONGEST} seconds: {self.said.read_text()[-2000:]}")
        return self.process.exitcode or 0, self.said.read_text(errors="replace")


def call(
    repo: Path, name: str, *arguments: str, said: Path, die_at: int = 0, count_in: Path | None = None
) -> tuple[int, str]:
    """Run a program to its end; return its exit code and what it said."""
    return Program(repo, name, *arguments, said=said, die_at=die_at, count_in=count_in).end()


def started(target: Callable[..., None], *given: object) -> ForkServerProcess:
    """A fresh process that has the libraries loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    process = context.Process(target=target, args=given)
    process.start()
    return process


def python(repo: Path, *command: str, **environment: str) -> tuple[int, str]:
    """Run `python COMMAND` in a repo: `-m MODULE`, `-c CODE` or a file, with arguments; return its exit code and what it said."""
    said = repo.parent / f"{repo.name}.said"
    said.touch()
    process = started(be_python, str(repo), command, str(said), environment)
    process.join(LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode or 0, said.read_text(errors="replace")


def be_python(repo: str, command: tuple[str, ...], said: str, environment: dict[str, str]) -> None:
    """Be the interpreter, to which modules of these tests are unknown."""
    os.environ |= environment
    enter(repo, said)
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).parent)]
    kind, *rest = command
    sys.argv = [kind, *rest[1:]] if kind in ("-m", "-c") else [kind, *rest]
    if kind == "-m":
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        exec(rest[0], {"__name__": "__main__"})
    else:
        runpy.run_path(kind, run_name="__main__")


def enter(repo: str, said: str) -> None:
    """Go to a repo, as a program of which all that is said goes to a file."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.chdir(repo)
    sys.path.insert(0, repo)


def run(repo: str, name: str, arguments: tuple[str, ...], said: str, die_at: int, count_in: str) -> None:
    """Be the program, in a fresh process."""
    enter(repo, said)
    sys.argv = [f"{name}.py", *arguments]
    program = importlib.import_module(name)
    if die_at or count_in:
        watch(die_at, count_in)
    sys.exit(program.main(list(arguments)))


def watch(die_at: int, count_in: str) -> None:
    """Count the operations that change a disk; die before the one of a number."""
    seen = 0

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+")
        if not (writes or event in WRITES) or str(given[0]) == count_in:
            return
        seen += 1
        if seen == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if count_in:
            descriptor = os.open(count_in, os.O_WRONLY | os.O_CREAT)
            os.write(descriptor, f"{seen:9}".encode())
            os.close(descriptor)

    sys.addaudithook(hook)


def alone() -> FileLock:
    """Hold the port through which the processes of a launch find each other: pytest's own processes launch in turn."""
    return FileLock(Path(tempfile.gettempdir()) / "stgen-launch.lock")


@contextlib.contextmanager
def running(program: Program) -> Iterator[Program]:
    """Kill a program at the end of a block, if it hasn't ended by itself."""
    try:
        yield program
    finally:
        program.kill()


def wait_for(path: Path, program: Program) -> None:
    """Wait until a running program has written a file."""
    end = time.monotonic() + LONGEST
    while not path.exists():
        assert program.process.is_alive(), program.said.read_text()[-2000:]
        assert time.monotonic() < end, f"{path} does not appear"
        time.sleep(0.02)
