"""What follows from a match for the model and the loss where the spec is silent: the decision tables, asked by both passes."""

from __future__ import annotations

from typing import Any

from stgen.language.facts import architecture, regularize_of, start_of
from stgen.language.spec import Loss, Spec
from stgen.match.matching import Match
from stgen.plan.decide import decide
from stgen.plan.train import facts_anywhere
from stgen.rules import decisions as tables
from stgen.rules.bases import known_base
from stgen.rules.row import DecisionTable

STATIC_DIMENSIONS = 256
"""Of static embeddings that start from nothing."""


def _decided(table: DecisionTable, spec: Spec, match: Match) -> Any:
    return decide(table, facts_anywhere(spec, match)).value


def params_of(spec: Spec, table: Loss, match: Match) -> dict[str, Any]:
    """The parameters of a loss and its wrapper: what the spec says, over what is decided."""
    return {name: value for name, (value, _) in decided_params(spec, table, match).items()} | table.params


def decided_params(spec: Spec, table: Loss, match: Match) -> dict[str, tuple[Any, str]]:
    """The parameters that are decided where the spec is silent, each with its why; of the others the library's are right."""
    known = {parameter.name for row in (match.loss, match.wrapper) if row for parameter in row.parameters}
    row = decide(tables.PARAMETERS, facts_anywhere(spec, match))
    usual = row.value if isinstance(row.value, dict) else {}
    found = _scale(spec, table, match) | _margin(spec, table, match)
    found |= {name: (value, row.why) for name, value in usual.items()}
    return {name: told for name, told in found.items() if name in known and name not in table.params}


def _scale(spec: Spec, table: Loss, match: Match) -> dict[str, tuple[Any, str]]:
    """What similarities are multiplied by, where the spec has them compared in another way than the library does."""
    similarity = table.params.get("similarity_fct")
    if similarity not in tables.SIMILARITY.values:
        return {}
    facts = facts_anywhere(spec, match) | {
        "similarity": similarity,
        "bounded": bool(is_bounded(spec, table, match)),
    }
    row = decide(tables.SCALE, facts)
    return {} if row.value is None else {"scale": (row.value, row.why)}


def _margin(spec: Spec, table: Loss, match: Match) -> dict[str, tuple[Any, str]]:
    """The margin of a triplet loss and the distance that it is one of, unless the spec says one of the two."""
    names = {parameter.name for parameter in match.loss.parameters} & {"margin", "triplet_margin"}
    if not match.loss.name.endswith("TripletLoss") or not names or names & set(table.params):
        return {}
    row = decide(tables.MARGIN, {"bounded": bool(is_bounded(spec, table, match))})
    if row.value is None:
        return {}
    return {
        name: (value, row.why)
        for name, value in {"distance_metric": "cosine", **dict.fromkeys(names, row.value)}.items()
    }


def is_bounded(spec: Spec, table: Loss, match: Match) -> str:
    """Why no two embeddings lie further apart than 2, in the words of a message; "" where nothing is known to bound them."""
    metric = table.params.get("distance_metric")
    if metric == "cosine":
        return "distances are those of cosines"
    if spec.model.type != "dense" or metric == "manhattan":  # whose distances grow with the dimensions
        return ""
    if table.matryoshka:
        return "Matryoshka scales embeddings to length 1"
    base = known_base(spec.model.base or "")
    scaled = base is not None and base.normalized and not spec.model.pooling and not spec.model.dimensions
    normalized = normalize_of(spec, match)
    return "embeddings have length 1" if normalized or (normalized is None and scaled) else ""


def width_of(spec: Spec) -> int | None:
    """The dimensions of a dense model's embeddings, where the spec or the base's name tells."""
    if spec.model.dimensions or spec.model.router:
        return spec.model.dimensions
    if architecture(spec) == "static" and start_of(spec.model) == "scratch":
        return STATIC_DIMENSIONS
    base = known_base(spec.model.base or "")
    return base.hidden or None if base else None


def pooling_of(spec: Spec, match: Match) -> str:
    """How token embeddings become one; "" for what the base brings."""
    return spec.model.pooling or _decided(tables.POOLING, spec, match) or ""


def normalize_of(spec: Spec, match: Match) -> bool | None:
    """Whether embeddings are scaled to length 1; None for what the base does."""
    said = spec.model.normalize
    normalize: bool | None = _decided(tables.NORMALIZE, spec, match) if said is None else said
    return normalize


def sparsity_of(spec: Spec, table: Loss, match: Match) -> tuple[float | None, float | None]:
    """The weights that keep documents and queries sparse; None for queries that are regularised as documents, or by nothing."""
    document, query = _decided(tables.SPARSITY, spec, match)
    asked = regularize_of(table)
    if asked is not None:
        document = document if asked.document is None else asked.document
        query = query if asked.query is None else asked.query
    return document, query
