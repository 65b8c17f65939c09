"""In what a generated repo measures: the precision of the hardware, batches for inference, for every model type."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import plan_of, tree_of
from matrix import repos
from matrix.cases import Case, plain

BASE = "sentence-transformers/all-MiniLM-L6-v2"
SPEC = """
stgen = 1
[model]
type = "dense"
base = "{base}"
[[data]]
train = "t.jsonl"
columns = {{ anchor = "a", positive = "p" }}
"""


def planned(hardware: str = "", base: str = BASE) -> tuple[str, Any]:
    text = SPEC.format(base=base) + hardware
    return tree_of(text)["inference.py"].text, plan_of(text).inference


def test_a_gpu_measures_in_what_it_trains_in_and_a_cpu_in_float32() -> None:
    text, plan = planned()
    assert (plan.precision, plan.device, plan.batch, plan.batch_on_cpu) == ("bf16", "cuda", 256, 32)
    assert "BATCH = 256 if torch.cuda.is_available() else 32" in text
    assert "torch.autocast(DEVICE, torch.bfloat16)" in text
    assert "torch.float16" in planned('[hardware]\ngpu = "T4"\n')[0]
    assert "torch.xpu.is_available()" in planned('[hardware]\naccelerator = "xpu"\n')[0]
    for hardware in ('accelerator = "cpu"\n', 'accelerator = "mps"\n', 'precision = "fp32"\n'):
        text, plan = planned(f"[hardware]\n{hardware}")
        assert not plan.half
        assert "autocast" not in text
        assert "ready" not in tree_of(SPEC.format(base=BASE) + f"[hardware]\n{hardware}")["evaluate.py"].text


def test_a_gpu_is_known_in_any_case() -> None:
    explained = [plan_of(SPEC.format(base=BASE) + f'[hardware]\ngpu = "{name}"\n').decisions for name in ("T4", "t4")]
    first, second = ({one.what: one.value for one in decisions}["measured in"] for decisions in explained)
    assert first == second == "fp16, 256 texts at once"


def test_a_larger_model_has_smaller_batches() -> None:
    batches = [planned(base=base)[1].batch for base in (BASE, "somebody/unknown", "Qwen/Qwen3-Embedding-4B")]
    assert batches == [256, 128, 32]


def test_explain_says_in_what_is_measured() -> None:
    told = {one.what: one for one in plan_of(SPEC.format(base=BASE)).decisions}["measured in"]
    assert told.value == "bf16, 256 texts at once; on a CPU fp32, 32"
    assert told.why


# --- trained repos ---------------------------------------------------------------------------------------------------

CASES = {(case.model, case.format): case for case in reversed(plain())}
QUICK = {("dense", "pair"), ("cross-encoder", "list"), ("sparse", "triplet"), ("multi-vector", "pair")}
EVERY = [
    pytest.param(case, id=case.id, marks=() if key in QUICK else pytest.mark.matrix) for key, case in CASES.items()
]


@contextlib.contextmanager
def opened(case: Case, folder: Path, **tables: Any) -> Iterator[tuple[Any, str, Path]]:
    """What loads the programs of a case's repo, whose launch is left open, and its tiny base."""
    repos.compile_all([case], folder)
    repo = folder / case.id
    spec = json.loads((repo / "stgen.json").read_text())
    spec.pop("hardware", None)
    repos.write_repo(spec | tables, repo)
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        yield load, base, repo


@contextlib.contextmanager
def watched(encoder: Any) -> Iterator[list[Any]]:
    """The types of what the linear layers of a model return."""
    from torch import nn

    seen: list[Any] = []
    linear = [part for part in encoder.modules() if isinstance(part, nn.Linear)]
    handles = [part.register_forward_hook(lambda _part, _given, made: seen.append(made.dtype)) for part in linear]
    yield seen
    for handle in handles:
        handle.remove()


@pytest.mark.trains
@pytest.mark.parametrize("case", EVERY)
def test_all_that_is_measured_is_measured_in_that(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU stands for the GPU: it computes in bfloat16 too, and slowly."""
    import numpy as np
    import torch
    from torch import nn

    with opened(case, tmp_path) as (load, base, _):
        inference, measure, evaluate = load("inference"), load("measure"), load("evaluate")
        exact = evaluate.build_base(base)
        full, _ = measure.score_model(exact, measure.build_test())
        monkeypatch.setattr(inference, "DEVICE", exact.device.type)
        monkeypatch.setattr(inference, "BATCH", 7)
        encoder, sizes = evaluate.build_base(base), set()
        one = "predict" if case.model == "cross-encoder" else "encode"
        own = getattr(type(encoder), one)

        def noting(self: Any, *given: Any, **named: Any) -> Any:
            sizes.add(named.get("batch_size"))
            return own(self, *given, **named)

        monkeypatch.setattr(type(encoder), one, noting)
        with watched(encoder) as seen:
            half, examples = measure.score_model(encoder, measure.build_test())
        assert sizes == {7}
        if any(isinstance(part, nn.Linear) for part in encoder.modules()):  # a static model has none
            assert torch.bfloat16 in seen
            assert (torch.float32 in seen) == (case.model == "cross-encoder")  # its scores alone
        assert all(np.asarray(values).dtype != np.float16 for values in examples.values())
        assert {weight.dtype for weight in encoder.parameters()} == {torch.float32}
        assert half.keys() == full.keys()
        answers = [repos.answers(one) for one in (exact, encoder, pickle.loads(pickle.dumps(encoder)))]
        for before, after, again in zip(*answers, strict=True):
            np.testing.assert_allclose(np.asarray(before), np.asarray(after), atol=0.05, rtol=0.1)
            np.testing.assert_array_equal(np.asarray(after), np.asarray(again))  # as mining on several GPUs sends it


@pytest.mark.trains
def test_what_picks_the_checkpoint_is_measured_in_the_precision_of_the_launch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    case = CASES["dense", "pair"]
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    with opened(case, tmp_path) as (load, base, repo):
        program, measure = load("train"), load("measure")
        own, found = measure.Search.__call__, []

        def noting(self: Any, encoder: Any, *given: Any, **named: Any) -> Any:
            with watched(encoder) as seen:
                figures = own(self, encoder, *given, **named)
            found.append(set(seen))
            return figures

        monkeypatch.setattr(measure.Search, "__call__", noting)
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
    assert found
    assert all(kinds == {torch.bfloat16} for kinds in found)


@pytest.mark.trains
def test_the_report_says_in_what_was_measured(tmp_path: Path) -> None:
    case = CASES["dense", "pair"]
    with opened(case, tmp_path) as (load, base, repo):
        load("train").run(load("train").parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        assert load("evaluate").main(["--base", base, "--output", str(repo)]) == 0
        precision = load("inference").PRECISION
    metrics = json.loads((repo / "results/metrics.json").read_text())
    assert metrics["measured in"] == precision
    assert f" in {precision}, with this repo" in (repo / "results/report.html").read_text()
