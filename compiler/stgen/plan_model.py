"""Plans the model: [model] -> how model.py builds it before training."""

from __future__ import annotations

from typing import NamedTuple

from stgen.expressions import Call, Expression
from stgen.facts import architecture
from stgen.paths import Place, from_repo, is_local
from stgen.plan import ModelPlan
from stgen.rules.imports import PACKAGES
from stgen.spec import Spec


class Kind(NamedTuple):
    """What is the same for all models of one architecture: the library's classes, our templates, a tiny stand-in."""

    class_: str
    template: str
    trainer: str
    tiny: str


# fmt: off
KINDS: dict[tuple[str, str], Kind] = {
    #                                       class                  model.py           train.py         tiny stand-in
    ("dense",         "transformer"):    Kind("SentenceTransformer", "dense",           "dense",         "BertModel"),
    ("dense",         "static"):         Kind("SentenceTransformer", "static",          "dense",         "BertModel"),
    ("cross-encoder", "transformer"):    Kind("CrossEncoder",        "cross_encoder",   "cross_encoder", "BertForSequenceClassification"),
    ("sparse",        "splade"):         Kind("SparseEncoder",       "sparse",          "sparse",        "BertForMaskedLM"),
    ("sparse",        "inference-free"): Kind("SparseEncoder",       "inference_free",  "sparse",        "BertForMaskedLM"),
    ("sparse",        "csr"):            Kind("SparseEncoder",       "csr",             "sparse",        "BertModel"),
    ("multi-vector",  "transformer"):    Kind("MultiVectorEncoder",  "multi_vector",    "multi_vector",  "BertModel"),
}
STATIC_DIMENSIONS = 256
# fmt: on


def plan_model(spec: Spec, place: Place) -> ModelPlan:
    """Plan the model before training."""
    model = spec.model
    kind = KINDS[model.type, architecture(spec)]
    modules = bool(model.pooling or model.dimensions or model.normalize is not None)
    prompts = {name: text for name in ("query", "document") if model.prompts and (text := getattr(model.prompts, name))}
    dimensions = model.dimensions
    if architecture(spec) == "static" and dimensions is None:
        dimensions = STATIC_DIMENSIONS
    return ModelPlan(
        type=model.type,
        architecture=architecture(spec),
        template=kind.template,
        trainer=kind.trainer,
        class_=kind.class_,
        tiny=kind.tiny,
        base=_base(model.base, place),
        local=is_local(model.base or ""),
        revision=model.revision,
        max_length=model.max_length,
        trust_remote_code=model.trust_remote_code,
        pooling=model.pooling or "",
        dimensions=dimensions,
        normalize=model.normalize,
        prompts=prompts,
        imports=(f"{PACKAGES['dense']}:modules",) if modules else (),
    )


def _base(base: str | None, place: Place) -> Expression:
    """A hub id as it is, a folder relative to the generated repo."""
    if base is None or not is_local(base):
        return base
    path = from_repo(base, place)
    if path.startswith("~"):
        return Call("str", (Call("Path.expanduser", (Call("Path", (path,)),)),))
    return path if path.startswith("/") else Call("str", (Call("ROOT.joinpath", (path,)),))


