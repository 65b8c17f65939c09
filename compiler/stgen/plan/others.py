"""Plans the rows of the losses that are compared: Spec and Match -> Rivals, with what prepare.py writes for them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.compared import Compared, match_compared
from stgen.plan.parts import Context
from stgen.plan.planned_data import OtherRows, Step
from stgen.plan.steps import plan_steps
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class Rivals(Record):
    """The losses of a comparison, and the rows that they are trained on."""

    names: tuple[str, ...]  # of the losses that are compared
    candidates: tuple[Compared, ...]  # those, and the repo's own where it isn't among them
    splits: Mapping[str, str]  # loss -> split
    others: tuple[OtherRows, ...]  # splits that prepare.py writes beside those of the repo's own loss


def plan_rivals(spec: Spec, own: Match, place: Place, findings: Findings) -> Rivals:
    """Match the losses of [compare] and plan their rows; report into `findings` what can't be compared.

    Rows branch off where the steps of two losses part: what they share, such as mining, is done once.
    """
    compared = match_compared(spec, own, findings)
    names = tuple(one.name for one in compared)
    candidates = compared if own.loss.name in names else (Compared(spec, own, ("compare",)), *compared)
    steps = plan_steps(Context(spec, spec.data[0], spec.data[0].loss or spec.loss, own, place))
    functions = {step.function: step for step in steps}
    splits, others = {}, {}
    for one in candidates:
        wanted = plan_steps(context_of(one, place))
        if wanted == steps:
            splits[one.name] = "train"
            continue
        splits[one.name] = name = f"train-{one.match.way.format}"
        after = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(steps, wanted, strict=False))))
        others[name] = OtherRows(name, after, tuple(_of_training_rows(step) for step in wanted[after:]))
        if not all(_same(functions.setdefault(step.function, step), step) for step in wanted):
            message = f"{one.name} needs the rows converted differently from {own.loss.name}"
            findings.add(Diagnostic("STG190", message, one.path, "leave it out, or compile a spec of its own for it"))
    return Rivals(names, candidates, splits, tuple(others.values()))


def context_of(one: Compared, place: Place) -> Context:
    """What the steps of a compared loss are planned from."""
    data = one.spec.data[0]
    return Context(one.spec, data, data.loss or one.spec.loss, one.match, place)


def _same(first: Step, second: Step) -> bool:
    return (first.template, first.options) == (second.template, second.options)


def _of_training_rows(step: Step) -> Step:
    """The step for the training rows alone, which prepare.py then calls `train`."""
    return step.replaced(arguments=tuple(_for_training(argument) for argument in step.arguments))


def _for_training(value: Expression) -> Expression:
    if value == Name("rows"):
        return Name("train")
    if value == Name("split"):
        return "train"
    if isinstance(value, Call):
        return Call(value.function, tuple(_for_training(part) for part in value.args), value.kwargs)
    return value
