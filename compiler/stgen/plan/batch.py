"""Plans the rows of a step: [train] batch_size and the device -> a batch that each process gets as many rows of."""

from __future__ import annotations

from typing import cast

from stgen.diagnostics.diagnostic import Findings
from stgen.language.facts import processes
from stgen.language.spec import Spec
from stgen.match.matching import Match, samples_classes
from stgen.plan.counts import ENOUGH_STEPS, epochs_of, rows_trained, split_of, steps_of
from stgen.plan.decider import Decider
from stgen.plan.fitting import Fitted, fit
from stgen.plan.ledger import rows_compared, smallest_batch
from stgen.rules import decisions as tables
from stgen.rules.row import Gpu

USUAL, FILLED = 16, 8
"""Rows that a batch isn't halved below, and how often an epoch fills a batch at least."""
MANY_STEPS = 1000
"""Steps that are left where a batch grows with the devices: several times those that a run needs."""
FEW = "A larger batch would leave under a hundred steps of so few rows, or couldn't be filled eight times an epoch with texts that differ."


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
    if asked is None:
        batch = _suited(spec, match, choose, batch, devices)
    if gpu is None and spec.hardware.memory is None:
        return Fitted(batch, spec.train.gradient_checkpointing is True, (), None)
    fitted = fit(spec, match, gpu, precision, batch, strategy, findings)
    if fitted.batch < batch:
        why = f"{batch} rows would take more memory than the device has; the most that fit"
        choose.made[-1] = choose.made[-1].replaced(value=str(fitted.batch), why=why)
    choose.made.extend(fitted.decisions)
    return fitted


def _suited(spec: Spec, match: Match, choose: Decider, batch: int, devices: int) -> int:
    """The batch of the table as the rows and the devices want it."""
    most = cast("int", tables.CLASS_BATCH.value)
    if samples_classes(match) and batch > most:
        batch = _instead(choose, most, tables.CLASS_BATCH.why)
    if (fewer := _for_few(spec, match, choose, batch, devices)) < batch:
        batch = _instead(choose, fewer, FEW)
    if (more := _for_many(spec, match, choose, batch, devices)) > batch:
        why = f"{choose.made[-1].why} That is {batch // devices} rows on each of {devices} devices, which would mostly wait; of so many rows more leave steps enough."
        batch = _instead(choose, more, why)
    if (even := _even_batch(batch, devices, match)) != batch:
        why = f"{choose.made[-1].why} Each of {devices} processes gets as many rows: {batch} would not divide."
        batch = _instead(choose, even, why)
    return batch


def _instead(choose: Decider, batch: int, why: str) -> int:
    """Another batch than was chosen last, and its reason."""
    choose.made[-1] = choose.made[-1].replaced(value=str(batch), why=why)
    return batch


def _for_few(spec: Spec, match: Match, choose: Decider, batch: int, devices: int) -> int:
    """A batch for rows that were counted: halved down to 16 for a run's steps, and below that where so few can't fill it."""
    rows = rows_trained(spec, match)
    if rows is None:
        return batch
    epochs = epochs_of(spec, choose.facts)
    while spec.train.steps is None and batch > USUAL and steps_of(rows, batch, epochs) < ENOUGH_STEPS:
        batch = max(batch // 2, USUAL)
    split = split_of(spec, match.index, match, "train") if match.loss.sampler == "no_duplicates" else None
    distinct = min((text.distinct for text in split.texts), default=rows) if split and not match.way.rows else rows
    filled = 1 << max(1, min(rows // FILLED, distinct)).bit_length() - 1
    return min(batch, max(filled, smallest_batch(match, devices), 2))


def _for_many(spec: Spec, match: Match, choose: Decider, batch: int, devices: int) -> int:
    """A batch for several devices: doubled up to as many rows for each as one alone would get, 16 at most, while steps enough are left."""
    rows = rows_trained(spec, match)
    if rows is None or processes(spec) == 1 or samples_classes(match) or choose.facts["accelerator"] == "cpu":
        return batch
    epochs = epochs_of(spec, choose.facts)
    wanted = min(batch, USUAL) * devices
    alone = match.loss.objective == "in-batch" and not match.loss.gathers  # its negatives are those of one device
    least = ENOUGH_STEPS if alone else MANY_STEPS
    while spec.train.steps is None and batch < wanted and steps_of(rows, 2 * batch, epochs) >= least:
        batch *= 2
    return batch


def _even_batch(batch: int, devices: int, match: Match) -> int:
    """The next larger batch that gives each device as many rows, and enough of them for the loss."""
    least = 1 if match.loss.gathers else rows_compared(match)
    return max(least, -(-batch // devices)) * devices
