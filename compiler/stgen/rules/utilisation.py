"""How much of a GPU's peak a training uses, by the width of the model: where hours are told from, as a range.

A training step computes 6 x N x tokens floating-point operations: 2 for each weight and token forward, 4 backward (Kaplan
et al., Scaling Laws for Neural Language Models, arXiv 2001.08361, section 2.1; N without the table of embeddings). A frozen
weight needs no gradient of its own (4), and checkpointing computes each layer forward once more (2).
"""

from __future__ import annotations

from stgen.values.record import Record

FORWARD, TO_INPUTS, TO_WEIGHTS = 2, 2, 2
"""Operations for each weight and token."""

OVERHEAD = (0.02, 0.06)
"""Seconds of a step beside its arithmetic: launches of kernels, the optimizer, Python. Of the steps of
tests/device/nvidia-h200.md, those of MiniLM-L6 took 0.05 seconds, of which its operations would take a few thousandths."""

CORE = (2e10, 1.2e11)
"""Operations a second of one core of a CPU in fp32: a step of MiniLM-L6 took 1.29 CPU seconds, which are 8e10
(tests/benchmark/facts/RESULTS.md: 32 pairs of 26 tokens); older cores do a quarter of that, and newer ones half more."""


class Utilisation(Record):
    """A row: models whose layers are narrower than `below` use this part of the peak."""

    below: float
    low: float
    high: float
    source: str


# fmt: off
UTILISATION: tuple[Utilisation, ...] = (
    Utilisation(512,          0.02, 0.08, "tests/device/nvidia-h200.md: MiniLM-L6 used 5 % of an H200 with 256 rows of 160 tokens; kernels this small mostly wait"),
    Utilisation(1024,         0.06, 0.20, "tests/device/nvidia-h200.md: BERT-base used 10 % of an H200 with 64 rows of 320 tokens"),
    Utilisation(float("inf"), 0.20, 0.46, "PaLM, arXiv 2204.02311, table 3: from 21 % (GPT-3) to 46 % (PaLM)"),
)
# fmt: on


def utilisation(hidden: int) -> Utilisation:
    """The row for models of a width."""
    return next(row for row in UTILISATION if hidden < row.below)
