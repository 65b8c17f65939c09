"""Trains a few steps of each case and writes what they took beside what was planned: a table in Markdown."""

from __future__ import annotations

import argparse
import gc
import json
import platform
import re
import tempfile
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from device.cases import ON_CPU, ON_GPU, Case
from device.models import rows_of, save_base, trainer_of
from device.table import parts, table
from transformers import TrainerCallback

WARM = 5  # steps before the clock starts
TIMED = 15
ENOUGH = 330  # seconds after which no further case begins
PACKAGES = ("torch", "transformers", "sentence-transformers", "accelerate", "datasets")


class Clock(TrainerCallback):
    """Takes the time from the end of the steps that warm up to the last."""

    def __init__(self) -> None:
        """Start with no step seen."""
        self.began = self.seconds = 0.0

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Start the clock, or read it."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if state.global_step == WARM:
            self.began = time.monotonic()
        self.seconds = time.monotonic() - self.began


def main() -> int:
    """Measure all cases; a case that fails is a line of the table. Return 1 where every one did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    output: Path = parser.parse_args().output
    on_gpu = torch.cuda.is_available()
    print("\n".join(machine()))
    if not on_gpu:
        print(f"No GPU: skipped {len(ON_GPU)} cases of peak CUDA memory and speed; on the CPU only the steps are run")
    began, found = time.monotonic(), []
    for case in ON_GPU if on_gpu else ON_CPU:
        if time.monotonic() - began > ENOUGH:
            found.append({**case._asdict(), "error": "skipped: no time was left"})
            continue
        found.append(tried(case, on_gpu))
        print(json.dumps({key: value for key, value in found[-1].items() if key != "config"}))
        (output / f"{slug()}.json").write_text(json.dumps({"machine": machine(), "cases": found}, indent=1) + "\n")
        (output / f"{slug()}.md").write_text(table(machine(), found))
    print(table(machine(), found))
    return int(all("error" in one for one in found))


def tried(case: Case, on_gpu: bool) -> dict[str, Any]:
    """Measure a case, or say why it failed."""
    try:
        return case._asdict() | measured(case, on_gpu)
    except Exception as error:
        traceback.print_exc()
        return {**case._asdict(), "error": f"{type(error).__name__}: {error}"[:200]}
    finally:
        gc.collect()
        torch.cuda.empty_cache()


def measured(case: Case, on_gpu: bool) -> dict[str, Any]:
    """Train, and return peak memory, rows a second, and the plan's peak."""
    steps = WARM + TIMED if on_gpu else WARM + 3
    with tempfile.TemporaryDirectory() as folder:
        base = save_base(case, Path(folder, "base"))
        trainer = trainer_of(case, base, rows_of(case, steps), Path(folder, "output"), on_gpu)
        clock = Clock()
        trainer.add_callback(clock)
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        trainer.train()
    parameters = sum(weights.numel() for weights in trainer.model.parameters())
    return {
        "peak": torch.cuda.max_memory_allocated() if on_gpu else None,
        "reserved": torch.cuda.max_memory_reserved() if on_gpu else None,
        "rows_a_second": case.rows * (steps - WARM) / clock.seconds,
        "step_seconds": clock.seconds / (steps - WARM),
        "parameters": parameters,
        "planned": parts(case, parameters, on_gpu),
    }


def machine() -> list[str]:
    """The card, the versions of what trains, and how long it was watched."""
    card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"no GPU ({platform.machine()})"
    steps = f"{WARM} steps to warm up, {TIMED if torch.cuda.is_available() else 3} timed"
    packages = ", ".join(f"{name} {found(name)}" for name in PACKAGES)
    return [card, packages, f"Python {platform.python_version()}", steps]


def slug() -> str:
    """The card as the name of a file, so that one machine's table doesn't take the place of another's."""
    return re.sub(r"[^a-z0-9]+", "-", machine()[0].lower()).strip("-")


def found(package: str) -> str:
    """The version of a package; "?" where it has none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


if __name__ == "__main__":
    raise SystemExit(main())
