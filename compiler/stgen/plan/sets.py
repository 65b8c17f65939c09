"""Plans what several data sets that are trained together share, and what each has of its own: Spec and Matches -> SetPlans, MixPlan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import class_names, prompts_of
from stgen.language.spec import Data, Spec
from stgen.match.custom import custom_class
from stgen.match.matching import Match
from stgen.plan.decide import decide
from stgen.plan.evaluation import check_evaluators, pick_best, similarity_of
from stgen.plan.ledger import arguments_of
from stgen.plan.model import model_arguments
from stgen.plan.plan import Decision, LossPlan, MixPlan, SetPlan
from stgen.plan.planned_model import ModelPlan
from stgen.rules.decisions import MIX
from stgen.rules.evaluators import SETS_COSINE
from stgen.rules.modules import SET_MODULES
from stgen.values.expressions import Call, Expression, Name

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
    """STG124: losses that no one model can serve. STG122: a loss of the user's own in a file that a set's module has."""
    modules = {f"{kind}_{data.name}" for data in spec.data for kind in SET_MODULES}
    for index, data in enumerate(spec.data):
        table, path = (data.loss, ("data", index, "loss")) if data.loss else (spec.loss, ("loss",))
        if table.custom and custom_class(table.custom)[0] in modules:
            message = f"{table.custom.partition(':')[0]} is a file of the generated repo"
            findings.add(Diagnostic("STG122", message, (*path, "custom"), 'write "my_losses.py:MyLoss"'))
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
    """The match whose loss asks most of a batch, by which batch size and rates are decided: the first in-batch one."""
    return next((matched for matched in matches if matched.loss.objective == "in-batch"), matches[0])


def plan_mix(
    spec: Spec, sets: tuple[SetPlan, ...], findings: Findings
) -> tuple[MixPlan, bool, dict[str, Expression], tuple[Decision, ...]]:
    """Plan how batches are mixed and what picks the checkpoint.

    Returns the plan, whether more of the metric is better, training arguments, and what was decided.
    """
    weighted = any(data.weight is not None for data in spec.data)
    row = decide(MIX, {"weighted": weighted})
    differ = len({one.sampler for one in sets}) > 1
    main = f"{sets[0].name}_{sets[0].evaluation.main}"
    metrics = tuple(f"{one.name}_{metric}" for one in sets for metric in one.evaluation.metrics)
    evaluated = tuple(one.name for one in sets if one.data.evaluated_format == one.data.trained_format)
    losses = tuple(f"{name}_loss" for name in evaluated)
    check_evaluators(
        spec,
        tuple((one.evaluation.routed or one.evaluation.evaluator, one.evaluation.measures) for one in sets),
        findings,
    )
    metric = pick_best(spec, (*metrics, *losses), main, findings)
    samplers = {one.name: SAMPLERS[one.sampler] for one in sets} if differ else {}
    together = any(_gathers(one) for one in sets)
    sampler = "WeightedBatchSampler" if weighted else "StepBatchSampler" if together else ""
    mix = MixPlan(
        weighted=weighted,
        together=together,
        sampler=sampler,
        shares=tuple(one.share for one in sets),
        samplers=samplers,
        metric=metric,
        evaluated=evaluated,
        main=main,
        contrasted=tuple(one.name for one in sets if one.contrast and one.contrast.softmax),
        prompts=_own_prompts(spec),
    )
    arguments: dict[str, Expression] = {"multi_dataset_batch_sampler": Name(sampler) if sampler else row.value}
    if differ:
        arguments["batch_sampler"] = Name("draw_batches")
    return mix, _greater(metric, losses, sets), arguments, _decisions(sets, str(row.value), row.why, differ)


def share_of(data: Data, spec: Spec) -> float:
    """The share of the batches that a set gets: a set without a weight weighs 1."""
    return (data.weight or 1.0) / sum(one.weight or 1.0 for one in spec.data)


def shared_model(spec: Spec, plan: ModelPlan, sets: tuple[SetPlan, ...], matches: tuple[Match, ...]) -> ModelPlan:
    """The model's plan with what all sets ask of it: prompts and routes for each, a stand-in that serves each loss."""
    arguments: dict[str, Expression] = {}
    own = _own_prompts(spec)
    for index, (one, matched) in enumerate(zip(sets, matches, strict=True)):
        for key, value in model_arguments(spec, matched, prompts_of(spec, index), one.data.trained_columns).items():
            if isinstance(value, Mapping) or own:
                arguments.setdefault(key, {})[one.name] = value
            else:
                arguments[key] = value
    decoder = plan.tiny and any("lm-head" in matched.loss.needs for matched in matches)
    saved = _saved_prompts(spec, dict(plan.prompts))
    return plan.replaced(
        arguments=arguments,
        tiny="BertLMHeadModel" if decoder else plan.tiny,
        # What stands in `data` for a single set stands in the first set's module: its classes are those of all.
        classes=in_modules_of(sets[0].name, plan.classes),
        outputs=in_modules_of(sets[0].name, plan.outputs),
        prompts=saved,
        default_prompt="query" if saved and spec.model.type == "cross-encoder" else "",
    )


def in_modules_of(name: str, expression: Expression) -> Expression:
    """An expression of train.py with the names of a single set's program replaced by those of set `name`."""
    if isinstance(expression, Name):
        return Name(_own(name, expression.dotted))
    if isinstance(expression, Call):
        arguments = tuple(in_modules_of(name, part) for part in expression.args)
        return Call(
            _own(name, expression.function),
            arguments,
            {key: in_modules_of(name, value) for key, value in expression.kwargs.items()},
        )
    if isinstance(expression, (list, tuple)):
        return type(expression)(in_modules_of(name, part) for part in expression)
    return expression


def loss_in_modules_of(name: str, loss: LossPlan) -> LossPlan:
    """The loss of set `name` as the train.py of several sets builds it."""
    return loss.replaced(expression=in_modules_of(name, loss.expression))


def _own(name: str, dotted: str) -> str:
    root, dot, rest = dotted.partition(".")
    return f"{root}_{name}{dot}{rest}" if root in ("data", "guide") else dotted


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


def _greater(metric: str, losses: tuple[str, ...], sets: tuple[SetPlan, ...]) -> bool:
    if metric in losses:
        return False
    from stgen.rules.measures import MEASURES

    lower = {name for row in MEASURES for name in row.lower}
    return not any(metric == f"{one.name}_{name}" for one in sets for name in lower)


def _gathers(one: SetPlan) -> bool:
    """Whether the loss of a set exchanges embeddings with other devices."""
    return bool(arguments_of(one.loss.expression, one.loss.name).get("gather_across_devices"))


def _saved_prompts(spec: Spec, shared: dict[str, str]) -> dict[str, str]:
    """The prompts of the saved model: those of all sets, and under the name of each set those of its own."""
    own = {
        f"{data.name}_{side}": text
        for data in spec.data
        if data.prompts
        for side in ("query", "document")
        if (text := getattr(data.prompts, side))
    }
    # A cross-encoder puts its default prompt before all pairs: it must have one to be measured without.
    default = {"query": ""} if own and spec.model.type == "cross-encoder" else {}
    return default | shared | own


def _own_prompts(spec: Spec) -> dict[str, dict[str, str]]:
    """The prompts of each set, where one has its own."""
    if all(data.prompts is None for data in spec.data):
        return {}
    sides = ("query",) if spec.model.type == "cross-encoder" else ("query", "document")
    found = [prompts_of(spec, index) for index in range(len(spec.data))]
    return {
        str(data.name): {side: given.get(side, "") for side in sides}
        for data, given in zip(spec.data, found, strict=True)
    }


def _decisions(sets: tuple[SetPlan, ...], how: str, why: str, differ: bool) -> tuple[Decision, ...]:
    shares = ", ".join(f"{one.name} {one.share:.0%}" for one in sets)
    found = [Decision("mix", how, f"{why} {shares}." if how == "interleave" else why, "[[data]] weight")]
    if differ:
        samplers = ", ".join(f"{one.name} {one.sampler}" for one in sets)
        found.append(Decision("samplers", "one for each set", f"Each loss wants its own kind of batch: {samplers}."))
    if any(one.clean and one.clean.leaks for one in sets):
        why = "What stands in another set's eval or test rows stays in train: `stgen validate --data` tells of it, and evaluate.py."
        found.append(Decision("decontamination", "each set against what it is measured on itself", why))
    return tuple(found)
