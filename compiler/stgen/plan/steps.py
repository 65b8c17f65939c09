"""Plans the steps of prepare.py: the conversions of a match -> functions with their columns and constants."""

from __future__ import annotations

from stgen.language.spec_data import Data
from stgen.language.spec_model import Loss
from stgen.match.matching import Match
from stgen.match.reach import options, trains_only
from stgen.plan.parts import PARTS, Context, Parts, State, mining
from stgen.plan.planned_data import Step
from stgen.plan.splits import negatives_read
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow
from stgen.rules.steps import BY_CONVERSION, MINED, StepRow
from stgen.values.expressions import Expression

LIST_NEGATIVES = 4  # taken of a list where the spec doesn't say how many
CONVERSION = {row.name: row for row in CONVERSIONS}


def negatives_after(data: Data, table: Loss, match: Match, evaluated: bool = False) -> int:
    """How many columns of negatives the loss gets; or the evaluators, for whom none are mined."""
    state = _start(data, match)
    for row in match.way.rows:
        if evaluated and trains_only(row):
            break
        state = _after(row, state, table)
    return state.negatives


def plan_steps(context: Context) -> tuple[Step, ...]:
    """The steps of prepare.py, in order."""
    state, splits, steps = _start(context.data, context.match), "all", []
    for row in _written(context.match.way.rows):
        step = BY_CONVERSION[row.name]
        splits = "train" if trains_only(row) else splits
        after = _after(row, state, context.table)
        if row.template == "mine":
            after = State(MINED[row.target][0], after.negatives)
        steps.append(_step(step, row, state, after, splits, context))
        state = after
    return tuple(steps)


def _written(rows: tuple[ConversionRow, ...]) -> list[ConversionRow]:
    """The conversions as prepare.py does them: mining finds negatives, and an ordinary conversion gives them their form."""
    found: list[ConversionRow] = []
    for row in rows:
        found.append(row)
        if row.template == "mine" and (then := MINED[row.target][1]):
            found.append(CONVERSION[then])
    return found


def _step(step: StepRow, row: ConversionRow, before: State, after: State, splits: str, context: Context) -> Step:
    made: dict[str, Expression] = {
        "rows": None,
        "before": before.columns,
        "made": after.columns,
        "negatives": tuple(name for name in before.columns if name.startswith("negative")),
        "renames": _renames(before.columns, after.columns),
    }
    parts = PARTS[step.template](row, after, context) if step.template in PARTS else Parts()
    return Step(
        function=step.function,
        template=step.template,
        says=step.does,
        options={**made, **parts.options},
        splits=splits,
        arguments=parts.arguments,
        helpers=(*step.helpers, *parts.helpers),
        command=parts.command,
    )


def _renames(before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, str]:
    """Old name -> new name of the columns, which are the same but for a label that may come or go."""
    return {old: new for old, new in zip(before, after, strict=False) if old != new}


def _start(data: Data, match: Match) -> State:
    return State(match.format.name, negatives_read(data))


def _after(row: ConversionRow, state: State, table: Loss) -> State:
    """The rows after a conversion."""
    asked = options(table, row)
    if row.template == "mine":
        negatives = mining(asked).negatives
    elif row.source == "list":
        negatives = (asked.negatives if asked else None) or LIST_NEGATIVES
    else:
        negatives = state.negatives
    return State(row.target, 1 if row.target.startswith("triplet") else negatives)
