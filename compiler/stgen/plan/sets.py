"""Plans what several data sets that are trained together share, and what each has of its own: Spec and Matches -> SetPlans, MixPlan."""

from __future__ import annotations

from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import class_names
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.decide import decide
from stgen.match.matching import Match
from stgen.plan.best import main_set, metric_of
from stgen.plan.evaluation import similarity_of
from stgen.plan.plan import Decision, MixPlan, SetPlan
from stgen.plan.prompts import prompts_of_sets, sets_of_documents
from stgen.rules.decisions import MIX
from stgen.rules.evaluators import SETS_COSINE
from stgen.values.expressions import Expression, Name

SAMPLERS: dict[str, Expression] = {
    "batch_sampler": Name("shuffle"),
    "no_duplicates": Name("NoDuplicatesBatchSampler"),
    "group_by_label": Name("GroupByLabelBatchSampler"),
}
"""Sampler -> the function or class of train.py that makes it."""


class Fact(NamedTuple):
    """Something that one model has once, and that each set's loss decides on."""

    what: str
    values: tuple[object, ...]


def check_sets(spec: Spec, matches: tuple[Match, ...], findings: Findings) -> None:
    """STG124: losses that no one model can serve."""
    for fact in _shared(spec, matches):
        for index, value in enumerate(fact.values):
            if value != fact.values[0]:
                first, other = (f"{spec.data[number].name} ({matches[number].loss.name})" for number in (0, index))
                findings.add(
                    Diagnostic(
                        "STG124",
                        f"one model can't serve both {first} and {other}: {fact.what}",
                        ("data", index),
                        "name losses that agree, train on one of the two sets, or compile a repo for each",
                        (f"{spec.data[0].name}: {fact.values[0]}; {spec.data[index].name}: {value}",),
                    )
                )
                break


def shared_similarity(spec: Spec, matches: tuple[Match, ...]) -> tuple[str, ...]:
    """What each set's embeddings are compared by: one model has one similarity, and some losses set it to cosine."""
    if any(matched.loss.name in SETS_COSINE for matched in matches):
        return ("cosine",) * len(matches)
    return tuple(similarity_of(spec, index, matched) for index, matched in enumerate(matches))


def leading(matches: tuple[Match, ...]) -> Match:
    """The match by which batch size and rates are decided: the first in-batch one, which asks most of a batch, or that of the main set."""
    return next((matched for matched in matches if matched.loss.objective == "in-batch"), matches[main_set(matches)])


def plan_mix(
    spec: Spec, matches: tuple[Match, ...], sets: tuple[SetPlan, ...]
) -> tuple[MixPlan | None, dict[str, Expression], tuple[Decision, ...]]:
    """Plan how batches of several sets are mixed. Returns the plan, training arguments, and what was decided."""
    if len(sets) == 1:
        return None, {}, ()
    weighted = any(data.weight is not None for data in spec.data)
    row = decide(MIX, {"weighted": weighted})
    differ = len({one.sampler for one in sets}) > 1
    samplers = {one.name: SAMPLERS[one.sampler] for one in sets} if differ else {}
    sampler = "WeightedBatchSampler" if weighted else ""
    main = main_set(matches)
    prompts, documents = prompts_of_sets(spec, matches), sets_of_documents(spec, matches)
    mix = MixPlan(
        weighted=weighted,
        sampler=sampler,
        shares=tuple(one.share for one in sets),
        samplers=samplers,
        by_class=tuple(one.name for one in sets if one.sampler == "group_by_label"),
        evaluated=tuple(one.name for one in sets if one.data.evaluated_format == one.data.trained_format),
        main=metric_of(sets[main].name, sets[main].evaluation.main),
        main_set=main,
        contrasted=tuple(one.name for one in sets if one.contrast and one.contrast.softmax),
        prompts=prompts,
        documents=documents,
        prompted="spec" if prompts else "base" if documents else "none",
    )
    arguments: dict[str, Expression] = {"multi_dataset_batch_sampler": Name(sampler) if sampler else row.value}
    if differ:
        arguments["batch_sampler"] = Name("draw_batches")
    return mix, arguments, _decisions(sets, str(row.value), row.why, differ)


def share_of(data: Data, spec: Spec) -> float:
    """The share of the batches that a set gets: a set without a weight weighs 1."""
    return (data.weight or 1.0) / sum(one.weight or 1.0 for one in spec.data)


def _shared(spec: Spec, matches: tuple[Match, ...]) -> tuple[Fact, ...]:
    facts = [Fact("they compare embeddings by different similarities", shared_similarity(spec, matches))]
    if spec.model.type == "cross-encoder":
        outputs = tuple(
            f"one output for each of {', '.join(class_names(data)) or f'the classes in the rows of {data.name}'}"
            if matched.loss.outputs == "classes"
            else "one output"
            for data, matched in zip(spec.data, matches, strict=True)
        )
        facts.append(Fact("they need other outputs of it", outputs))
    return tuple(facts)


def _decisions(sets: tuple[SetPlan, ...], how: str, why: str, differ: bool) -> tuple[Decision, ...]:
    shares = ", ".join(f"{one.name} {one.share:.0%}" for one in sets)
    found = [Decision("mix", how, f"{why} {shares}." if how == "interleave" else why, "[[data]] weight")]
    if differ:
        samplers = ", ".join(f"{one.name} {one.sampler}" for one in sets)
        found.append(Decision("samplers", "one for each set", f"Each loss has its own batch sampler: {samplers}."))
    if any(one.clean and one.clean.leaks for one in sets):
        why = "Training rows that leak another set's eval or test rows stay: `stgen validate --data` and evaluate.py report them."
        found.append(Decision("decontamination", "each set against its own eval and test rows", why))
    return tuple(found)
