"""Every (model type, architecture, loss, data format) that the rules tables call legal, and every modifier over each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stgen.rules.row import Loss
from stgen.rules.tables import ARCHITECTURES, BY_NAME, LOSSES, MODIFIERS, ROUTERS, trains

from matrix.samples import COLUMNS, MADE_FROM

ENCODERS: dict[str, dict[str, Any]] = {  # architecture -> what [model] says of two encoders
    "router": {"query": {"base": "../bases/other", "learning_rate": 0.02}},
    "static-router": {"query": {"architecture": "static"}},
}


@dataclass(frozen=True)
class Case:
    """One repo to train: what its spec says beside the data."""

    model: str
    architecture: str
    loss: str
    format: str
    table: dict[str, Any] = field(default_factory=dict)  # further keys of [loss]
    keys: dict[str, Any] = field(default_factory=dict)  # further keys of [model]
    name: str = ""

    @property
    def id(self) -> str:
        parts = (self.model, self.architecture, self.loss, self.format, self.name)
        return "-".join(part for part in parts if part)

    @property
    def source(self) -> str:
        """The format of the data files."""
        return MADE_FROM.get(self.format, self.format)


def plain() -> list[Case]:
    """One case for each legal row of the tables."""
    return [
        Case(row.model, architecture, row.name, format, _needed(row) | _made(format), _encoders(architecture))
        for row in LOSSES
        if row.kind in ("loss", "inner") and not row.successor
        for architecture in row.architectures
        for format in row.formats
        if (format in COLUMNS or format in MADE_FROM) and trains(row, architecture, format)
    ]


def modified() -> list[Case]:
    """Every modifier over every loss that takes it, and the regularizer beside every dense loss."""
    found = []
    for row in LOSSES:
        if row.kind != "loss" or row.model != "dense" or row.successor:
            continue
        for modifier in row.modifiers:
            for architecture in row.architectures:
                if architecture in BY_NAME["dense", MODIFIERS[modifier]].architectures:
                    found.append(_modified(row, architecture, modifier))
        found += [_regularized(row, architecture) for architecture in row.architectures]
    return found


def wrapped() -> list[Case]:
    """Every inner loss in its cached wrapper: asked for by a parameter that only that one has."""
    return [
        Case(row.model, architecture, row.name, row.formats[0], {"params": {"mini_batch_size": 4}}, name="cached")
        for row in LOSSES
        if row.kind == "inner" and "CachedSpladeLoss" in row.wrapped_by
        for architecture in BY_NAME["sparse", "CachedSpladeLoss"].architectures
        if architecture in row.architectures
    ]


def adapted() -> list[Case]:
    """LoRA on one loss for each architecture that has layers."""
    found = []
    for model, architectures in ARCHITECTURES.items():
        for architecture in architectures:
            if architecture not in ("static", "inference-free", *ROUTERS):
                loss = next(
                    row
                    for row in LOSSES
                    if row.model == model and "pair" in row.formats and row.kind in ("loss", "inner")
                )
                found.append(Case(model, architecture, loss.name, "pair", keys={"lora": {"r": 4}}, name="lora"))
    return found


def own() -> list[Case]:
    """A loss of the user's own for each family of models: the skeleton that the compiler writes."""
    table = {"custom": "my_losses.py:MyLoss", "params": {"scale": 2.0}}
    kinds = (
        ("dense", "transformer"),
        ("sparse", "splade"),
        ("cross-encoder", "transformer"),
        ("multi-vector", "transformer"),
    )
    return [Case(model, architecture, "auto", "pair", table, name="own") for model, architecture in kinds]


def sparse() -> list[Case]:
    """What holds a sparse model down, said in full: regularizers, the autoencoder's sizes, a loss of the user's own."""
    own = {"custom": "my_losses.py:MyLoss"}
    regularizers = {"document_regularizer": "my_regularizer.py:Size", "query_regularizer": "FlopsLoss", "query": 0.1}
    threshold = {"params": {"document_regularizer_threshold": 4}}
    sizes = {"autoencoder": {"k": 4, "k_aux": 8, "hidden_dim": 64, "frozen": False}}
    splade: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("regularizers", "pair", {"regularize": regularizers}),
        ("threshold", "pair", threshold | {"regularize": {"document_regularizer": "FlopsLoss"}}),
        ("documents-only", "pair", {"params": {"use_document_regularizer_only": True}}),
        ("own-with-threshold", "pair-score", own | threshold),
        ("own-alone", "pair", own | {"regularize": False}),
    )
    return [
        *(Case("sparse", "splade", "auto", format, table, name=name) for name, format, table in splade),
        Case("sparse", "csr", "auto", "pair", keys=sizes, name="sizes"),
        Case("sparse", "csr", "auto", "triplet", own, name="own"),
        Case("sparse", "inference-free", "auto", "pair", own, name="own"),
    ]


def prompted() -> list[Case]:
    """Prompts on one loss for each architecture."""
    found = []
    for model, architectures in ARCHITECTURES.items():
        prompts = {"query": "the: "} if model == "cross-encoder" else {"query": "the: ", "document": "a: "}
        found += [
            Case(model, kind, "auto", "pair", keys={"prompts": prompts} | _encoders(kind), name="prompts")
            for kind in architectures
        ]
    return found


def fresh() -> list[Case]:
    """A static model that trains its own tokenizer."""
    return [Case("dense", "static", "auto", "pair", keys={"base": None}, name="own-tokenizer")]


def built() -> list[Case]:
    """Dense models with modules of their own after the transformer."""
    changes: tuple[dict[str, Any], ...] = (
        {"pooling": "cls", "normalize": True, "dimensions": 16, "max_length": 32},
        {"normalize": False},
    )
    return [Case("dense", "transformer", "auto", "pair", keys=keys, name="-".join(keys)) for keys in changes]


def routed() -> list[Case]:
    """Routers of encoders that differ in more than their weights, and their prompts where a loss judges pairs."""
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "lengths-pooling": ("pair", {"query": {"max_length": 8, "pooling": "cls"}, "document": {"max_length": 16}}),
        "projected": ("pair", {"dimensions": 16, "normalize": True, "document": {"base": "../bases/other"}}),
        "unscaled": ("pair", {"normalize": False}),
        "prompts-scores": ("pair-score", {"prompts": {"query": "the: ", "document": "a: "}}),
        "prompts-labels": ("pair-binary", {"prompts": {"query": "the: "}}),
    }
    found = [Case("dense", "router", "auto", data, keys=keys, name=name) for name, (data, keys) in changes.items()]
    static = {"query": {"architecture": "static"}, "document": {"architecture": "static"}}
    found.append(Case("dense", "static-router", "auto", "pair", keys=static, name="both-static"))
    trained = {"query": {"architecture": "static", "start": "pretrained"}}
    return [*found, Case("dense", "static-router", "auto", "pair", keys=trained, name="trained-vectors")]


def cut() -> list[Case]:
    """Queries and documents that one encoder cuts at lengths of their own."""
    keys = {"query": {"max_length": 8}, "document": {"max_length": 16}}
    return [Case("multi-vector", "transformer", "auto", "pair", keys=keys, name="lengths")]


def warm() -> list[Case]:
    """Static models that start from trained embeddings."""
    start = {"start": "pretrained", "dimensions": None}
    return [
        Case("dense", "static", "auto", "pair", keys=start, name="trained-vectors"),
        Case(
            "dense",
            "static",
            "auto",
            "pair",
            keys=start | {"dimensions": 16, "normalize": True},
            name="projected-vectors",
        ),
    ]


def every() -> list[Case]:
    """All of them."""
    return [
        *plain(),
        *modified(),
        *wrapped(),
        *adapted(),
        *own(),
        *sparse(),
        *prompted(),
        *fresh(),
        *built(),
        *routed(),
        *cut(),
        *warm(),
    ]


def quick() -> list[Case]:
    """One case for each architecture: what the default suite trains."""
    seen: dict[tuple[str, str], Case] = {}
    for case in plain():
        seen.setdefault((case.model, case.architecture), case)
    return list(seen.values())


def _needed(row: Loss) -> dict[str, Any]:
    return {"guide": "../guide"} if "guide" in row.needs else {}


def _made(format: str) -> dict[str, Any]:
    """The user's word that the data becomes this format, even where the loss would take it as it is."""
    return {"convert": [format]} if format in MADE_FROM else {}


def _modified(row: Loss, architecture: str, modifier: str) -> Case:
    table = _needed(row)
    if modifier in ("matryoshka", "matryoshka_2d"):
        table["matryoshka"] = [32, 16, 8]
    if modifier in ("adaptive_layers", "matryoshka_2d"):
        table["adaptive_layers"] = True
    return Case("dense", architecture, row.name, _first(row, architecture), table, _encoders(architecture), modifier)


def _regularized(row: Loss, architecture: str) -> Case:
    table = _needed(row) | {"orthogonal": 0.1}
    return Case(
        "dense", architecture, row.name, _first(row, architecture), table, _encoders(architecture), "orthogonal"
    )


def _first(row: Loss, architecture: str) -> str:
    """The first data format that a loss trains this architecture on."""
    return next(format for format in row.formats if trains(row, architecture, format))


def _encoders(architecture: str) -> dict[str, Any]:
    return ENCODERS.get(architecture, {})
