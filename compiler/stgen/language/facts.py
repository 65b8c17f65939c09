"""What several passes read off a spec: small questions with one answer each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stgen.language.spec import Hardware, Spec
from stgen.language.spec_data import ClassColumn, Data
from stgen.language.spec_model import Loss, Model, Regularize, SubModel
from stgen.rules.hardware import known_gpu
from stgen.rules.processes import OWN_WEIGHTS, TRAINED_BESIDE, UNSHARED
from stgen.rules.row import Loss as LossRow
from stgen.rules.tables import ARCHITECTURES, ROUTERS
from stgen.values.once import once


def architecture(spec: Spec) -> str:
    """The model's architecture: the type's first where the spec doesn't say."""
    if spec.model.router:
        static = any(side and side.architecture == "static" for side in (spec.model.query, spec.model.document))
        return "static-router" if static else "router"
    return spec.model.architecture or ARCHITECTURES[spec.model.type][0]


def accelerator_of(hardware: Hardware, otherwise: str = "cuda") -> str:
    """The accelerator that the spec names, itself or by its GPU; where it names none, that of most."""
    named = known_gpu(hardware.gpu)
    return hardware.accelerator or (named.accelerator if named else otherwise)


def routed(spec: Spec) -> bool:
    """Whether queries and documents go different ways through the model."""
    return architecture(spec) in (*ROUTERS, "inference-free")


@once
def sides(spec: Spec) -> Mapping[str, SubModel]:
    """What reads queries ("query") and documents: what a side doesn't say of itself holds as [model] says it."""
    model = spec.model
    found: dict[str, SubModel] = {}
    for name in ("query", "document"):
        side: SubModel = getattr(model, name) or SubModel.model_construct()
        said: dict[str, Any] = {}
        if side.base is None:
            said |= {"base": model.base, "revision": model.revision}
        if side.architecture == "transformer":
            said |= {"max_length": side.max_length or model.max_length, "pooling": side.pooling or model.pooling}
        found[name] = side.model_copy(update=said)
    return found


def encoders_of(spec: Spec) -> tuple[Model | SubModel, ...]:
    """What the model is made of: its one encoder, or a router's two."""
    return tuple(sides(spec).values()) if spec.model.router else (spec.model,)


def start_of(encoder: Model | SubModel) -> str:
    """What static embeddings start from: "pretrained" where the spec says so or the base is known to be static."""
    from stgen.rules.bases import known_base

    known = known_base(encoder.base or "")
    return encoder.start or ("pretrained" if known and known.static else "scratch")


def processes(spec: Spec) -> int:
    """How many processes train at once, as far as the spec says."""
    return (spec.hardware.gpus or 1) * spec.hardware.nodes


def leaves_launch_open(hardware: Hardware) -> bool:
    """Whether the spec names no device and no launcher, so that the repo gets the launchers of the common ones."""
    named = hardware.accelerator, hardware.gpu, hardware.memory
    return hardware.launcher == "local" and all(one is None for one in named)


def unshared(row: LossRow) -> str:
    """What keeps a loss from being trained in several processes; "" where nothing does."""
    return UNSHARED[row.ddp]


def own_weights(row: LossRow, table: Loss) -> bool:
    """Whether a loss trains weights that aren't the model's: the repo then keeps them alike in all processes."""
    return row.ddp == "head-not-synced" or not OWN_WEIGHTS.isdisjoint(table.params)


def trains_more(row: LossRow, table: Loss) -> bool:
    """Whether a loss trains more than the model, which is all that the trainer's own checkpoints hold."""
    return own_weights(row, table) or row.name in TRAINED_BESIDE or bool(table.custom)


def loss_tables(spec: Spec) -> tuple[Loss, ...]:
    """The [loss] of each data set: its own, or that of all."""
    return tuple(data.loss or spec.loss for data in spec.data)


def set_name(spec: Spec, index: int) -> str:
    """What tells a data set from others in the names of modules and metrics; "" for an only one, which needs no name."""
    return (spec.data[index].name or "") if len(spec.data) > 1 else ""


def class_names(data: Data) -> tuple[str, ...]:
    """The class names that the spec declares for a data set."""
    column = (data.columns.class_ or data.columns.probabilities) if data.columns else None
    return tuple(column.names or ()) if isinstance(column, ClassColumn) else ()


def wanted_modifier(table: Loss) -> str:
    """The modifier that the spec asks for, in the words of the tables; "" for none."""
    if table.matryoshka and table.adaptive_layers:
        return "matryoshka_2d"
    if table.matryoshka:
        return "matryoshka"
    return "adaptive_layers" if table.adaptive_layers else ""


def regularize_of(table: Loss) -> Regularize | None:
    """The weights of sparsity that the spec gives; None where it gives none, or wants no regularizer."""
    return table.regularize or None


def prompts_of(spec: Spec, index: int) -> dict[str, str]:
    """Side -> the prompt that a data set's texts get: its own, else the model's. An empty one of its own means none."""
    found = {}
    for side in ("query", "document"):
        given = [getattr(table, side) for table in (spec.data[index].prompts, spec.model.prompts) if table]
        if text := next((text for text in given if text is not None), ""):
            found[side] = text
    return found


def prompts_are_said(spec: Spec) -> bool:
    """Whether the spec says what stands before texts, or that nothing does."""
    return spec.model.prompts is not None or any(data.prompts is not None for data in spec.data)


def base_may_bring_prompts(spec: Spec) -> bool:
    """Whether the base decides what stands before texts: the spec doesn't say, and the base isn't known to bring nothing."""
    from stgen.rules.bases import known_base

    model = spec.model
    fresh = architecture(spec) == "static" and start_of(model) == "scratch"
    if prompts_are_said(spec) or model.base is None or model.router or fresh:
        return False
    known = known_base(model.base)
    return known is None or known.prompts != "none"
