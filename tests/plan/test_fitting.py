"""What of memory and batch the plan decides, and what it says can't or may not fit."""

from __future__ import annotations

from typing import Any

import pytest
from planned import plan_of
from stgen.plan.plan import Plan
from stgen.plan.show import show_plan

PAIR = {"anchor": "question", "positive": "answer"}
BERT = {"base": "google-bert/bert-base-uncased", "max_length": 512}
QWEN = {"base": "Qwen/Qwen3-Embedding-8B", "max_length": 512, "prompts": {"query": ""}}


def decided(plan: Plan | None, what: str) -> str | None:
    assert plan is not None
    return next((one.value for one in plan.decisions if one.what == what), None)


def of(model: dict[str, Any], hardware: dict[str, Any], **train: Any) -> tuple[Plan | None, list[str]]:
    return plan_of(model, PAIR, hardware=hardware, train=train)


def test_a_model_whose_states_are_larger_than_the_device_is_an_error():
    plan, found = of(QWEN, {"gpu": "RTX3060"})
    assert plan is None
    assert found == ["STG193"]


def test_an_adapter_lets_the_same_model_be_trained():
    plan, found = of({**QWEN, "lora": {}}, {"gpu": "A100-80GB"})
    assert plan is not None
    assert "STG193" not in found
    assert of(QWEN, {"gpu": "A100-80GB"})[1] == ["STG193"]


def test_an_amount_of_memory_counts_as_a_gpu_does():
    assert of(QWEN, {"memory": "24GiB"})[1] == ["STG193"]
    assert decided(of(BERT, {"memory": "24GiB"})[0], "memory of the device") is not None


def test_the_batch_shrinks_to_what_fits():
    large, small = of(BERT, {"gpu": "H100-80GB"})[0], of(BERT, {"gpu": "RTX3080"})[0]
    assert large is not None
    assert small is not None
    assert large.train.batch_size == 128
    assert small.train.batch_size < 128
    assert decided(small, "batch_size") == str(small.train.batch_size)
    assert int(decided(small, "largest batch that fits") or 0) >= small.train.batch_size


def test_gradient_checkpointing_begins_where_the_batch_would_not_fit_without():
    enough, short = of(BERT, {"gpu": "H100-80GB"}, batch_size=64)[0], of(BERT, {"gpu": "L4"}, batch_size=64)[0]
    assert enough is not None
    assert short is not None
    assert "activation_checkpointing" not in enough.train.arguments
    assert short.train.arguments["activation_checkpointing"] is True
    assert decided(short, "gradient checkpointing") == "yes"


def test_a_batch_that_the_spec_sets_is_kept_and_warned_of():
    plan, found = of(BERT, {"gpu": "RTX3060"}, batch_size=4096, gradient_checkpointing=False)
    assert plan is not None
    assert found == ["STG194"]
    assert plan.train.batch_size == 4096
    assert "activation_checkpointing" not in plan.train.arguments


def test_the_batch_stays_divisible_by_the_devices():
    plan, _ = of(BERT, {"gpu": "RTX3060", "gpus": 4})
    assert plan is not None
    assert plan.train.batch_size % 4 == 0


def test_gradcache_keeps_its_batch():
    plan, found = plan_of(BERT, PAIR, {"name": "CachedMultipleNegativesRankingLoss"}, hardware={"gpu": "RTX3060"})
    assert plan is not None
    assert plan.train.batch_size == 1024
    assert "STG194" not in found


@pytest.mark.parametrize(
    ("model", "hardware"),
    [
        (BERT, {}),
        (BERT, {"accelerator": "cuda"}),
        ({"base": "org/base"}, {"gpu": "L4"}),
        (BERT, {"accelerator": "cpu"}),
    ],
)
def test_nothing_is_said_of_what_is_not_known(model: dict[str, Any], hardware: dict[str, Any]):
    plan, _ = of(model, hardware)
    assert plan is not None
    assert not [one for one in plan.decisions if one.what.startswith(("memory of", "largest batch"))]


@pytest.mark.parametrize("kind", ["dense", "cross-encoder", "sparse", "multi-vector"])
def test_every_model_type_has_a_memory_plan(kind: str):
    columns = {"text_1": "a", "text_2": "b", "binary": "same"} if kind == "cross-encoder" else PAIR
    plan, _ = plan_of({**BERT, "type": kind}, columns, hardware={"gpu": "H100-80GB"})
    value = decided(plan, "memory of H100-80GB")
    assert value is not None
    assert value.endswith("GiB")


STATIC = {"architecture": "static", "base": "sentence-transformers/static-retrieval-mrl-en-v1"}
FREE = {"type": "sparse", "architecture": "inference-free", "base": "google-bert/bert-base-uncased", "max_length": 256}
MIXED = {"router": True, "base": "google-bert/bert-base-uncased", "query": {"architecture": "static"}}
TWO = {
    "router": True,
    "base": "google-bert/bert-base-uncased",
    "query": {"base": "sentence-transformers/all-MiniLM-L6-v2"},
    "dimensions": 384,
}


@pytest.mark.parametrize(
    "model", [STATIC, FREE, MIXED, TWO], ids=["static", "inference-free", "static router", "router"]
)
def test_models_of_tables_and_of_two_sides_have_a_memory_plan(model: dict[str, Any]):
    plan, found = plan_of(model, PAIR, hardware={"gpu": "RTX3060"})
    assert plan is not None, found
    assert plan.train.memory is not None
    assert plan.train.memory.parts["activations"] > 0
    assert plan.train.memory.high <= plan.train.memory.memory


def test_a_table_of_embeddings_has_its_rows_times_its_width():
    plan, _ = plan_of(STATIC, PAIR, hardware={"gpu": "L4"})
    assert plan is not None
    assert plan.train.memory is not None
    assert plan.train.memory.parts["weights"] == 4 * 30522 * 1024
    assert {one.what for one in plan.train.memory.alternatives}.isdisjoint({"LoRA", "gradient checkpointing", "bf16"})
    fresh, _ = plan_of(
        {"architecture": "static", "base": "google-bert/bert-base-uncased"}, PAIR, hardware={"gpu": "L4"}
    )
    assert fresh is not None
    assert fresh.train.memory is not None
    assert fresh.train.memory.parts["weights"] == 4 * 30522 * 256


def test_both_sides_of_a_router_count():
    two, one = plan_of(TWO, PAIR, hardware={"gpu": "L4"})[0], plan_of(BERT, PAIR, hardware={"gpu": "L4"})[0]
    assert two is not None
    assert one is not None
    assert two.train.memory is not None
    assert one.train.memory is not None
    both = two.train.memory.parts["weights"] - one.train.memory.parts["weights"]
    assert both == pytest.approx(4 * 22.7e6, rel=0.01)


def test_a_table_that_is_larger_than_the_device_is_an_error():
    huge = {**STATIC, "base": "minishlab/potion-multilingual-128M"}
    plan, found = plan_of(huge, PAIR, hardware={"memory": "1GiB"})
    assert plan is None
    assert found == ["STG193"]


# --- stgen plan --------------------------------------------------------------------------------------------------------


def test_the_memory_plan_says_what_else_would_fit():
    plan, _ = of(BERT, {"gpu": "RTX3060", "precision": "fp32"}, batch_size=64, gradient_checkpointing=False)
    assert plan is not None
    assert plan.train.memory is not None
    others = {one.what: one for one in plan.train.memory.alternatives}
    assert {"bf16", "gradient checkpointing", "LoRA", "2 GPUs"} <= others.keys()
    assert len(others) == 6  # two other GPUs beside them
    assert others["bf16"].peak < plan.train.memory.high
    assert others["2 GPUs"].peak < plan.train.memory.high
    again, _ = of(BERT, {"gpu": "RTX3060", "precision": "fp32"}, batch_size=64, gradient_checkpointing=True)
    assert again is not None
    assert again.train.memory is not None
    assert again.train.memory.high == others["gradient checkpointing"].peak


def test_people_read_parts_peak_and_the_line_to_write():
    plan, _ = of(BERT, {"gpu": "RTX3060"}, batch_size=16)
    assert plan is not None
    shown = show_plan(plan)
    assert "Memory of RTX3060" in shown
    assert "activations" in shown
    assert "write lora = {} in [model]" in shown
    assert "16 rows a step" in shown
    assert "  teacher         0.00 GiB" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("base", "said"),
    [("google-bert/bert-base-uncased", "GiB of tensors on a GPU, "), ("org/base", "measures of the base aren't")],
)
def test_without_a_device_memory_is_an_estimate_or_the_reason_why_there_is_none(base: str, said: str):
    plan, _ = of({"base": base}, {})
    assert plan is not None
    shown = show_plan(plan)
    assert said in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80


def test_the_estimate_for_a_cpu_counts_the_scores_that_attention_keeps_there():
    """Under dropout a CPU's attention keeps its scores, their softmax and the mask, of which a GPU's fused one keeps none."""
    texts, tokens, heads, layers = 2 * 16, 512, 12, 12
    scores = 12 * texts * heads * tokens**2 * layers
    memory, on_cpu = (of(BERT, {"accelerator": one}, batch_size=16)[0].train.figures.memory for one in ("cuda", "cpu"))
    least, most = (float(one.partition(" ")[0]) * 2**30 for one in (memory, on_cpu))
    assert " on a GPU" in memory
    assert " on a CPU" in on_cpu
    assert most - least > 0.9 * scores
    both = of(BERT, {}, batch_size=16)[0].train.figures.memory
    assert both.startswith(memory.partition(" (")[0])
    assert on_cpu.partition(" of")[0] in both


def test_without_a_device_people_are_told_what_to_write():
    plan, _ = of(BERT, {})
    assert plan is not None
    assert 'gpu = "L4" in [hardware]' in " ".join(show_plan(plan).split())
