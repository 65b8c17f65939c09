"""What several processes of one training share, and how: losses that DDP alone would train into another model."""

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

GATHERED: frozenset[str] = frozenset({"CoSENTLoss", "AnglELoss", "SparseCoSENTLoss", "SparseAnglELoss", "OnlineContrastiveLoss"})
"""Losses that hold rows against each other and gather nothing themselves: the generated repo gives them the rows of all processes."""

ANCHORED: Mapping[str, str] = {
    "GISTEmbedLoss":       "GatheredGISTEmbedLoss",
    "CachedGISTEmbedLoss": "GatheredCachedGISTEmbedLoss",
}
"""Losses that gather documents and not the anchors that they contrast with each other: class of the generated repo that does."""

EVENED: Mapping[str, str] = {
    "LambdaLoss":       "count_ordered_pairs",
    "RankNetLoss":      "count_ordered_pairs",
    "ADRMSELoss":       "count_documents",
}
"""Losses whose mean isn't over rows: what the generated repo counts to weigh that of each process by (cross_encoder/losses/lambda_loss.py, adr_mse.py)."""

APART: Mapping[tuple[str, str], str] = {
    ("dense", "MegaBatchMarginLoss"):                        "it looks for the hardest negative of each anchor",
    ("cross-encoder", "MultipleNegativesRankingLoss"):       "it draws negatives from other rows",
    ("cross-encoder", "CachedMultipleNegativesRankingLoss"): "it draws negatives from other rows",
    ("sparse", "CSRLoss"):                                   "it divides the error of what it rebuilds by the variance of a batch",
}
"""Losses that hold rows against each other, those of one process alone: the same batch on more of them has another loss."""

CUT = "it counts pairs by the model's own ranking, down to `k`"
"""Why a listwise loss that is cut at a rank can't be weighed: what it is the mean of isn't in the labels."""

OWN_WEIGHTS: frozenset[str] = frozenset({"projection_dim"})
"""Parameters that give a loss weights of its own."""

COPIED: frozenset[str] = frozenset({"ContrastiveTensionLoss", "ContrastiveTensionLossInBatchNegatives"})
"""Losses that train a second copy of the model, which reads a text beside the first."""
TRAINED_BESIDE: frozenset[str] = COPIED | {"DenoisingAutoEncoderLoss"}
"""Losses that train a second model: another start of the same, or a decoder."""
# fmt: on
