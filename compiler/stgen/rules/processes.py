"""What several processes of one training can't share: losses whose gradients DDP doesn't see."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.rules.row import Ddp

SEVERAL = 2
"""Processes of the launchers for several devices where the spec doesn't say how many."""

# fmt: off
UNSHARED: Mapping[Ddp, str] = {
    "ok":              "",
    "diverges":        "it calls the model past DDP, so gradients aren't averaged and each process ends with weights of its own",
    "head-not-synced": "",  # the generated repo averages the gradients of the loss's own weights
}
"""What becomes of a loss in several processes; "" where nothing does."""

APART: Mapping[str, str] = {
    "CoSENTLoss":              "it ranks pairs against each other",
    "AnglELoss":               "it ranks pairs against each other",
    "SparseCoSENTLoss":        "it ranks pairs against each other",
    "SparseAnglELoss":         "it ranks pairs against each other",
    "OnlineContrastiveLoss":   "it picks the hard pairs among all",
}
"""Losses that hold rows against each other and don't gather: each process knows its own. The same batch on more of them has another loss."""

OWN_WEIGHTS: frozenset[str] = frozenset({"projection_dim"})
"""Parameters that give a loss weights of its own."""
# fmt: on
