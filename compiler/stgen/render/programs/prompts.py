"""What train.py tells the trainer to put before texts: Plan -> argument."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.plan.planned_model import ModelPlan
from stgen.plan.prompts import DEFAULT_PROMPT, QUERIES
from stgen.values.expressions import Call, Expression, Item, Name

PROMPTS = "model.PROMPTS"


def prompts_argument(plan: Plan) -> dict[str, Expression]:
    """What stands before the columns, where the plan's own argument doesn't say it: what the model has, said in one place."""
    if plan.compare:
        return _base_prompts(plan.model) if plan.model.prompted == "base" else {}
    said = plan.model.arguments.get("prompts")
    if plan.mix or plan.model.prompted != "spec" or said is None:
        return {}
    return {"prompts": _of_model(said, plan.model)}


def _base_prompts(model: ModelPlan) -> dict[str, Expression]:
    """What the base puts before the columns of a compared loss."""
    if model.type == "cross-encoder":
        return {"prompts": DEFAULT_PROMPT}
    return {"prompts": Call("column_prompts", (Name("encoder"), Name("candidate.sides")))}


def _of_model(said: Expression, model: ModelPlan) -> Expression:
    """Prompts as items of the model's: of a cross-encoder's only side, or of the side of each column."""
    if isinstance(said, str):
        return Item(PROMPTS, "query")
    return {column: Item(PROMPTS, "query" if _asks(column, model) else "document") for column in said}


def _asks(column: str, model: ModelPlan) -> bool:
    """Whether a column holds queries: where the model tells no sides apart, none does."""
    return column in QUERIES and model.sided != "no"
