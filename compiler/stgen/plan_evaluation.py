"""Plans the evaluation: the match -> the evaluator that fits the data, and the key of the metric that decides."""

from __future__ import annotations

from stgen.diagnostics import Findings
from stgen.match import Match
from stgen.plan import EvaluationPlan
from stgen.rules.imports import PACKAGES
from stgen.spec import Spec


def plan_evaluation(spec: Spec, match: Match, findings: Findings) -> EvaluationPlan:
    return EvaluationPlan(
        kind="retrieval",
        evaluator="InformationRetrievalEvaluator",
        metric="cosine_ndcg@10",
        name="",
        measures="",
        greater_is_better=True,
        imports=(f"{PACKAGES[spec.model.type]}.evaluation:InformationRetrievalEvaluator",),
    )
