"""Plans the rows of a step: [train] batch_size and the device -> a batch that each process gets as many rows of."""

from __future__ import annotations

from typing import cast

from stgen.diagnostics.diagnostic import Findings
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
    most = cast("int", tables.CLASS_BATCH.value)
    if asked is None and samples_classes(match) and batch > most:
        choose.made[-1] = choose.made[-1].replaced(value=str(most), why=tables.CLASS_BATCH.why)
        batch = most
    if asked is None and (fewer := _for_few(spec, match, choose, batch, devices)) < batch:
        choose.made[-1] = choose.made[-1].replaced(value=str(fewer), why=FEW)
        batch = fewer
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


def _even_batch(batch: int, devices: int, match: Match) -> int:
    """The next larger batch that gives each device as many rows, and enough of them for the loss."""
    least = 1 if match.loss.gathers else rows_compared(match)
    return max(least, -(-batch // devices)) * devices
