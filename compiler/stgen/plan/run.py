"""Plans the run: how the whole of the repo is trained, and what it is launched on."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Findings
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.copies import check_copied
from stgen.plan.launch import plan_launches, share_out
from stgen.plan.memory.shape import layer_class
from stgen.plan.plan import Best, Decision, LaunchPlan, SetPlan, TrainPlan
from stgen.plan.planned_data import StreamPlan
from stgen.plan.planned_measures import EvaluationPlan
from stgen.plan.project import plan_project
from stgen.plan.train import plan_train
from stgen.profile.record import Profile
from stgen.values.record import Record


class Run(Record):
    """How the whole of the repo is trained: what all data sets share."""

    train: TrainPlan
    precision: str
    launches: tuple[LaunchPlan, ...]
    devices: int  # of the largest launch
    decisions: tuple[Decision, ...]
    stream: StreamPlan | None = None


def plan_run(
    spec: Spec,
    lead: Match,
    evaluations: tuple[EvaluationPlan, ...],
    best: Best,
    devices: int,
    place: Place,
    profile: Profile | None,
    findings: Findings,
) -> Run:
    """Plan the training, and what it is launched on; `lead` is the match whose loss asks most of a batch."""
    train, precision, decisions = plan_train(spec, lead, evaluations, best, devices, findings)
    for finding in check_copied(spec, place):
        findings.add(finding)
    launches = plan_launches(spec.hardware, precision, plan_project(spec, place).name, devices)
    if train.sharded and (layer := layer_class(spec.model.base or "", profile)):
        launches = tuple(share_out(launch, layer) for launch in launches)
    return Run(train, precision, launches, devices, decisions)


def with_stream(run: Run, spec: Spec, match: Match, place: Place, only: SetPlan, findings: Findings) -> Run:
    """Plan the stream that the spec asks for: few do, and its tables cost time to import."""
    from stgen.match.streaming import check_streamed_match
    from stgen.plan.stream import arguments_of_streams, explain_stream, plan_stream

    for finding in check_streamed_match(spec, 0, match, run.train.batch_size):
        findings.add(finding)
    stream, decided = plan_stream(spec, match, place, only.data, only.clean, only.contrast)
    said = explain_stream(spec, stream, only.contrast, run.train, run.launches)
    train = run.train.replaced(arguments={**run.train.arguments, **arguments_of_streams()})
    return run.replaced(train=train, decisions=(*run.decisions, *said, *decided), stream=stream)
