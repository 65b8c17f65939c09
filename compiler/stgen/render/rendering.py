"""Renders a plan: Plan -> Tree, through the templates, which see nothing but the plan."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from stgen import reader
from stgen.plan.plan import Plan, SetPlan
from stgen.plan.planned_data import PreparePlan, StreamPlan
from stgen.render.tree import File, Mode, Policy, Tree
from stgen.rules.modules import SET_MODULES
from stgen.values.record import Record

Rendered = Callable[[str, dict[str, Any]], str]
"""Renders the template of a name with a context."""


class Output(Record):
    """A file of the generated repo: where it goes, the template that makes it, and what that sees beside the plan."""

    path: str
    template: str
    policy: Policy = "owned"
    mode: Mode = 0o644
    extra: tuple[tuple[str, Any], ...] = ()


def render(plan: Plan, rendered: Rendered) -> Tree:
    """Render every file that the plan calls for."""
    context = _context(plan)
    files = {
        output.path: File(rendered(output.template, context | dict(output.extra)), output.policy, output.mode)
        for output in outputs(plan)
    }
    for name in _reader(plan):
        files[f"reader/{name}.py"] = File(reader_text(name))
    if plan.spec_copy:
        files[plan.spec_copy] = File(plan.spec_text)
    return Tree(files)


def outputs(plan: Plan) -> Iterator[Output]:
    """Name the files of a plan. A template is found by its output's path, in the folder of the model where it differs."""
    own = plan.model.template
    several = "several/" if plan.sets else ""
    yield Output("README.md", f"{several}README.md.j2")
    yield Output("pyproject.toml", "pyproject.toml.j2")
    yield Output("data.py", f"{several}data.py.j2")
    yield Output("reading.py", "reading.py.j2")
    prepares = any(_prepares(plan))
    if prepares:
        yield Output("prepare.py", f"{several}prepare.py.j2")
    for one in plan.sets:
        yield from _outputs_of(one)
    if plan.clean and not plan.sets:
        yield Output("clean.py", "clean.py.j2")
    if _reads_tasks(plan):
        yield Output("task_texts.py", "task_texts.py.j2")
    if plan.stream:
        yield from _outputs_of_stream(plan.stream)
    yield Output("model.py", f"{own}/model.py.j2")
    yield Output("train.py", f"{several}train.py.j2")
    losses = [one.loss for one in plan.sets] or [plan.loss]
    if any(loss.regularized for loss in losses):
        yield Output("losses.py", "losses.py.j2")
    for loss in {loss.custom.module: loss for loss in losses if loss.custom}.values():
        if loss.custom:
            own_loss = (("loss", loss),)
            yield Output(
                f"{loss.custom.module}.py", f"custom_loss/{_family(plan)}.py.j2", policy="once", extra=own_loss
            )
    yield Output("run_cost.py", "run_cost.py.j2")
    yield Output("card.py", "card.py.j2")
    yield Output("evaluate.py", f"{several}evaluate.py.j2")
    yield Output("verdict.py", f"{several}verdict.py.j2")
    for module in dict.fromkeys(metric.module for metric in plan.evaluation.custom):
        template = f"custom_metric/{_family(plan)}.py.j2"
        yield Output(f"{module}.py", template, policy="once", extra=(("metrics_of", module),))
    if plan.evaluation.collapse:
        yield Output("monitor.py", f"monitor/{plan.evaluation.collapse}.py.j2")
    if plan.train.watches_loss:
        yield Output("loss_monitor.py", "loss_monitor.py.j2")
    if plan.evaluation.nanobeir:
        yield Output("nanobeir.py", "nanobeir.py.j2")
    yield Output("report.py", "report.py.j2")
    yield Output("report.html.jinja", "report.html.jinja.j2")
    models_prepare = any(prepare.command for prepare in _prepares(plan) if prepare)
    models = "_models" if models_prepare else ""
    yield Output("tests/conftest.py", f"{several if models else ''}tests/conftest{models}.py.j2")
    if plan.exported:
        yield Output("export.py", "export.py.j2")
    if plan.mteb:
        yield Output("mteb_tasks.py", "mteb_tasks.py.j2")
    if plan.model.tiny or models_prepare:
        yield Output("tests/tiny.py", "tests/tiny.py.j2")
    yield Output("tests/test_data.py", f"{several}tests/test_data.py.j2")
    yield Output("tests/test_smoke.py", "tests/test_smoke.py.j2")
    if plan.compare:
        yield Output("candidates.py", "candidates.py.j2")
        yield Output("compare.py", "compare.py.j2")
        yield Output("tests/test_compare.py", "tests/test_compare.py.j2")
    for launch in plan.launches:
        extra = (("launch", launch),)
        for program, prefix in _programs(plan):
            script, manifest = prefix + launch.script, prefix + launch.manifest
            started = (*extra, ("program", program), ("script", script), ("manifest", manifest))
            yield Output(f"launch/{script}", f"launch/{launch.template}.j2", mode=0o755, extra=started)
            if launch.manifest:
                yield Output(f"launch/{manifest}", f"launch/{launch.manifest}.j2", extra=started)
        if launch.accelerate:
            yield Output(f"launch/accelerate/{launch.name}.yaml", "launch/accelerate.yaml.j2", extra=extra)
    yield Output(".gitignore", "gitignore.j2", policy="once")
    yield Output(".pre-commit-config.yaml", "pre-commit-config.yaml.j2", policy="once")
    yield Output(".github/workflows/ci.yml", "github/workflows/ci.yml.j2", policy="once")
    yield Output("Dockerfile", "Dockerfile.j2", policy="once")


def _programs(plan: Plan) -> list[tuple[str, str]]:
    """The programs that train, and what the names of their scripts begin with."""
    return [("train.py", ""), *([("compare.py", "compare-")] if plan.compare else [])]


def _reading(plan: Plan) -> dict[str, Any]:
    """What reading.py must be able to do."""
    sets = [one.data for one in plan.sets] or [plan.data]
    local = plan.mteb is not None and bool(plan.mteb.local)
    hub, files = any(data.hub for data in sets), local or any(data.files for data in sets)
    source = "Source" if hub and files else "Hub" if hub else "Files"
    return {"sets_aside": sets[0].sets_aside, "hub": hub, "files": files, "source": source}


def _reader(plan: Plan) -> list[str]:
    """The modules of the reader that the repo needs, which stand there as they stand here."""
    sets = [one.data for one in plan.sets] or [plan.data]
    needed = {name for data in sets for name in data.reader}
    return sorted(needed.union(plan.mteb.reader if plan.mteb else ()))


@cache
def reader_text(name: str) -> str:
    """The text of a module of the reader."""
    with open(os.path.join(os.path.dirname(reader.__file__), f"{name}.py"), encoding="utf-8") as file:
        return file.read()


def _outputs_of(one: SetPlan) -> Iterator[Output]:
    """The modules that one of several data sets has of its own."""
    extra = (
        ("data", one.data),
        ("prepare", one.prepare),
        ("clean", one.clean),
        ("evaluation", one.evaluation),
        ("set_name", one.name),
        ("modules", {kind: f"{kind}_{one.name}" for kind in SET_MODULES}),
    )
    yield Output(f"data_{one.name}.py", "data.py.j2", extra=extra)
    if one.prepare:
        yield Output(f"prepare_{one.name}.py", "prepare.py.j2", extra=extra)
    if one.clean:
        yield Output(f"clean_{one.name}.py", "clean.py.j2", extra=extra)
    yield Output(f"measure_{one.name}.py", "several/measure.py.j2", extra=extra)


def _reads_tasks(plan: Plan) -> bool:
    """Whether anything looks for the texts of MTEB's tasks in the training rows."""
    against = plan.clean is not None and plan.clean.leaks is not None and plan.clean.leaks.options["tasks"]
    return bool(against or (plan.mteb and plan.evaluation.leak_columns))


def _outputs_of_stream(stream: StreamPlan) -> Iterator[Output]:
    """What reads the rows of a stream, and the steps that they go through."""
    yield Output("stream.py", "stream.py.j2")
    if stream.clean:
        yield Output("clean.py", "stream/clean.py.j2", extra=(("clean", stream.clean),))
    if stream.steps:
        yield Output("convert.py", "convert.py.j2")


def _prepares(plan: Plan) -> tuple[PreparePlan | None, ...]:
    return tuple(one.prepare for one in plan.sets) or (plan.prepare,)


def _family(plan: Plan) -> str:
    """What the library calls a loss with: text pairs, token embeddings, or one embedding for each text."""
    return {"cross-encoder": "pairs", "multi-vector": "tokens"}.get(plan.model.type, "embeddings")


def _context(plan: Plan) -> dict[str, Any]:
    # What holds for the whole repo follows from the set that has most to prepare: one that runs models.
    prepares = sorted((prepare for prepare in _prepares(plan) if prepare), key=lambda prepare: not prepare.command)
    prepare = prepares[0] if prepares else None
    losses = [one.loss for one in plan.sets] or [plan.loss]
    return plan.as_dict() | {
        "plan": plan,
        "prepare": prepare,
        "set_name": "",
        "reading": _reading(plan),
        "modules": {kind: kind for kind in SET_MODULES},
        "own_losses": sorted({(loss.custom.module, loss.name) for loss in losses if loss.custom}),
    }
