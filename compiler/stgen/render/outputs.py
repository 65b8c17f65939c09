"""Names the files of a repo: Plan -> Outputs, each with the template that makes it and what that sees beside the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stgen.plan.plan import LaunchPlan, LossPlan, Plan, SetPlan
from stgen.plan.planned_data import StreamPlan
from stgen.render.programs.data import data_program
from stgen.render.programs.evaluate import evaluate_program
from stgen.render.programs.losses import own_losses_of
from stgen.render.programs.measure import measure_program
from stgen.render.programs.monitor import monitor_program
from stgen.render.programs.prepare import prepare_program
from stgen.render.programs.readme import readme_program
from stgen.render.programs.report import report_program
from stgen.render.programs.tests import tests_program, tiny_program
from stgen.render.programs.train import indifferent_programs, train_program
from stgen.render.tree import Mode, Policy
from stgen.values.record import Record


class Output(Record):
    """A file of the generated repo: where it goes, the template that makes it, and what that sees beside the plan."""

    path: str
    template: str
    policy: Policy = "owned"
    mode: Mode = 0o644
    extra: tuple[tuple[str, Any], ...] = ()


def outputs(plan: Plan) -> Iterator[Output]:
    """Name the files of a plan. A template is found by its output's path, in the folder of the model where it differs."""
    yield from _of_project(plan)
    yield from _of_data(plan)
    yield from _of_training(plan)
    yield from _of_measuring(plan)
    yield from _of_tests(plan)
    if plan.compare:
        yield Output("candidates.py", "candidates.py.j2")
        yield Output("compare.py", "compare.py.j2")
    for launch in plan.launches:
        yield from _of_launch(plan, launch)


def _of_project(plan: Plan) -> Iterator[Output]:
    yield Output("README.md", f"{_several(plan)}README.md.j2", extra=(("program", readme_program(plan)),))
    yield Output("pyproject.toml", "pyproject.toml.j2")
    yield Output(".gitignore", "gitignore.j2", policy="once")
    yield Output(".gitattributes", "gitattributes.j2", policy="once")
    yield Output(".pre-commit-config.yaml", "pre-commit-config.yaml.j2", policy="once")
    yield Output(".github/workflows/ci.yml", "github/workflows/ci.yml.j2", policy="once")
    yield Output("Dockerfile", "Dockerfile.j2", policy="once")
    yield Output(".dockerignore", "dockerignore.j2", policy="once")


def _several(plan: Plan) -> str:
    """The folder of templates that differ where several data sets are trained together."""
    return "several/" if plan.mix else ""


def _of_data(plan: Plan) -> Iterator[Output]:
    """What reads, cleans and prepares the rows."""
    if not plan.mix:
        yield from _outputs_of_every(plan.sets[0])
    else:
        yield Output("data.py", "several/data.py.j2")
        yield Output("measure.py", "several/measure.py.j2")
    yield Output("reading.py", "reading.py.j2")
    if any(one.prepare for one in plan.sets):
        own_program = () if plan.mix else (("program", prepare_program(plan.sets[0])),)
        yield Output("prepare.py", f"{_several(plan)}prepare.py.j2", extra=own_program)
        yield Output("stamp.py", "stamp.py.j2")
    for one in plan.sets:
        yield from _outputs_of(one)
    if _reads_tasks(plan):
        yield Output("task_texts.py", "task_texts.py.j2")
    if plan.stream:
        yield from _outputs_of_stream(plan.stream)


def _of_training(plan: Plan) -> Iterator[Output]:
    yield Output("model.py", f"{plan.model.template}/model.py.j2", extra=_of_router(plan))
    yield Output("train.py", "train.py.j2", extra=(("program", train_program(plan)),))
    if own_losses_of(plan):
        yield Output("losses.py", "losses.py.j2")
    yield from _outputs_of_ones_own(plan)
    yield Output("monitor.py", "monitor.py.j2", extra=(("program", monitor_program(plan)),))
    more = any(one.loss.trains_more for one in plan.sets)
    of_checkpoints = (("indifferent", indifferent_programs(plan)), ("trains_more", more))
    yield Output("checkpoints.py", "checkpoints.py.j2", extra=of_checkpoints)
    yield Output("saving.py", "saving.py.j2")
    yield Output("seed.py", "seed.py.j2")
    if plan.train.sharded:
        yield Output("sharding.py", "sharding.py.j2")
    yield Output("card.py", "card.py.j2")


def _of_measuring(plan: Plan) -> Iterator[Output]:
    """What says whether the model got better, and what is done with it then."""
    yield Output("evaluate.py", "evaluate.py.j2", extra=(("program", evaluate_program(plan)),))
    yield Output("inference.py", "inference.py.j2")
    yield Output("verdict.py", "verdict.py.j2")
    if plan.sets[0].evaluation.nanobeir:  # what holds for the whole repo holds for each set
        yield Output("nanobeir.py", "nanobeir.py.j2")
    yield Output("provenance.py", "provenance.py.j2")
    of_report = (("program", report_program(plan)),)
    yield Output("report.py", "report.py.j2", extra=of_report)
    yield Output("report.html.jinja", "report.html.jinja.j2", extra=of_report)
    if plan.exported:
        from stgen.render.programs.export import export_program  # here, as are others: few repos have one

        yield Output("export.py", "export.py.j2", extra=(("program", export_program(plan.exported)),))
    if plan.mteb:
        from stgen.render.programs.mteb import mteb_program

        yield Output("mteb_tasks.py", "mteb_tasks.py.j2", extra=(("program", mteb_program(plan.mteb, plan)),))


def _of_tests(plan: Plan) -> Iterator[Output]:
    models_prepare = any(one.prepare.command for one in plan.sets if one.prepare)
    models = "_models" if models_prepare else ""
    yield Output("tests/conftest.py", f"tests/conftest{models}.py.j2", extra=(("program", tests_program(plan)),))
    if plan.model.tiny or models_prepare:
        yield Output("tests/tiny.py", "tests/tiny.py.j2", extra=(("program", tiny_program(plan)),))
    yield Output("tests/test_data.py", f"{_several(plan)}tests/test_data.py.j2")
    yield Output("tests/test_smoke.py", "tests/test_smoke.py.j2")
    if plan.compare:
        yield Output("tests/test_compare.py", "tests/test_compare.py.j2")


def _of_launch(plan: Plan, launch: LaunchPlan) -> Iterator[Output]:
    extra = (("launch", launch),)
    for program, prefix in _programs(plan):
        script, manifest = prefix + launch.script, prefix + launch.manifest
        started = (*extra, ("program", program), ("script", script), ("manifest", manifest))
        yield Output(f"launch/{script}", f"launch/{launch.template}.j2", mode=0o755, extra=started)
        if launch.manifest:
            yield Output(f"launch/{manifest}", f"launch/{launch.manifest}.j2", extra=started)
    if launch.accelerate:
        yield Output(f"launch/accelerate/{launch.name}.yaml", "launch/accelerate.yaml.j2", extra=extra)


def _of_router(plan: Plan) -> tuple[tuple[str, Any], ...]:
    """What the model.py of a router sees beside the plan."""
    if not plan.model.router:
        return ()
    from stgen.render.programs.router import router_program

    return (("program", router_program(plan.model, plan.model.router)),)


def _programs(plan: Plan) -> list[tuple[str, str]]:
    """The programs that train, and what the names of their scripts begin with."""
    return [("train.py", ""), *([("compare.py", "compare-")] if plan.compare else [])]


def _outputs_of(one: SetPlan) -> Iterator[Output]:
    """The modules of a data set: of an only one those of the repo, of one of several its own."""
    extra = tuple(of_set(one).items())
    if one.clean:
        from stgen.render.programs.clean import clean_program

        program = clean_program(one.clean, one.data.format, bool(one.name))
        yield Output(
            f"{one.module('clean')}.py", f"clean/{one.clean.engine}/clean.py.j2", extra=(*extra, ("program", program))
        )
    if not one.name:
        return
    yield from _outputs_of_every(one, extra)
    if one.prepare:
        yield Output(f"{one.module('prepare')}.py", "prepare.py.j2", extra=(*extra, ("program", prepare_program(one))))


def _outputs_of_every(one: SetPlan, extra: tuple[tuple[str, Any], ...] = ()) -> Iterator[Output]:
    """What every data set has, be it the repo's only one or one of several."""
    yield Output(f"{one.module('data')}.py", "data.py.j2", extra=(*extra, ("program", data_program(one))))
    yield Output(f"{one.module('measure')}.py", "measure.py.j2", extra=(*extra, ("program", measure_program(one))))


def _outputs_of_ones_own(plan: Plan) -> Iterator[Output]:
    """The skeletons of losses and metrics of the user's own: a file for each module that the spec names."""
    skeletons: dict[str, dict[str, LossPlan]] = {}
    for one in plan.sets:
        if one.loss.custom:
            skeletons.setdefault(one.loss.custom.module, {}).setdefault(one.loss.name, one.loss)
    for module, losses in skeletons.items():
        wrapped = any(loss.wrapped for loss in losses.values())
        template = f"custom_loss/{'sparse' if wrapped else _family(plan)}.py.j2"
        yield Output(f"{module}.py", template, policy="once", extra=(("losses", tuple(losses.values())),))
    named = list(dict.fromkeys(regularizers(plan)))
    for module in dict.fromkeys(module for module, _ in named):
        classes = (("regularizers", [name for own, name in named if own == module]),)
        yield Output(f"{module}.py", "custom_loss/regularizer.py.j2", policy="once", extra=classes)
    for module in dict.fromkeys(metric.module for metric in plan.sets[0].evaluation.custom):
        template = f"custom_metric/{_family(plan)}.py.j2"
        yield Output(f"{module}.py", template, policy="once", extra=(("metrics_of", module),))


def regularizers(plan: Plan) -> list[tuple[str, str]]:
    """The modules and classes of sparsity regularizers of the user's own."""
    return [pair for one in plan.sets for pair in one.loss.regularizers]


def _reads_tasks(plan: Plan) -> bool:
    """Whether anything looks for the texts of MTEB's tasks in the training rows."""
    leaks = [one.clean.leaks for one in plan.sets if one.clean and one.clean.leaks]
    return any(step.options["tasks"] for step in leaks) or bool(plan.mteb and plan.sets[0].evaluation.leak_columns)


def _outputs_of_stream(stream: StreamPlan) -> Iterator[Output]:
    """What reads the rows of a stream, and the steps that they go through."""
    yield Output("stream.py", "stream.py.j2")
    if stream.clean:
        from stgen.render.programs.clean import stream_clean_program

        program = stream_clean_program(stream.clean)
        yield Output("clean.py", "clean/stream/clean.py.j2", extra=(("clean", stream.clean), ("program", program)))
    if stream.steps:
        yield Output("convert.py", "convert.py.j2")


def _family(plan: Plan) -> str:
    """What the library calls a loss with: text pairs, token embeddings, or one embedding for each text."""
    return {"cross-encoder": "pairs", "multi-vector": "tokens"}.get(plan.model.type, "embeddings")


def of_set(one: SetPlan) -> dict[str, Any]:
    """What the templates of a data set's own modules see of it."""
    return one.as_dict() | {"module": one.module, "set_name": one.name}
