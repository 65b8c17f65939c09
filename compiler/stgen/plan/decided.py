"""Collects all that was decided for a repo: what the data led to, what holds for all data sets, and what follows from both."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.language.facts import loss_tables
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss
from stgen.match.matching import Match
from stgen.plan.counts import alike_of
from stgen.plan.data import explain_lists, explain_splits
from stgen.plan.decider import in_words
from stgen.plan.defaults import decided_params, explain_from_counts
from stgen.plan.ledger import explain_apart, explain_negatives
from stgen.plan.plan import Decision, LaunchPlan, SetPlan, TrainPlan
from stgen.plan.processes import why_apart

ONE_PICKS = "Metrics of different sets have no common scale: that of the first set whose rows say what is right."


def all_decisions(
    spec: Spec,
    matches: tuple[Match, ...],
    sets: tuple[SetPlan, ...],
    trained: tuple[Decision, ...],
    train: TrainPlan,
    launches: tuple[LaunchPlan, ...],
) -> tuple[Decision, ...]:
    """All decisions: what the data led to, what is the same for all data sets, and what follows from both."""
    names = [f" of {one.name}" if one.name else "" for one in sets]
    tables = loss_tables(spec)
    matched = [
        found
        for one, table, of in zip(matches, tables, names, strict=True)
        for found in (*_matched(one, of), *_decided_params(spec, table, one, of))
    ]
    ledger = [
        found
        for one, matched, of in zip(sets, matches, names, strict=True)
        if one.contrast
        for found in explain_negatives(one.contrast, train, launches, one.sampler, alike_of(spec, matched), of)
    ]
    ledger += [
        found
        for one, match, table, of in zip(sets, matches, tables, names, strict=True)
        for found in explain_apart(why_apart(match, table), train, launches, of)
    ]
    measured = [
        Decision(f"main metric{of}", one.evaluation.main, one.evaluation.reported, "[metrics] best")
        for one, of in zip(sets, names, strict=True)
    ]
    if len(sets) > 1:
        why = "the spec says so" if spec.metrics.best else ONE_PICKS
        measured.append(Decision("checkpoint is picked by", train.best.metric, why, "[metrics] best"))
    counted = [
        found for one, table in zip(matches, tables, strict=True) for found in explain_from_counts(spec, table, one)
    ]
    lists = [found for data, of in zip(spec.data, names, strict=True) for found in explain_lists(data, of)]
    splits = [found for one, of in zip(matches, names, strict=True) for found in explain_splits(spec, one, of)]
    return (*matched, *trained, *ledger, *measured, *counted, *lists, *splits)


def _matched(matched: Match, of: str) -> tuple[Decision, ...]:
    steps = [Decision(f"conversion{of}", row.name, f"{row.source} becomes {row.target}") for row in matched.way.rows]
    return (
        Decision(
            f"data format{of}",
            matched.format.name,
            f"the roles are those of {matched.format.documented}",
            "[[data]] columns",
        ),
        *steps,
        Decision(f"loss{of}", matched.loss.name, matched.why, "[[data]] loss" if of else "[loss] name"),
    )


def _decided_params(spec: Spec, table: Loss, matched: Match, of: str) -> Iterator[Decision]:
    """The arguments of the loss that aren't the library's own."""
    for name, (value, why) in decided_params(spec, table, matched).items():
        yield Decision(f"{name}{of}", in_words(value), why, "[[data]] loss" if of else "[loss] params")
