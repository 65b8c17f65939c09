"""Matches a data set to a loss: Spec -> Match, with the trace of every candidate that `explain` prints."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import architecture, class_names, processes, unshared, wanted_modifier
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss as LossTable
from stgen.match.by_counts import classes_counted, preferred_loss, trained_split
from stgen.match.candidate import Candidate
from stgen.match.custom import custom_row, is_measured
from stgen.match.detect import detect
from stgen.match.formats import BY_NAME as FORMATS
from stgen.match.formats import Format
from stgen.match.mismatch import (
    deprecated,
    instead,
    no_queries,
    no_way,
    not_a_main_loss,
    not_a_teachers,
    nothing_fits,
    unknown_format,
    unknown_loss,
    wrong_data,
)
from stgen.match.reach import Way, accepted, all_ways, asks_teacher, evaluated_format, invents, ways
from stgen.match.taught import taught, taught_further
from stgen.profile.record import Profile, Split
from stgen.rules.row import Choice, Loss
from stgen.rules.tables import BY_NAME, CHOICES, MODIFIERS, ONE_SIDED, ROUTERS, choices
from stgen.values.record import Record


class Match(Record):
    """What was matched for one data set: the row that won, the way to its format, and the trace."""

    format: Format
    way: Way
    loss: Loss
    wrapper: Loss | None
    why: str
    candidates: tuple[Candidate, ...]
    index: int = 0  # of the data set
    profile: Profile | None = None  # of all data sets, where their rows have been counted

    @property
    def trained_format(self) -> Format:
        """The format that the loss gets."""
        return FORMATS[self.way.format]

    @property
    def evaluated_format(self) -> Format:
        """The format of the eval and test splits: it does not depend on what a model has mined for training."""
        return FORMATS[evaluated_format(self.format.name, self.way)]


def match(spec: Spec, index: int, findings: Findings, profile: Profile | None = None) -> Match | None:
    """Match data set `index`; report into `findings` and return None where nothing fits.

    `profile` is what is known of the rows of all data sets; decisions find it in the match.
    """
    found = _match(spec, index, findings, profile)
    return found.replaced(index=index, profile=profile) if found else None


def _match(spec: Spec, index: int, findings: Findings, profile: Profile | None) -> Match | None:
    data, path = spec.data[index], ("data", index)
    found = detect(data, path, findings)
    if found is None:
        return None
    table = data.loss or spec.loss
    where: KeyPath = (*path, "loss") if data.loss else ("loss",)
    reachable = _reachable(spec, table, found, class_names(data), where, findings)
    if reachable is None:
        return None
    if table.custom is not None:
        way = reachable.get(found.name) or next(iter(reachable.values()))
        own = custom_row(spec, table, way.format, where, findings)
        if own is None or not is_measured(spec.model.type, evaluated_format(found.name, way), path, findings):
            return None
        return Match(found, way, own, wrapper(own, spec, table), "The spec brings its own.", ())
    if table.name == "auto":
        split = trained_split(spec, index, profile)
        classes = len(class_names(data)) or classes_counted(split)
        preferred = [way for way in reachable.values() if leads(way, classes, data.streaming)]
        return _choose(spec, table, found, reachable, preferred, split, (*path, "columns"), findings)
    return match_named(spec, table, found, reachable, (*where, "name"), class_names(data), findings)


def lacks(row: Loss, spec: Spec, table: LossTable) -> str:
    """What keeps a loss from being used with this model and spec; "" when nothing does."""
    if row.successor:
        return f"is deprecated in favour of {row.successor}"
    if architecture(spec) not in row.architectures:
        return f"can't train a {architecture(spec)} model"
    if "guide" in row.needs and table.guide is None:
        return 'needs a guide model: `guide = "..."` under [loss]'
    if table.guide is not None and "guide" not in row.needs:
        return "takes no guide, and the spec names one"
    modifier = wanted_modifier(table)
    if modifier and spec.model.type == "dense":
        around = BY_NAME["dense", MODIFIERS[modifier]]
        if modifier not in row.modifiers:
            return f"can't stand under {around.name}"
        if architecture(spec) not in around.architectures:
            return f"would need {around.name}, which can't train a {architecture(spec)} model"
        if "matryoshka" in modifier and "projection_dim" in table.params:
            return f"can't stand under {around.name} with projection_dim"
    if spec.model.lora and not row.lora:
        return "can't train a LoRA adapter"
    if processes(spec) > 1 and (why := unshared(row)):
        return f"can't be trained in {processes(spec)} processes: {why}"
    return ""


def no_teacher(row: Loss, way: Way) -> str:
    """What keeps a loss that imitates a teacher from rows whose scores none gave; "" when nothing does."""
    return (
        "distills a teacher's scores, and these labels aren't any"
        if row.objective == "teacher" and invents(way)
        else ""
    )


def _reachable(
    spec: Spec, table: LossTable, found: Format, names: tuple[str, ...], where: KeyPath, findings: Findings
) -> dict[str, Way] | None:
    reachable = ways(found.name, spec.model.type, table, names)
    possible = all_ways(found.name, spec.model.type, names)
    for position, target in enumerate(accepted(table)):
        path = (*where, "convert", position)
        if target not in FORMATS:
            findings.add(unknown_format(target, path))
            return None
        if target not in possible and target not in reachable:
            findings.add(no_way(found, target, sorted(set(possible) - {found.name}), path))
            return None
    if (last := accepted(table)[-1:]) and last[0] in reachable:
        reachable = taught_further(spec, table, reachable, last[0])
    elif table.teacher is not None:
        reachable = taught(spec, table, reachable)
    if architecture(spec) in ROUTERS:
        asked = accepted(table)  # else nobody has said which of two texts of a class is the query
        two_sided = {
            name: way
            for name, way in reachable.items()
            if name not in ONE_SIDED and all(row.target in asked for row in way.rows if row.leads)
        }
        if not two_sided:
            findings.add(no_queries(found, possible))
            return None
        return two_sided
    return reachable


def _choose(
    spec: Spec,
    table: LossTable,
    found: Format,
    reachable: dict[str, Way],
    preferred: list[Way],
    split: Split | None,
    path: KeyPath,
    findings: Findings,
) -> Match | None:
    """The first choice that lacks nothing, formats in order of what it costs to reach them."""
    candidates: list[Candidate] = []
    winner: tuple[Choice, Way] | None = None
    reason = ""
    for way in sorted(reachable.values(), key=lambda way: (way not in preferred, way.cost, len(way.rows))):
        counted = preferred_loss(spec, "other" if _samples_classes(way) else way.format, split)
        listed = choices(spec.model.type, architecture(spec), way.format)
        for choice in sorted(listed, key=lambda one: (_prefers_labels(way, one), one.loss != counted.value)):
            row = BY_NAME[spec.model.type, choice.loss]
            lack = lacks(row, spec, table) or no_teacher(row, way)
            if not lack and winner is None:
                winner = choice, way
                reason = counted.why if choice.loss == counted.value else ""
                candidates.append(Candidate(choice.loss, "chosen", choice.why))
            elif all(seen.loss != choice.loss for seen in candidates):
                candidates.append(Candidate(choice.loss, "lacks" if lack else "fits", lack or choice.why))
    if winner is None:
        findings.add(nothing_fits(spec, found, candidates, path))
        return None
    choice, way = winner
    candidates += _other_formats(spec, found, reachable, candidates)
    row = BY_NAME[spec.model.type, choice.loss]
    why = " ".join(
        [choice.why, *([reason] if reason else []), *(one.leads for one in way.rows[:1] if way in preferred)]
    )
    return Match(found, way, row, wrapper(row, spec, table), why, tuple(candidates))


def _prefers_labels(way: Way, choice: Choice) -> bool:
    """Whether a loss stands behind those that are made for a teacher's scores, where one has given them."""
    return asks_teacher(way) and BY_NAME[choice.model, choice.loss].objective != "teacher"


def samples_classes(match: Match) -> bool:
    """Whether each row is a pair of texts that were drawn from one class."""
    return match.trained_format.name == "pair" and _samples_classes(match.way)


def learned_from(match: Match) -> str:
    """What the rows teach: the objective of the loss, or who made the pairs that it takes."""
    if samples_classes(match):
        return "classes"
    return "texts" if texts_alone(match) and match.loss.objective == "in-batch" else match.loss.objective


def texts_alone(match: Match) -> bool:
    """Whether there is nothing but texts to learn from: each is its own positive."""
    return match.trained_format.name in ("text", "duplicated-pair")


def _samples_classes(way: Way) -> bool:
    return any(row.template == "sample_classes" for row in way.rows)


def leads(way: Way, classes: int, streaming: bool) -> bool:
    """Whether a format is trained on before that of the data itself: what a conversion makes of it does better.

    With few classes (0: nobody knows how many), rows of one class would be false negatives; and a stream can't be
    sampled from.
    """
    if len(way.rows) != 1 or not way.rows[0].leads or (streaming and _samples_classes(way)):
        return False
    return not classes or classes >= way.rows[0].leads_from


def match_named(
    spec: Spec,
    table: LossTable,
    found: Format,
    reachable: dict[str, Way],
    path: KeyPath,
    names: tuple[str, ...],
    findings: Findings,
) -> Match | None:
    """Check the loss that the user names against the data."""
    row = BY_NAME.get((spec.model.type, table.name))
    if row is None:
        findings.add(unknown_loss(spec, table.name, path))
        return None
    if row.kind not in ("loss", "inner"):
        findings.add(not_a_main_loss(row, path))
        return None
    if row.successor:
        findings.add(deprecated(row, path))
        return None
    if lack := lacks(row, spec, table):
        hint = instead(spec, found, lambda other: lacks(other, spec, table))
        nothing = "change what rules it out: no other loss for this data does without"
        findings.add(Diagnostic(code="STG105", message=f"{row.name} {lack}", path=path, help=hint or nothing))
        return None
    fitting = [way for way in reachable.values() if way.format in row.formats]
    if fitting and all(no_teacher(row, way) for way in fitting):
        findings.add(not_a_teachers(spec, row, fitting[0], names, path))
        return None
    fitting = [way for way in fitting if not no_teacher(row, way)]
    if not fitting:
        findings.add(wrong_data(spec, row, found, all_ways(found.name, spec.model.type, names), path))
        return None
    way = min(fitting, key=lambda way: (way.cost, len(way.rows)))
    candidates = _beside_named(spec, table, row, way)
    candidates += _other_formats(spec, found, reachable, candidates)
    return Match(found, way, row, wrapper(row, spec, table), "The spec names it.", tuple(candidates))


def _beside_named(spec: Spec, table: LossTable, row: Loss, way: Way) -> list[Candidate]:
    """The loss that the spec names, and those that the tables would choose among for the same data."""
    candidates = [Candidate(row.name, "chosen", "the spec names it")]
    for choice in choices(spec.model.type, architecture(spec), way.format):
        if choice.loss != row.name:
            lack = lacks(BY_NAME[spec.model.type, choice.loss], spec, table)
            candidates.append(Candidate(choice.loss, "lacks" if lack else "fits", lack or choice.why))
    return candidates


def wrapper(row: Loss, spec: Spec, table: LossTable) -> Loss | None:
    """The wrapper that a sparse inner loss stands in: the first that trains this architecture and has what `params` sets."""
    fitting = [
        candidate
        for name in row.wrapped_by
        if architecture(spec) in (candidate := BY_NAME[spec.model.type, name]).architectures
    ]
    asked = set(table.params) - {parameter.name for parameter in row.parameters}
    knowing = [candidate for candidate in fitting if asked <= {parameter.name for parameter in candidate.parameters}]
    return next(iter(knowing or fitting), None)


def _other_formats(spec: Spec, found: Format, reachable: dict[str, Way], seen: list[Candidate]) -> list[Candidate]:
    """The losses of this model type that want data of another kind, with what they want."""
    known = {candidate.loss for candidate in seen}
    others: dict[str, list[str]] = {}
    for choice in CHOICES:
        if choice.model == spec.model.type and architecture(spec) in choice.architectures and choice.loss not in known:
            others.setdefault(choice.loss, []).append(FORMATS[choice.format].documented)
    return [Candidate(loss, "other data", f"wants {' or '.join(wanted)}") for loss, wanted in others.items()]
