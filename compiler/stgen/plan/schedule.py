"""Plans how long and how fast a model learns: epochs, steps, learning rates, warm-up and what follows from their number."""

from __future__ import annotations

from stgen.language.facts import sides, start_of
from stgen.language.spec import Spec, Train
from stgen.match.decide import bucket
from stgen.match.matching import Match
from stgen.plan.counts import estimated, steps_of
from stgen.plan.decider import Decider
from stgen.plan.pace import evaluations_afforded
from stgen.plan.plan import Decision
from stgen.plan.planned_measures import EvaluationPlan
from stgen.rules import decisions as tables
from stgen.rules import grounds
from stgen.values.expressions import Expression

GUESSED = ("batch_size", "epochs", "warmup", "evaluate_every")
"""Keys of [train] whose defaults rest on the number of rows."""


def plan_schedule(
    spec: Spec,
    match: Match,
    evaluations: tuple[EvaluationPlan, ...],
    choose: Decider,
    rows: int | None,
    batch: int,
) -> dict[str, Expression]:
    """The training arguments that say how long and how fast: epochs, rates, scheduler, warm-up, optimizer."""
    train = spec.train
    arguments: dict[str, Expression] = {}
    epochs = 1.0
    if train.steps is None:
        epochs = choose(tables.EPOCHS, train.epochs, "[train] epochs")
        arguments["num_train_epochs"] = int(epochs) if epochs == int(epochs) else epochs
    steps = _count_steps(spec, match, choose, rows, batch, epochs)
    afforded = evaluations_afforded(spec, match, evaluations, steps * batch) if steps else None
    choose.facts["evaluations"] = bucket(grounds.AFFORDED, afforded)
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


def _count_steps(spec: Spec, match: Match, choose: Decider, rows: int | None, batch: int, epochs: float) -> int | None:
    """The steps of the run, by which is decided what follows from them: of the spec, or of the rows that were counted."""
    if rows is None:
        if guesses := guessed(spec.train):
            decided = f"{', '.join(guesses)} {'is' if len(guesses) == 1 else 'are'} decided"
            why = f"The rows aren't counted, so {decided} without their number; `stgen profile` counts them."
            choose.made.append(Decision("rows", "not counted", why))
        return spec.train.steps
    steps = spec.train.steps or steps_of(rows, batch, epochs)
    choose.facts["steps"] = bucket(grounds.STEPS, steps)
    used = " that batches by class use" if match.loss.sampler == "group_by_label" else ""
    about = "about " if estimated(spec, match) else ""
    why = f"{about}{rows:,} rows{used} in batches of {batch}, the last of an epoch left out where it is smaller"
    choose.made.append(Decision("steps", f"{steps:,}", why, "[train] steps" if spec.train.steps else "[train] epochs"))
    return steps


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
