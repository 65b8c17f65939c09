"""The part of the plan that is about the model: how it is built before training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.values.expressions import Expression
from stgen.values.record import Record


class EncoderPlan(Record):
    """One of a router's two encoders: its name in the generated program, and how it is loaded there."""

    name: str
    load: Expression
    start: str  # of static embeddings: "scratch" or "pretrained"; else ""
    max_length: int | None
    at_most: int | None
    pooling: str  # "": what the base brings


class RouterPlan(Record):
    """A model of two encoders, in the order in which they are loaded."""

    query_base: Expression  # a hub id, or the path of a folder; that of the documents is the model's
    encoders: tuple[EncoderPlan, ...]
    starts: tuple[str, ...]
    revised: bool  # whether a base has a revision
    revisions: Mapping[str, str | None]  # of the base of each side
    measured: bool  # whether the generated program looks at the width of embeddings


class ModelPlan(Record):
    """How the model is built before training."""

    type: str
    architecture: str
    template: str  # folder of the template of model.py
    package: str  # of sentence-transformers, with the losses and evaluators of its type
    class_: str  # class of sentence-transformers
    trainer: str  # its trainer
    arguments_class: str  # the arguments of that trainer
    tiny: str  # class of transformers that stands in for the base in tests; "": the tests need no base
    tiny_width: int  # of that stand-in's embeddings
    tiny_follows: str  # what of it the stored vectors of a teacher give the size: "hidden", "vocabulary", "base" (of an autoencoder); "": nothing
    tiny_length: int  # tokens that it reads
    tiny_static: tuple[str, ...]  # folders below that of the stand-in where static embeddings take its place
    base: Expression  # a hub id, or the path of a folder; None where there is none
    local: bool
    revision: str | None
    pinned: Literal["yes", "no"]  # whether the spec says which weights of the hub the base has
    sided: Literal[
        "no", "yes", "base"
    ]  # whether queries are embedded otherwise than documents; "base": where it brings prompts
    start: str  # of static embeddings: "scratch" or "pretrained"; else ""
    max_length: int | None
    at_most: int | None  # tokens that are kept where nobody knows here how many the base reads
    lengths: Mapping[str, int]  # side -> tokens kept of its texts, where one encoder cuts both sides apart
    trust_remote_code: bool
    routed: bool  # queries and documents go different ways through the model
    router: RouterPlan | None
    pooling: str  # "": what the base brings
    dimensions: int | None
    normalize: bool | None
    prompted: Literal["none", "spec", "base"]  # who says what stands before texts
    prompts: Mapping[str, str]
    default_prompt: str  # the prompt of texts that are neither queries nor documents; "": none
    classes: Expression  # cross-encoders: the classes that the model tells apart; None where it returns one number
    outputs: Expression  # cross-encoders: how many numbers the model returns
    activation: Expression  # cross-encoders: what predict() applies to them
    autoencoder: Mapping[str, int | bool | None]  # csr: k, k_aux, hidden_dim (None: a multiple of the base's), frozen
    lora: Expression  # configuration of the adapter; None where all weights are trained
    merged: bool  # whether the model is saved with the adapter in its weights too
    arguments: Mapping[str, Expression]  # training arguments that follow from the model
