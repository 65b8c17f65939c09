"""What follows from a match for the model and the loss where the spec is silent: the decision tables, asked by both passes."""

from __future__ import annotations

from typing import Any

from stgen.language.facts import regularize_of
from stgen.language.spec import Loss, Spec
from stgen.match.matching import Match
from stgen.plan.decide import decide
from stgen.plan.train import facts_of
from stgen.rules import decisions as tables
from stgen.rules.row import DecisionTable


def _decided(table: DecisionTable, spec: Spec, match: Match) -> Any:
    return decide(table, facts_of(spec, match)).value


def params_of(spec: Spec, table: Loss, match: Match) -> dict[str, Any]:
    """The parameters of a loss and its wrapper: what the spec says, over what is decided."""
    known = {parameter.name for row in (match.loss, match.wrapper) if row for parameter in row.parameters}
    decided: dict[str, Any] = _decided(tables.PARAMETERS, spec, match)
    return {name: value for name, value in decided.items() if name in known} | table.params


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
