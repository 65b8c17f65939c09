"""Tells what a plan decided and why, for people: Plan -> lines of text. The generated README holds the same."""

from __future__ import annotations

from stgen.match.candidate import Candidate
from stgen.plan.plan import Decision, LossPlan, Plan
from stgen.plan.planned_data import DataPlan
from stgen.values.wrapping import hung

MARKS = {"chosen": "*", "fits": "+", "lacks": "-", "other data": "."}


def explain(plan: Plan, *, every: bool = False) -> str:
    """Say which loss was chosen, by which row, what each other candidate lacked, and what else was decided.

    `every` also lists the losses that want data of another kind.
    """
    parts = [_head(plan)] if plan.mix else []
    for one in plan.sets:
        head = f"{one.name}:" if plan.mix else _head(plan)
        parts += [f"{head}\n{_data(one.data, one.loss)}", _candidates(one.loss.candidates, every)]
    parts.append(_decisions(plan.decisions))
    return "\n\n".join(part for part in parts if part) + "\n"


def explanation_data(plan: Plan) -> dict[str, object]:
    """The same as JSON data."""
    sets = {one.name: _loss_data(one.data, one.loss) for one in plan.sets}
    return {
        "project": plan.project.title,
        "model": {"type": plan.model.type, "architecture": plan.model.architecture},
        **({"sets": sets} if plan.mix else sets[""]),
        "decisions": [{"what": d.what, "value": d.value, "why": d.why, "set_by": d.set_by} for d in plan.decisions],
    }


def _loss_data(data: DataPlan, loss: LossPlan) -> dict[str, object]:
    return {
        "data": {"format": data.format, "trained_as": data.trained_format},
        "loss": loss.name,
        "why": loss.why,
        "note": loss.note,
        "advice": loss.advice,
        "source": loss.source,
        "conversions": list(loss.conversions),
        "candidates": [{"loss": c.loss, "outcome": c.outcome, "reason": c.reason} for c in loss.candidates],
    }


def _head(plan: Plan) -> str:
    how = f"on {len(plan.sets)} data sets together" if plan.mix else f"with {plan.sets[0].loss.name}"
    model = f"a {plan.model.type} model ({plan.model.architecture}) trained {how}"
    return "\n".join(hung(f"{plan.project.title}: ", model))


def _data(data: DataPlan, loss: LossPlan) -> str:
    way = f"{data.format} -> {data.trained_format} ({', '.join(loss.conversions)})" if loss.conversions else data.format
    lines = [
        *hung("  data   ", f"{way}: {data.documented}"),
        *hung("  why    ", loss.why),
        *(hung("  note   ", loss.note) if loss.note else ()),
        *hung("  try    ", loss.advice),
        *hung("  source ", loss.source),
    ]
    return "\n".join(lines)


def _candidates(candidates: tuple[Candidate, ...], every: bool) -> str:
    if not candidates:  # the spec brings a loss of its own
        return ""
    shown = [candidate for candidate in candidates if every or candidate.outcome != "other data"]
    width = max(len(candidate.loss) for candidate in shown)
    lines = ["Losses, best first (* chosen, + fits too, - lacks something):"]
    if every:
        lines = ["Losses, best first (* chosen, + fits too, - lacks something, . for other data):"]
    for candidate in shown:
        lines += hung(f"  {MARKS[candidate.outcome]} {candidate.loss:<{width}}  ", candidate.reason)
    if not every and (hidden := len(candidates) - len(shown)):
        lines.append(f"  {hidden} more want data of another kind: --all lists them")
    return "\n".join(lines)


def _decisions(decisions: tuple[Decision, ...]) -> str:
    lines = ["Decided:"]
    for decision in decisions:
        lines += hung("  ", f"{decision.what.replace('_', ' ')}: {decision.value}")
        lines += hung("      ", decision.why + (f" ({decision.set_by})" if decision.set_by else ""))
    return "\n".join(lines)
