"""Plans the model: [model] and its match -> how model.py builds it, and the training arguments that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import (
    architecture,
    base_may_bring_prompts,
    encoders_of,
    prompts_are_said,
    prompts_of,
    routed,
    set_name,
    sides,
    start_of,
)
from stgen.language.paths import Place, is_local, model_location
from stgen.language.spec import Spec
from stgen.language.spec_model import Autoencoder, Model, Prompts
from stgen.match.columns import column_names
from stgen.match.matching import Match
from stgen.plan.defaults import STATIC_DIMENSIONS, normalize_of, pooling_of
from stgen.plan.lengths import max_length_of
from stgen.plan.plan import named
from stgen.plan.planned_model import ModelPlan
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
SIDES = ("query", "document")
LABELS = ("label", "score", "scores")
QUERIES = ("anchor", "text_1")  # what is asked, or stands first; every other text is a document
SYMMETRIC = ("text-class", "duplicated-pair", "tension-pair", "n-texts", "n-texts-embedding")  # text_1 is no query: the same texts stand on all sides
ACTIVATIONS = {"identity": "torch.nn.Identity", "sigmoid": "torch.nn.Sigmoid", "": "torch.nn.Identity"}
# fmt: on
DEFAULT_PROMPT = Call("default_prompt", (Name("encoder"),))  # of a cross-encoder's base
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
    _check_prompts(spec, findings)
    prompts = _prompts(spec, matches)
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
        sided=_sided(spec, matches, prompts),
        start=start_of(model) if architecture(spec) == "static" else "",
        max_length=max_length_of(spec, matches[0]),
        lengths={}
        if model.router
        else {name: side.max_length for name in SIDES if (side := getattr(model, name)) and side.max_length},
        trust_remote_code=model.trust_remote_code,
        routed=routed(spec),
        router=plan_router(spec, place) if model.router else None,
        pooling=pooling_of(spec, matches[0]),
        dimensions=_dimensions(spec),
        normalize=normalize_of(spec, matches[0]),
        prompted="base" if base_may_bring_prompts(spec) else "spec" if prompts_are_said(spec) else "none",
        prompts=prompts,
        default_prompt=_default_prompt(spec, matches, prompts),
        classes=classes,
        outputs=Call("len", (classes,)) if classes else 1,
        activation=Call(ACTIVATIONS[matches[0].loss.activation]),
        autoencoder=_autoencoder(model) if architecture(spec) == "csr" else {},
        lora=_lora(model),
        merged=model.lora is not None and model.lora.merged,
        arguments=_arguments(spec, matches, columns),
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


def _check_prompts(spec: Spec, findings: Findings) -> None:
    """STG120: a prompt that a cross-encoder has no place for."""
    asked: dict[KeyPath, Prompts | None] = {("model",): spec.model.prompts}
    asked |= {("data", index): data.prompts for index, data in enumerate(spec.data)}
    for path, given in asked.items():
        if spec.model.type == "cross-encoder" and given is not None and given.document:
            findings.add(
                Diagnostic(
                    code="STG120",
                    message="a cross-encoder reads query and document as one input, and has one prompt",
                    path=(*path, "prompts", "document"),
                    help="write what stands before both as `query`, and leave `document` out",
                    about="key",
                )
            )


def _prompts(spec: Spec, matches: tuple[Match, ...]) -> dict[str, str]:
    """The prompts of the saved model: an only data set's; else those of all sets, and under a set's name those of its own."""
    if not set_name(spec, 0):
        return set_prompts(spec, 0, format_of_sides(matches[0]))
    own = {
        f"{set_name(spec, index)}_{side}": text
        for index, data in enumerate(spec.data)
        if data.prompts
        for side in SIDES
        if (text := getattr(data.prompts, side))
    }
    shared = spec.model.prompts or Prompts.model_construct()
    # A cross-encoder puts its default prompt before all pairs: it must have one to be measured without.
    default = {"query": ""} if own and spec.model.type == "cross-encoder" else {}
    said = {side: text for side in SIDES if (text := getattr(shared, side))}
    return default | (_of_documents(said) if one_sided(spec, matches) else said) | own


def set_prompts(spec: Spec, index: int, format: str) -> dict[str, str]:
    """Side -> the prompt of a data set's texts. Where none of them is a query, all have that of documents on either side."""
    said = prompts_of(spec, index)
    return _of_documents(said) if has_no_queries(format) and spec.model.type != "cross-encoder" else said


def one_sided(spec: Spec, matches: tuple[Match, ...]) -> bool:
    """Whether a model that tells queries from documents is trained on documents alone."""
    return spec.model.type != "cross-encoder" and all(has_no_queries(format_of_sides(match)) for match in matches)


def has_no_queries(format: str) -> bool:
    """Whether training reads all texts as documents: single texts, and pairs of equals."""
    return all(side_of(name, format) == "document" for name in column_names(format) if name not in LABELS)


def _of_documents(said: dict[str, str]) -> dict[str, str]:
    """The one prompt of texts that are no queries: that of documents, or the only one that the spec gives."""
    text = said.get("document") or said.get("query")
    return {"query": text, "document": text} if text else {}


def _moves(spec: Spec) -> bool:
    """Whether the base is what a branch of the hub holds when the program runs."""
    model = spec.model
    return model.base is not None and model.revision is None and not model.router and not is_local(model.base)


def _sided(spec: Spec, matches: tuple[Match, ...], prompts: dict[str, str]) -> Literal["no", "yes", "base"]:
    """Whether the trained model must be told which texts are queries."""
    if spec.model.type == "cross-encoder":
        return "no"
    if routed(spec):
        return "yes"
    if one_sided(spec, matches):
        return "no"
    return "base" if base_may_bring_prompts(spec) else "yes" if prompts else "no"


def _default_prompt(spec: Spec, matches: tuple[Match, ...], prompts: dict[str, str]) -> str:
    """The prompt that encode() and predict() put before texts of which they don't know the side; "" for none."""
    if spec.model.type == "cross-encoder":
        return "query" if prompts else ""
    known = "document" in prompts or base_may_bring_prompts(spec)
    return "document" if known and one_sided(spec, matches) else ""


def _arguments(spec: Spec, matches: tuple[Match, ...], columns: tuple[tuple[str, ...], ...]) -> dict[str, Expression]:
    """The training arguments of all data sets: what may differ among several stands under the name of each."""
    differ = any(data.prompts is not None for data in spec.data)
    arguments: dict[str, Expression] = {}
    for index, (match, names) in enumerate(zip(matches, columns, strict=True)):
        for key, value in model_arguments(spec, match, set_prompts(spec, index, format_of_sides(match)), names).items():
            by_set = differ or isinstance(value, Mapping) or (isinstance(value, Call) and value != DEFAULT_PROMPT)
            if (name := set_name(spec, index)) and by_set:
                arguments.setdefault(key, {})[name] = value
            else:
                arguments[key] = value
    return arguments


def model_arguments(
    spec: Spec, match: Match, prompts: dict[str, str], columns: tuple[str, ...]
) -> dict[str, Expression]:
    """Training arguments: the library applies prompts and routes by column, not by the model's own prompts."""
    sides = column_sides(match, columns)
    asked = base_may_bring_prompts(spec)
    if spec.model.type == "cross-encoder":
        return {"prompts": DEFAULT_PROMPT} if asked else {"prompts": prompts["query"]} if "query" in prompts else {}
    arguments: dict[str, Expression] = {"prompts": Call("column_prompts", (Name("encoder"), sides))} if asked else {}
    if applied := column_prompts(prompts, format_of_sides(match), tuple(sides)):
        arguments["prompts"] = applied
    if routed(spec):
        arguments["router_mapping"] = sides
    return arguments


def column_sides(match: Match, columns: tuple[str, ...]) -> dict[str, str]:
    """Column of texts -> whether it holds queries or documents."""
    return {name: side_of(name, format_of_sides(match)) for name in columns if name not in LABELS}


def column_prompts(prompts: dict[str, str], format: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Column of texts -> the prompt of its side, where that side has one."""
    return {name: prompts[side] for name in columns if (side := side_of(name, format)) in prompts}


def format_of_sides(match: Match) -> str:
    """The format that says which texts are queries: pairs of texts of one class are pairs of equals."""
    return match.format.name if match.format.name == "text-class" else match.trained_format.name


def side_of(column: str, format: str) -> str:
    """Whether a column of texts holds queries ("query") or documents ("document")."""
    return "query" if column in QUERIES and format not in SYMMETRIC else "document"


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
        "lora_alpha": model.lora.alpha,
        "lora_dropout": model.lora.dropout,
        "target_modules": "all-linear" if model.lora.targets == "auto" else list(model.lora.targets),
    }
    if model.type == "cross-encoder":
        settings["modules_to_save"] = Call("heads", (Name("encoder"),))
    return Call("LoraConfig", (), settings)
