"""Each launcher that an example ships trains it, as far as a CPU can: a tiny model, two steps, every process of the launch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import EXAMPLES
from programs import alone

pytestmark = [pytest.mark.trains, pytest.mark.matrix]

SCRIPTS = sorted(script for example in EXAMPLES.glob("*/launch") for script in example.glob("*.sh"))
TINY = "import sys; sys.path[:0] = ['tests']; import tiny, pathlib; tiny.build(pathlib.Path(sys.argv[1]))"


def run(repo: Path, *command: str) -> str:
    """What a command prints in a repo's folder; fails when it does."""
    # A launcher for GPUs finds none here: its processes then train on the CPU, as they would on a machine without.
    environment = {
        "ACCELERATE_USE_CPU": "true",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with alone():
        done = subprocess.run(
            command,
            cwd=repo,
            env=os.environ | environment | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=900,
        )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def tiny_base(repo: Path, folder: Path) -> str:
    """What an example's own tests train: a tiny model, or the tokenizer that the first run trains."""
    folder.mkdir()
    if not (repo / "tests" / "tiny.py").exists():
        return str(folder / "tokenizer.json")
    run(repo, sys.executable, "-c", TINY, str(folder))
    return str(folder)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.parent.name}-{script.stem}")
def test_a_shipped_launcher_trains_its_example(script: Path, tmp_path: Path) -> None:
    example = script.parent.parent
    repo = tmp_path / example.name
    shutil.copytree(example, repo, ignore=shutil.ignore_patterns("prepared", "models", "checkpoints", "results"))
    if (repo / "prepare.py").exists():
        run(repo, sys.executable, "prepare.py")
    base = tiny_base(repo, tmp_path / "tiny")
    if script.stem.startswith("compare-"):
        run(repo, "bash", f"launch/{script.name}", "--base", base, "--seeds", "1", "--rows", "128")
        assert json.loads((repo / "results" / "compare.json").read_text())
        return
    printed = run(repo, "bash", f"launch/{script.name}", "--base", base, "--max-steps", "2")
    (model,) = (repo / "trial" / "models").iterdir()
    assert (model / "modules.json").exists()
    log = json.loads((repo / "trial" / "results" / "training.json").read_text())
    assert max(entry["step"] for entry in log) == 2
    measured = json.loads((repo / "trial" / "results" / "run.json").read_text())
    several = script.stem.startswith("multi_")
    assert (measured["processes"]["measured"] > 1) == several
    # Whatever the number of processes: one trains aloud, measures and saves.
    assert printed.count("The trained model is in") == 1
    for figure in ("loss", next(name for entry in log for name in entry if name.startswith("eval_"))):
        steps = [entry["step"] for entry in log if figure in entry]
        assert len(steps) == len(set(steps))
