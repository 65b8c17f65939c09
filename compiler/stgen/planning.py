"""Decides everything: Spec -> Plan. The parts are planned in modules of their own; this one puts them together."""

from __future__ import annotations

import re

from stgen.check_conversions import check_conversions
from stgen.diagnostics import Findings
from stgen.ledger import explain_negatives, plan_contrast
from stgen.match import Match, match
from stgen.paths import Place
from stgen.plan import Decision, EvaluationPlan, MtebPlan, Plan, ProjectPlan
from stgen.plan_clean import plan_clean
from stgen.plan_data import explain_splits, plan_data
from stgen.plan_evaluation import plan_evaluation
from stgen.plan_launch import plan_launches
from stgen.plan_loss import plan_loss
from stgen.plan_model import plan_model
from stgen.plan_prepare import plan_prepare
from stgen.plan_train import plan_train
from stgen.rules.pins import DEV, LORA, REQUIRED, TRACKERS
from stgen.source import Source
from stgen.spec import Spec


def plan(spec: Spec, source: Source, place: Place, findings: Findings) -> Plan | None:
    """Plan the repo of a spec; report into `findings` and return None where something can't be planned."""
    matched = match(spec, 0, findings)
    if matched is None or findings.failed:
        return None
    for finding in check_conversions(spec, 0, matched):
        findings.add(finding)
    if findings.failed:
        return None
    project = plan_project(spec, place)
    evaluation = plan_evaluation(spec, matched, findings)
    mteb = _plan_mteb(spec, place, findings)
    train, precision, decisions = plan_train(spec, matched, evaluation, findings)
    clean = plan_clean(spec, 0, matched, place)
    prepare = plan_prepare(spec, 0, matched, place, clean)
    rows_needed = train.batch_size if matched.loss.sampler == "no_duplicates" else 2
    data = plan_data(spec, 0, matched, place, rows_needed, prepare is not None)
    loss = plan_loss(spec, 0, matched, place, data.trained_columns, findings)
    model = plan_model(spec, matched, place, data.trained_columns, findings)
    if findings.failed:
        return None
    launches = plan_launches(spec.hardware, precision)
    contrast = plan_contrast(matched, data.trained_columns, loss, spec.data[0].loss or spec.loss)
    ledger = explain_negatives(contrast, train, launches) if contrast else ()
    copy = f"stgen.{source.kind}"
    return Plan(
        project=project,
        data=data,
        prepare=prepare,
        clean=clean,
        model=model,
        loss=loss,
        contrast=contrast,
        train=train,
        evaluation=evaluation,
        mteb=mteb,
        launches=launches,
        requirements=_requirements(spec, evaluation, mteb) | dict(clean.requirements if clean else {}),
        dev_requirements=DEV,
        decisions=(*_matched(matched), *decisions, *ledger, *explain_splits(spec.data[0])),
        spec_copy="" if _stands_there(source, place, copy) else copy,
        spec_text=source.text,
    )


def _plan_mteb(spec: Spec, place: Place, findings: Findings) -> MtebPlan | None:
    """Plan MTEB where the spec asks for it: few do, and its tables cost time to import."""
    if spec.metrics.mteb is None:
        return None
    from stgen.plan_mteb import plan_mteb

    return plan_mteb(spec.metrics.mteb, spec, place, findings)


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
    )


def _matched(matched: Match) -> tuple[Decision, ...]:
    steps = [Decision("conversion", row.name, f"{row.source} becomes {row.target}") for row in matched.way.rows]
    return (
        Decision(
            "data format",
            matched.format.name,
            f"the roles are those of {matched.format.documented}",
            "[[data]] columns",
        ),
        *steps,
        Decision("loss", matched.loss.name, matched.why, "[loss] name"),
    )


def _requirements(spec: Spec, evaluation: EvaluationPlan, mteb: MtebPlan | None) -> dict[str, str]:
    wanted = REQUIRED | dict(evaluation.requirements) | dict(mteb.requirements if mteb else {})
    if spec.model.lora:
        wanted |= LORA
    if spec.train.tracker != "none":
        wanted |= TRACKERS[spec.train.tracker]
    return dict(sorted(wanted.items()))


def _stands_there(source: Source, place: Place, copy: str) -> bool:
    """Whether the spec is itself the file that its copy would be."""
    return place.spec_folder == place.repo and source.path.replace("\\", "/").rpartition("/")[2] == copy
