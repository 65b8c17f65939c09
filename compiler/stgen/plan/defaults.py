"""What follows from a match for the model and the loss where the spec is silent: the decision tables, asked by both passes."""

from __future__ import annotations

from typing import Any

from stgen.language.facts import architecture, regularize_of, start_of
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss, Mine
from stgen.match.decide import decide
from stgen.match.matching import Match
from stgen.match.reach import options
from stgen.plan.counts import classes_of, share_of_positives
from stgen.plan.grounds import facts_anywhere
from stgen.plan.plan import Decision
from stgen.rules import decisions as tables
from stgen.rules import grounds
from stgen.rules.bases import known_base
from stgen.rules.row import ConversionRow, DecisionTable
from stgen.values.once import once

CANDIDATES = {"margin", "relative_margin", "min_score", "max_score", "range_min", "range_max", "cross_encoder"}
"""Keys of mining that say which candidates are taken."""
STATIC_DIMENSIONS = 256
"""Of static embeddings that start from nothing."""


def decided(table: DecisionTable, spec: Spec, match: Match) -> Any:
    """What a table says of a match, on any machine."""
    return decide(table, facts_anywhere(spec, match)).value


def params_of(spec: Spec, table: Loss, match: Match) -> dict[str, Any]:
    """The parameters of a loss and its wrapper: what the spec says, over what is decided."""
    return {name: value for name, (value, _) in decided_params(spec, table, match).items()} | table.params


@once
def decided_params(spec: Spec, table: Loss, match: Match) -> dict[str, tuple[Any, str]]:
    """The parameters that are decided where the spec is silent, each with its why; of the others the library's are right."""
    known = {parameter.name for row in (match.loss, match.wrapper) if row for parameter in row.parameters}
    row = decide(tables.PARAMETERS, facts_anywhere(spec, match))
    usual = row.value if isinstance(row.value, dict) else {}
    found = _scale(spec, table, match) | _margin(spec, table, match) | _pos_weight(spec, match)
    found |= {name: (value, row.why) for name, value in usual.items()}
    return {name: told for name, told in found.items() if name in known and name not in table.params}


def _pos_weight(spec: Spec, match: Match) -> dict[str, tuple[Any, str]]:
    """The weight of a positive row, where positives are few."""
    row = decide(tables.POS_WEIGHT, facts_anywhere(spec, match))
    share = share_of_positives(spec, match)
    if row.value is None or share is None:
        return {}
    return {"pos_weight": (round((1 - share) / share, 2) if row.value == "ratio" else row.value, row.why)}


def mining_of(spec: Spec, table: Loss, match: Match, row: ConversionRow) -> tuple[Mine, str]:
    """The settings of mining and their why, with what is decided of depth and margins where the spec sets none of them."""
    asked = getattr(options(table, row), "mine", None) or Mine()
    if asked.model_fields_set & CANDIDATES:
        return asked, "the spec says so"
    found = decide(tables.MINING, facts_anywhere(spec, match))
    return asked.model_copy(update=found.value), found.why  # type: ignore[arg-type]


def candidates_of(asked: Mine) -> dict[str, Any]:
    """The arguments of mine_hard_negatives that say which candidates are taken."""
    # fmt: off
    settings = {
        "absolute_margin": asked.margin, "relative_margin": asked.relative_margin, "min_score": asked.min_score, "max_score": asked.max_score,
        "range_min": asked.range_min or None, "range_max": asked.range_max, "sampling_strategy": "random" if asked.sampling == "random" else None,
    }
    # fmt: on
    return {name: value for name, value in settings.items() if value is not None}


def explain_from_counts(spec: Spec, table: Loss, match: Match) -> tuple[Decision, ...]:
    """What was decided of weights and mining by what was counted."""
    found = []
    if match.loss.name == "CrossEntropyLoss" and (weights := class_weights(spec, match)):
        row = decide(tables.CLASS_WEIGHTS, facts_anywhere(spec, match))
        found.append(Decision("class weights", ", ".join(f"{one:g}" for one in weights), row.why))
    for mined in [row for row in match.way.rows if row.template == "mine"][:1]:
        asked, why = mining_of(spec, table, match, mined)
        settings = candidates_of(asked) | ({"cross_encoder": asked.cross_encoder} if asked.cross_encoder else {})
        shown = ", ".join(f"{name} = {value}" for name, value in settings.items())
        found.append(Decision("mining", shown, why, "[loss] convert"))
    return tuple(found)


def class_weights(spec: Spec, match: Match) -> tuple[float, ...]:
    """The weight of each class, by its share of the rows; empty where all weigh the same."""
    counts = classes_of(spec, match)
    if decided(tables.CLASS_WEIGHTS, spec, match) is None:
        return ()
    return tuple(round(sum(counts) / len(counts) / count, 3) for count in counts)


def _scale(spec: Spec, table: Loss, match: Match) -> dict[str, tuple[Any, str]]:
    """What similarities are multiplied by, where the spec has them compared in another way than the library does."""
    similarity = table.params.get("similarity_fct")
    if similarity not in grounds.SIMILARITY.values:
        return {}
    facts = {
        **facts_anywhere(spec, match),
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
    facts = {"bounded": bool(is_bounded(spec, table, match)), "told": _tells_length(spec, table, match)}
    row = decide(tables.MARGIN, facts)
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


def _tells_length(spec: Spec, table: Loss, match: Match) -> bool:
    """Whether it is told if embeddings are scaled: by the spec, or by the tables, of whose bases they know it."""
    model = spec.model
    brought = model.type == "dense" and architecture(spec) == "transformer" and not (model.pooling or model.dimensions)
    asked = "distance_metric" not in table.params and normalize_of(spec, match) is None
    return not (brought and asked) or known_base(model.base or "") is not None


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
    return spec.model.pooling or decided(tables.POOLING, spec, match) or ""


def normalize_of(spec: Spec, match: Match) -> bool | None:
    """Whether embeddings are scaled to length 1; None for what the base does."""
    said = spec.model.normalize
    normalize: bool | None = decided(tables.NORMALIZE, spec, match) if said is None else said
    return normalize


def sparsity_of(spec: Spec, table: Loss, match: Match) -> tuple[float | None, float | None]:
    """The weights that keep documents and queries sparse; None for queries that are regularised as documents, or by nothing."""
    document, query = decided(tables.SPARSITY, spec, match)
    asked = regularize_of(table)
    if asked is not None:
        document = document if asked.document is None else asked.document
        query = query if asked.query is None else asked.query
    return document, query
