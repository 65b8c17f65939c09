"""How many candidates each anchor has under contrastive losses: the formula of each, as a row."""

from __future__ import annotations

from typing import Literal

from stgen.values.record import Record

Counted = Literal["batch", "sampled", "pairs", "guided"]


class Contrast(Record):
    """The negatives of a contrastive loss.

    `batch`: every document of the batch, hard negatives of all rows included. `sampled`: the row's own negatives and
    `num_negatives` others of the batch. `pairs`: one other text of each row. `guided`: every document of the batch, every other
    anchor, and every other positive beside the own one. `masks` says that a guide takes some out.
    """

    model: str
    loss: str
    counted: Counted
    softmax: bool = True  # a cross-entropy over the candidates: at chance level it is ln of their number
    masks: bool = False


# fmt: off
CONTRASTS: tuple[Contrast, ...] = (
    Contrast("dense",         "MultipleNegativesRankingLoss",                  "batch"),
    Contrast("dense",         "CachedMultipleNegativesRankingLoss",            "batch"),
    Contrast("dense",         "GISTEmbedLoss",                                 "guided", softmax=False, masks=True),
    Contrast("dense",         "CachedGISTEmbedLoss",                           "guided", softmax=False, masks=True),
    Contrast("dense",         "MegaBatchMarginLoss",                           "pairs", softmax=False),
    Contrast("dense",         "ContrastiveTensionLossInBatchNegatives",        "pairs"),
    Contrast("cross-encoder", "MultipleNegativesRankingLoss",                  "sampled"),
    Contrast("cross-encoder", "CachedMultipleNegativesRankingLoss",            "sampled"),
    Contrast("sparse",        "SparseMultipleNegativesRankingLoss",            "batch"),
    Contrast("multi-vector",  "MultiVectorMultipleNegativesRankingLoss",       "batch"),
    Contrast("multi-vector",  "CachedMultiVectorMultipleNegativesRankingLoss", "batch"),
)
# fmt: on
