"""Decides everything: Spec -> Plan. The parts are planned in modules of their own; this one puts them together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import set_name
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.conversions import check_conversions
from stgen.match.matching import Match, match
from stgen.plan.best import plan_best
from stgen.plan.clean import plan_clean
from stgen.plan.copies import check_copied
from stgen.plan.data import plan_data
from stgen.plan.decided import all_decisions
from stgen.plan.evaluation import plan_evaluation
from stgen.plan.inference import plan_inference
from stgen.plan.languages import check_languages
from stgen.plan.launch import largest_launch, plan_launches, share_out
from stgen.plan.ledger import check_batch, plan_contrast
from stgen.plan.loss import plan_loss
from stgen.plan.memory.shape import layer_class
from stgen.plan.model import plan_model
from stgen.plan.plan import Decision, LaunchPlan, Plan, ProjectPlan, SetPlan, TrainPlan
from stgen.plan.planned_data import StreamPlan
from stgen.plan.planned_measures import EvaluationPlan, ExportPlan, MtebPlan
from stgen.plan.prepare import plan_prepare
from stgen.plan.quiet import check_arguments, check_base, check_rate
from stgen.plan.sets import (
    check_sets,
    leading,
    plan_mix,
    share_of,
    shared_similarity,
)
from stgen.plan.train import plan_train
from stgen.profile.record import Profile
from stgen.rules.pins import DEV, LORA, REQUIRED, TRACKERS
from stgen.source.source import Source

if TYPE_CHECKING:
    from stgen.plan.others import Rivals


def plan(spec: Spec, source: Source, profile: Profile | None, place: Place, findings: Findings) -> Plan | None:
    """Plan the repo of a spec; report into `findings` and return None where something can't be planned.

    `profile` is what is known of the data; without one it is decided as if nothing were.
    """
    matches = _match_all(spec, profile, findings)
    if matches is None:
        return None
    evaluations = _evaluations(spec, matches, findings)
    mteb = _plan_mteb(spec, place, findings)
    lead = leading(matches)
    for finding in (*check_base(spec), *check_rate(spec), *check_languages(spec, profile)):
        findings.add(finding)
    best = plan_best(spec, matches, evaluations, findings)
    rivals = _plan_rivals(spec, matches, place, findings)
    compared = [one.match for one in rivals.candidates] if rivals else []
    devices = largest_launch(spec, [*matches, *compared])
    train, precision, decisions = plan_train(spec, lead, evaluations[0], best, devices, findings)
    for finding in check_copied(spec, place):
        findings.add(finding)
    launches = plan_launches(spec.hardware, precision, plan_project(spec, place).name, devices)
    if train.sharded and (layer := layer_class(spec.model.base or "", profile)):
        launches = tuple(share_out(launch, layer) for launch in launches)
    sets = tuple(
        _plan_set(spec, index, matched, evaluations[index], train, devices, place, rivals, findings)
        for index, matched in enumerate(matches)
    )
    requirements = _requirements(spec, sets, mteb)
    stream = None
    if spec.data[0].streaming:
        stream, train, streamed = _plan_stream(spec, matches[0], place, sets[0], train, launches, findings)
        decisions = (*decisions, *streamed)
        sets = (sets[0].replaced(clean=None),)  # the stream cleans its rows as they come by
    model = plan_model(spec, matches, place, tuple(one.data.trained_columns for one in sets), findings)
    mix, mixing, mixed = plan_mix(spec, sets)
    train = train.replaced(arguments={**train.arguments, **mixing})
    exported = _plan_export(spec, findings)
    if findings.failed:
        return None
    copy = f"stgen.{source.kind}"
    inference, told = plan_inference(spec, lead, precision, train.memory)
    made = Plan(
        project=plan_project(spec, place),
        sets=sets,
        mix=mix,
        stream=stream,
        model=model,
        train=train,
        compare=None,
        inference=inference,
        mteb=mteb,
        exported=exported,
        launches=launches,
        requirements=requirements | dict(exported.requirements if exported else {}),
        dev_requirements=DEV,
        decisions=all_decisions(spec, matches, sets, (*decisions, told, *mixed), train, launches),
        spec_copy="" if _stands_there(source, place, copy) else copy,
        spec_text=source.text,
    )
    if rivals is None:
        return made
    from stgen.plan.compare import plan_compare

    return plan_compare(made, spec, rivals, place, findings)


def _plan_rivals(spec: Spec, matches: tuple[Match, ...], place: Place, findings: Findings) -> Rivals | None:
    """Match the losses of [compare] where there is one, and plan the rows that they are trained on."""
    if spec.compare is None:
        return None
    if len(matches) > 1:
        message = "`compare` is in the language, but this version of stgen does not build it for several data sets yet"
        help = "meanwhile: compile one spec for each loss, and compare their results"
        findings.add(Diagnostic("STG027", message, ("compare",), help, about="key"))
        return None
    from stgen.plan.others import plan_rivals

    return plan_rivals(spec, matches[0], place, findings)


def _plan_mteb(spec: Spec, place: Place, findings: Findings) -> MtebPlan | None:
    """Plan MTEB where the spec asks for it: few do, and its tables cost time to import."""
    if spec.metrics.mteb is None:
        return None
    from stgen.plan.mteb import plan_mteb

    return plan_mteb(spec.metrics.mteb, spec, place, findings)


def _plan_export(spec: Spec, findings: Findings) -> ExportPlan | None:
    """Plan the export where the spec asks for one."""
    if spec.export is None:
        return None
    from stgen.plan.export import plan_export

    return plan_export(spec.export, spec, findings)


def _plan_stream(
    spec: Spec,
    match: Match,
    place: Place,
    only: SetPlan,
    train: TrainPlan,
    launches: tuple[LaunchPlan, ...],
    findings: Findings,
) -> tuple[StreamPlan, TrainPlan, tuple[Decision, ...]]:
    """Plan the stream where the spec asks for one: few do, and its tables cost time to import."""
    from stgen.match.streaming import check_streamed_match
    from stgen.plan.stream import arguments_of_streams, explain_stream, plan_stream

    for finding in check_streamed_match(spec, 0, match, train.batch_size):
        findings.add(finding)
    stream, decided = plan_stream(spec, match, place, only.data, only.clean, only.contrast)
    told = {**train.arguments, **arguments_of_streams()}
    said = explain_stream(spec, stream, only.contrast, train, launches)
    return stream, train.replaced(arguments=told), (*said, *decided)


def _match_all(spec: Spec, profile: Profile | None, findings: Findings) -> tuple[Match, ...] | None:
    """Match every data set; None after an error in one of them."""
    found = [match(spec, index, findings, profile) for index in range(len(spec.data))]
    matches = tuple(matched for matched in found if matched is not None)
    if len(matches) < len(found) or findings.failed:
        return None
    for index, matched in enumerate(matches):
        for finding in check_conversions(spec, index, matched):
            findings.add(finding)
    check_sets(spec, matches, findings)
    if len(matches) > 1:
        from stgen.plan.hold_outs import check_hold_outs

        check_hold_outs(spec, findings)
    if spec.train.group_by_length:
        from stgen.match.lengths import check_lengths

        check_lengths(spec, matches, findings)
    return None if findings.failed else matches


def _evaluations(spec: Spec, matches: tuple[Match, ...], findings: Findings) -> tuple[EvaluationPlan, ...]:
    return tuple(
        plan_evaluation(spec, index, matched, similarity, findings)
        for (index, matched), similarity in zip(enumerate(matches), shared_similarity(spec, matches), strict=True)
    )


def _plan_set(
    spec: Spec,
    index: int,
    matched: Match,
    evaluation: EvaluationPlan,
    train: TrainPlan,
    devices: int,
    place: Place,
    rivals: Rivals | None,
    findings: Findings,
) -> SetPlan:
    """Plan what data set `index` has of its own."""
    clean = plan_clean(spec, index, matched, place)
    prepare = plan_prepare(spec, index, matched, place, clean, rivals.others if rivals else ())
    data = plan_data(spec, index, matched, place, train.batch_size, prepare is not None, clean)
    mini = train.memory.mini_batch if train.memory else 0
    loss = plan_loss(spec, index, matched, place, data.trained_columns, devices, findings, mini)
    check_batch(matched, train, devices, findings)
    for finding in check_arguments(spec, index, matched):
        findings.add(finding)
    contrast = plan_contrast(matched, data.trained_columns, loss, spec.data[index].loss or spec.loss)
    return SetPlan(
        name=set_name(spec, index),
        data=data,
        prepare=prepare,
        clean=clean,
        loss=loss,
        contrast=contrast,
        evaluation=evaluation,
        sampler="batch_sampler" if spec.data[index].streaming else matched.loss.sampler,  # none can look ahead
        share=share_of(spec.data[index], spec),
    )


def plan_project(spec: Spec, place: Place) -> ProjectPlan:
    """Name the project: after its folder where the spec doesn't."""
    title = spec.project.name or place.spec_folder.rstrip("/").rpartition("/")[2] or "embedding-model"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-._") or "embedding-model"
    return ProjectPlan(
        name=name,
        package=name.lower(),
        title=title,
        description=spec.project.description or "",
        license=spec.project.license or "",
        languages=tuple(spec.project.languages),
        seed=spec.project.seed,
        card_rows=spec.project.card_rows,
    )


def _requirements(spec: Spec, sets: tuple[SetPlan, ...], mteb: MtebPlan | None) -> dict[str, str]:
    wanted = dict(REQUIRED)
    for one in sets:
        wanted |= dict(one.evaluation.requirements) | dict(one.clean.requirements if one.clean else {})
    wanted |= dict(mteb.requirements if mteb else {})
    if spec.model.lora:
        wanted |= LORA
    if spec.train.tracker != "none":
        wanted |= TRACKERS[spec.train.tracker]
    return dict(sorted(wanted.items()))


def _stands_there(source: Source, place: Place, copy: str) -> bool:
    """Whether the spec is itself the file that its copy would be."""
    return place.spec_folder == place.repo and source.path.replace("\\", "/").rpartition("/")[2] == copy
