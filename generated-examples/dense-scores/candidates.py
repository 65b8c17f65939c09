"""The losses that train.py can train, each with what is its own: its rows, its batches, its training arguments."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from torch import nn

from losses import GatheredLoss


class Candidate(NamedTuple):
    """A loss with what goes with it."""

    build: Callable[[SentenceTransformer], nn.Module]
    rows: str  # the training rows in the form that it takes: a split of data.py
    batch_size: int  # rows of a step, over all devices together
    arguments: dict[str, Any]  # of the trainer, where losses differ


CANDIDATES = {
    "CoSENTLoss": Candidate(
        build=lambda encoder: losses.MatryoshkaLoss(
            encoder, GatheredLoss(encoder, losses.CoSENTLoss(encoder)), matryoshka_dims=[384, 192, 96]
        ),
        rows="train",
        batch_size=32,
        arguments={},
    ),
    "AnglELoss": Candidate(
        build=lambda encoder: losses.MatryoshkaLoss(
            encoder, GatheredLoss(encoder, losses.AnglELoss(encoder)), matryoshka_dims=[384, 192, 96]
        ),
        rows="train",
        batch_size=32,
        arguments={},
    ),
    "CosineSimilarityLoss": Candidate(
        build=lambda encoder: losses.MatryoshkaLoss(
            encoder, losses.CosineSimilarityLoss(encoder), matryoshka_dims=[384, 192, 96]
        ),
        rows="train",
        batch_size=32,
        arguments={},
    ),
}
