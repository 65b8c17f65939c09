"""Plans the training arguments: [train] and [hardware] over the decision tables -> what train.py passes to the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from stgen.diagnostics.diagnostic import Findings
from stgen.language.facts import loss_tables, processes
from stgen.language.spec import Spec
from stgen.match.decide import bucket, decide
from stgen.match.matching import Match
from stgen.plan.batch import plan_batch, plan_precision
from stgen.plan.counts import rows_trained, steps_of
from stgen.plan.decider import Decider
from stgen.plan.defaults import sparsity_of
from stgen.plan.effort import explain_effort, figures_of, plan_effort
from stgen.plan.extra import plan_extra
from stgen.plan.fitting import Fitted, peaks_anywhere
from stgen.plan.grounds import facts_of, find_gpu
from stgen.plan.lengths import explain_max_length, padding_share
from stgen.plan.plan import Best, Decision, EffortPlan, HubPlan, TrainPlan
from stgen.plan.planned_measures import EvaluationPlan
from stgen.plan.readers import readers_of
from stgen.plan.schedule import plan_schedule
from stgen.plan.strategy import plan_strategy, sharded_arguments
from stgen.rules import decisions as tables
from stgen.rules import grounds
from stgen.rules.row import Gpu
from stgen.rules.sparse import REGULARIZED
from stgen.values.expressions import Call, Expression, Name

LOGGED = 0.02  # of the run, between two lines of the log


def plan_train(
    spec: Spec, match: Match, evaluations: tuple[EvaluationPlan, ...], best: Best, devices: int, findings: Findings
) -> tuple[TrainPlan, str, tuple[Decision, ...]]:
    """Return the plan, the precision on an accelerator, and what was decided; `devices` are those of the largest launch.

    Of several data sets, `match` is that of the one whose loss asks most of a batch.
    """
    gpu = find_gpu(spec.hardware, findings)
    choose = Decider(facts_of(spec, match, gpu, devices))
    train = spec.train
    precision, strategy = _placed(spec, match, gpu, choose, findings)
    sharded = strategy == "fsdp"
    fitted = plan_batch(spec, match, gpu, precision, devices, strategy, choose, findings)
    rows = rows_trained(spec, match)
    arguments = plan_schedule(spec, match, evaluations, choose, rows, fitted.batch)
    by_length = _groups(spec, match, choose, fitted.batch)
    arguments |= _cadence(spec, choose, best) | _devices(spec, by_length, choose) | sharded_arguments(sharded)
    if fitted.checkpointing:
        arguments["activation_checkpointing"] = True
    patience = None if sharded else choose(tables.EARLY_STOPPING, train.early_stopping, "[train] early_stopping")
    measured = "eval_steps" in arguments
    if measured and patience is not None:  # how often the run has waited in vain is part of a checkpoint
        arguments["restore_callback_states_from_checkpoint"] = True
    arguments |= plan_extra(spec, findings)
    watched_loss = spec.metrics.monitor is None or "loss" in spec.metrics.monitor
    if watched_loss:
        arguments.setdefault("logging_nan_inf_filter", False)  # or the log would hide a loss that is NaN
    watched = bool(evaluations[0].collapse) and not sharded
    _told(spec, match, choose)
    choose.made.extend(explain_max_length(spec, match))
    effort = _effort(spec, match, gpu, fitted, rows, _epochs(arguments))
    choose.made.extend(explain_effort(effort, len(spec.data) > 1) if effort else ())
    peaks = peaks_anywhere(spec, match, precision, fitted.batch, fitted.checkpointing)
    hub = HubPlan(train.hub.repo, train.hub.private) if train.hub else None
    plan = TrainPlan(
        batch_size=fitted.batch,
        steps=train.steps or -1,
        best=best,
        keep=train.keep or 2,
        arguments=arguments,
        by_length=by_length,
        callbacks=_callbacks(_regularized(spec, match), measured, patience, watched, watched_loss),
        watches_loss=watched_loss,
        hub=hub,
        memory=fitted.memory,
        effort=effort,
        figures=figures_of(spec, match, gpu, effort, fitted.memory, peaks),
        counts=spec.train.evaluate_every is None
        and choose.facts["evaluations"] == "unknown"
        and "eval_steps" in arguments,
        evaluations=_most_evaluations(arguments),
        sharded=sharded,
    )
    return plan, precision, tuple(choose.made)


def _placed(spec: Spec, match: Match, gpu: Gpu | None, choose: Decider, findings: Findings) -> tuple[str, str]:
    """The precision on an accelerator, and how several share the work."""
    precision = plan_precision(spec, choose)
    if spec.hardware.accelerator is None and gpu is None and precision != "fp32":
        choose.made[-1] = choose.made[-1].replaced(value=f"{precision}, and fp32 on a CPU")  # which is launched too
    strategy = plan_strategy(spec, match, gpu, precision, choose, choose.facts, findings)
    if processes(spec) == 1:
        choose.made.pop()  # nobody asks why
    return precision, strategy


def _callbacks(
    regularized: bool, measured: bool, patience: int | None, watched: bool, watched_loss: bool
) -> tuple[Expression, ...]:
    """What looks at the run while it trains, in the order in which they are asked."""
    # The library would add it too, and warn of that.
    callbacks: list[Expression] = (
        [Call("SpladeRegularizerWeightSchedulerCallback", (Name("loss"),))] if regularized else []
    )
    callbacks += [Call("BestCheckpoint")] if measured else []
    if measured and patience is not None:  # after that which forgets what was best in the warm-up
        callbacks.append(Call("EarlyStoppingCallback", (patience,)))
    if watched:
        callbacks.append(Call("CollapseMonitor", (Name("encoder"), Call("measure.texts", (Name("evaluator"),)))))
    if watched_loss:
        callbacks.append(Call("LossMonitor"))
    return tuple(callbacks)


def _regularized(spec: Spec, match: Match) -> bool:
    """Whether the one loss of the repo has regularizers, whose weights rise by a schedule."""
    one = len(spec.data) == 1 and spec.compare is None
    return one and match.wrapper is not None and match.wrapper.name in REGULARIZED


def _effort(
    spec: Spec, match: Match, gpu: Gpu | None, fitted: Fitted, rows: int | None, epochs: float
) -> EffortPlan | None:
    """The length of the run, where the rows are counted."""
    if rows is None:
        return None
    steps = spec.train.steps or steps_of(rows, fitted.batch, epochs)
    again = fitted.checkpointing + match.loss.cached  # GradCache embeds all rows before it begins
    return plan_effort(spec, match, readers_of(spec, match), gpu, steps, fitted.batch, again)


def _most_evaluations(arguments: Mapping[str, Expression]) -> int:
    """As many as there would be if they cost nothing."""
    every = arguments.get("eval_steps", 1.0)
    return round(1 / every) if isinstance(every, float) and every < 1 else 1


def _epochs(arguments: Mapping[str, Expression]) -> float:
    return cast("float", arguments.get("num_train_epochs", 1.0))


def _told(spec: Spec, match: Match, choose: Decider) -> None:
    """Record what other passes decide by the same tables, so that it is explained with the rest."""
    choose(tables.POOLING, spec.model.pooling, "[model] pooling" if spec.model.pooling else "")
    choose(tables.NORMALIZE, spec.model.normalize, "" if spec.model.normalize is None else "[model] normalize")
    usual = decide(tables.SPARSITY, choose.facts)
    table = next((one for one in loss_tables(spec) if one.regularize), spec.loss)
    if usual.value != (None, None) and table.regularize is not False:
        document, query = cast("tuple[float, float | None]", sparsity_of(spec, table, match))
        why = "the spec says so" if table.regularize else usual.why
        shown = f"{document:g} for all texts" if query is None else f"{document:g} for documents, {query:g} for queries"
        choose.made.append(Decision("sparsity", shown, why, "[loss] regularize"))


def _cadence(spec: Spec, choose: Decider, best: Best) -> dict[str, Expression]:
    """When to evaluate, save and log. A checkpoint is saved at each evaluation, so that the best can be kept."""
    train = spec.train
    arguments: dict[str, Expression] = {}
    every = choose(tables.EVALUATE_EVERY, train.evaluate_every, "[train] evaluate_every")
    if every is not None:
        every = every if every < 1 else int(every)
        arguments |= {"eval_strategy": "steps", "eval_steps": every, "save_strategy": "steps", "save_steps": every}
        arguments |= {
            "eval_on_start": choose(tables.BASE_MEASURED),
            "load_best_model_at_end": True,
            "metric_for_best_model": f"eval_{best.metric}",
            "greater_is_better": best.greater,
        }
    return arguments | {"logging_steps": LOGGED, "report_to": train.tracker}


def _groups(spec: Spec, match: Match, choose: Decider, batch: int) -> bool:
    """Whether batches are of texts of similar length: one loss alone can be asked what it takes."""
    alone = len(spec.data) == 1 and spec.compare is None
    choose.facts["padding"] = bucket(grounds.PADDINGS, padding_share(spec, match, batch) if alone else None)
    grouped: bool = choose(tables.GROUP_BY_LENGTH, spec.train.group_by_length, "[train] group_by_length")
    return grouped


def _devices(spec: Spec, by_length: bool, choose: Decider) -> dict[str, Expression]:
    if by_length:
        why = "Batches are of rows of similar length: group_by_length."
        choose.made.append(Decision("sampler", "by length", why, "[train] group_by_length"))
    sampler = None if by_length else choose(tables.SAMPLER)
    arguments: dict[str, Expression] = {
        "batch_sampler": Name("LengthBatchSampler") if by_length else sampler,
        # A batch is drawn as a whole and then split over the processes: no duplicates stand in it, wherever they go.
        "accelerator_config": {"split_batches": True},
        "dataloader_drop_last": True,
        "dataloader_pin_memory": Call("torch.cuda.is_available"),  # elsewhere it can't be, and a warning says so
    }
    if (unused := choose(tables.FIND_UNUSED)) is not None:
        arguments["ddp_find_unused_parameters"] = unused
    if spec.train.compile:
        arguments["torch_compile"] = True
    return arguments
