"""What the fuzzers share: a command under watch, and the loop that draws cases, counts them and says which ended badly.

A case ends well with an exit code of 0, 1 or 2, without a traceback, within its time, and with strict JSON where that was
asked for. It is drawn from the seed and its number alone, so that `--seed 7 --only 123` repeats it.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "compiler"), str(ROOT / "tests")]

from stgen.cli.main import main as stgen_main  # noqa: E402

SECONDS = 20  # of the processor that a command may take: a hundred times what the slowest honest one takes
MEMORY = 3 << 30  # bytes that a case may take: three times what the largest row that is read does
Case = Callable[[random.Random, Path], Iterator[list[str]]]
"""Writes a case into a folder, and yields the commands to run on it."""


def data_held() -> int:
    """Bytes of data that this process holds already: other tests have run in it before."""
    pages = Path("/proc/self/statm").read_text().split()[5] if sys.platform == "linux" else "0"
    return int(pages) * resource.getpagesize()


class HangError(BaseException):
    """A command took longer than any may: no handler of the compiler's catches it."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raise HangError in what takes longer than so many seconds of the processor."""

    def ring(*_: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fault_of(arguments: Sequence[str], stdin: bytes = b"") -> tuple[str, int]:
    """Run a command. Returns what is wrong with how it ended, "" when nothing is, and its exit code."""
    stdout, stderr = io.StringIO(), io.StringIO()
    try:
        with in_time(SECONDS):
            code = stgen_main([*arguments, "--debug"], io.BytesIO(stdin), stdout, stderr)
    except HangError:
        return f"hangs: {place()}", -1
    except Exception as error:
        return f"{type(error).__name__}: {place()}", 3
    if code not in (0, 1, 2):
        return f"exit code {code}", code
    if "Traceback" in stdout.getvalue() + stderr.getvalue():
        return "prints a traceback", code
    return (not_strict(stdout.getvalue()) if is_document(arguments, stdout.getvalue()) else ""), code


def place() -> str:
    """Where in the compiler the exception being handled was raised."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    own = [frame for frame in frames if "/stgen/" in frame.filename] or frames
    return f"{own[-1].filename.rpartition('/stgen/')[2]}:{own[-1].lineno} in {own[-1].name}"


def not_strict(text: str) -> str:
    """Why a text isn't the one document that a machine reads; "" when it is, or where nothing was to be printed."""
    try:
        if text:
            json.loads(text, parse_constant=refuse)
        text.encode()
    except ValueError as error:
        return f"JSON that isn't strict: {type(error).__name__}"
    return ""


def is_document(arguments: Sequence[str], text: str) -> bool:
    """Whether what a command prints is JSON: in that format, and where findings in another are all that there is to print."""
    if "--stdout" in arguments:
        return False  # files
    if "json" in arguments:
        return True
    return "sarif" in arguments and text.startswith("{")


def refuse(word: str) -> Any:
    raise ValueError(f"bare {word}")


class Outcome:
    """What became of the cases: how many commands ended with which code, and the faults with the first case of each."""

    def __init__(self) -> None:
        self.cases = 0
        self.codes: Counter[tuple[str, int]] = Counter()
        self.faults: Counter[str] = Counter()
        self.first: dict[str, int] = {}

    def add(self, number: int, arguments: list[str], fault: str, code: int) -> None:
        self.codes[arguments[0], code] += 1
        if fault:
            self.faults[f"{arguments[0]}: {fault}"] += 1
            self.first.setdefault(f"{arguments[0]}: {fault}", number)

    def show(self) -> str:
        lines = [f"{self.cases} cases, {self.codes.total()} commands, {len(self.faults)} faults"]
        lines += [f"  {count:6}  {name} ends with {code}" for (name, code), count in sorted(self.codes.items())]
        lines += [
            f"  FAULT {count:6}  {fault} (--only {self.first[fault]})" for fault, count in self.faults.most_common()
        ]
        return "\n".join(lines)


def attack(case: Case, seed: int, count: int, seconds: float, only: int | None = None) -> Outcome:
    """Run so many cases, or as many as fit into so many seconds, whichever ends first."""
    outcome = Outcome()
    start = time.monotonic()
    for number in [only] if only is not None else range(count):
        if time.monotonic() - start > seconds:
            break
        for arguments, fault, code in ended(case, seed, number):
            outcome.add(number, arguments, fault, code)
            if only is not None:
                print(f"{' '.join(arguments)[:300]}: {fault or code}")
        outcome.cases += 1
    return outcome


def ended(case: Case, seed: int, number: int) -> list[tuple[list[str], str, int]]:
    """Run the commands of one case in a process of their own, which a library may end: each with its fault and its code."""
    with tempfile.TemporaryDirectory(prefix="stgen-fuzz-") as folder:
        report = Path(folder) / "report"
        child = os.fork()
        if child == 0:
            try:
                most = data_held() + MEMORY
                resource.setrlimit(resource.RLIMIT_DATA, (most, most))
                resource.setrlimit(resource.RLIMIT_CPU, (6 * SECONDS, 6 * SECONDS))
                os.mkdir(Path(folder) / "case")
                with report.open("w") as file:
                    for arguments in case(random.Random(f"{seed}:{number}"), Path(folder) / "case"):
                        print(json.dumps(arguments), file=file, flush=True)
                        print(json.dumps(fault_of(arguments)), file=file, flush=True)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        lines = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    if status:
        how = f"by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "by the fuzzer itself"
        lines = lines if len(lines) % 2 else [*lines, ["fuzzer"]]
        lines.append([f"the process is ended {how}", -1])
    return [(arguments, fault, code) for arguments, (fault, code) in zip(lines[::2], lines[1::2], strict=True)]


def run(case: Case, described: str) -> int:
    """The command line of a fuzzer: 1 where there is a fault."""
    parser = argparse.ArgumentParser(description=described)
    parser.add_argument("--count", type=int, default=1_000_000_000, help="cases to try")
    parser.add_argument("--seconds", type=float, default=3600, help="seconds to try for (an hour)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="repeat one case, and say how each command ends")
    options = parser.parse_args()
    outcome = attack(case, options.seed, options.count, options.seconds, options.only)
    print(outcome.show())
    return int(bool(outcome.faults))
