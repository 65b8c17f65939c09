"""How train.py counts what an evaluation reads, where it decides how often to evaluate: Plan -> Pace."""

from __future__ import annotations

from stgen.plan.pace import LONGEST
from stgen.plan.plan import Plan
from stgen.plan.planned_measures import Reading
from stgen.rules.reads import SEARCHES, WATCHED
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class Pace(Record):
    """How train.py counts what an evaluation reads."""

    read: str  # how: by the "rows" of eval alone, by what is "read" beside them, or of several "sets"
    trained: Expression  # the rows of an epoch, or the sets that have them; None: the steps are given
    epochs: Expression  # how many; None as well
    steps: str  # how many: they are "given", or "counted"
    few: str  # what is said of few: "own" flags would bring more, or "none"
    times: int  # of several sets: each eval row comes to as many of training
    beside: int  # the same: rows that are read beside those
    watched: int  # rows that are looked at for a collapse
    searches: int  # evaluations that the documents of a search leave time for
    longest: float  # the share of a run that its evaluations may take, in rows


def pace_of(plan: Plan, by_class: bool) -> Pace:
    """How what an evaluation reads is counted: exactly of one data set, and at most of several; `by_class` batches are of pairs of rows of a class."""
    given, readings = plan.train.steps > 0, [one.evaluation.reading for one in plan.sets]
    own = "options.epochs" if not plan.compare else "EPOCHS"
    return Pace(
        read="sets" if plan.mix else "rows" if readings[0].counted == "rows" else "read",
        trained=None if given else _trained(plan, by_class),
        epochs=None if given else Name(own),
        steps="given" if given else "counted",
        few="none" if given or plan.compare else "own",
        times=1 + max(_times(one) for one in readings),
        beside=sum(one.texts for one in readings if one.counted in ("documents", "fitted")),
        watched=WATCHED,
        searches=SEARCHES,
        longest=LONGEST,
    )


def _trained(plan: Plan, by_class: bool) -> Expression:
    """What counts the rows of an epoch. Batches by class leave most rows of the largest class out.

    Of several sets it is the rows themselves: each leaves out what doesn't fill a batch of its own.
    """
    rows = Name("train_rows")
    return rows if plan.mix else Call("rows_by_class" if by_class else "len", (rows,))


def _times(reading: Reading) -> int:
    """The rows of training that one of eval comes to, for the metric."""
    read = {"lists": reading.texts, "texts": 2}.get(reading.counted, 1)
    return -(-read // reading.each)
