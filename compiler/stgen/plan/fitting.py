"""Fits the training into a device: what the spec says of model, texts and hardware -> batch size, checkpointing, memory by part.

It speaks only where it knows: the memory of the device is named, and the base is in the table of bases. Texts count with
all the tokens that are kept of them, so what it finds is the most that a step can take.
"""

from __future__ import annotations

from typing import Any, Literal

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import architecture, processes
from stgen.language.semantics.run import memory_bytes
from stgen.language.sources import negatives_of
from stgen.language.spec import Spec
from stgen.language.spec_model import Lora
from stgen.match.matching import Match
from stgen.plan.counts import measured_rows, split_of
from stgen.plan.lengths import longest_of_role, max_length_of
from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.heads import HeadKind
from stgen.plan.memory.peak import CONTEXT, Peak, Step, peak_of
from stgen.plan.memory.shape import Shape, read_shape, shape_of_base
from stgen.plan.plan import Alternative, Decision, MemoryPlan
from stgen.rules.bases import known_base
from stgen.rules.hardware import GIB, GPUS
from stgen.rules.row import Gpu
from stgen.values.record import Record

ASSUMED = 512  # tokens of a text where the spec sets no max_length: few data sets have longer ones
MINI_BATCH = 32  # of GradCache, where the spec sets none: the library's default
MINI_BATCHES = (256, 128, 64, 32, 16, 8, 4, 2, 1)  # that are tried
NEGATIVES = 4  # that a cross-encoder draws for each anchor, likewise
HEADS: dict[str, HeadKind] = {
    "dense/transformer": "pooling",
    "cross-encoder/transformer": "classifier",
    "sparse/splade": "vocabulary",
    "multi-vector/transformer": "tokens",
}
LABELS = ("class", "probabilities", "binary", "score", "scores", "margin", "embedding")
LISTS = ("documents", "texts")  # roles with any number of texts a row


class Fitted(Record):
    """What was found: the batch, over all devices, whether activations are computed again, and the lines for `explain`."""

    batch: int
    checkpointing: bool
    decisions: tuple[Decision, ...]
    memory: MemoryPlan | None


class Device(Record):
    """A device by its name, and the bytes that a training can have of it."""

    name: str
    memory: float


class Training(Record):
    """What stays the same while batch and checkpointing are tried."""

    shape: Shape
    head: HeadKind
    lengths: tuple[int, ...]  # tokens of each column of texts
    half: bool
    rank: int
    trained: int
    mini_batch: int
    world: int
    drawn: int  # pairs that a cross-encoder reads for each row
    contrast: bool
    gathers: bool
    guide: float  # bytes of the model that masks false negatives
    embedded: float  # bytes of what an evaluation embeds
    told: bool  # whether the lengths are the spec's or were counted
    shared: int = 1  # devices that weights, gradients and optimizer are shared out over


def copy_of(spec: Spec, match: Match, gpu: Gpu | None, precision: str) -> Literal["fits", "shared", "unknown"]:
    """Whether weights, gradients and optimizer state fit into each device, or only its share of them does."""
    device, training = _device(spec, gpu), _training(spec, match, precision)
    if device is None or training is None:
        return "unknown"
    if _states(training) <= device.memory:
        return "fits"
    return "shared" if _peak(_shared(training), training.world, True).high <= device.memory else "unknown"


def fit(
    spec: Spec, match: Match, gpu: Gpu | None, precision: str, batch: int, strategy: str, findings: Findings
) -> Fitted:
    """Find what fits; STG193 for a model that can't be trained on the device, STG194 for a batch that may be too large."""
    asked = spec.train.gradient_checkpointing
    unchanged = Fitted(batch, asked is True, (), None)
    device, training = _device(spec, gpu), _training(spec, match, precision)
    if device is None or training is None:
        return unchanged
    if strategy == "fsdp":
        training = _shared(training)
    states = _states(training)
    if states > device.memory:
        findings.add(_too_large(spec, training, device, states))
        return unchanged
    allowed = (False, True) if asked == "auto" else (asked is True,)
    sizes = [batch] if spec.train.batch_size != "auto" else _halved(batch, training.world)
    tried = [(size, again) for size in sizes for again in allowed]
    chosen = next((one for one in tried if _peak(training, *one).high <= device.memory), None)
    size, again = chosen or (sizes[-1], allowed[-1])
    if match.loss.cached and "mini_batch_size" not in _params(spec, match):
        training = training.replaced(mini_batch=_largest_mini(training, device, size, again))
    peak = _peak(training, size, again)
    largest = _largest(training, device, again)
    if chosen is None:
        findings.add(_may_not_fit(training, device, size, peak, largest))
    memory = MemoryPlan(
        device=device.name,
        memory=round(device.memory),
        parts={name: round(value) for name, value in _parts(peak).items()},
        low=round(peak.low),
        high=round(peak.high),
        largest=largest,
        tokens=training.lengths,
        mini_batch=training.mini_batch,
        alternatives=_alternatives(training, device, size, again),
    )
    return Fitted(size, again, _told(spec, training, memory, size, again), memory)


def _states(training: Training) -> float:
    """Bytes of weights, gradients and optimizer state on each device."""
    least = _peak(training, training.world, training.rank == 0)
    return least.weights + least.gradients + least.optimizer


def _shared(training: Training) -> Training:
    return training.replaced(shared=training.world)


def shape_of(spec: Spec, match: Match) -> Shape | None:
    """The measures of the base: of its own configuration where that was read, else of the table; None where nobody knows."""
    read = match.profile.base if match.profile else None
    if read and read.name == spec.model.base:
        found = read_shape(read.config)
        return None if isinstance(found, str) else found
    base = known_base(spec.model.base or "")
    return shape_of_base(base) if base else None


def _params(spec: Spec, match: Match) -> dict[str, Any]:
    return (spec.data[match.index].loss or spec.loss).params


def _largest_mini(training: Training, device: Device, size: int, again: bool) -> int:
    """The largest mini-batch of GradCache that fits: the fewer passes, the less time; the loss is the same."""
    fitting = (
        one for one in MINI_BATCHES if _peak(training.replaced(mini_batch=one), size, again).high <= device.memory
    )
    return next(fitting, MINI_BATCHES[-1])


def _device(spec: Spec, gpu: Gpu | None) -> Device | None:
    if gpu is not None:
        return _device_of(gpu)
    memory = memory_bytes(spec.hardware.memory) if spec.hardware.memory else None
    return Device("the device", memory - CONTEXT) if memory and spec.hardware.accelerator != "cpu" else None


def _device_of(gpu: Gpu) -> Device:
    return Device(gpu.name, gpu.memory * GIB - CONTEXT)


def _training(spec: Spec, match: Match, precision: str) -> Training | None:
    """What is known of the step; None where the base or the number of texts isn't."""
    base = known_base(spec.model.base or "")
    head = HEADS.get(f"{spec.model.type}/{architecture(spec)}")
    shape = shape_of(spec, match)
    roles = [role for role in match.trained_format.roles if role not in LABELS]
    lists = any(role in LISTS for role in roles)
    documents = _listed(spec, match) if lists and head == "classifier" else 0
    if shape is None or head is None or (lists and not documents):
        return None
    longest = max_length_of(spec, match) or min((base.max_length if base else 0) or shape.positions or ASSUMED, ASSUMED)
    lengths = _lengths(spec, match, roles, longest)
    lora = spec.model.lora
    params = _params(spec, match)
    in_batch = match.loss.objective == "in-batch"
    mini = params.get("mini_batch_size", MINI_BATCH) if match.loss.cached else 0
    drawn = params.get("num_negatives", NEGATIVES) if head == "classifier" and in_batch else 0
    return Training(
        shape=shape,
        head=head,
        lengths=(min(sum(lengths), longest),) if head == "classifier" else lengths,
        half=precision != "fp32",
        rank=lora.r if lora else 0,
        trained=_adapter(shape, lora) if lora else 0,
        mini_batch=mini if isinstance(mini, int) else MINI_BATCH,
        world=processes(spec),
        drawn=documents or 1 + (drawn if isinstance(drawn, int) else NEGATIVES),
        contrast=in_batch and head != "classifier",
        gathers=match.loss.gathers,
        guide=_guide(spec, match),
        embedded=4.0 * shape.hidden * _embedded(spec, match) if head == "pooling" else 0,
        told=max_length_of(spec, match) is not None,
    )


def _guide(spec: Spec, match: Match) -> float:
    """The bytes of the guide's weights, where the table of bases has it; what it computes goes with each of its layers."""
    table = spec.data[match.index].loss or spec.loss
    base = known_base(table.guide or "")
    return 4e6 * base.parameters if base else 0


def _embedded(spec: Spec, match: Match) -> int:
    """The texts whose embeddings an evaluation holds: of the eval rows, or of a corpus."""
    corpus = split_of(spec, match.index, match, "corpus")
    return (corpus.rows if corpus else 0) + 2 * (measured_rows(spec, match.index, match, "eval") or 0)


def _listed(spec: Spec, match: Match) -> int:
    """The documents of a row's list, all but the longest hundredth of the lists; 0 where nobody counted them."""
    split = split_of(spec, match.index, match, "train")
    return next((one.items.p99 for one in split.lists if one.role == "documents"), 0) if split else 0


def _lengths(spec: Spec, match: Match, roles: list[str], longest: int) -> tuple[int, ...]:
    """Tokens of each column of texts at most: of the first as a query, of the others as documents; fewer where all were counted."""
    columns = spec.data[0].columns
    negatives = negatives_of(columns) if columns and columns.negative is not None else 1
    count = len(roles) + (negatives - 1 if "negatives" in roles else 0)
    query, document = (
        (side.max_length if (side := getattr(spec.model, name)) else None) or longest for name in ("query", "document")
    )
    counted = [longest_of_role(spec, match, role) for role in roles]
    first, other = counted[0], max((one for one in counted[1:] if one is not None), default=None)
    query, document = min(query, first or query), min(document, other or document)
    return (query, *(document for _ in range(count - 1)))


def _adapter(shape: Shape, lora: Lora) -> int:
    """Weights of adapters on all linear layers: the rank x what goes in and out of each."""
    attention = 2 * (shape.hidden + shape.query) + 2 * (shape.hidden + shape.key)
    feed_forward = (3 if shape.encoder.gated else 2) * (shape.hidden + shape.inner)
    return lora.r * shape.layers * (attention + feed_forward)


def _peak(training: Training, batch: int, again: bool) -> Peak:
    rows = max(batch // training.world, 1)
    return peak_of(
        Step(
            shape=training.shape,
            head=training.head,
            passes=tuple(Pass(rows * training.drawn, length) for length in training.lengths),
            rows=rows,
            setting=Setting(training.half, True, again, training.rank),
            mini_batch=min(training.mini_batch, rows * training.drawn),
            world=training.world if training.gathers else 1,
            contrast=training.contrast,
            trained=training.trained,
            copied=training.world > 1 and training.shared == 1,
            shared=training.shared,
            guide=training.guide,
            embedded=training.embedded,
        )
    )


def _halved(batch: int, world: int) -> list[int]:
    """The batch, its half, and so on, down to one row on each device."""
    found = [batch]
    while found[-1] % 2 == 0 and found[-1] // 2 >= world and (found[-1] // 2) % world == 0:
        found.append(found[-1] // 2)
    return found


def _largest(training: Training, device: Device, again: bool) -> int:
    """The largest power of two, rows on each device, that fits; 0 where none does."""
    rows = 0
    while rows < 2**16 and _peak(training, (rows * 2 or 1) * training.world, again).high <= device.memory:
        rows = rows * 2 or 1
    return rows * training.world


def _too_large(spec: Spec, training: Training, device: Device, states: float) -> Diagnostic:
    advice = "name a smaller base"
    adapter = spec.model.lora or Lora()
    less = training.replaced(rank=adapter.r, trained=_adapter(training.shape, adapter))
    parts = _peak(less, training.world, True)
    if not training.rank and parts.weights + parts.gradients + parts.optimizer < device.memory:
        advice = f"write lora = {{ r = {adapter.r} }} in [model], with which they take {_gib(parts.weights + parts.gradients + parts.optimizer)}"
    fits = sorted((gpu for gpu in GPUS if gpu.memory * GIB - CONTEXT > states * 1.2), key=lambda gpu: gpu.memory)
    if (
        training.shared < training.world
        and (peak := _peak(_shared(training), training.world, True)).high < device.memory
    ):
        shared = _gib(peak.weights + peak.gradients + peak.optimizer)
        advice = f'write strategy = "fsdp" in [hardware], which shares them out: {shared} on each of {training.world} GPUs; or {advice}'
    if fits:
        advice += f"; or train on one with more memory, such as {fits[0].name}"
    each = f" on each of {training.shared} GPUs" if training.shared > 1 else ""
    message = (
        f"weights, gradients and optimizer state of {spec.model.base} take {_gib(states)}{each}, "
        f"and {device.name} has {_gib(device.memory)} for them"
    )
    return Diagnostic("STG193", message, ("model", "base"), advice)


def _may_not_fit(training: Training, device: Device, size: int, peak: Peak, largest: int) -> Diagnostic:
    message = (
        f"a batch of {size} rows of {_tokens(training)} tokens takes {_gib(peak.low)} to {_gib(peak.high)}, "
        f"and {device.name} has {_gib(device.memory)}"
    )
    advice = f"batch_size = {largest} fits" if largest else "write a smaller max_length"
    if training.contrast and not training.mini_batch and largest:
        advice += "; with the Cached variant of the loss the batch may stay as it is"
    return Diagnostic("STG194", message, ("train", "batch_size"), advice, severity="warning")


def _parts(peak: Peak) -> dict[str, float]:
    return {name: value for name, value in peak.as_dict().items() if name != "total"}


def _alternatives(training: Training, device: Device, size: int, again: bool) -> tuple[Alternative, ...]:
    """What could be written in the spec, and other devices: the next larger and the next smaller one of the table."""
    ways = []
    if not training.half:
        half = next(("bf16" if row.bf16 else "fp16" for row in GPUS if row.name == device.name), "bf16")
        ways.append((half, f'precision = "{half}" in [hardware]', training.replaced(half=True), device, again))
    if not again:
        line = "gradient_checkpointing = true in [train]"
        ways.append(("gradient checkpointing", line, training, device, True))
    if not training.rank:
        adapter = Lora()
        adapted = training.replaced(rank=adapter.r, trained=_adapter(training.shape, adapter), shared=1)
        ways.append(("LoRA", "lora = {} in [model]", adapted, device, again))
    doubled = training.replaced(
        world=2 * training.world, shared=training.shared if training.shared == 1 else 2 * training.world
    )
    ways.append((f"{doubled.world} GPUs", f"gpus = {doubled.world} in [hardware]", doubled, device, again))
    for other in _others(device):
        ways.append((other.name, f'gpu = "{other.name}" in [hardware]', training, other, again))
    return tuple(_alternative(*way, size) for way in ways)


def _alternative(what: str, write: str, training: Training, device: Device, again: bool, size: int) -> Alternative:
    peak = _peak(training, size, again)
    return Alternative(what, write, round(peak.high), peak.high <= device.memory, _largest(training, device, again))


def _others(device: Device) -> tuple[Device, ...]:
    """The next larger and the next smaller GPU of the table."""
    known = sorted((_device_of(gpu) for gpu in GPUS), key=lambda one: one.memory)
    larger = [one for one in known if one.memory > device.memory + GIB]
    smaller = [one for one in known if one.memory < device.memory - GIB]
    return (*larger[:1], *smaller[-1:])


def _told(spec: Spec, training: Training, memory: MemoryPlan, size: int, again: bool) -> tuple[Decision, ...]:
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
