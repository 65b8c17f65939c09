"""The fuzzers, for as long as a suite can wait: no case ends in a fault of stgen's own, a traceback, a hang, or JSON that isn't.

`python tests/attack/fuzz_specs.py` and `fuzz_data.py` go on for an hour, and repeat the cases that they name.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

pytest.importorskip("resource", reason="limits of a process as POSIX has them")

import fuzz_data
import fuzz_specs
from fuzzing import Case, attack, fault_of, not_strict

COUNT, SECONDS = 120, 50  # whichever ends first
FEWEST = 5  # cases that any machine gets through


@pytest.mark.parametrize("case", [fuzz_specs.case, fuzz_data.case], ids=["specs", "data"])
def test_no_case_is_a_fault(case: Case) -> None:
    outcome = attack(case, seed=2024, count=COUNT, seconds=SECONDS)
    assert outcome.cases >= FEWEST
    assert outcome.codes.total() >= 2 * outcome.cases
    assert not outcome.faults, outcome.show()


def test_a_case_is_drawn_from_its_number_alone(tmp_path: Path) -> None:
    for case in (fuzz_specs.case, fuzz_data.case):
        drawn = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir(exist_ok=True)
            commands = [
                [part.replace(name, "") for part in command] for command in case(random.Random("3:14"), tmp_path / name)
            ]
            drawn.append((commands, {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}))
            for path in (tmp_path / name).iterdir():
                path.unlink()
        assert drawn[0] == drawn[1]


# --- the fuzzers see faults ----------------------------------------------------------------------------------------------


def fault_by(monkeypatch: pytest.MonkeyPatch, what: object) -> str:
    """What is said of a command that does something which none may."""
    monkeypatch.setattr("stgen.cli.commands.losses.run", what)
    return fault_of(["losses"])[0]


def test_an_exception_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault_by(monkeypatch, lambda *_: {}["x"]).startswith("KeyError")


def test_a_code_that_none_has_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault_by(monkeypatch, lambda *_: 3) == "exit code 3"


def test_a_hang_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object) -> int:
        while True:
            pass

    monkeypatch.setattr("fuzzing.SECONDS", 0.2)
    assert fault_by(monkeypatch, hang).startswith("hangs")


def test_the_end_of_the_process_is_a_fault() -> None:
    def case(_: random.Random, folder: Path) -> Iterator[list[str]]:
        yield ["losses"]
        os.kill(os.getpid(), signal.SIGKILL)

    outcome = attack(case, 0, 1, 60)
    assert list(outcome.faults) == ["fuzzer: the process is ended by signal 9"]


@pytest.mark.parametrize("text", ["[Infinity]", "[NaN]", "[1] [2]", "[", '["\ud800"]'])
def test_json_that_is_not_strict(text: str) -> None:
    assert not_strict(text) != ""
    assert not_strict('[1, "Infinity"]\n') == ""
