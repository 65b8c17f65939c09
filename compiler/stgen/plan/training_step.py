"""What a training step takes of a device: Spec -> Training and Device, and the peak of a step of so many rows."""

from __future__ import annotations

from typing import Any

from stgen.language.facts import accelerator_of, processes
from stgen.language.semantics.run import memory_bytes
from stgen.language.spec import Spec
from stgen.language.spec_model import Lora
from stgen.match.matching import Match
from stgen.plan.counts import measured_rows, split_of
from stgen.plan.inference import texts_at_once
from stgen.plan.ledger import drawn_of
from stgen.plan.lengths import longest_of_role, max_length_of
from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.peak import CONTEXT, Peak, Reader, Step, peak_of
from stgen.plan.memory.shape import Shape
from stgen.plan.readers import readers_of
from stgen.plan.reading_of_rows import LABELS, texts_of_role
from stgen.rules.bases import known_base
from stgen.rules.hardware import GIB
from stgen.rules.processes import COPIED
from stgen.rules.row import Gpu
from stgen.values.once import once
from stgen.values.record import Record

ASSUMED = 512  # tokens of a text where the spec sets no max_length: few data sets have longer ones
MINI_BATCH = 32  # of GradCache, where the spec sets none: the library's default
LISTS = ("documents", "texts")  # roles with any number of texts a row


class Device(Record):
    """A device by its name, and the bytes that a training can have of it."""

    name: str
    memory: float


class Training(Record):
    """What stays the same while batch and checkpointing are tried."""

    model: Reader
    query: Reader | None  # what reads the first column, where that is another model
    lengths: tuple[int, ...]  # tokens of each column of texts
    half: bool
    rank: int
    trained: int
    mini_batch: int
    world: int
    drawn: int  # pairs that a cross-encoder reads of each row, and of it with texts of others
    contrast: bool
    gathers: bool
    guide: float  # bytes of the model that masks false negatives
    embedded: float  # bytes of what an evaluation embeds
    told: bool  # whether the lengths are the spec's or were counted
    shared: int = 1  # devices that weights, gradients and optimizer are shared out over
    measured: int = 0  # texts that an evaluation embeds at once
    gpu: bool = True

    @property
    def shape(self) -> Shape:
        """The measures of the model, or of the side of documents."""
        return self.model.shape

    @property
    def layered(self) -> bool:
        """Whether the model has layers: something to compute again, to adapt, and to share out."""
        return bool(self.shape.layers)


def states_of(training: Training) -> float:
    """Bytes of weights, gradients and optimizer state on each device."""
    return peak_with(training, training.world, training.rank == 0).states


def shared_out(training: Training) -> Training:
    """The training with its states sharded over the devices."""
    return training.replaced(shared=training.world)


def params_of(spec: Spec, match: Match) -> dict[str, Any]:
    """The arguments that the spec gives the loss."""
    return (spec.data[match.index].loss or spec.loss).params


def device_of(spec: Spec, gpu: Gpu | None) -> Device | None:
    """The device that the spec names; None where it says nothing of its memory."""
    if gpu is not None:
        return device_of_gpu(gpu)
    memory = memory_bytes(spec.hardware.memory) if spec.hardware.memory else None
    return Device("the device", memory - CONTEXT) if memory and spec.hardware.accelerator != "cpu" else None


def device_of_gpu(gpu: Gpu) -> Device:
    """A GPU of the table as a device."""
    return Device(gpu.name, gpu.memory * GIB - CONTEXT)


@once
def training_of(spec: Spec, match: Match, precision: str) -> Training | None:
    """What is known of the step; None where the base or the number of texts isn't."""
    base = known_base(spec.model.base or "")
    readers = readers_of(spec, match)
    if readers is None:
        return None
    shape, head = readers.model.shape, readers.model.head
    roles = [role for role in match.trained_format.roles if role not in LABELS]
    lists = any(role in LISTS for role in roles)
    documents = _listed(spec, match) if lists and head == "classifier" else 0
    if lists and not documents:
        return None
    longest = max_length_of(spec, match) or min((base.max_length if base else 0) or shape.positions or ASSUMED, ASSUMED)
    lengths = _lengths(spec, match, roles, longest)
    lora = spec.model.lora
    params = params_of(spec, match)
    in_batch = match.loss.objective == "in-batch"
    mini = params.get("mini_batch_size", MINI_BATCH) if match.loss.cached else 0
    return Training(
        model=readers.model,
        query=readers.query,
        lengths=(min(sum(lengths[:2]), longest),) if head == "classifier" else lengths,
        half=precision != "fp32",
        rank=lora.r if lora else 0,
        trained=adapter_weights(shape, lora) if lora else 0,
        mini_batch=mini if isinstance(mini, int) else MINI_BATCH,
        world=processes(spec),
        drawn=(documents or max(len(lengths) - 1, 1) + drawn_of(match, params)) if head == "classifier" else 1,
        contrast=in_batch and head != "classifier",
        gathers=match.loss.gathers,
        guide=_guide(spec, match),
        embedded=4.0 * shape.hidden * _embedded(spec, match) if head in ("pooling", "vectors") else 0,
        told=max_length_of(spec, match) is not None,
        measured=texts_at_once(spec, match, accelerator_of(spec.hardware)),
    )


def _guide(spec: Spec, match: Match) -> float:
    """The bytes of the guide's weights, where the table of bases has it; what it computes goes with each of its layers."""
    table = spec.data[match.index].loss or spec.loss
    base = known_base(table.guide or "")
    return 4e6 * base.parameters if base else 0


def _embedded(spec: Spec, match: Match) -> int:
    """The texts whose embeddings an evaluation holds while the model trains, at most: of a corpus it draws a few alone."""
    return 2 * (measured_rows(spec, match.index, match, "eval") or 0)


def _listed(spec: Spec, match: Match) -> int:
    """The documents of a row's list, all but the longest hundredth of the lists; 0 where nobody counted them."""
    if match.way.rows:
        return round(texts_of_role(spec, match, "documents"))
    split = split_of(spec, match.index, match, "train")
    return next((one.items.p99 for one in split.lists if one.role == "documents"), 0) if split else 0


def _lengths(spec: Spec, match: Match, roles: list[str], longest: int) -> tuple[int, ...]:
    """Tokens of each column of texts at most: of the first as a query, of the others as documents; fewer where all were counted."""
    count = round(sum(1 if role == "documents" else texts_of_role(spec, match, role) for role in roles))
    query, document = (
        (side.max_length if (side := getattr(spec.model, name)) else None) or longest for name in ("query", "document")
    )
    counted = [longest_of_role(spec, match, role) for role in roles]
    first, other = counted[0], max((one for one in counted[1:] if one is not None), default=None)
    query, document = min(query, first or query), min(document, other or document)
    if match.loss.name in COPIED and count == 1:
        return query, query
    return (query, *(document for _ in range(count - 1)))


def adapter_weights(shape: Shape, lora: Lora) -> int:
    """Weights of adapters on all linear layers: the rank x what goes in and out of each."""
    attention = 2 * (shape.hidden + shape.query) + 2 * (shape.hidden + shape.key)
    feed_forward = (3 if shape.encoder.gated else 2) * (shape.hidden + shape.inner)
    return lora.r * shape.layers * (attention + feed_forward)


def peak_with(training: Training, batch: int, again: bool) -> Peak:
    """The peak of a step of so many rows over all devices; `again`: activations are computed again."""
    rows = max(batch // training.world, 1)
    return peak_of(
        Step(
            shape=training.shape,
            head=training.model.head,
            query=training.query,
            passes=tuple(Pass(rows * training.drawn, length) for length in training.lengths),
            rows=rows,
            setting=Setting(training.half, training.gpu, again, training.rank),
            mini_batch=min(training.mini_batch, rows * training.drawn),
            world=training.world if training.gathers else 1,
            contrast=training.contrast,
            trained=training.trained,
            copied=training.world > 1 and training.shared == 1,
            shared=training.shared,
            guide=training.guide,
            embedded=training.embedded,
            measured=training.measured,
        )
    )


def largest_batch(training: Training, device: Device, again: bool) -> int:
    """The largest power of two, rows on each device, that fits; 0 where none does."""
    rows = 0
    while rows < 2**16 and peak_with(training, (rows * 2 or 1) * training.world, again).high <= device.memory:
        rows = rows * 2 or 1
    return rows * training.world
