"""Renders a plan: Plan -> Tree, through the templates, which see nothing but the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from stgen.plan import Plan
from stgen.record import Record
from stgen.tree import File, Mode, Policy, Tree

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
    if plan.spec_copy:
        files[plan.spec_copy] = File(plan.spec_text)
    return Tree(files)


def outputs(plan: Plan) -> Iterator[Output]:
    """Name the files of a plan. A template is found by its output's path, in the folder of the model where it differs."""
    own = plan.model.template
    yield Output("README.md", "README.md.j2")
    yield Output("pyproject.toml", "pyproject.toml.j2")
    yield Output("data.py", "data.py.j2")
    if plan.prepare:
        yield Output("prepare.py", "prepare.py.j2")
    if plan.clean:
        yield Output("clean.py", "clean.py.j2")
    yield Output("model.py", f"{own}/model.py.j2")
    yield Output("train.py", "train.py.j2")
    if plan.loss.regularized:
        yield Output("losses.py", "losses.py.j2")
    if plan.loss.custom:
        yield Output(f"{plan.loss.custom.module}.py", f"custom_loss/{_family(plan)}.py.j2", policy="once")
    yield Output("evaluate.py", "evaluate.py.j2")
    yield Output("verdict.py", "verdict.py.j2")
    for module in dict.fromkeys(metric.module for metric in plan.evaluation.custom):
        template = f"custom_metric/{_family(plan)}.py.j2"
        yield Output(f"{module}.py", template, policy="once", extra=(("metrics_of", module),))
    if plan.evaluation.collapse:
        yield Output("monitor.py", f"monitor/{plan.evaluation.collapse}.py.j2")
    yield Output("report.py", "report.py.j2")
    yield Output("report.html.jinja", "report.html.jinja.j2")
    models_prepare = bool(plan.prepare and plan.prepare.command)
    if plan.mteb:
        yield Output("mteb_tasks.py", "mteb_tasks.py.j2")
    yield Output("tests/conftest.py", "tests/conftest_models.py.j2" if models_prepare else "tests/conftest.py.j2")
    if plan.model.tiny or models_prepare:
        yield Output("tests/tiny.py", "tests/tiny.py.j2")
    yield Output("tests/test_data.py", "tests/test_data.py.j2")
    yield Output("tests/test_smoke.py", "tests/test_smoke.py.j2")
    for launch in plan.launches:
        extra = (("launch", launch),)
        yield Output(f"launch/{launch.script}", f"launch/{launch.template}.j2", mode=0o755, extra=extra)
        if launch.accelerate:
            yield Output(f"launch/accelerate/{launch.name}.yaml", "launch/accelerate.yaml.j2", extra=extra)
    yield Output(".gitignore", "gitignore.j2", policy="once")
    yield Output(".pre-commit-config.yaml", "pre-commit-config.yaml.j2", policy="once")
    yield Output(".github/workflows/ci.yml", "github/workflows/ci.yml.j2", policy="once")
    yield Output("Dockerfile", "Dockerfile.j2", policy="once")


def _family(plan: Plan) -> str:
    """What the library calls a loss with: text pairs, token embeddings, or one embedding for each text."""
    return {"cross-encoder": "pairs", "multi-vector": "tokens"}.get(plan.model.type, "embeddings")


def _context(plan: Plan) -> dict[str, Any]:
    return plan.as_dict() | {"plan": plan}
