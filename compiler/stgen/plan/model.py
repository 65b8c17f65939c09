"""Plans the model: [model] and its match -> how model.py builds it, and the training arguments that follow from it."""

from __future__ import annotations

from typing import NamedTuple

from stgen.diagnostics.diagnostic import Findings
from stgen.language.facts import (
    architecture,
    base_may_bring_prompts,
    encoders_of,
    prompts_are_said,
    routed,
    set_name,
    sides,
    start_of,
)
from stgen.language.paths import Place, is_local, model_location
from stgen.language.spec import Spec
from stgen.language.spec_model import Autoencoder, Model
from stgen.match.matching import Match
from stgen.plan.defaults import STATIC_DIMENSIONS, normalize_of, pooling_of
from stgen.plan.lengths import at_most_of, max_length_of
from stgen.plan.plan import named
from stgen.plan.planned_model import ModelPlan
from stgen.plan.prompts import SIDES, arguments_of_sets, check_prompts, default_prompt_of, plan_prompts, sided_of
from stgen.plan.router import plan_router
from stgen.rules.modules import PACKAGES
from stgen.values.expressions import Call, Expression, Name


class Kind(NamedTuple):
    """What is the same for all models of one architecture."""

    class_: str  # of sentence-transformers; the trainer and its arguments are named after it
    template: str  # folder of the template of model.py
    tiny: str  # class of transformers for a tiny stand-in of the base


# fmt: off
KINDS: dict[tuple[str, str], Kind] = {
    #                                    class                  model.py          tiny stand-in
    ("dense", "transformer"):       Kind("SentenceTransformer", "dense",          "BertModel"),
    ("dense", "static"):            Kind("SentenceTransformer", "static",         "BertModel"),
    ("dense", "router"):            Kind("SentenceTransformer", "router",         "BertModel"),
    ("dense", "static-router"):     Kind("SentenceTransformer", "router",         "BertModel"),
    ("cross-encoder", "transformer"): Kind("CrossEncoder",      "cross_encoder",  "BertForSequenceClassification"),
    ("sparse", "splade"):           Kind("SparseEncoder",       "sparse",         "BertForMaskedLM"),
    ("sparse", "inference-free"):   Kind("SparseEncoder",       "inference_free", "BertForMaskedLM"),
    ("sparse", "csr"):              Kind("SparseEncoder",       "csr",            "BertModel"),
    ("multi-vector", "transformer"): Kind("MultiVectorEncoder", "multi_vector",   "BertModel"),
}
ACTIVATIONS = {"identity": "torch.nn.Identity", "sigmoid": "torch.nn.Sigmoid", "": "torch.nn.Identity"}
# fmt: on
ACTIVE, ACTIVE_DEAD = 256, 512  # what the library gives a sparse model that it builds itself
TINY_WIDTH = 32
TINY_LENGTH = 512
# The tokenizer that a static model without a base trains on its own texts.
TOKENIZER = Call("str", (Call("ROOT.joinpath", ("prepared", "tokenizer.json")),))


def plan_model(
    spec: Spec, matches: tuple[Match, ...], place: Place, columns: tuple[tuple[str, ...], ...], findings: Findings
) -> ModelPlan:
    """Plan the model before training, as all data sets ask for it; `columns` are those that the loss of each gets."""
    model = spec.model
    kind = KINDS[model.type, architecture(spec)]
    first = sides(spec)["document"] if model.router else model
    own_tokenizer = model.base is None and architecture(spec) == "static"
    check_prompts(spec, findings)
    prompts = plan_prompts(spec, matches)
    encoders = sides(spec) if model.router else {"": model}
    static = {name: one for name, one in encoders.items() if one.architecture == "static"}
    trained = tuple(name for name, one in static.items() if start_of(one) != "scratch")
    # The first set's: a model that serves several has the same classes for all of them.
    data = named("data", set_name(spec, 0))
    classes = Call(f"{data}.class_names") if matches[0].loss.outputs == "classes" else None
    return ModelPlan(
        type=model.type,
        architecture=architecture(spec),
        template="static_pretrained" if "" in trained else kind.template,
        package=PACKAGES[model.type],
        class_=kind.class_,
        trainer=f"{kind.class_}Trainer",
        arguments_class=f"{kind.class_}TrainingArguments",
        tiny="" if own_tokenizer else _tiny(kind, matches, model),
        tiny_width=_tiny_width(spec),
        tiny_follows=_tiny_follows(spec, matches[0]),
        tiny_length=max(TINY_LENGTH, *(side.max_length or 0 for side in sides(spec).values())),
        tiny_static=trained,
        base=TOKENIZER if own_tokenizer else model_location(first.base, place),
        local=own_tokenizer or any(is_local(one.base or "") for one in encoders_of(spec)),
        revision=first.revision,
        pinned="no" if _moves(spec) else "yes",
        sided=sided_of(spec, matches, prompts),
        start=start_of(model) if architecture(spec) == "static" else "",
        max_length=max_length_of(spec, matches[0]),
        at_most=at_most_of(spec, matches[0]),
        lengths={}
        if model.router
        else {name: side.max_length for name in SIDES if (side := getattr(model, name)) and side.max_length},
        trust_remote_code=model.trust_remote_code,
        routed=routed(spec),
        router=plan_router(spec, matches[0], place) if model.router else None,
        pooling=pooling_of(spec, matches[0]),
        dimensions=_dimensions(spec),
        normalize=normalize_of(spec, matches[0]),
        prompted="base" if base_may_bring_prompts(spec) else "spec" if prompts_are_said(spec) else "none",
        prompts=prompts,
        default_prompt=default_prompt_of(spec, matches, prompts),
        classes=classes,
        outputs=Call("len", (classes,)) if classes else 1,
        activation=Call(ACTIVATIONS[matches[0].loss.activation]),
        autoencoder=_autoencoder(model) if architecture(spec) == "csr" else {},
        lora=_lora(model),
        merged=model.lora is not None and model.lora.merged,
        arguments=arguments_of_sets(spec, matches, columns),
    )


def _tiny(kind: Kind, matches: tuple[Match, ...], model: Model) -> str:
    """The stand-in: with a decoder where a loss reads the base as a causal language model, without a head under LoRA."""
    if any("lm-head" in match.loss.needs for match in matches):
        return "BertLMHeadModel"
    return "BertModel" if model.lora and model.type == "cross-encoder" else kind.tiny


def _tiny_width(spec: Spec) -> int:
    """Wide enough to be cut to every Matryoshka dimension, and even, for two attention heads."""
    cuts = [
        cut for loss in (spec.loss, *(data.loss for data in spec.data if data.loss)) for cut in loss.matryoshka or ()
    ]
    widest = max((TINY_WIDTH, *cuts))
    return widest + widest % 2


def _tiny_follows(spec: Spec, match: Match) -> str:
    """What a stand-in must have of the width of vectors that a teacher has made already; "" where it can be of any."""
    table = spec.data[0].loss or spec.loss
    if match.format.label != "embedding" or "projection_dim" in table.params or spec.model.dimensions:
        return ""
    if spec.model.autoencoder and spec.model.autoencoder.hidden_dim:
        return ""
    return {"splade": "vocabulary", "inference-free": "vocabulary", "csr": "base"}.get(architecture(spec), "hidden")


def _dimensions(spec: Spec) -> int | None:
    starts = [start_of(side) for side in encoders_of(spec) if side.architecture == "static"]
    # Static embeddings that start at random have the width of what they start beside.
    alone = starts == ["scratch"] * len(encoders_of(spec))
    return STATIC_DIMENSIONS if alone and spec.model.dimensions is None else spec.model.dimensions


def _moves(spec: Spec) -> bool:
    """Whether the base is what a branch of the hub holds when the program runs."""
    model = spec.model
    return model.base is not None and model.revision is None and not model.router and not is_local(model.base)


def _autoencoder(model: Model) -> dict[str, int | bool | None]:
    """What CSR puts on top of the base: the library's own sizes where the spec says nothing."""
    said = model.autoencoder or Autoencoder.model_construct()
    return {
        "k": said.k or ACTIVE,
        "k_aux": said.k_aux or ACTIVE_DEAD,
        "hidden_dim": said.hidden_dim,
        "frozen": model.lora is None if said.frozen is None else said.frozen,
    }


def _lora(model: Model) -> Expression:
    """The adapter's configuration; None where all weights are trained."""
    if model.lora is None:
        return None
    settings: dict[str, Expression] = {
        "r": model.lora.r,
        # So that the update weighs the same whatever its rank: the library's PEFT examples take twice the rank too.
        "lora_alpha": model.lora.alpha or 2 * model.lora.r,
        "lora_dropout": model.lora.dropout,
        "target_modules": "all-linear" if model.lora.targets == "auto" else list(model.lora.targets),
    }
    if model.type == "cross-encoder":
        settings["modules_to_save"] = Call("heads", (Name("encoder"),))
    return Call("LoraConfig", (), settings)
