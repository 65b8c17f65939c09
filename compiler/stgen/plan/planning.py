"""Decides everything: Spec -> Plan. The parts are planned in modules of their own; this one puts them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import set_name
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.conversions import check_conversions
from stgen.match.matching import Match, match
from stgen.plan.best import plan_best
from stgen.plan.data import plan_data
from stgen.plan.decided import all_decisions
from stgen.plan.evaluation import plan_evaluation
from stgen.plan.inference import plan_inference
from stgen.plan.languages import check_languages
from stgen.plan.launch import largest_launch
from stgen.plan.ledger import check_batch, plan_contrast
from stgen.plan.loss import plan_loss
from stgen.plan.model import plan_model
from stgen.plan.plan import Plan, SetPlan
from stgen.plan.planned_data import CleanPlan
from stgen.plan.planned_measures import EvaluationPlan, ExportPlan, MtebPlan
from stgen.plan.prepare import plan_prepare
from stgen.plan.project import plan_project
from stgen.plan.quiet import check_arguments, check_base, check_rate
from stgen.plan.run import Run, plan_run, with_stream
from stgen.plan.sets import (
    check_sets,
    leading,
    plan_mix,
    share_of,
    shared_similarity,
)
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
    for finding in (*check_base(spec), *check_rate(spec), *check_languages(spec, profile)):
        findings.add(finding)
    best = plan_best(spec, matches, evaluations, findings)
    rivals = _plan_rivals(spec, matches, place, findings)
    compared = [one.match for one in rivals.candidates] if rivals else []
    devices = largest_launch(spec, [*matches, *compared])
    run = plan_run(spec, leading(matches), evaluations, best, devices, place, profile, findings)
    sets = tuple(
        _plan_set(spec, index, matched, evaluations[index], run, place, rivals, findings)
        for index, matched in enumerate(matches)
    )
    requirements = _requirements(spec, sets, mteb)
    if spec.data[0].streaming:
        run = with_stream(run, spec, matches[0], place, sets[0], findings)
        sets = (sets[0].replaced(clean=None),)  # the stream cleans its rows as they come by
    made = _put_together(spec, source, place, matches, sets, run, mteb, requirements, findings)
    if made is None or rivals is None:
        return made
    from stgen.plan.compare import plan_compare

    return plan_compare(made, spec, rivals, place, findings)


def _put_together(
    spec: Spec,
    source: Source,
    place: Place,
    matches: tuple[Match, ...],
    sets: tuple[SetPlan, ...],
    run: Run,
    mteb: MtebPlan | None,
    requirements: Mapping[str, str],
    findings: Findings,
) -> Plan | None:
    """The plan of the repo: what its sets and their training come to, and what follows from both."""
    model = plan_model(spec, matches, place, tuple(one.data.trained_columns for one in sets), findings)
    mix, mixing, mixed = plan_mix(spec, matches, sets)
    train = run.train.replaced(arguments={**run.train.arguments, **mixing})
    exported = _plan_export(spec, findings)
    if findings.failed:
        return None
    copy = f"stgen.{source.kind}"
    inference, told = plan_inference(spec, leading(matches), run.precision, train.memory)
    return Plan(
        project=plan_project(spec, place),
        sets=sets,
        mix=mix,
        stream=run.stream,
        model=model,
        train=train,
        compare=None,
        inference=inference,
        mteb=mteb,
        exported=exported,
        launches=run.launches,
        requirements={**requirements, **(exported.requirements if exported else {})},
        dev_requirements=DEV,
        decisions=all_decisions(spec, matches, sets, (*run.decisions, told, *mixed), train, run.launches),
        spec_copy="" if _stands_there(source, place, copy) else copy,
        spec_text=source.text,
    )


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


def _plan_clean(spec: Spec, index: int, matched: Match, place: Place) -> CleanPlan | None:
    """Plan the cleaning where the spec asks for one."""
    if spec.prepare is None:
        return None
    from stgen.plan.clean import plan_clean

    return plan_clean(spec, index, matched, place)


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
    run: Run,
    place: Place,
    rivals: Rivals | None,
    findings: Findings,
) -> SetPlan:
    """Plan what data set `index` has of its own."""
    train = run.train
    clean = _plan_clean(spec, index, matched, place)
    prepare = plan_prepare(spec, index, matched, place, clean, rivals.others if rivals else ())
    data = plan_data(spec, index, matched, place, train.batch_size, prepare is not None, clean)
    mini = train.memory.mini_batch if train.memory else 0
    loss = plan_loss(spec, index, matched, place, data.trained_columns, run.devices, findings, mini)
    check_batch(matched, train, run.devices, findings)
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
