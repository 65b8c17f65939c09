"""Plans how a model runs where nothing is learned from it: the hardware -> precision and batch of what measures."""

from __future__ import annotations

from typing import cast

from stgen.language.facts import accelerator_of
from stgen.language.spec import Spec
from stgen.match.decide import decide
from stgen.match.matching import Match
from stgen.plan.grounds import facts_anywhere
from stgen.plan.plan import Decision, MemoryPlan
from stgen.plan.planned_measures import InferencePlan
from stgen.rules import decisions as tables
from stgen.rules.hardware import known_gpu
from stgen.rules.row import Decision as Row

# fmt: off
DEVICES = {"cpu": "cpu", "cuda": "cuda", "rocm": "cuda", "mps": "mps", "xpu": "xpu"}
WORDS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
"""Accelerator, precision -> PyTorch's word for it."""
# fmt: on


def texts_at_once(spec: Spec, match: Match, accelerator: str) -> int:
    """The texts that an evaluation embeds at once, where memory doesn't forbid it."""
    return cast("int", _decided(spec, match, accelerator).value)


def plan_inference(
    spec: Spec, match: Match, precision: str, memory: MemoryPlan | None
) -> tuple[InferencePlan, Decision]:
    """Return the plan and what `explain` says of it; `precision` is that of the training on an accelerator."""
    accelerator = accelerator_of(spec.hardware)
    row, on_cpu = _decided(spec, match, accelerator), texts_at_once(spec, match, "cpu")
    if memory and memory.measured < cast("int", row.value):
        why = f"The most that fit into {memory.device} beside the weights and the optimizer's state."
        row = row._replace(value=memory.measured, why=why)
    device = DEVICES[accelerator]
    half = precision != "fp32" and device != "cpu"
    plan = InferencePlan(
        batch=cast("int", row.value),
        batch_on_cpu=on_cpu,
        why=row.why,
        device=device,
        precision=precision if half else "fp32",
        words=WORDS[precision if half else "fp32"],
        half=half,
    )
    value = f"{plan.precision}, {plan.batch} texts at once"
    if device != "cpu" and spec.hardware.accelerator is None and known_gpu(spec.hardware.gpu) is None:
        value += f"; on a CPU fp32, {plan.batch_on_cpu}"  # which is launched too
    return plan, Decision("measured in", value, row.why, "[hardware] precision" if half else "")


def _decided(spec: Spec, match: Match, accelerator: str) -> Row:
    return decide(tables.INFERENCE_BATCH, {**facts_anywhere(spec, match), "accelerator": accelerator})
