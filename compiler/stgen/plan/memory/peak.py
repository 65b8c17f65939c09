"""Adds up a training step: what is alive at once on one device -> bytes by part, and the peak as a range.

At the end of the forward pass all activations are alive and no gradients are: the trainer sets them to None after each
step. In the backward pass activations go as gradients come. With gradients summed over several passes (GradCache,
accumulation) both are alive. AdamW keeps two floats for each trained weight.
"""

from __future__ import annotations

from stgen.plan.memory.activations import Pass, Setting, computed_again, kept, weight_copies
from stgen.plan.memory.heads import Head, HeadKind, head_of, similarity
from stgen.plan.memory.shape import Shape
from stgen.values.record import Record

SLACK = 0.10  # what the model doesn't know: workspaces of kernels, fragments of the allocator
CONTEXT = 0.6 * 2**30  # of CUDA itself, beside what PyTorch counts


class Step(Record):
    """A step on one device. `passes` are the columns of texts: what one forward pass of each reads."""

    shape: Shape
    head: HeadKind
    passes: tuple[Pass, ...]
    rows: int
    setting: Setting
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
    def low(self) -> float:
        """The least that the peak can be expected to be."""
        return self.total * (1 - SLACK)

    @property
    def high(self) -> float:
        """The most that the peak can be expected to be; what must fit beside CUDA's own."""
        return self.total * (1 + SLACK)


def peak_of(step: Step) -> Peak:
    """The peak of a training step."""
    shape, setting = step.shape, step.setting
    trained = step.trained or shape.parameters
    weights = 4.0 * shape.parameters / step.shared
    if step.trained and step.setting.rank:
        weights += 4.0 * step.trained
    gradients, optimizer = 4.0 * trained / step.shared, 8.0 * trained / step.shared
    passes = _forwards(step)
    heads = [head_of(step.head, shape, one, setting) for one in passes]
    alive = sum(kept(shape, one, setting) for one in passes) + sum(head.kept for head in heads)
    alive += computed_again(shape, passes, setting) + weight_copies(shape, setting, len(passes))
    compared = _compared(step)
    passing = max((head.passing for head in heads), default=0) + compared.passing
    passing = max(passing, *(_backward(step, one) for one in passes))
    forward = alive + compared.kept + passing + (gradients if step.summed or step.mini_batch else 0)
    # At the end of the backward pass: all gradients, and that of the table of embeddings once more for each column.
    table = 4.0 * shape.vocabulary * shape.hidden if not setting.rank else 0
    backward = gradients + table
    buckets = gradients if step.copied else 0
    gathered = _gathered(step)
    evaluation = step.embedded + max(_backward(step, one) for one in passes) / 2
    total = weights + optimizer + buckets + step.guide + gathered + max(forward, backward, evaluation)
    passing += gathered
    return Peak(weights, gradients + buckets, optimizer, alive, compared.kept, passing, step.guide, evaluation, total)


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


def _forwards(step: Step) -> tuple[Pass, ...]:
    """The passes whose activations are alive together.

    All columns but the first go through the model in one pass, padded to the longest: sentence-transformers'
    `embed_columns` (base/losses/merged_forward.py).
    """
    if step.mini_batch:
        return (_largest(step).replaced(texts=step.mini_batch),)
    if len(step.passes) < 3:
        return step.passes
    first, *others = step.passes
    return first, Pass(sum(one.texts for one in others), max(one.tokens for one in others))


def _largest(step: Step) -> Pass:
    return max(step.passes, key=lambda one: one.tokens)


def _compared(step: Step) -> Head:
    if not step.contrast:
        return Head(0, 0)
    columns = max(len(step.passes) - 1, 1)
    lengths = (step.passes[0].tokens, max(one.tokens for one in step.passes[1:] or step.passes))
    found = similarity(step.head, step.rows, columns, lengths, step.world)
    return found.replaced(kept=found.kept + step.vectors)


def _backward(step: Step, one: Pass) -> float:
    """Gradients of activations that are alive at once, in the widest place of a layer."""
    element = 2 if step.setting.half else 4
    return one.size * (2.0 * 4 * step.shape.hidden + 2.0 * element * step.shape.inner)
