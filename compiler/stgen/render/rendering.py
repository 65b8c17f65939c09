"""Renders a plan: Plan -> Tree, through the templates, which see nothing but the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stgen.plan.plan import Plan, SetPlan
from stgen.render.imports import modules_of, with_used_imports
from stgen.render.linking import READER, linked_reader
from stgen.render.outputs import of_set, outputs, regularizers
from stgen.render.programs.losses import AROUND, own_losses_of, parts_of
from stgen.render.programs.reading import reading_program
from stgen.render.programs.train import hyperparameters
from stgen.render.shapes import can_be_owned
from stgen.render.tree import File, Tree

Rendered = Callable[[str, dict[str, Any]], str]
"""Renders the template of a name with a context."""


def render(plan: Plan, rendered: Rendered) -> Tree:
    """Render every file that the plan calls for."""
    context = _context(plan)
    files = {
        output.path: File(rendered(output.template, context | dict(output.extra)), output.policy, output.mode)
        for output in outputs(plan)
    }
    own = modules_of(files) | {READER}
    programs = {
        path: file.holding(with_used_imports(file.text, own)) for path, file in files.items() if path.endswith(".py")
    }
    files |= programs
    for name, text in linked_reader(file.text for file in programs.values()).items():
        files[f"{READER}/{name}.py"] = File(text)
    if plan.spec_copy:
        files[plan.spec_copy] = File(plan.spec_text)
    for path, file in files.items():
        if file.policy == "owned" and not can_be_owned(path):
            raise ValueError(f"{path!r} is missing in shapes.py: a compile could never remove it again")
    return Tree(files)


def _context(plan: Plan) -> dict[str, Any]:
    """What the templates of the whole repo see: of an only data set everything, of several what holds for all of them."""
    losses = [one.loss for one in plan.sets]
    own_losses = {(loss.custom.module, loss.name) for loss in losses if loss.custom} | set(regularizers(plan))
    shared = _of_all(plan.sets) if plan.mix else of_set(plan.sets[0])
    own = {
        "own_losses": sorted(own_losses),
        "hyperparameters": hyperparameters(plan.train),
        "reading": reading_program(plan),
        "around": parts_of(plan),
        "around_says": ", ".join(AROUND[name][1] for name in own_losses_of(plan)),
    }
    return plan.as_dict() | shared | own


def _of_all(sets: tuple[SetPlan, ...]) -> dict[str, Any]:
    """What is the same for each set is read off the first; what is prepared, off one that runs models for it."""
    prepares = sorted((one.prepare for one in sets if one.prepare), key=lambda prepare: not prepare.command)
    return {
        "evaluation": sets[0].evaluation,
        "prepare": prepares[0] if prepares else None,
        "module": sets[0].module,
    }
