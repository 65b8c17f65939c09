"""The tables of losses and choices of all model types, indexed by what is looked up."""

from __future__ import annotations

from stgen.rules import cross_encoder, dense, multi_vector, sparse
from stgen.rules.row import Choice, Loss

MODULES = (dense, cross_encoder, sparse, multi_vector)
LOSSES: tuple[Loss, ...] = tuple(loss for module in MODULES for loss in module.LOSSES)
CHOICES: tuple[Choice, ...] = tuple(choice for module in MODULES for choice in module.CHOICES)

BY_NAME: dict[tuple[str, str], Loss] = {(loss.model, loss.name): loss for loss in LOSSES}
"""(model type, loss name) -> row."""

ARCHITECTURES: dict[str, tuple[str, ...]] = {
    "dense": ("transformer", "static", "router", "static-router"),
    "cross-encoder": ("transformer",),
    "sparse": ("splade", "inference-free", "csr"),
    "multi-vector": ("transformer",),
}
"""Model type -> its architectures, the default first.

A spec asks for a dense router by `router = true`; it is a `static-router` where one of its encoders is static.
"""

ROUTERS = ("router", "static-router")
"""Those with one encoder for queries and another one for documents."""

ONE_SIDED = (
    "text",
    "text-class",
    "text-embedding",
    "duplicated-pair",
    "tension-pair",
    "damaged-pair",
    "n-texts",
    "n-texts-embedding",
)
"""Data formats without queries: nothing in them would train a router's query encoder."""

MODIFIERS: dict[str, str] = {
    "matryoshka": "MatryoshkaLoss",
    "adaptive_layers": "AdaptiveLayerLoss",
    "matryoshka_2d": "Matryoshka2dLoss",
}
"""What `Loss.modifiers` names -> the dense loss that does it."""

REGULARIZER = "GlobalOrthogonalRegularizationLoss"


def trains(loss: Loss, architecture: str, format: str) -> bool:
    """Whether a loss trains models of an architecture on a data format."""
    if architecture in ROUTERS and format in ONE_SIDED:
        return False
    return architecture in loss.architectures and format in loss.formats


def choices(model: str, architecture: str, format: str) -> tuple[Choice, ...]:
    """The choices for a data format, best first; empty where this type can't train on it directly."""
    return tuple(c for c in CHOICES if c.model == model and architecture in c.architectures and c.format == format)
