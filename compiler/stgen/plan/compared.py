"""Matches the losses of [compare] to the data: Spec and the Match of the repo's own loss -> a Compared for each loss."""

from __future__ import annotations

from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import architecture, class_names, wanted_modifier
from stgen.language.spec import Spec
from stgen.match.conversions import check_conversions
from stgen.match.lengths import check_lengths
from stgen.match.matching import Match, match_named
from stgen.match.mismatch import unknown_loss
from stgen.match.reach import Way, ways
from stgen.plan.evaluation import similarity_of
from stgen.rules.row import Loss
from stgen.rules.tables import BY_NAME, MODIFIERS, choices
from stgen.values.record import Record

MOST = 4
"""Losses that are compared where the spec names none: each costs as many trainings as there are seeds."""

CARRIED = ("mini_batch_size", "mini_batch_num_tokens", "projection_dim", "similarity_fct")
"""Arguments that are about the memory, the teacher or the model, and not about one loss: they hold for all losses."""


class Compared(Record):
    """A loss of the comparison: its match, and the spec as if it named that loss."""

    spec: Spec
    match: Match
    path: KeyPath  # where the spec names it

    @property
    def name(self) -> str:
        return self.match.loss.name


def match_compared(spec: Spec, own: Match, findings: Findings) -> tuple[Compared, ...]:
    """Match every loss of [compare]; report into `findings` those that can't be trained on this data.

    `own` is the match of [loss], which is what "auto" stands for.
    """
    table = spec.data[0].loss or spec.loss
    reachable = ways(own.format.name, spec.model.type, table, class_names(spec.data[0]))
    asked = spec.compare.losses if spec.compare else None
    if asked is None:
        return _default(spec, own, reachable)
    found: list[Compared] = []
    for index, name in enumerate(asked):
        one = _match(spec, own, name, reachable, ("compare", "losses", index), findings)
        if one is None:
            continue
        if one.name in [other.name for other in found]:
            message = f'"auto" is the loss of [loss], {one.name}, which stands in the list too'
            findings.add(Diagnostic("STG165", message, one.path, "remove one of the two"))
        found.append(one)
    return tuple(found)


def _default(spec: Spec, own: Match, reachable: dict[str, Way]) -> tuple[Compared, ...]:
    """The repo's own loss, and the next best that this data trains as it is, without a further model."""
    found = [Compared(spec, own, ("compare",))]
    for way in sorted(reachable.values(), key=lambda way: _distance(way, own)):
        extends = way.rows[: len(own.way.rows)] == own.way.rows
        if any(row.cost for row in (way.rows[len(own.way.rows) :] if extends else way.rows)):
            continue
        for choice in choices(spec.model.type, architecture(spec), way.format):
            row = BY_NAME[spec.model.type, choice.loss]
            if choice.loss in [one.name for one in found] or "lm-head" in row.needs:
                continue
            wrong = Findings()
            one = _match(spec, own, choice.loss, reachable, ("compare",), wrong)
            if one is not None and not wrong.items:
                found.append(one)
    return tuple(found[:MOST])


def _match(
    spec: Spec, own: Match, name: str, reachable: dict[str, Way], path: KeyPath, findings: Findings
) -> Compared | None:
    if name == "auto":
        return Compared(spec, own, path)
    row = BY_NAME.get((spec.model.type, name))
    if row is None:
        findings.add(unknown_loss(spec, name, path))
        return None
    supposed = suppose(spec, row)
    fitting = sorted((way for way in reachable.values() if way.format in row.formats), key=lambda w: _distance(w, own))
    nearest = {fitting[0].format: fitting[0]} if fitting else reachable
    found = Findings()
    matched = match_named(supposed, supposed.loss, own.format, nearest, path, class_names(spec.data[0]), found)
    for item in found.items:
        # Elsewhere a loss stands under a key of its own.
        findings.add(item.replaced(help=f'write "{row.successor}"') if item.code == "STG109" else item)
    if matched is None:
        return None
    one = Compared(supposed, matched, path)
    for item in [*_unlike(one, spec, own), *_unsaid(one), *_ungrouped(one)]:
        findings.add(item)
    return one


def _distance(way: Way, own: Match) -> tuple[bool, bool, int, int]:
    """How far a format is from what the repo's own loss gets: that itself first, then what can be made of it."""
    extends = way.rows[: len(own.way.rows)] == own.way.rows
    return (way.format != own.way.format, not extends, way.cost, len(way.rows))


def suppose(spec: Spec, row: Loss) -> Spec:
    """The spec as if it named that loss: modifiers hold for all losses, arguments of [loss] for its own loss only."""
    table = spec.data[0].loss or spec.loss
    around = [BY_NAME[row.model, name] for name in row.wrapped_by]
    if spec.model.type == "dense" and (modifier := wanted_modifier(table)):
        around.append(BY_NAME["dense", MODIFIERS[modifier]])
    own = {parameter.name for parameter in row.parameters}
    outer = {parameter.name for one in around for parameter in one.parameters}
    params: dict[str, Any] = {
        name: value
        for name, value in table.params.items()
        if (name in outer and name not in own) or (name in CARRIED and name in own)
    }
    guide = table.guide if "guide" in row.needs else None
    named = table.model_copy(update={"name": row.name, "custom": None, "params": params, "guide": guide})
    return spec.model_copy(update={"loss": named, "data": [spec.data[0].model_copy(update={"loss": None})]})


def _unlike(one: Compared, spec: Spec, own: Match) -> list[Diagnostic]:
    """STG190: a loss whose model would be another one, so that its figures could not stand beside the others."""
    similarities = similarity_of(one.spec, 0, one.match), similarity_of(spec, 0, own)
    outputs = one.match.loss.outputs, own.loss.outputs
    if similarities[0] != similarities[1]:
        why = f"it compares embeddings by {similarities[0]}, and {own.loss.name} by {similarities[1]}"
    elif outputs[0] != outputs[1]:
        words = {"1": "one output", "classes": "one output for each class", "": "outputs of its own"}
        why = f"it needs {words[outputs[0]]} of the model, and {own.loss.name} needs {words[outputs[1]]}"
    else:
        return []
    message = f"{one.name} can't be measured beside {own.loss.name}: {why}"
    return [Diagnostic("STG190", message, one.path, "leave it out, or compile a spec of its own for it")]


def _unsaid(one: Compared) -> list[Diagnostic]:
    """What a conversion on its way still needs to be told."""
    found = check_conversions(one.spec, 0, one.match)
    return [item.replaced(path=one.path) for item in found if item.code in ("STG112", "STG113")]


def _ungrouped(one: Compared) -> list[Diagnostic]:
    """What keeps a loss from group_by_length, where the spec asks for it."""
    found = Findings()
    if one.spec.train.group_by_length:
        check_lengths(one.spec, (one.match,), found)
    return [item.replaced(path=one.path, about="value") for item in found.items]
