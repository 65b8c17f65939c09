"""Which fragments evaluate.py is made of: Plan -> EvaluateProgram. Their text stands in `templates/evaluate/`."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.plan.planned_measures import EvaluationPlan
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class EvaluateProgram(Record):
    """What evaluate.py measures beside both models on the test rows, and the functions that takes.

    Names of templates in `templates/evaluate/step/` and `templates/evaluate/function/`.
    """

    steps: tuple[str, ...]
    functions: tuple[str, ...]
    before: Expression  # the metrics of the base model, as results have them
    after: Expression


def evaluate_program(plan: Plan) -> EvaluateProgram:
    """Choose the steps of a plan's evaluate.py."""
    evaluation = plan.sets[0].evaluation  # what holds for the whole repo holds for each set
    plain = _plain(evaluation) and not plan.mix
    before, after = (Name(name) if plain else Call("numbers", (Name(name),)) for name in ("before", "after"))
    by_words = any(one.evaluation.baseline for one in plan.sets)
    return EvaluateProgram(
        those(
            {
                "own": evaluation.custom and not plan.mix,  # those of several sets are measured with each
                "nanobeir": evaluation.nanobeir,
                "bm25": by_words and not plan.mix,
                "bm25_sets": by_words and plan.mix,
                "untrained": evaluation.untrained_parts,
                "leaks": evaluation.leak_columns,
                "dimensions": evaluation.dimensions and not plan.mix,
            }
        ),
        those(
            {
                "untrained_weights": evaluation.untrained_parts,
                "own_metrics": evaluation.custom and not plan.mix,
                "over_dimensions": evaluation.dimensions and not plan.mix,
                "leaks": evaluation.leak_columns and not plan.mix,
                "leaks_of_sets": evaluation.leak_columns and plan.mix,
                "explain_each": plan.mix,
                "most_changed": not plan.mix,
                "most_changed_of_sets": plan.mix,
                "numbers": not plain,
            }
        ),
        before,
        after,
    )


def _plain(evaluation: EvaluationPlan) -> bool:
    """Whether all that is measured are means over queries, which are floats and never NaN."""
    return evaluation.evaluator == "Search" and not evaluation.custom and not evaluation.dimensions
