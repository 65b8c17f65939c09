"""Counts what stands on top of the encoder: pooling, SPLADE's vocabulary, looked-up vectors, MaxSim, the similarity matrix -> bytes.

`kept` stays until the backward pass has used it; `passing` is alive beside it for a moment, at the peak.
"""

from __future__ import annotations

from typing import Literal

from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.shape import Shape
from stgen.values.record import Record

HeadKind = Literal["pooling", "classifier", "vocabulary", "tokens", "vectors", "words"]
DIMENSIONS = 128  # of a token's embedding in a multi-vector model
BUDGET = 2**27  # elements that MaxSim compares at a time


class Head(Record):
    """Bytes of what follows the encoder."""

    kept: float
    passing: float


def head_of(kind: HeadKind, shape: Shape, one: Pass, setting: Setting) -> Head:
    """What one pass keeps behind the encoder."""
    element = 2 if setting.half else 4
    if kind == "classifier":  # the first token's vector alone
        return Head(one.texts * shape.hidden * 16.0, 0)
    if kind == "pooling":
        return Head(one.size * shape.hidden * 4.0, one.size * shape.hidden * 4.0)
    if kind == "vectors":  # of a table: their mean, and the same at length 1, which is what is compared
        return Head(one.texts * (8.0 * shape.hidden + 24), one.texts * 8.0 * shape.hidden)
    if kind == "words":  # the words that a text has, as whole numbers, and their weights
        return Head(one.texts * 12.0 * shape.vocabulary, one.texts * 4.0 * shape.vocabulary)
    if kind == "tokens":  # projection, mask and length 1: as wide as the projection
        return Head(one.size * (shape.hidden * (2.0 if setting.half else 0) + 3 * DIMENSIONS * 4), 0)
    # relu's result is kept for its own gradient and for that of log1p. Autocast on a GPU has log1p in fp32
    # (AT_FORALL_FP32 of ATen/autocast_mode.h; not so on a CPU), which keeps a copy, and has wider gradients: those of
    # log1p and of the maximum, and its divisor. The logits themselves go with the features, before the backward pass.
    logits = float(one.size) * shape.vocabulary
    wide = setting.half and setting.gpu
    transform = one.size * shape.hidden * 16.0
    copies = 2.0 * shape.vocabulary * shape.hidden if setting.half else 0
    return Head((element + (4 if wide else 0)) * logits + transform + copies, 3 * (4 if wide else element) * logits)


def similarity(kind: HeadKind, rows: int, columns: int, tokens: tuple[int, int], world: int = 1) -> Head:
    """The comparison of all rows of a batch: `columns` documents a row, over all devices where they are gathered."""
    documents = rows * world * columns
    if kind != "tokens":  # the softmax is kept; its gradient, and that of the scores, pass by
        return Head(4.0 * rows * documents, 8.0 * rows * documents)
    query, document = tokens
    scores = float(rows) * rows * world * query * document
    # A mask of bytes is kept of each comparison, and the place of each maximum; scores and their gradients pass by.
    maxima = 12.0 * rows * rows * world * query
    return Head(columns * (scores + maxima), 3 * 4 * min(scores, float(BUDGET)))
