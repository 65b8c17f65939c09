"""Plans the comparison: the Plan of the repo's own loss and its Rivals -> the Plan whose train.py can train each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.columns import column_names
from stgen.plan.compared import MOST, Compared
from stgen.plan.ledger import check_batch
from stgen.plan.loss import plan_loss
from stgen.plan.model import ACTIVATIONS
from stgen.plan.others import Rivals, context_of
from stgen.plan.plan import CandidatePlan, ComparePlan, Decision, LossPlan, Plan, SetPlan
from stgen.plan.planned_model import ModelPlan
from stgen.plan.prompts import column_sides, model_arguments
from stgen.plan.steps import negatives_after
from stgen.plan.train import plan_train
from stgen.values.expressions import Call, Expression, Name, roots_of

Arguments = Mapping[str, Expression]


def plan_compare(plan: Plan, spec: Spec, rivals: Rivals, place: Place, findings: Findings) -> Plan | None:
    """Return the plan with the comparison in it; None where the losses can't be compared."""
    (only,) = plan.sets
    devices = max(launch.processes * launch.machines for launch in plan.launches)
    losses = {one.name: _loss(only, one, place, devices) for one in rivals.candidates}
    candidates = tuple(
        _candidate(plan, one, losses[one.name], rivals.splits[one.name], place, devices, findings)
        for one in rivals.candidates
    )
    _check(plan, spec, candidates, findings)
    if findings.failed or spec.compare is None:
        return None
    shared = {name for name in candidates[0].arguments if _agree(name, candidates)}
    counts = plan.train.counts and (plan.train.steps > 0 or "num_train_epochs" in shared)
    train = plan.train.replaced(arguments=_only(plan.train.arguments, shared), counts=counts)
    compare = ComparePlan(
        candidates=tuple(one.replaced(arguments=_without(one.arguments, shared)) for one in candidates),
        losses=rivals.names,
        own=only.loss.name,
        seeds=tuple(spec.compare.seeds),
        rows=spec.compare.rows or (train.batch_size * train.steps if train.steps > 0 else None),
        epochs=float(plan.train.arguments.get("num_train_epochs", 1)),
        activations_differ=len({str(one.activation) for one in candidates}) > 1,
        eval_rows_differ=len({one.takes_eval_rows for one in candidates}) > 1,
        guide=next((loss.guide for loss in losses.values() if loss.guide is not None), None),
        local_guide=any("ROOT" in roots_of(loss.guide) for loss in losses.values()),
    )
    return plan.replaced(
        compare=compare,
        model=_model(plan.model, rivals, shared),
        train=train,
        sets=(_of_all(only, losses.values()),),
        decisions=(*plan.decisions, *_decisions(spec, compare)),
    )


def _of_all(only: SetPlan, losses: Collection[LossPlan]) -> SetPlan:
    """The repo's data set with what holds for all losses: their chance levels differ."""
    same_width = all(loss.same_width for loss in losses)
    more = any(loss.trains_more for loss in losses)
    return only.replaced(loss=only.loss.replaced(same_width=same_width, trains_more=more), contrast=None)


def _loss(only: SetPlan, one: Compared, place: Place, devices: int) -> LossPlan:
    """The plan of a loss; what is wrong with keys that hold for all losses was told of the repo's own."""
    if one.name == only.loss.name:
        return only.loss
    return plan_loss(one.spec, 0, one.match, place, _columns(one, place), devices, Findings())


def _columns(one: Compared, place: Place) -> tuple[str, ...]:
    context = context_of(one, place)
    return column_names(one.match.trained_format.name, negatives_after(context.data, context.table, one.match))


def _candidate(
    plan: Plan, one: Compared, loss: LossPlan, rows: str, place: Place, devices: int, findings: Findings
) -> CandidatePlan:
    (only,) = plan.sets
    columns = _columns(one, place)
    train, _, _ = plan_train(one.spec, one.match, (only.evaluation,), plan.train.best, devices, Findings())
    if one.name != only.loss.name:
        check_batch(one.match, train, devices, findings)
    return CandidatePlan(
        name=one.name,
        expression=_with_guide(loss.expression),
        conversions=loss.conversions,
        rows=rows,
        columns=columns,
        takes_eval_rows=(one.match.trained_format.name, columns)
        == (only.data.evaluated_format, only.data.evaluated_columns),
        batch_size=train.batch_size,
        activation=Call(ACTIVATIONS[one.match.loss.activation]),
        arguments={**train.arguments, **_model_arguments(plan, one, columns)},
        sides=column_sides(one.match, columns),
    )


def _model_arguments(plan: Plan, one: Compared, columns: tuple[str, ...]) -> dict[str, Expression]:
    """The arguments that follow from the model; train.py itself asks the base for its prompts."""
    arguments = model_arguments(one.spec, one.match, dict(plan.model.prompts), columns)
    return {name: value for name, value in arguments.items() if name != "prompts" or plan.model.prompted == "spec"}


def _with_guide(expression: Expression) -> Expression:
    """The expression with the guide model loaded where train.py of a single loss names a variable."""
    if expression == Name("guide"):
        return Call("SentenceTransformer", (Name("GUIDE"),))
    if isinstance(expression, Call):
        arguments = tuple(_with_guide(part) for part in expression.args)
        named = {name: _with_guide(part) for name, part in expression.kwargs.items()}
        return Call(expression.function, arguments, named)
    return expression


def _model(model: ModelPlan, rivals: Rivals, shared: set[str]) -> ModelPlan:
    """The model's plan without the arguments in which losses differ, and with a stand-in that serves each of them."""
    decoder = model.tiny and any("lm-head" in one.match.loss.needs for one in rivals.candidates)
    return model.replaced(arguments=_only(model.arguments, shared), tiny="BertLMHeadModel" if decoder else model.tiny)


def _agree(name: str, candidates: tuple[CandidatePlan, ...]) -> bool:
    first = candidates[0].arguments[name]
    return all(name in one.arguments and one.arguments[name] == first for one in candidates)


def _only(arguments: Arguments, names: set[str]) -> dict[str, Expression]:
    return {name: value for name, value in arguments.items() if name in names}


def _without(arguments: Arguments, names: set[str]) -> dict[str, Expression]:
    return {name: value for name, value in arguments.items() if name not in names}


def _check(plan: Plan, spec: Spec, candidates: tuple[CandidatePlan, ...], findings: Findings) -> None:
    """STG191: a single run. STG192: checkpoints that are picked by a loss which not every candidate has on the eval rows."""
    if spec.compare is None:
        return
    if len(candidates) == len(spec.compare.seeds) == 1:
        message = f"a single run: there is no other to compare {candidates[0].name} with"
        help = "name more losses, or more seeds for the variance"
        findings.add(Diagnostic("STG191", message, ("compare",), help, severity="warning", about="key"))
    other = [one.name for one in candidates if not one.takes_eval_rows]
    if plan.train.best.metric == "loss" and other:
        message = f"the eval rows have no loss for {other[0]}, which takes rows of another form"
        help = f"leave the key out: {plan.sets[0].evaluation.main} picks the checkpoint"
        findings.add(Diagnostic("STG192", message, ("metrics", "best"), help))


def _decisions(spec: Spec, compare: ComparePlan) -> tuple[Decision, ...]:
    asked = spec.compare
    named = asked is not None and asked.losses is not None
    most = f"The first {MOST} that this data trains as it is, without a further model: each costs a training for each seed."
    rows, why = (
        f"{compare.epochs:g} x those of train",
        "As many as train.py's: what leads after a short run may not lead after a whole one.",
    )
    if asked is not None and asked.rows is not None:
        rows, why = str(asked.rows), "the spec says so"
    elif compare.rows is not None:
        rows = str(compare.rows)
    return (
        Decision(
            "compared losses", ", ".join(compare.losses), "the spec says so" if named else most, "[compare] losses"
        ),
        Decision(
            "compared seeds",
            ", ".join(map(str, compare.seeds)),
            "Each loss is trained once with each, to measure the variance over seeds.",
            "[compare] seeds",
        ),
        Decision("rows of each compared run", rows, why, "[compare] rows"),
    )
