"""Plans the training arguments: [train] and [hardware] over the decision tables -> what train.py passes to the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.diagnostics.suggest import closest
from stgen.language.facts import architecture, encoders_of, processes, sides, start_of
from stgen.language.spec import Hardware, Spec, Train
from stgen.match.matching import Match, samples_classes
from stgen.plan.counts import evaluations_afforded, rows_trained, share_of_positives, skew_of_classes, steps_of
from stgen.plan.decide import bucket, decide
from stgen.plan.effort import explain_effort, figures_of, plan_effort
from stgen.plan.fitting import Fitted, fit, shape_of
from stgen.plan.ledger import rows_compared
from stgen.plan.lengths import explain_max_length, padding_share
from stgen.plan.plan import Best, Decision, HubPlan, TrainPlan
from stgen.plan.planned_measures import EvaluationPlan
from stgen.plan.strategy import plan_strategy, sharded_arguments
from stgen.rules import decisions as tables
from stgen.rules import grounds
from stgen.rules.arguments import ARGUMENTS, WITHOUT_EFFECT
from stgen.rules.bases import known_base
from stgen.rules.hardware import GPUS
from stgen.rules.row import DecisionTable, Gpu
from stgen.values.expressions import Call, Expression, Name

GUESSED = ("batch_size", "epochs", "warmup", "evaluate_every")
"""Keys of [train] whose defaults rest on the number of rows."""
MOST_EVALUATIONS = 10
LOGGED = 0.02  # of the run, between two lines of the log
TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int,), "float": (int, float), "str": (str,), "dict": (dict,), "list": (list,),
}  # fmt: skip


class Decider:
    """Decides through the tables, what the spec says first, and keeps what was decided for `explain`."""

    def __init__(self, facts: dict[str, object]) -> None:
        """Start with the facts that every table may look at."""
        self.facts = facts
        self.made: list[Decision] = []

    def __call__(self, table: DecisionTable, said: Any = None, set_by: str = "") -> Any:
        """What the spec says, or else the value of the first row that fits."""
        if said is not None:
            self.made.append(Decision(table.name, _shown(said), "the spec says so", set_by))
            return said
        row = decide(table, self.facts)
        if row.value is not None or set_by:  # nothing is done, and no key would change that: nobody asks why
            self.made.append(Decision(table.name, _shown(row.value), row.why, set_by))
        return row.value


def plan_train(
    spec: Spec, match: Match, evaluation: EvaluationPlan, best: Best, devices: int, findings: Findings
) -> tuple[TrainPlan, str, tuple[Decision, ...]]:
    """Return the plan, the precision on an accelerator, and what was decided; `devices` are those of the largest launch.

    Of several data sets, `match` is that of the one whose loss asks most of a batch.
    """
    gpu = find_gpu(spec.hardware, findings)
    choose = Decider(facts_of(spec, match, gpu, devices))
    train = spec.train
    precision = plan_precision(spec, choose)
    if spec.hardware.accelerator is None and gpu is None and precision != "fp32":
        choose.made[-1] = choose.made[-1].replaced(value=f"{precision}, and fp32 on a CPU")  # which is launched too
    strategy = plan_strategy(spec, match, gpu, precision, choose, choose.facts, findings)
    if processes(spec) == 1:
        choose.made.pop()  # nobody asks why
    sharded = strategy == "fsdp"
    fitted = plan_batch(spec, match, gpu, precision, devices, strategy, choose, findings)
    rows = rows_trained(spec, match)
    arguments = _schedule(spec, match, choose, rows, fitted.batch)
    by_length = _groups(spec, match, choose, fitted.batch)
    arguments |= _cadence(spec, choose, best) | _devices(spec, by_length, choose) | sharded_arguments(sharded)
    if fitted.checkpointing:
        arguments["activation_checkpointing"] = True
    patience = None if sharded else choose(tables.EARLY_STOPPING, train.early_stopping, "[train] early_stopping")
    measured = "eval_steps" in arguments
    arguments |= _extra(spec, findings)
    callbacks: tuple[Expression, ...] = (Call("BestCheckpoint"),) if measured else ()
    if measured and patience is not None:  # after that which forgets what was best in the warm-up
        callbacks += (Call("EarlyStoppingCallback", (patience,)),)
    if evaluation.collapse and not sharded:
        watched = Call("measure.texts", (Name("evaluator"),))
        callbacks += (Call("CollapseMonitor", (Name("encoder"), watched)),)
    watched_loss = spec.metrics.monitor is None or "loss" in spec.metrics.monitor
    if watched_loss:
        callbacks += (Call("LossMonitor"),)
        arguments.setdefault("logging_nan_inf_filter", False)  # or the log would hide a loss that is NaN
    _told(spec, choose)
    choose.made.extend(explain_max_length(spec, match))
    effort = None
    if rows is not None:
        steps = spec.train.steps or steps_of(rows, fitted.batch, _epochs(arguments))
        shape = shape_of(spec, match)
        effort = plan_effort(spec, match, shape, gpu, steps, fitted.batch, fitted.checkpointing)
        choose.made.extend(explain_effort(effort, shape) if effort else ())
    hub = HubPlan(train.hub.repo, train.hub.private) if train.hub else None
    plan = TrainPlan(
        fitted.batch,
        train.steps or -1,
        best,
        train.keep or 2,
        arguments,
        by_length,
        callbacks,
        watched_loss,
        hub,
        fitted.memory,
        effort,
        figures_of(effort if gpu and gpu.tflops else None, fitted.memory),
        rows is None and _open(spec) and "eval_steps" in arguments,
        MOST_EVALUATIONS,
        sharded,
    )
    return plan, precision, tuple(choose.made)


def _open(spec: Spec) -> bool:
    """Whether train.py is left to decide how often it evaluates: it has all rows before it, and the spec says nothing."""
    streams = any(data.streaming for data in spec.data)
    return spec.train.evaluate_every is None and spec.train.steps is None and not streams and spec.compare is None


def _epochs(arguments: Mapping[str, Expression]) -> float:
    return cast("float", arguments.get("num_train_epochs", 1.0))


def plan_precision(spec: Spec, choose: Decider) -> str:
    """The precision on an accelerator."""
    said = None if spec.hardware.precision == "auto" else spec.hardware.precision
    precision: str = choose(tables.PRECISION, said, "[hardware] precision")
    return precision


def plan_batch(
    spec: Spec,
    match: Match,
    gpu: Gpu | None,
    precision: str,
    devices: int,
    strategy: str,
    choose: Decider,
    findings: Findings,
) -> Fitted:
    """The rows of a step, which each process gets as many of, fitted into the device where the spec says which one it is."""
    asked = None if spec.train.batch_size == "auto" else spec.train.batch_size
    batch: int = choose(tables.BATCH_SIZE, asked, "[train] batch_size")
    most = cast("int", tables.CLASS_BATCH.value)
    if asked is None and samples_classes(match) and batch > most:
        choose.made[-1] = choose.made[-1].replaced(value=str(most), why=tables.CLASS_BATCH.why)
        batch = most
    if asked is None and (even := _even_batch(batch, devices, match)) != batch:
        why = f"{choose.made[-1].why} Each of {devices} processes gets as many rows: {batch} would not divide."
        choose.made[-1] = choose.made[-1].replaced(value=str(even), why=why)
        batch = even
    if gpu is None and spec.hardware.memory is None:
        return Fitted(batch, spec.train.gradient_checkpointing is True, (), None)
    fitted = fit(spec, match, gpu, precision, batch, strategy, findings)
    if fitted.batch < batch:
        why = f"{batch} rows would take more memory than the device has; the most that fit"
        choose.made[-1] = choose.made[-1].replaced(value=str(fitted.batch), why=why)
    choose.made.extend(fitted.decisions)
    return fitted


def _even_batch(batch: int, devices: int, match: Match) -> int:
    """The next larger batch that gives each device as many rows, and enough of them for the loss."""
    least = 1 if match.loss.gathers else rows_compared(match)
    return max(least, -(-batch // devices)) * devices


def facts_of(spec: Spec, match: Match, gpu: Gpu | None, launched: int) -> dict[str, object]:
    """All facts that the decision tables look at; `launched` is the number of processes of the largest launch."""
    hardware = spec.hardware
    devices = "many" if launched > 1 else "one"
    return facts_anywhere(spec, match) | {
        "accelerator": hardware.accelerator or (gpu.accelerator if gpu else "cuda"),
        "bf16": ("yes" if gpu.bf16 else "no") if gpu else "unknown",
        "devices": devices,
    }


def facts_anywhere(spec: Spec, match: Match) -> dict[str, object]:
    """The facts that are the same wherever the training runs, as far as the spec and the profile of its data show them."""
    return {
        "kind": f"{spec.model.type}/{architecture(spec)}",
        "streaming": any(data.streaming for data in spec.data),
        "loss_sampler": match.loss.sampler,
        "lora": spec.model.lora is not None,
        "start": start_of(spec.model) if architecture(spec) == "static" else "pretrained",
        "size": max((bucket(grounds.SIZES, _parameters(one.base or "")) for one in encoders_of(spec)), key=_order),
        "objective": match.loss.objective,
        "cached": match.loss.cached,
        "texts_alone": match.trained_format.name in ("text", "duplicated-pair"),
        "margins": "MarginMSE" in match.loss.name,
        "scored": match.trained_format.name == "pair-score",
        "symmetric": match.trained_format.roles[0] == "text_1",
        "rows": bucket(grounds.ROWS, rows_trained(spec, match)),
        "steps": bucket(grounds.STEPS, spec.train.steps),
        "evaluations": "unknown",
        "balance": bucket(grounds.BALANCES, share_of_positives(spec, match)),
        "skew": bucket(grounds.SKEWS, skew_of_classes(spec, match)),
        "gathers": match.loss.gathers,
        "scheduler": spec.train.scheduler or "linear",
    }


def find_gpu(hardware: Hardware, findings: Findings) -> Gpu | None:
    """The row of the GPU that the spec names; reports STG170 for a name that the table lacks."""
    if hardware.gpu is None:
        return None
    names = {row.name.lower(): row for row in GPUS}
    if row := names.get(hardware.gpu.lower()):
        return row
    guess = closest(hardware.gpu, [row.name for row in GPUS])
    known = ", ".join(row.name for row in GPUS)
    findings.add(
        Diagnostic(
            code="STG170",
            message=f"the hardware table has no GPU {hardware.gpu!r}",
            path=("hardware", "gpu"),
            help=f"did you mean {guess!r}?" if guess else f'it has {known}; for another, write memory = "24GiB"',
        )
    )
    return None


def _order(size: str) -> int:
    return ("unknown", *grounds.SIZES.words).index(size)


def _parameters(base: str) -> float | None:
    """Parameters of a known base model, in millions."""
    row = known_base(base)
    return (row.parameters or None) if row else None


def _schedule(spec: Spec, match: Match, choose: Decider, rows: int | None, batch: int) -> dict[str, Expression]:
    train = spec.train
    arguments: dict[str, Expression] = {}
    epochs = 1.0
    if train.steps is None:
        epochs = arguments["num_train_epochs"] = choose(tables.EPOCHS, train.epochs, "[train] epochs")
    _count_steps(spec, match, choose, rows, batch, epochs)
    arguments["learning_rate"] = choose(tables.LEARNING_RATE, train.learning_rate, "[train] learning_rate")
    if rate := choose(tables.QUERY_LEARNING_RATE):
        arguments["learning_rate_mapping"] = {r"sub_modules\.query": rate}
    if rates := _encoder_rates(spec, choose):
        arguments["learning_rate_mapping"] = rates
    choose.facts["scheduler"] = choose(tables.SCHEDULER, train.scheduler, "[train] scheduler")
    arguments["lr_scheduler_type"] = choose.facts["scheduler"]
    if warmup := choose(tables.WARMUP, train.warmup, "[train] warmup"):
        arguments["warmup_steps"] = warmup if warmup < 1 else int(warmup)
    if train.weight_decay is not None:
        arguments["weight_decay"] = train.weight_decay
    if optimizer := choose(tables.OPTIMIZER, train.optimizer, "[train] optimizer" if train.optimizer else ""):
        arguments["optim"] = optimizer
    return arguments


def guessed(train: Train) -> tuple[str, ...]:
    """The keys that the spec leaves open and that rest on the number of rows."""
    found = [name for name in GUESSED if getattr(train, name) in (None, "auto")]
    return tuple(name for name in found if name != "epochs" or train.steps is None)


def _count_steps(spec: Spec, match: Match, choose: Decider, rows: int | None, batch: int, epochs: float) -> None:
    """What follows from the number of steps is decided by it: of the spec, or of the rows that were counted."""
    if rows is None:
        if guesses := guessed(spec.train):
            why = f"The rows aren't counted, so {', '.join(guesses)} are decided without their number; `stgen profile` counts them."
            choose.made.append(Decision("rows", "not counted", why))
        return
    steps = spec.train.steps or steps_of(rows, batch, epochs)
    choose.facts["steps"] = bucket(grounds.STEPS, steps)
    choose.facts["evaluations"] = bucket(grounds.AFFORDED, evaluations_afforded(spec, match, steps * batch))
    why = f"{rows:,} rows in batches of {batch}, the last of an epoch left out where it is smaller"
    choose.made.append(Decision("steps", f"{steps:,}", why, "[train] steps" if spec.train.steps else "[train] epochs"))


def _told(spec: Spec, choose: Decider) -> None:
    """Record what other passes decide by the same tables, so that it is explained with the rest."""
    choose(tables.POOLING, spec.model.pooling, "[model] pooling" if spec.model.pooling else "")
    choose(tables.NORMALIZE, spec.model.normalize, "" if spec.model.normalize is None else "[model] normalize")
    sparsity = decide(tables.SPARSITY, choose.facts)
    if sparsity.value != (None, None):
        document, query = cast("tuple[float, float | None]", sparsity.value)
        shown = f"{document:g} for all texts" if query is None else f"{document:g} for documents, {query:g} for queries"
        choose.made.append(Decision("sparsity", shown, sparsity.why, "[loss] regularize"))


def _encoder_rates(spec: Spec, choose: Decider) -> dict[str, Expression]:
    """Names of weights, as regular expressions -> the rate of a router's encoder, where it has one of its own."""
    rates: dict[str, Expression] = {}
    for name, side in sides(spec).items() if spec.model.router else ():
        choose.facts["encoder"] = f"static/{start_of(side)}" if side.architecture == "static" else "transformer"
        rate = choose(tables.ENCODER_LEARNING_RATE, side.learning_rate, f"[model] {name}")
        if rate is not None:
            # The rate that suits static embeddings would ruin a projection behind them.
            modules = rf"sub_modules\.{name}\." if side.learning_rate else rf"sub_modules\.{name}\.0\."
            rates[modules] = rate
    return rates


def _cadence(spec: Spec, choose: Decider, best: Best) -> dict[str, Expression]:
    """When to evaluate, save and log. A checkpoint is saved at each evaluation, so that the best can be kept."""
    train = spec.train
    arguments: dict[str, Expression] = {}
    every = choose(tables.EVALUATE_EVERY, train.evaluate_every, "[train] evaluate_every")
    if every is not None:
        every = every if every < 1 else int(every)
        arguments |= {"eval_strategy": "steps", "eval_steps": every, "save_strategy": "steps", "save_steps": every}
        arguments |= {
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


def _extra(spec: Spec, findings: Findings) -> dict[str, Expression]:
    """Further training arguments, checked against the library's own: STG171 unknown, STG172 of a wrong type, STG173 idle."""
    found: dict[str, Expression] = {}
    for name, value in spec.train.extra.items():
        path = ("train", "extra", name)
        if name not in ARGUMENTS:
            guess = closest(name, ARGUMENTS)
            advice = f"did you mean `{guess}`?" if guess else "leave it out"
            message = f"the library has no training argument `{name}`"
            findings.add(Diagnostic("STG171", message, path, advice, about="key"))
        elif name in WITHOUT_EFFECT:
            message = f"`{name}` has no effect: {WITHOUT_EFFECT[name]}"
            findings.add(Diagnostic("STG173", message, path, "leave it out", severity="warning", about="key"))
        elif not any(_is(value, kind) for kind in ARGUMENTS[name].split(" | ")):
            message = f"`{name}` takes {ARGUMENTS[name].replace(' | ', ' or ')}, and is {value!r}"
            findings.add(Diagnostic("STG172", message, path, "write a value of that type"))
        else:
            found[name] = value
    return found


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
