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

OWN_WEIGHTS: frozenset[str] = frozenset({"projection_dim"})
"""Parameters that give a loss weights of its own."""
# fmt: on
