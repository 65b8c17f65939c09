"""Which fragments measure.py is made of: SetPlan -> MeasureProgram. Their text stands in `templates/evaluators/`."""

from __future__ import annotations

from typing import NamedTuple

from stgen.plan.plan import SetPlan
from stgen.values.record import Record


class Input(NamedTuple):
    """What the evaluator gets of a column: the template that makes it, and what it is called there."""

    template: str  # "queries" are embedded as such; "values" are all others
    argument: str
    column: str


class MeasureProgram(Record):
    """What the evaluator gets."""

    inputs: tuple[Input, ...]  # a column each
    unrolled: str  # of rows with lists of documents: as what their texts are given


def measure_program(one: SetPlan) -> MeasureProgram:
    """Choose the fragments of the measure.py of a data set."""
    return MeasureProgram(inputs=_inputs(one), unrolled=_unrolled(one))


def _inputs(one: SetPlan) -> tuple[Input, ...]:
    """The columns that are given as they are. Classes that stand for scores are none of them."""
    measured = one.evaluation
    arguments = measured.arguments[:2] if measured.build == "entailment" else measured.arguments
    return tuple(
        Input("queries" if column in measured.queries else "values", argument, column)
        for argument, column in zip(arguments, one.data.evaluated_columns, strict=False)
    )


def _unrolled(one: SetPlan) -> str:
    if one.evaluation.arguments[:1] == ("sentence_pairs",):
        return "pairs"
    return "queries" if one.evaluation.routed else "texts"
