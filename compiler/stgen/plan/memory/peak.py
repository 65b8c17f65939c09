"""Adds up a training step: what is alive at once on one device -> bytes by part, and the peak as a range.

At the end of the forward pass all activations are alive and no gradients are: the trainer sets them to None after each
step. In the backward pass activations go as gradients come. With gradients summed over several passes (GradCache,
accumulation) both are alive. AdamW keeps two floats for each trained weight.
"""

from __future__ import annotations

from stgen.plan.memory.activations import Pass, Setting, computed_again, kept, weight_copies
from stgen.plan.memory.embedding import alive as alive_in_evaluation
from stgen.plan.memory.heads import Head, HeadKind, head_of, similarity
from stgen.plan.memory.shape import Shape
from stgen.values.record import Record

SLACK = 0.10  # what the model doesn't know: workspaces of kernels, fragments of the allocator
CONTEXT = 0.6 * 2**30  # of CUDA itself, beside what PyTorch counts


class Reader(Record):
    """A model that reads texts, and what stands on top of it."""

    shape: Shape
    head: HeadKind


class Step(Record):
    """A step on one device. `passes` are the columns of texts: what one forward pass of each reads."""

    shape: Shape
    head: HeadKind
    passes: tuple[Pass, ...]
    rows: int
    setting: Setting
    query: Reader | None = None  # a router: what reads the first column in place of the model
    summed: bool = False  # gradients of several passes are summed: GradCache, accumulation
    mini_batch: int = 0  # GradCache: rows of a pass; 0: none
    world: int = 1  # devices whose documents are gathered
    contrast: bool = True  # the rows of a batch are compared with each other
    trained: int = 0  # weights that are trained; 0: all
    copied: bool = False  # DDP keeps gradients in buckets of its own
    shared: int = 1  # devices among which weights, gradients and optimizer are shared out
    vectors: int = 0  # bytes of the vectors that GradCache keeps
    guide: float = 0  # bytes of a second model that only embeds
    embedded: float = 0  # bytes of the embeddings that an evaluation holds
    measured: int = 0  # texts that an evaluation embeds at once

    @property
    def parameters(self) -> int:
        """All weights of the model."""
        return self.shape.parameters + (self.query.shape.parameters if self.query else 0)


class Peak(Record):
    """Bytes by part. `total` is what PyTorch's allocator holds at most; `low` and `high` are its range."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    similarity: float
    passing: float  # alive for a moment: gradients of activations, workspaces
    guide: float  # a second model that only embeds
    evaluation: float  # between steps: what is embedded, and the pass that embeds
    total: float

    @property
    def states(self) -> float:
        """The bytes that last from step to step: weights, gradients and the optimizer's."""
        return self.weights + self.gradients + self.optimizer

    @property
    def measuring(self) -> float:
        """The most that is alive between steps, while the model is measured."""
        return (self.weights + self.optimizer + self.guide + self.evaluation) * (1 + SLACK)

    @property
    def low(self) -> float:
        """The least that the peak can be expected to be."""
        return self.total * (1 - SLACK)

    @property
    def high(self) -> float:
        """The most that the peak can be expected to be; what must fit beside CUDA's own."""
        return self.total * (1 + SLACK)


def peak_of(step: Step) -> Peak:
    """The peak of a training step."""
    trained = step.trained or step.parameters
    weights = 4.0 * step.parameters / step.shared
    if step.trained and step.setting.rank:
        weights += 4.0 * step.trained
    gradients, optimizer = 4.0 * trained / step.shared, 8.0 * trained / step.shared
    read = _read(step)
    alive = sum(_alive(reader, passes, step.setting) for reader, passes in read)
    heads = [head_of(reader.head, reader.shape, one, step.setting) for reader, passes in read for one in passes]
    compared = _compared(step)
    passing = max((head.passing for head in heads), default=0) + compared.passing
    passing = max(passing, *(_backward(reader.shape, one, step.setting) for reader, passes in read for one in passes))
    forward = alive + compared.kept + passing + (gradients if step.summed or step.mini_batch else 0)
    # At the end of the backward pass: all gradients, and that of a table of embeddings once more for each column.
    table = (
        max(4.0 * reader.shape.vocabulary * reader.shape.hidden for reader, _ in read) if not step.setting.rank else 0
    )
    backward = gradients + table
    buckets = gradients if step.copied else 0
    gathered = _gathered(step)
    evaluation = evaluation_of(step) if step.shared == 1 else 0  # nothing is measured on shares
    total = weights + optimizer + buckets + step.guide + gathered + max(forward, backward, evaluation)
    passing += gathered
    return Peak(weights, gradients + buckets, optimizer, alive, compared.kept, passing, step.guide, evaluation, total)


def evaluation_of(step: Step) -> float:
    """What is alive between steps, weights and optimizer aside: what has been embedded, and the pass that embeds."""
    if not step.measured:
        return step.embedded
    pairs = zip(_readers(step), step.passes, strict=True)
    widest = (
        alive_in_evaluation(reader.head, reader.shape, one.replaced(texts=step.measured), step.setting)
        for reader, one in pairs
    )
    return step.embedded + max(widest)


def _readers(step: Step) -> tuple[Reader, ...]:
    """What reads each column."""
    model = Reader(step.shape, step.head)
    first = step.query or model
    return (first, *(model for _ in step.passes[1:]))


def _alive(reader: Reader, passes: tuple[Pass, ...], setting: Setting) -> float:
    """What a reader keeps of its passes for their gradients."""
    shape = reader.shape
    found = sum(kept(shape, one, setting) + head_of(reader.head, shape, one, setting).kept for one in passes)
    return found + computed_again(shape, passes, setting) + weight_copies(shape, setting, len(passes))


def _gathered(step: Step) -> float:
    """FSDP: the weights that are whole for a moment: what is in no layer, a layer, and the next one, which is fetched ahead.

    As PyTorch's `fully_shard` does it: https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html.
    """
    if step.shared == 1:
        return 0
    shape = step.shape
    table = shape.vocabulary * shape.hidden
    layer = (shape.parameters - table) / max(shape.layers, 1)
    return (2 if step.setting.half else 4) * (table + 2 * layer)


def _read(step: Step) -> tuple[tuple[Reader, tuple[Pass, ...]], ...]:
    """Each reader with its passes whose activations are alive together.

    All columns but the first go through the model in one pass, padded to the longest: sentence-transformers'
    `embed_columns` (base/losses/merged_forward.py). GradCache computes one mini-batch at a time.
    """
    model = Reader(step.shape, step.head)
    if step.mini_batch:
        if step.query is None:
            return ((model, (_mini(step.passes, step.mini_batch),)),)
        sides = ((step.query, step.passes[:1]), (model, step.passes[1:]))
        either = [(reader, (_mini(passes, step.mini_batch),)) for reader, passes in sides]
        return (max(either, key=lambda one: _alive(one[0], one[1], step.setting)),)
    first, *others = step.passes
    documents = tuple(others)
    if len(others) > 1 and step.shape.layers:
        documents = (Pass(sum(one.texts for one in others), max(one.tokens for one in others)),)
    if step.query is None:
        return ((model, (first, *documents)),)
    return (step.query, (first,)), (model, documents)


def _mini(passes: tuple[Pass, ...], texts: int) -> Pass:
    return max(passes, key=lambda one: one.tokens).replaced(texts=texts)


def _compared(step: Step) -> Head:
    if not step.contrast:
        return Head(0, 0)
    columns = max(len(step.passes) - 1, 1)
    lengths = (step.passes[0].tokens, max(one.tokens for one in step.passes[1:] or step.passes))
    found = similarity(step.head, step.rows, columns, lengths, step.world)
    return found.replaced(kept=found.kept + step.vectors)


def _backward(shape: Shape, one: Pass, setting: Setting) -> float:
    """Gradients of activations that are alive at once, in the widest place of a layer."""
    if not shape.layers:
        return 0
    element = 2 if setting.half else 4
    return one.size * (2.0 * 4 * shape.hidden + 2.0 * element * shape.inner)
