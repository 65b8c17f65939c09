"""Which fragments report.py and its page are made of: Plan -> ReportProgram. Their text stands in `templates/report/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stgen.plan.plan import Plan
from stgen.render.programs.fragments import those
from stgen.values.record import Record

Curves = Mapping[str, str]
"""Key of the log -> what its curve is called."""


class ReportProgram(Record):
    """The sections of the page in their order, and what report.py hands to them."""

    sections: tuple[str, ...]
    given: tuple[str, ...]  # beside what every page shows
    curves: Mapping[str, Curves]  # caption of a chart -> its curves
    funnels: Mapping[str, str]  # data set -> the folder in which prepare.py has counted what each step did to it
    dimensions: bool  # whether the quality is drawn over the dimensions that embeddings are cut to
    chance: bool  # whether the chance-level loss is known


def report_program(plan: Plan) -> ReportProgram:
    """Choose the fragments of a plan's report."""
    contrast = plan.sets[0].contrast
    funnels = {one.name: "/".join(filter(None, ("prepared", one.name, "rows"))) for one in plan.sets if one.clean}
    return ReportProgram(
        sections=those(
            {
                "verdict": True,
                "metrics": True,
                "charts": True,
                "mteb": plan.mteb,
                "compare": plan.compare,
                "examples": True,
                "funnels": funnels,
                "decisions": True,
                "planned": True,
                "rows": True,
            }
        ),
        given=those({"funnels": funnels, "mteb": plan.mteb, "compare": plan.compare}),
        curves=dict(_curves(plan)),
        funnels=funnels,
        dimensions=bool(plan.sets[0].evaluation.dimensions) and not plan.mix,
        chance=not plan.mix and contrast is not None and contrast.softmax,
    )


def _curves(plan: Plan) -> Iterator[tuple[str, Curves]]:
    if plan.mix:
        yield "Loss while training, over the batches of all data sets", {"loss": "training rows"}
    else:
        yield "Loss while training", {"loss": "training rows", "eval_loss": "eval rows"}
    metric = plan.train.best.metric
    yield f"{metric} on the eval rows while training", {f"eval_{metric}": metric}
    yield from _collapse(plan)


def _collapse(plan: Plan) -> Iterator[tuple[str, Curves]]:
    """What shows a collapse while it happens."""
    watched = plan.sets[0].evaluation.collapse
    if watched and plan.mix:
        for one in plan.sets:
            caption = f"Spread of what the model makes of {one.name} while training: near 0 it has collapsed"
            yield caption, {f"monitor_{one.name}_spread": "spread"}
    elif watched == "pairs":
        yield "Spread of the scores while training: near 0 the model has collapsed", {"monitor_spread": "spread"}
        yield "Share of scores that are a sure no or yes", {"monitor_saturated": "saturated"}
    elif watched:
        yield "Spread of the embeddings while training: near 0 the model has collapsed", {"monitor_spread": "spread"}
        yield "Effective rank of the embeddings while training", {"monitor_effective_rank": "effective rank"}
    if watched and plan.model.type == "sparse":
        yield "Active dimensions of a text while training", {"monitor_active_dimensions": "active dimensions"}
