"""Counts the bytes that a forward pass keeps for its backward pass: shape and batch -> bytes."""

from __future__ import annotations

from stgen.plan.memory.shape import Shape
from stgen.rules.encoders import ADAPTER, ADAPTER_HALF, ADAPTER_MASKS
from stgen.values.record import Record


class Pass(Record):
    """One forward pass: so many texts of so many tokens, padding included."""

    texts: int
    tokens: int

    @property
    def size(self) -> int:
        """All tokens of the pass."""
        return self.texts * self.tokens


class Setting(Record):
    """What decides how many bytes an element takes.

    On a CPU a dropout mask takes the four bytes of a float and attention under dropout keeps its scores; a GPU's mask
    is a byte, and its fused attention draws the mask again.
    """

    half: bool  # autocast to bf16 or fp16
    gpu: bool
    checkpointing: bool = False
    rank: int = 0  # of LoRA; 0: all weights are trained


def kept_by_layer(shape: Shape, one: Pass, setting: Setting) -> float:
    """Bytes that a layer keeps of one pass."""
    kept = shape.encoder.half if setting.half else shape.encoder.full
    pairs = one.texts * one.tokens * one.tokens
    scores = kept.scores * shape.heads
    square = kept.square
    head = kept.head
    width = kept.width
    mask = 1 if setting.gpu else 4
    if shape.dropout:
        width += shape.encoder.masks * mask
        if shape.encoder.math:
            scores += shape.heads * (4 + mask)
        elif not setting.gpu:  # scores, their softmax and the mask, all of them floats; queries to values once more
            scores, square, head = 12 * shape.heads, 0, 0
            width += 2 if setting.half else 0
            width += 6 if setting.half else 0
    each = width * shape.hidden + kept.query * shape.query + kept.key * shape.key
    each += kept.inner * shape.inner + kept.token + head * shape.heads
    return one.size * (each + _adapter(shape, setting)) + pairs * (square + scores)


def kept(shape: Shape, one: Pass, setting: Setting) -> float:
    """Bytes that the encoder keeps of one pass, pooling aside."""
    mask = 1 if setting.gpu else 4
    dropped = shape.encoder.edge_masks * mask if shape.dropout else 0
    edge = one.size * ((shape.encoder.edge + dropped) * shape.hidden + shape.encoder.ids)
    if setting.checkpointing:  # the input of each layer
        return edge + one.size * 4 * shape.hidden * shape.layers
    return edge + shape.layers * kept_by_layer(shape, one, setting)


def computed_again(shape: Shape, passes: tuple[Pass, ...], setting: Setting) -> float:
    """Bytes of the layer that checkpointing computes again: one at a time, of one pass."""
    return max(kept_by_layer(shape, one, setting) for one in passes) if setting.checkpointing else 0


def weight_copies(shape: Shape, setting: Setting, passes: int) -> float:
    """Bytes of the half-precision copies of weights that linear layers keep for the backward pass.

    Accelerate wraps the model's `forward` in autocast, and none is around the loss (`Accelerator.prepare_model`); the
    cache of copies is cleared where autocast ends: each pass has its own. Under checkpointing a layer keeps none until
    it is computed again.
    """
    if not setting.half or not shape.layers:
        return 0
    return 2.0 * shape.linear * (1 / shape.layers if setting.checkpointing else passes)


def _adapter(shape: Shape, setting: Setting) -> float:
    if not setting.rank:
        return 0
    row = ADAPTER_HALF if setting.half else ADAPTER
    mask = 1 if setting.gpu else 4
    wide, inner = ADAPTER_MASKS
    each = (row.width + wide * mask) * shape.hidden + (row.inner + inner * mask) * shape.inner
    return each + row.query * shape.query + row.rank * setting.rank
