"""Says what fits a device and what doesn't: findings, and lines for explain."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.spec import Spec
from stgen.language.spec_model import Lora
from stgen.plan.memory.peak import CONTEXT, Peak
from stgen.plan.plan import Decision, MemoryPlan
from stgen.plan.training_step import (
    Device,
    Training,
    adapter_weights,
    peak_with,
    shared_out,
)
from stgen.rules.hardware import GIB, GPUS


def too_large(spec: Spec, training: Training, device: Device, states: float) -> Diagnostic:
    """STG193: a model whose weights and their states alone are more than the device has."""
    advice = "name a smaller base"
    adapter = spec.model.lora or Lora()
    less = training.replaced(rank=adapter.r, trained=adapter_weights(training.shape, adapter))
    parts = peak_with(less, training.world, True)
    if training.layered and training.query is None and not training.rank and parts.states < device.memory:
        advice = f"write lora = {{ r = {adapter.r} }} in [model], with which they take {_gib(parts.states)}"
    fits = sorted((gpu for gpu in GPUS if gpu.memory * GIB - CONTEXT > states * 1.2), key=lambda gpu: gpu.memory)
    if (
        training.shared < training.world
        and (peak := peak_with(shared_out(training), training.world, True)).high < device.memory
    ):
        shared = _gib(peak.states)
        advice = f'write strategy = "fsdp" in [hardware], which shares them out: {shared} on each of {training.world} GPUs; or {advice}'
    if fits:
        advice += f"; or train on one with more memory, such as {fits[0].name}"
    each = f" on each of {training.shared} GPUs" if training.shared > 1 else ""
    name = spec.model.base or "the model"
    message = (
        f"weights, gradients and optimizer state of {name} take {_gib(states)}{each}, "
        f"and {device.name} has {_gib(device.memory)} for them"
    )
    return Diagnostic("STG193", message, ("model", "base"), advice)


def may_not_fit(training: Training, device: Device, size: int, peak: Peak, largest: int) -> Diagnostic:
    """STG194: a batch that may take more than the device has."""
    message = (
        f"a batch of {size} rows of {_tokens(training)} tokens takes {_gib(peak.low)} to {_gib(peak.high)}, "
        f"and {device.name} has {_gib(device.memory)}"
    )
    advice = f"batch_size = {largest} fits" if largest else "write a smaller max_length"
    if training.contrast and not training.mini_batch and largest:
        advice += "; with the Cached variant of the loss the batch may stay as it is"
    return Diagnostic("STG194", message, ("train", "batch_size"), advice, severity="warning")


def explain_fit(spec: Spec, training: Training, memory: MemoryPlan, size: int, again: bool) -> tuple[Decision, ...]:
    """What was found, for `explain`."""
    shown = ", ".join(f"{name} {value / GIB:.2g}" for name, value in memory.parts.items() if value >= 0.01 * GIB)
    assumed = "" if training.told else " (assumed, as max_length isn't set)"
    rows = f"{size // training.world} rows of {_tokens(training)} tokens on each device{assumed}"
    why = f"{shown} GiB, not all at the same time; {rows}"
    value = f"{memory.low / GIB:.1f} to {_gib(memory.high)}"
    found = [Decision(f"memory of {memory.device}", value, why, "[train] batch_size")]
    if memory.largest:
        why = f"the largest power of two whose peak stays below the {_gib(memory.memory)} of {memory.device}"
        found.append(Decision("largest batch that fits", str(memory.largest), why, "[train] batch_size"))
    if training.mini_batch and "mini_batch_size" not in spec.loss.params:
        why = "GradCache embeds this many rows at a time; the largest power of two that fits, as the loss is the same"
        found.append(Decision("mini batch", str(training.mini_batch), why, "[loss] params"))
    if again and spec.train.gradient_checkpointing == "auto":
        why = "without it the batch wouldn't fit; each layer is computed twice, which takes about a third more time"
        found.append(Decision("gradient checkpointing", "yes", why, "[train] gradient_checkpointing"))
    return tuple(found)


def _tokens(training: Training) -> str:
    return " + ".join(map(str, training.lengths))


def _gib(value: float) -> str:
    return f"{value / GIB:.1f} GiB"
