"""Training in two processes of one CPU, over gloo, launched by the generated script: ranks agree, and both end."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matrix import repos, samples
from matrix.cases import Case

pytestmark = pytest.mark.trains

PROBE = '''"""Trains as train.py does, and notes what each process trained on, and what came of it."""

import json
import os

import own_train
import torch


class Noting(own_train.TRAINER):
    """Notes the data set and the loss of every step."""

    noted = []

    def compute_loss(self, model, inputs, *given, **options):
        name = inputs.get("dataset_name")
        loss = super().compute_loss(model, inputs, *given, **options)
        if model.training:
            self.noted.append((name, float(loss)))
        return loss


own_train.TRAINER = own_train.SentenceTransformerTrainer = Noting
options = own_train.parse()
encoder = own_train.run(options)
weights = [float(weight.double().abs().sum()) for weight in encoder.state_dict().values()]
rank = os.environ["RANK"]
(options.output / f"rank-{rank}.json").write_text(json.dumps({"steps": Noting.noted, "weights": weights}))
'''


def write(folder: Path, sets: dict[str, dict[str, Any]], **tables: Any) -> Path:
    """Compile a repo for two processes on one CPU; `sets` has the format of each data set under `format`."""
    repo = folder / "repo"
    repo.mkdir()
    data = []
    for name, given in sets.items():
        format = given["format"]
        samples.write(folder / "data" / format, format)
        files = {split: f"../data/{format}/{split}.jsonl" for split in ("train", "eval", "test")}
        own = {key: value for key, value in given.items() if key != "format"}
        data.append({"name": name, **files, "columns": samples.COLUMNS[format], **own})
    spec = repos.spec_of(Case("dense", "transformer", "auto", "pair"), "")
    spec |= {"data": data, "hardware": {"accelerator": "cpu", "gpus": 2}, **tables}
    repos.write_repo(spec, repo)
    (repo / "train.py").rename(repo / "own_train.py")
    (repo / "own_train.py").open("a").write("\nTRAINER = SentenceTransformerTrainer\n")
    (repo / "train.py").write_text(PROBE)
    return repo


def launch(repo: Path, *options: str, script: str = "multi_cpu.sh") -> list[dict[str, Any]]:
    """Train through the generated script; returns what each process noted."""
    base = str(repo / (repo / "base.txt").read_text())
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    command = ["bash", str(repo / "launch" / script), "--base", base, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads((repo / f"rank-{rank}.json").read_text()) for rank in range(2)]


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    """Each anchor is held against the documents of both processes, which end with the same weights."""
    repo = write(tmp_path, {"pairs": {"format": "pair"}}, loss={"params": {"scale": 1e-6}})
    first, second = launch(repo, "--max-steps", "2")
    assert len(first["steps"]) == len(second["steps"]) == 2
    assert first["weights"] == pytest.approx(second["weights"])
    # All similarities count as equal: the loss is ln of the candidates, 4 of each process.
    assert {round(loss, 3) for _, loss in first["steps"]} == {round(math.log(repos.BATCH), 3)}
    assert len(list((repo / "models").glob("*/model.safetensors"))) == 1
    log = json.loads((repo / "results" / "training.json").read_text())
    assert log[0]["no_skill_loss"] == pytest.approx(math.log(repos.BATCH))


@pytest.mark.parametrize("weights", [(1, 3), (None, None)], ids=["weighted", "by size"])
def test_both_processes_train_on_the_same_set(weights: tuple[int | None, ...], tmp_path: Path) -> None:
    """A loss that gathers from all processes waits for ever for one that does not."""
    sets = {"pairs": {"format": "pair"}, "scored": {"format": "pair-score"}}
    for given, weight in zip(sets.values(), weights, strict=True):
        given |= {"weight": weight} if weight else {}
    repo = write(tmp_path, sets, train={"batch_size": 8, "epochs": 2, "warmup": 0})
    first, second = launch(repo)
    names = [name for name, _ in first["steps"]]
    assert names == [name for name, _ in second["steps"]]
    assert set(names) == set(sets)
    assert first["weights"] == pytest.approx(second["weights"])
