"""What a generated repo measures with leaves no tensor where it can't be used: on an accelerator that the CPU passes for."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from matrix import repos
from matrix.cases import plain
from pretended import is_there, pretended

CASES = {(case.model, case.format): case for case in reversed(plain())}
QUICK = (("dense", "pair"), ("cross-encoder", "list"), ("sparse", "triplet"), ("multi-vector", "pair"))
OTHERS = (
    ("cross-encoder", "pair-class"),
    ("dense", "pair-score"),
    ("dense", "text-class"),
    ("dense", "pair-embedding"),
    ("sparse", "pair-score"),
    ("multi-vector", "n-tuple-scores"),
)
EVERY = [*QUICK, *(pytest.param(one, marks=pytest.mark.matrix) for one in OTHERS)]


@pytest.mark.trains
@pytest.mark.parametrize("key", EVERY, ids="-".join)
def test_models_are_measured_and_watched_where_they_lie(key: tuple[str, str], tmp_path: Path) -> None:
    case = CASES[key]
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    spec: dict[str, Any] = json.loads((repo / "stgen.json").read_text())
    for kind in ("cuda", "mps"):
        spec["hardware"] = {"accelerator": kind}
        repos.write_repo(spec, repo)
        base = str(repo / (repo / "base.txt").read_text())
        with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
            if (repo / "prepare.py").exists():
                assert load("prepare").main([]) == 0
            with pretended(kind):
                measure, monitor, encoder = load("measure"), load("monitor"), load("evaluate").build_base(base)
                assert all(map(is_there, encoder.parameters()))
                evaluator = measure.build_evaluator(load("data").load("eval"))
                assert evaluator(encoder)
                figures, _ = measure.score_model(encoder, measure.build_test())
                watched = monitor.CollapseMonitor(encoder, measure.texts(evaluator)).examples
                look = monitor.look(encoder, watched)
        assert all(isinstance(value, float) for value in figures.values())
        assert look["spread"] > 0


def test_it_stops_where_a_device_would() -> None:
    with pretended("cuda"):
        there = torch.ones(3).to("cuda")
        assert there.device.type == "cuda"
        assert (there * 2).cpu().numpy().tolist() == [2.0, 2.0, 2.0]
        for wrong in (there.numpy, lambda: there + torch.ones(3)):
            with pytest.raises((TypeError, RuntimeError)):
                wrong()
        assert torch.arange(3, device=there.device).device.type == "cuda"
    with pretended("mps"), pytest.raises(TypeError, match="float64"):
        torch.ones(3).to("mps").double()
