"""Which classes of losses.py the losses of a repo stand in: Plan -> their names."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.plan.plan import Plan
from stgen.values.expressions import roots_of

AROUND: Mapping[str, tuple[str, str]] = {  # class of losses.py -> its template, and what it does
    "RegularizedLoss": ("regularized", "the regularizer beside it"),
    "SharedLoss": ("shared", "what keeps its own weights alike in all processes"),
    "StackedLabels": ("stacked", "what hands it the probabilities of a batch"),
}


def own_losses_of(plan: Plan) -> list[str]:
    """The classes of losses.py that the repo's losses stand in."""
    expressions = [one.loss.expression for one in plan.sets]
    expressions += [one.expression for one in plan.compare.candidates] if plan.compare else []
    called = {name for expression in expressions for name in roots_of(expression)}
    return [name for name in AROUND if name in called]
