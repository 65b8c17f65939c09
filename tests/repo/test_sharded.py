"""Training on shares of the weights (FSDP), in two processes on a CPU: it learns what copies learn, and is saved whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from matrix import repos, samples
from matrix.cases import Case
from programs import alone
from safetensors.torch import load_file

pytestmark = pytest.mark.trains

# accelerate shares out on GPUs alone; PyTorch does on CPUs too, and that is all that the programs see of it.
ON_CPU = """
import os, runpy, sys
from accelerate import state
from accelerate.utils import DistributedType

os.environ["ACCELERATE_USE_CPU"] = "true"
begin = state.AcceleratorState.__init__


def begin_sharing(self, *given, fsdp_plugin=None, **options):
    begin(self, *given, fsdp_plugin=fsdp_plugin, **options)
    if os.environ.get("ACCELERATE_USE_FSDP") == "true" and self.distributed_type == DistributedType.MULTI_CPU:
        self.distributed_type = DistributedType.FSDP
        self.fsdp_plugin = self.__dict__.get("fsdp_plugin") or fsdp_plugin


state.AcceleratorState.__init__ = begin_sharing
sys.path.insert(0, ".")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
CASES = [
    pytest.param(Case("dense", "transformer", "auto", "pair", keys={"normalize": True}), id="dense"),
    pytest.param(Case("cross-encoder", "transformer", "auto", "pair-binary"), id="cross-encoder"),
    pytest.param(Case("sparse", "splade", "auto", "pair"), id="sparse"),
    pytest.param(Case("multi-vector", "transformer", "auto", "triplet"), id="multi-vector"),
]


def write(folder: Path, case: Case, strategy: str) -> Path:
    """Compile a repo for two GPUs, whose launch then runs on a CPU."""
    samples.write(folder / "data" / case.format, case.format)
    repo = folder / strategy
    repo.mkdir()
    files = {split: f"../data/{case.format}/{split}.jsonl" for split in ("train", "eval", "test")}
    spec: dict[str, Any] = repos.spec_of(case, "")
    spec["data"] = [{**files, "columns": samples.COLUMNS[case.format]}]
    spec["model"]["base"] = "google-bert/bert-base-uncased"
    spec["hardware"] = {"gpus": 2, "gpu": "A100-80GB", "precision": "fp32", "strategy": strategy}
    spec["train"] = {**spec.get("train", {}), "batch_size": 8}
    repos.write_repo(spec, repo)
    (repo / "on_cpu.py").write_text(ON_CPU)
    config = repo / "launch/accelerate/multi_gpu.yaml"
    config.write_text(yaml.safe_dump(yaml.safe_load(config.read_text()) | {"use_cpu": True}))
    return repo


def train(repo: Path, base: Path, *options: str) -> str:
    command = ["-m", "accelerate.commands.launch", "--config_file", "launch/accelerate/multi_gpu.yaml", "on_cpu.py"]
    with alone():
        found = subprocess.run(
            [sys.executable, *command, "train.py", "--base", str(base), "--max-steps", "4", *options],
            cwd=repo,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-4000:]
    return found.stdout


def weights(repo: Path) -> dict[str, torch.Tensor]:
    """Those of the trained model, of all its modules."""
    [model] = [folder for folder in (repo / "trial/models").iterdir() if (folder / "seal.json").exists()]
    files = sorted(model.rglob("*.safetensors"))
    return {f"{file.relative_to(model)}:{name}": value for file in files for name, value in load_file(file).items()}


def losses(repo: Path) -> list[float]:
    log = json.loads((repo / "trial/results/training.json").read_text())
    return [entry["loss"] for entry in log if "loss" in entry]


@pytest.mark.parametrize("case", CASES)
def test_shares_learn_what_copies_learn(case: Case, tmp_path: Path) -> None:
    from matrix import bases

    base = tmp_path / "base"
    bases.build(base, {"cross-encoder": "BertForSequenceClassification", "sparse": "BertForMaskedLM"}.get(case.model, "BertModel"))  # fmt: skip
    shared, copied = write(tmp_path, case, "fsdp"), write(tmp_path, case, "ddp")
    train(shared, base)
    train(copied, base)
    assert losses(shared) == pytest.approx(losses(copied), rel=1e-4)
    own, other = weights(shared), weights(copied)
    assert own.keys() == other.keys()
    assert all(torch.allclose(own[name], other[name], atol=1e-5) for name in own if ".pooler." not in name)
    started = load_file(base / "model.safetensors")
    assert any(not torch.equal(value, own.get(f"model.safetensors:{name}", value)) for name, value in started.items())


def test_a_resume_goes_on_from_shares(tmp_path: Path) -> None:
    from matrix import bases

    bases.build(tmp_path / "base", "BertModel")
    repo = write(tmp_path, CASES[0].values[0], "fsdp")  # type: ignore[arg-type]
    train(repo, tmp_path / "base")
    whole = weights(repo)
    shutil.rmtree(repo / "trial/models")
    shutil.rmtree(repo / "trial/checkpoints/checkpoint-4")
    assert "goes on from trial/checkpoints/checkpoint-3" in train(repo, tmp_path / "base", "--resume")
    resumed = weights(repo)
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())
