"""Kills trainings with SIGKILL, takes each up again, and looks for what was lost.

    python tests/attack/kill_training.py --kills 200        # in all; about six seconds each on one core
    python tests/attack/kill_training.py --kills 40 --jobs 2 --seed 7

Half of the kills come at a random moment, the other half before a random one of the operations that change the disk, so
that saving is hit often. Every second training begins where a finished model of another run stands. A third of those that
are taken up again are killed once more. After each kill what stands on the disk must be whole; after the last the
training must end with the very weights of a training that nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from programs import Program, call, wait_for
from safetensors.numpy import load_file

RATE, OTHER_RATE = 0.001, 0.002
MODEL = "models/attacked"
KILLED = -signal.SIGKILL
JSON = ("results/training.json", "results/run.json", "checkpoints/run.json")


class Training(NamedTuple):
    """A repo, what a training of it takes, and what it ends with."""

    repo: Path
    base: str
    output: Path
    seconds: float
    operations: int

    def arguments(self, output: Path, *more: str) -> tuple[str, ...]:
        """The command line of a training that writes elsewhere."""
        return ("--base", self.base, "--output", str(output), *more)


class Kill(NamedTuple):
    """What a kill found on the disk, and what went wrong afterwards."""

    states: list[str]
    faults: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Attack; print the table; return 1 when there is a fault."""
    parser = argparse.ArgumentParser(description="Kill trainings, and take them up again.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        training, other = (prepare(Path(folder, name), rate) for name, rate in (("own", RATE), ("other", OTHER_RATE)))
        print(f"A training takes {training.seconds:.1f} s and {training.operations} operations on the disk", flush=True)
        found: list[Kill] = []
        with ThreadPoolExecutor(options.jobs) as pool:
            numbers = range(options.seed * 1_000_000, (options.seed + 1) * 1_000_000)
            place = Path(folder)
            pending = [
                pool.submit(attack, training, other, place / f"{number}", number) for number in numbers[: options.kills]
            ]
            while len([state for kill in found for state in kill.states]) < options.kills and pending:
                found.append(pending.pop(0).result())
            for one in pending:
                one.cancel()
    return tell(found)


def prepare(folder: Path, rate: float) -> Training:
    """Compile a small repo with this learning rate, train it undisturbed, and measure what that takes."""
    from matrix import repos, samples
    from matrix.cases import Case

    repo = folder / "repo"
    repo.mkdir(parents=True)
    samples.write(folder / "data" / "pair", "pair")
    spec = repos.spec_of(Case("dense", "transformer", "auto", "pair"), "../data/pair")
    spec["project"]["name"] = "attacked"
    spec["train"] |= {"epochs": 3, "evaluate_every": 2, "learning_rate": rate}
    repos.write_repo(spec, repo)
    base = str(repo / (repo / "base.txt").read_text())
    for name in ("warm", "whole"):  # the first one waits until torch is imported
        output = folder / name
        began = time.monotonic()
        count = folder / "operations"
        code, said = call(repo, "train", "--base", base, "--output", str(output), said=folder / "said", count_in=count)
        assert code == 0, said
    return Training(repo, base, output, time.monotonic() - began, int(count.read_text()))


def attack(training: Training, other: Training, folder: Path, number: int) -> Kill:
    """Kill a training, once or twice, and take it up again."""
    draw = random.Random(number)
    output = folder / "output"
    folder.mkdir(parents=True)
    replaces = number % 2 == 1
    if replaces:
        shutil.copytree(other.output, output)
    states, faults = [], []
    resumed = False
    for _ in range(2 if draw.random() < 1 / 3 else 1):
        if not kill(training, output, folder / "said", draw, resumed):
            break
        states.append(look(output))
        faults += check(training, other if replaces else None, output)
        resumed = True
    code, said = call(training.repo, "train", *training.arguments(output, "--resume"), said=folder / "said")
    if (
        states
        and code
        and "Traceback" not in said
        and said.rstrip().rpartition("\n")[2].startswith("train: what stands in")
    ):
        states[-1] += ", told"  # killed before anything of it stood on the disk
        code, said = call(training.repo, "train", *training.arguments(output, "--anew"), said=folder / "said")
    if code:
        faults.append(f"can't go on: {said[-600:]}")
    elif not same(output / MODEL, training.output / MODEL):
        faults.append("ends with other weights")
    elif number % 10 == 0 and call(training.repo, "evaluate", *training.arguments(output), said=folder / "said")[0]:
        faults.append("can't be evaluated: " + (folder / "said").read_text()[-600:])
    if faults:
        faults = [f"attack {number}, {states}: {fault}" for fault in faults]
    else:
        shutil.rmtree(folder)
    return Kill(states, faults)


def kill(training: Training, output: Path, said: Path, draw: random.Random, resumed: bool) -> bool:
    """Begin, or take up, a training, and kill it at a moment that is drawn; return whether it hadn't ended by then."""
    arguments = training.arguments(output, *(["--resume"] if resumed else []))
    if draw.random() < 0.5:
        last = training.operations
        return call(training.repo, "train", *arguments, said=said, die_at=draw.randint(1, last))[0] == KILLED
    lock = output / "checkpoints" / "run.lock"
    lock.unlink(missing_ok=True)  # whose appearance says that the training has begun
    program = Program(training.repo, "train", *arguments, said=said)
    wait_for(lock, program)
    time.sleep(draw.uniform(0, training.seconds))
    program.kill()
    return program.process.exitcode == KILLED


def is_sealed(folder: Path) -> bool:
    """Whether a folder is said to be whole: an empty seal only says whose it is."""
    seal = folder / "seal.json"
    return seal.exists() and seal.stat().st_size > 0


def look(output: Path) -> str:
    """Say what a kill left on the disk."""
    checkpoints = list(output.glob("checkpoints/checkpoint-*"))
    whole = [one for one in checkpoints if is_sealed(one)]
    model, unfinished = output / MODEL, output / f"{MODEL}.unfinished"
    found = [
        f"{len(checkpoints) - len(whole)} cut off" if len(checkpoints) > len(whole) else "",
        f"{len(whole)} whole checkpoints" if len(whole) != 1 else "1 whole checkpoint",
        "" if not unfinished.exists() else "a model sealed" if is_sealed(unfinished) else "a model cut off",
        "between two renames" if not model.exists() and (output / f"{MODEL}.previous").exists() else "",
    ]
    return ", ".join(part for part in found if part)


def check(training: Training, other: Training | None, output: Path) -> list[str]:
    """Say what is lost or half-written of that which others read."""
    faults = []
    for name in JSON:
        try:
            json.loads((output / name).read_text())
        except FileNotFoundError:
            if other and name.startswith("results"):
                faults.append(f"{name} is lost")
        except ValueError:
            faults.append(f"{name} is half-written")
    models = [output / MODEL, *(output / f"{MODEL}.{state}" for state in ("unfinished", "previous"))]
    standing = [model for model in models if is_sealed(model)]
    if other and not any(same(model, one.output / MODEL) for model in standing for one in (training, other)):
        faults.append("the finished model is lost")
    if (output / MODEL).exists() and not any(
        same(output / MODEL, one.output / MODEL) for one in (training, other) if one
    ):
        faults.append("the finished model is neither the old one nor the new one")
    return faults


def same(model: Path, wanted: Path) -> bool:
    """Whether two saved models have the same files, and the same weights to the last bit."""
    if {file.name for file in model.rglob("*")} != {file.name for file in wanted.rglob("*")}:
        return False
    weights, others = (load_file(folder / "model.safetensors") for folder in (model, wanted))
    return weights.keys() == others.keys() and all((weights[name] == others[name]).all() for name in weights)


def tell(found: list[Kill]) -> int:
    """Print how often each state was found, and every fault; return 1 when there is one."""
    states = Counter(state for kill in found for state in kill.states)
    faults = [fault for kill in found for fault in kill.faults]
    print(f"\n| found on the disk after the kill | of {states.total()} kills |\n| --- | ---: |")
    for state, count in states.most_common():
        print(f"| {state} | {count} |")
    print(f"\n{len(found)} trainings, {states.total()} kills, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
