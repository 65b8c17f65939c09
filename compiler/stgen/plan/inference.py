"""Plans how a model runs where nothing is learned from it: the hardware -> precision and batch of what measures."""

from __future__ import annotations

from typing import cast

from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.decide import decide
from stgen.plan.grounds import facts_anywhere
from stgen.plan.plan import Decision
from stgen.plan.planned_measures import InferencePlan
from stgen.rules import decisions as tables
from stgen.rules.hardware import known_gpu

# fmt: off
DEVICES = {"cpu": "cpu", "cuda": "cuda", "rocm": "cuda", "mps": "mps", "xpu": "xpu"}
WORDS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
"""Accelerator, precision -> PyTorch's word for it."""
# fmt: on


def plan_inference(spec: Spec, match: Match, precision: str) -> tuple[InferencePlan, Decision]:
    """Return the plan and what `explain` says of it; `precision` is that of the training on an accelerator."""
    hardware = spec.hardware
    named = known_gpu(hardware.gpu)
    accelerator = hardware.accelerator or (named.accelerator if named else "cuda")
    facts = facts_anywhere(spec, match)
    row = decide(tables.INFERENCE_BATCH, facts | {"accelerator": accelerator})
    on_cpu = decide(tables.INFERENCE_BATCH, facts | {"accelerator": "cpu"})
    device = DEVICES[accelerator]
    half = precision != "fp32" and device != "cpu"
    plan = InferencePlan(
        batch=cast("int", row.value),
        batch_on_cpu=cast("int", on_cpu.value),
        why=row.why,
        device=device,
        precision=precision if half else "fp32",
        words=WORDS[precision if half else "fp32"],
        half=half,
    )
    value = f"{plan.precision}, {plan.batch} texts at once"
    if device != "cpu" and hardware.accelerator is None and named is None:
        value += f"; on a CPU fp32, {plan.batch_on_cpu}"  # which is launched too
    return plan, Decision("measured in", value, row.why, "[hardware] precision" if half else "")
