"""Which fragments monitor.py is made of: Plan -> MonitorProgram. Their text stands in `templates/monitor/`."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.rules.reads import WATCHED, WATCHED_PAIRS
from stgen.rules.sparse import REGULARIZED
from stgen.values.record import Record


class MonitorProgram(Record):
    """How monitor.py looks at embeddings."""

    look: str
    warm_up: str  # "regularized": it lasts until the regularizers of SpladeLoss weigh in full; "rate": as long as that of the rate
    watched: int  # examples of the eval rows


def monitor_program(plan: Plan) -> MonitorProgram:
    """Choose the fragments of a plan's monitor.py."""
    sided = plan.model.routed or plan.model.prompted != "none"
    watched = WATCHED_PAIRS if plan.model.type == "cross-encoder" else WATCHED
    kind = "sparse_" if plan.model.type == "sparse" else ""
    regularized = any(one.loss.wrapped in REGULARIZED for one in plan.sets)
    return MonitorProgram(
        look=f"{kind}{'sides' if sided else 'texts'}",
        warm_up="regularized" if regularized else "rate",
        watched=watched,
    )
