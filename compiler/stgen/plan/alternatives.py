"""Plans what else would fit: other precisions, checkpointing, LoRA, more GPUs and other ones."""

from __future__ import annotations

from stgen.language.spec_model import Lora
from stgen.plan.plan import Alternative
from stgen.plan.training_step import (
    Device,
    Training,
    adapter_weights,
    device_of_gpu,
    largest_batch,
    peak_with,
)
from stgen.rules.hardware import GIB, GPUS


def alternatives_of(training: Training, device: Device, size: int, again: bool) -> tuple[Alternative, ...]:
    """What could be written in the spec, and other devices: the next larger and the next smaller one of the table."""
    ways = []
    if not training.half and training.layered:
        half = next(("bf16" if row.bf16 else "fp16" for row in GPUS if row.name == device.name), "bf16")
        ways.append((half, f'precision = "{half}" in [hardware]', training.replaced(half=True), device, again))
    if not again and training.layered:
        line = "gradient_checkpointing = true in [train]"
        ways.append(("gradient checkpointing", line, training, device, True))
    if not training.rank and training.layered and training.query is None:
        adapter = Lora()
        adapted = training.replaced(rank=adapter.r, trained=adapter_weights(training.shape, adapter), shared=1)
        ways.append(("LoRA", "lora = {} in [model]", adapted, device, again))
    doubled = training.replaced(
        world=2 * training.world, shared=training.shared if training.shared == 1 else 2 * training.world
    )
    ways.append((f"{doubled.world} GPUs", f"gpus = {doubled.world} in [hardware]", doubled, device, again))
    for other in _others(device):
        ways.append((other.name, f'gpu = "{other.name}" in [hardware]', training, other, again))
    return tuple(_alternative(*way, size) for way in ways)


def _alternative(what: str, write: str, training: Training, device: Device, again: bool, size: int) -> Alternative:
    peak = peak_with(training, size, again)
    return Alternative(
        what, write, round(peak.high), peak.high <= device.memory, largest_batch(training, device, again)
    )


def _others(device: Device) -> tuple[Device, ...]:
    """The next larger and the next smaller GPU of the table."""
    known = sorted((device_of_gpu(gpu) for gpu in GPUS), key=lambda one: one.memory)
    larger = [one for one in known if one.memory > device.memory + GIB]
    smaller = [one for one in known if one.memory < device.memory - GIB]
    return (*larger[:1], *smaller[-1:])
