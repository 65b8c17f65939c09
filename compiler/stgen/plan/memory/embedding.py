"""Counts what is alive at once while texts are embedded and nothing is kept for gradients: a reader and a pass -> bytes.

Layers come and go, so that what counts is the widest place of one. The tests hold the formula against what PyTorch
really allocates, operation by operation.
"""

from __future__ import annotations

from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.heads import DIMENSIONS, HeadKind
from stgen.plan.memory.shape import Shape


def alive(head: HeadKind, shape: Shape, one: Pass, setting: Setting) -> float:
    """Bytes of all that is alive at the widest place, weights left out."""
    element = 2 if setting.half else 4
    copies = 2.0 * shape.linear if setting.half else 0  # which autocast keeps of all matrices until the pass has ended
    if head == "vectors":
        return one.size * 8 + one.texts * 4.0 * shape.hidden
    if head == "words":
        return one.texts * 12.0 * shape.vocabulary
    if head == "vocabulary":  # the logits, and their product with the mask, which relu and log1p change in place
        copies += 2.0 * shape.vocabulary * shape.hidden if setting.half else 0
        return copies + 2.0 * element * one.size * shape.vocabulary
    if head == "tokens":
        return max(copies + _layer(shape, one, element), 4.0 * one.size * (shape.hidden + 2 * DIMENSIONS))
    return copies + _layer(shape, one, element)


def _layer(shape: Shape, one: Pass, element: int) -> float:
    """The feed-forward part, beside what goes around it; where it is gated, what attention turns and reads comes near."""
    gated = shape.encoder.gated
    around = 4 * shape.hidden + shape.query + shape.key if gated else 3 * shape.hidden
    scores = 8.0 * shape.heads * one.tokens if shape.encoder.math else 0
    return one.size * (4.0 * around + (3 if gated else 2) * element * shape.inner + scores)
