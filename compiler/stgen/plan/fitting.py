"""Fits the training into a device: what the spec says of model, texts and hardware -> batch size, checkpointing, memory by part.

It speaks only where it knows: the memory of the device is named, and the base is in the table of bases. Texts count with
all the tokens that are kept of them, so what it finds is the most that a step can take.
"""

from __future__ import annotations

from typing import Literal

from stgen.diagnostics.diagnostic import Findings
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.alternatives import alternatives_of
from stgen.plan.fit_words import explain_fit, may_not_fit, too_large
from stgen.plan.inference import texts_at_once
from stgen.plan.ledger import smallest_batch
from stgen.plan.memory.peak import Peak
from stgen.plan.plan import Decision, MemoryPlan
from stgen.plan.training_step import (
    Device,
    Training,
    device_of,
    largest_batch,
    params_of,
    peak_with,
    shared_out,
    states_of,
    training_of,
)
from stgen.rules.row import Gpu
from stgen.values.record import Record

MINI_BATCHES = (256, 128, 64, 32, 16, 8, 4, 2, 1)  # that are tried


class Fitted(Record):
    """What was found: the batch, over all devices, whether activations are computed again, and the lines for `explain`."""

    batch: int
    checkpointing: bool
    decisions: tuple[Decision, ...]
    memory: MemoryPlan | None


def peaks_anywhere(spec: Spec, match: Match, precision: str, batch: int, again: bool) -> dict[str, Peak]:
    """The peak of a step on each kind of device that may be meant where none is named; empty where too little is known."""
    training = training_of(spec, match, precision)
    if training is None:
        return {}
    on_cpu = training.replaced(half=False, gpu=False, measured=texts_at_once(spec, match, "cpu"))
    kinds = {"a GPU": training, "a CPU": on_cpu}
    accelerator = spec.hardware.accelerator
    if accelerator is not None:
        kinds.pop("a GPU" if accelerator == "cpu" else "a CPU")
    return {kind: peak_with(one, batch, again) for kind, one in kinds.items()}


def copy_of(spec: Spec, match: Match, gpu: Gpu | None, precision: str) -> Literal["fits", "shared", "unknown"]:
    """Whether weights, gradients and optimizer state fit into each device, or only its share of them does."""
    device, training = device_of(spec, gpu), training_of(spec, match, precision)
    if device is None or training is None:
        return "unknown"
    if states_of(training) <= device.memory:
        return "fits"
    return "shared" if peak_with(shared_out(training), training.world, True).high <= device.memory else "unknown"


def fit(
    spec: Spec, match: Match, gpu: Gpu | None, precision: str, batch: int, strategy: str, findings: Findings
) -> Fitted:
    """Find what fits; STG193 for a model that can't be trained on the device, STG194 for a batch that may be too large."""
    asked = spec.train.gradient_checkpointing
    unchanged = Fitted(batch, asked is True, (), None)
    device, training = device_of(spec, gpu), training_of(spec, match, precision)
    if device is None or training is None:
        return unchanged
    if strategy == "fsdp":
        training = shared_out(training)
    states = states_of(training)
    if states > device.memory:
        findings.add(too_large(spec, training, device, states))
        return unchanged
    training = training.replaced(measured=_measured(training, device))
    allowed = (False, True) if asked == "auto" and training.layered else (asked is True,)
    sizes = (
        [batch]
        if spec.train.batch_size != "auto"
        else _halved(batch, training.world, smallest_batch(match, training.world))
    )
    tried = [(size, again) for size in sizes for again in allowed]
    chosen = next((one for one in tried if peak_with(training, *one).high <= device.memory), None)
    size, again = chosen or (sizes[-1], allowed[-1])
    if match.loss.cached and "mini_batch_size" not in params_of(spec, match):
        training = training.replaced(mini_batch=_largest_mini(training, device, size, again))
    peak = peak_with(training, size, again)
    largest = largest_batch(training, device, again)
    if chosen is None:
        findings.add(may_not_fit(training, device, size, peak, largest))
    memory = MemoryPlan(
        device=device.name,
        memory=round(device.memory),
        parts={name: round(value) for name, value in _parts(peak).items()},
        low=round(peak.low),
        high=round(peak.high),
        largest=largest,
        tokens=training.lengths,
        mini_batch=training.mini_batch,
        measured=training.measured,
        alternatives=alternatives_of(training, device, size, again),
    )
    return Fitted(size, again, explain_fit(spec, training, memory, size, again), memory)


def _measured(training: Training, device: Device) -> int:
    """The texts that an evaluation can embed at once: as many as are wanted, or the half, and so on, that fit."""
    texts = training.measured
    while texts > 1 and peak_with(training.replaced(measured=texts), training.world, False).measuring > device.memory:
        texts //= 2
    return texts


def _largest_mini(training: Training, device: Device, size: int, again: bool) -> int:
    """The largest mini-batch of GradCache that fits: the fewer passes, the less time; the loss is the same."""
    fitting = (
        one for one in MINI_BATCHES if peak_with(training.replaced(mini_batch=one), size, again).high <= device.memory
    )
    return next(fitting, MINI_BATCHES[-1])


def _halved(batch: int, world: int, least: int) -> list[int]:
    """The batch, its half, and so on, down to one row on each device, or as many as the loss compares."""
    found = [batch]
    while found[-1] % 2 == 0 and found[-1] // 2 >= max(world, least) and (found[-1] // 2) % world == 0:
        found.append(found[-1] // 2)
    return found


def _parts(peak: Peak) -> dict[str, float]:
    found = {name: value for name, value in peak.as_dict().items() if name != "total"}
    return found | {"teacher": 0.0}  # prepare.py has asked it before
