"""The shapes of the rows of the rules table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["loss", "inner", "wrapper", "modifier", "regularizer", "component"]
Sampler = Literal["batch_sampler", "no_duplicates", "group_by_label"]
Ddp = Literal["ok", "diverges", "head-not-synced"]
Modifier = Literal["matryoshka", "adaptive_layers", "matryoshka_2d"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One constructor argument that a spec may set in `loss.params`.

    `type` is what the spec writes: "int", "float", "bool", "str", "ints", "floats", "strs" (`| None` where the library
    takes None) or "choice". A choice maps the words a spec may write to Python names of the generated program; an
    empty `names` means that the words themselves are passed as strings.
    """

    name: str
    type: str
    default: object
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """One public loss of sentence-transformers, for one model type."""

    model: str
    name: str
    formats: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    kind: Kind = "loss"
    needs: tuple[str, ...] = ()  # guide, teacher, inner, classes, embedding_dimension, decoder, weights
    sampler: Sampler = "batch_sampler"
    modifiers: tuple[Modifier, ...] = ()
    architectures: tuple[str, ...] = ("transformer",)
    wrapped_by: tuple[str, ...] = ()  # an inner loss: the wrappers that take it
    cached: bool = False  # GradCache: the batch may be larger than memory
    gathers: bool = False  # has gather_across_devices
    ddp: Ddp = "ok"
    lora: bool = True
    outputs: Literal["", "1", "classes"] = ""  # cross-encoders
    activation: Literal["", "identity", "sigmoid"] = ""  # cross-encoders: what predict() should apply
    successor: str = ""  # deprecated: the loss to name instead
    successor_parameters: tuple[tuple[str, object], ...] = ()
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """For a data format, one loss in order of preference: the first choice that fits is the default."""

    model: str
    architecture: str
    format: str
    loss: str
    why: str


@dataclass(frozen=True, slots=True)
class ConversionRow:
    """An edge between data formats. `cost` 0 loses nothing and is automatic; above that the spec must accept it."""

    name: str
    source: str
    target: str
    cost: int
    loses: str  # what is lost, "" for nothing
    consent: str  # the line that a spec must hold, "" where it is automatic
    template: str  # the prepare step that does it
    models: tuple[str, ...] = ("dense", "cross-encoder", "sparse", "multi-vector")
