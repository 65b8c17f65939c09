"""Models trained on streams, through the generated train.py: every model type, several processes, a stop in between, in bounded memory."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matrix import repos
from programs import alone
from streams import KINDS, make

pytest.importorskip("sentence_transformers")
pytestmark = pytest.mark.trains

RECORDER = '''
"""Runs train.py, and writes down which anchors each process puts into its batches."""
import json, os, sys
import train

trainer = next(value for name, value in vars(train).items() if name.endswith("Trainer"))
build = trainer._build_dataloader

def recording(self, dataset, batch_size, dataset_kind):
    loader = build(self, dataset, batch_size, dataset_kind)
    collate = loader.collate_fn
    def record(rows):
        if dataset_kind == "train":
            with open(f"batches-{os.environ.get('RANK', '0')}.jsonl", "a") as file:
                file.write(json.dumps([row["anchor"] for row in rows]) + "\\n")
        return collate(rows)
    loader.collate_fn = record
    return loader

trainer._build_dataloader = recording
raise SystemExit(train.main(sys.argv[1:]))
'''


def run(repo: Path, *command: str) -> str:
    """Run a program in a repo, and return what it printed."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    with alone():
        done = subprocess.run([sys.executable, *command], cwd=repo, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def batches(repo: Path, process: int = 0) -> list[list[str]]:
    return [json.loads(line) for line in (repo / f"batches-{process}.jsonl").read_text().splitlines()]


def anchors_of(found: list[list[str]]) -> list[str]:
    return [anchor for batch in found for anchor in batch]


@pytest.mark.parametrize("model", KINDS)
def test_two_steps_on_a_stream_change_the_model(model: str, tmp_path: Path) -> None:
    import torch

    repo = tmp_path / "repo"
    make(repo, model=model, files=2, prepare={"length": {"min": 2}})
    with (repo / "train-1.jsonl").open("a") as file:
        file.write('{"a": "short", "p": "short"}\n')
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()) as printed:
        program, fresh = load("train"), load("model").build(str(tmp_path / "base"))
        before = {name: weight.clone() for name, weight in fresh.named_parameters()}
        options = program.parse(["--base", str(tmp_path / "base"), "--output", str(repo), "--max-steps", "2"])
        trained = program.run(options)
        assert any(not torch.equal(weight.cpu(), before[name].cpu()) for name, weight in trained.named_parameters())
        assert load("evaluate").main(["--base", str(tmp_path / "base"), "--output", str(repo)]) == 0
    assert "length: " in printed.getvalue()
    log = json.loads((repo / "results/training.json").read_text())
    assert log[-1]["step"] == 2


def test_processes_get_rows_of_their_own_and_the_same_number_of_steps(tmp_path: Path) -> None:
    """Also where files differ in length, and one process is passes ahead of the other."""
    repo = tmp_path / "repo"
    make(repo, files=2, rows=40, train={"steps": 12}, hardware={"accelerator": "cpu", "gpus": 2})
    rows = (repo / "train-2.jsonl").read_text().splitlines()
    (repo / "train-2.jsonl").write_text("\n".join(rows[:9]) + "\n")
    (repo / "record.py").write_text(RECORDER)
    run(repo, "-m", "torch.distributed.run", "--nproc_per_node", "2", "record.py", "--base", "../base")
    first, second = batches(repo, 0), batches(repo, 1)
    seen = [anchors_of(found[:12]) for found in (first, second)]
    assert all(len(found) in (12, 13) for found in (first, second))  # the loader is one batch ahead
    assert all(len(batch) == 2 for found in (first, second) for batch in found)
    longer, shorter = sorted(seen, key=lambda anchors: len(set(anchors[:20])), reverse=True)
    assert len(set(longer[:20])) == 20
    assert len(set(shorter[:9])) == 9
    assert not set(longer[:20]) & set(shorter[:9])


@pytest.mark.parametrize("files", [1, 2], ids=["one file", "a file for each"])
def test_no_row_comes_twice_in_a_pass_over_two_processes(files: int, tmp_path: Path) -> None:
    """Three passes over 24 rows, 4 a step."""
    repo = tmp_path / "repo"
    make(repo, files=files, train={"steps": 18}, hardware={"accelerator": "cpu", "gpus": 2})
    (repo / "record.py").write_text(RECORDER)
    run(repo, "-m", "torch.distributed.run", "--nproc_per_node", "2", "record.py", "--base", "../base")
    seen = [batches(repo, process)[:18] for process in (0, 1)]
    passes = [[anchors_of(one[start : start + 6]) for one in seen] for start in (0, 6, 12)]
    assert all(len({*first, *second}) == 24 for first, second in passes)
    assert len({str(one) for one in passes}) == 3


def test_processes_share_a_single_file(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    make(repo, rows=40, train={"steps": 5}, hardware={"accelerator": "cpu", "gpus": 2})
    (repo / "record.py").write_text(RECORDER)
    run(repo, "-m", "torch.distributed.run", "--nproc_per_node", "2", "record.py", "--base", "../base")
    seen = [{anchor for batch in batches(repo, process)[:5] for anchor in batch} for process in (0, 1)]
    assert not seen[0] & seen[1]
    assert [len(one) for one in seen] == [10, 10]


def stopped(repo: Path, step: int) -> None:
    """Leave what a run leaves that was killed after a step."""
    for left in repo.glob("checkpoints/checkpoint-*"):
        if int(left.name.rpartition("-")[2]) > step:
            shutil.rmtree(left)
    for left in ("models", "results"):
        shutil.rmtree(repo / left)


def differences(whole: Path, broken: Path, step: int) -> list[str]:
    """The weights in which two runs differ after a step."""
    import torch
    from safetensors.torch import load_file

    weights = [load_file(repo / f"checkpoints/checkpoint-{step}/model.safetensors") for repo in (whole, broken)]
    assert weights[0].keys() == weights[1].keys()
    return [name for name in weights[0] if not torch.equal(weights[0][name], weights[1][name])]


@pytest.mark.parametrize("files", [1, 2], ids=["one file", "a file for each"])
def test_processes_go_on_with_the_rows_of_their_own_that_come_next(files: int, tmp_path: Path) -> None:
    """Two passes of 8 rows for each, 2 a step, and the third begun: stopped within the second, and where the third begins."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = ("-m", "torch.distributed.run", "--nproc_per_node", "2", "record.py", "--base", "../base")
    train = {"steps": 10, "evaluate_every": 2, "keep": 9}
    make(whole, files=files, rows=16, train=train, hardware={"accelerator": "cpu", "gpus": 2})
    (whole / "record.py").write_text(RECORDER)
    run(whole, *command)
    seen = [batches(whole, process) for process in (0, 1)]
    assert all(anchors_of(one[:4]) != anchors_of(one[4:8]) for one in seen)
    shutil.copytree(whole, broken)
    for step in (6, 8):
        stopped(broken, step)
        run(broken, *command, "--resume")
        assert differences(whole, broken, 10) == []
    for process in (0, 1):
        assert batches(broken, process) == seen[process] * 3  # read again from the first row each time


@pytest.mark.parametrize("step", [4, 6], ids=["in the second pass", "in the third"])
def test_a_resumed_run_ends_where_an_uninterrupted_one_ends(step: int, tmp_path: Path) -> None:
    """The stream has 10 rows, 4 a step: batches stand across the end of a pass."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    make(whole, rows=10, train={"steps": 8, "evaluate_every": 2, "keep": 9})
    (whole / "record.py").write_text(RECORDER)
    run(whole, "record.py", "--base", "../base")
    seen = batches(whole)
    anchors = anchors_of(seen)
    passes = [anchors[start : start + 10] for start in (0, 10, 20)]
    assert [len(set(one)) for one in passes] == [10, 10, 10]
    assert len({tuple(one) for one in passes}) == 3
    shutil.copytree(whole, broken)
    stopped(broken, step)
    run(broken, "record.py", "--base", "../base", "--resume")
    assert differences(whole, broken, 8) == []
    assert batches(broken) == seen * 2  # read again from the first row, the last ones trained on


REPOS: dict[str, dict[str, Any]] = {
    "cleaned": {"prepare": {"normalize": {"case": "lower"}, "length": {"min": 2}, "decontaminate": {"ngram": 9}}},
    "set-aside": {"format": "list", "model": "cross-encoder", "prepare": {"on_bad_row": "set-aside"}},
    "converted": {"format": "pair-score", "loss": {"convert": [{"to": "pair-binary", "threshold": 2.5}]}},
    "margins": {"format": "triplet-margin"},
    "tables": {"data": {"train": "rows.csv"}},
    "sparse": {"model": "sparse", "format": "triplet"},
}


@pytest.mark.parametrize("name", REPOS)
def test_a_repo_with_a_stream_is_clean_and_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    make(tmp_path / "repo", **REPOS[name])
    rows = [json.loads(line) for line in (tmp_path / "repo/train-1.jsonl").read_text().splitlines()]
    with (tmp_path / "repo/rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert repos.lint(tmp_path / "repo") == ""
    said = run(tmp_path / "repo", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "passed" in said
    assert "skipped" not in said


STATUS = Path("/proc/self/status")
MEASURE = """
import itertools, pathlib, re, sys
import stream

def peak():  # not of resource: that counts the memory of the process that started this one too
    return re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]

stream.look()
rows = stream.load()
before = peak()
count = sum(1 for _ in itertools.islice(rows, int(sys.argv[1])))
print(count, before, peak())
"""


@pytest.mark.skipif(not STATUS.exists(), reason="the peak of memory is read from Linux")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    make(repo)
    filling = "a tall house by the river " * 20
    number = 120_000
    with (repo / "train-1.jsonl").open("w") as file:
        for place in range(number):
            file.write(json.dumps({"a": f"{place} {filling}", "p": f"{filling} {place}"}) + "\n")
    size = (repo / "train-1.jsonl").stat().st_size
    assert size > 120_000_000
    (repo / "measure.py").write_text(MEASURE)
    count, before, after = map(int, run(repo, "measure.py", str(number)).split()[-3:])
    print(f"{size / 2**20:.0f} MiB of rows: memory grows by {(after - before) / 2**10:.0f} MiB")
    assert count == number
    assert (after - before) * 2**10 < size / 3  # the buffer: 10,000 of 120,000 rows, as Python objects
    written = [path for path in repo.rglob("*") if path.is_file() and path.stat().st_size > size / 100]
    assert written == [repo / "train-1.jsonl"]
