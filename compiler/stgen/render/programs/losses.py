"""Which classes of losses.py the losses of a repo stand in: Plan -> their names."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.plan.plan import Plan
from stgen.values.expressions import roots_of

AROUND: Mapping[str, tuple[str, str]] = {  # class of losses.py -> its template, and what it does
    "EvenLoss": ("even", "what weighs the processes alike"),
    "GatheredCachedGISTEmbedLoss": ("anchors_cached", "what gathers anchors too"),
    "GatheredFlops": ("flops", "what counts words over the texts of all processes"),
    "GatheredGISTEmbedLoss": ("anchors", "what gathers anchors too"),
    "GatheredLoss": ("gathered", "what gives it the rows of all processes"),
    "RegularizedLoss": ("regularized", "the regularizer beside it"),
    "SharedLoss": ("shared", "what keeps its own weights alike in all processes"),
    "StackedLabels": ("stacked", "what hands it the probabilities of a batch"),
}
COUNTS = ("count_by_class", "count_documents", "count_ordered_pairs", "count_pairs")
"""Functions of losses.py that those classes are given, each under the name of its template."""


def own_losses_of(plan: Plan) -> list[str]:
    """The classes of losses.py that the repo's losses stand in."""
    called = _called(plan)
    return [name for name in AROUND if name in called]


def parts_of(plan: Plan) -> list[str]:
    """The templates that losses.py is put together from."""
    called = _called(plan)
    return [*(AROUND[name][0] for name in own_losses_of(plan)), *(name for name in COUNTS if name in called)]


def _called(plan: Plan) -> set[str]:
    expressions = [one.loss.expression for one in plan.sets]
    expressions += [one.expression for one in plan.compare.candidates] if plan.compare else []
    return {name for expression in expressions for name in roots_of(expression)}
