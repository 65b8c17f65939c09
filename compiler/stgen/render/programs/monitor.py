"""Which fragments monitor.py is made of: Plan -> MonitorProgram. Their text stands in `templates/monitor/`."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.rules.reads import WATCHED, WATCHED_PAIRS
from stgen.values.record import Record


class MonitorProgram(Record):
    """How monitor.py looks at embeddings."""

    look: str
    watched: int  # examples of the eval rows


def monitor_program(plan: Plan) -> MonitorProgram:
    """Choose the fragments of a plan's monitor.py."""
    sided = plan.model.routed or plan.model.prompted != "none"
    watched = WATCHED_PAIRS if plan.model.type == "cross-encoder" else WATCHED
    kind = "sparse_" if plan.model.type == "sparse" else ""
    return MonitorProgram(look=f"{kind}{'sides' if sided else 'texts'}", watched=watched)
