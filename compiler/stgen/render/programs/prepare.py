"""Which fragments prepare.py is made of: SetPlan -> PrepareProgram. Their text stands in the templates."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.plan.plan import SetPlan
from stgen.plan.planned_data import CommandOption, PreparePlan
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class Line(Record):
    """A statement of prepare.py: a template in `templates/prepare/line/`, and what it sees as `line.given`."""

    template: str
    given: Expression = None


class PrepareProgram(Record):
    """What prepare.py is made of; see templates/prepare.py.j2."""

    constants: tuple[str, ...]
    made_of: Expression  # what decides on what is written
    prepare: Expression  # the call that writes
    takes: str  # the parameters of that
    described: tuple[str, ...]  # functions that `made_of` needs
    clean: Expression  # before rows are held out
    finish: Expression  # and after
    lines: tuple[Line, ...]
    writing: tuple[str, ...]  # functions that write and split rows
    functions: tuple[str, ...]  # templates of what it defines beside the steps


def prepare_program(one: SetPlan) -> PrepareProgram:
    """Choose the fragments of the prepare.py of a data set."""
    prepare, clean, hub = one.prepare, one.clean, one.data.hub
    assert prepare is not None
    models = bool(prepare.command)
    enough = prepare.functions or one.data.held_out or clean  # what steps leave may be too few rows
    options = (Name("options"),) if models else ()
    follows = clean is not None and one.data.format == "retrieval"
    rows = any(step.options.get("rows") for step in prepare.functions)
    return PrepareProgram(
        constants=those({"root": prepare.local, "rows": rows, "models": models}),
        made_of=Call("describe", options) if models or hub else Call("data.made_of"),
        prepare=Call("prepare", options),
        takes="options: argparse.Namespace" if models else "",
        described=those({"models": models, "hub": hub and not models, "commits": hub}),
        clean=_cleaned("clean.clean", clean.before if clean else ()),
        finish=_cleaned("clean.finish", clean.after if clean else ()),
        lines=tuple(_lines(one, prepare)),
        writing=those({"write_enough": enough, "write": not enough}),
        functions=(
            *(f"steps/{helper}" for helper in prepare.helpers),
            *(f"prepare/function/{name}" for name in those({"follow_judgements": follows})),
            f"prepare/function/parse{'_models' if models else ''}",
        ),
    )


def _cleaned(function: str, models: tuple[CommandOption, ...]) -> Expression:
    return Call(function, (Name("splits"), *(Name(f"options.{model.name}") for model in models), Name("funnel")))


def _lines(one: SetPlan, prepare: PreparePlan) -> Iterator[Line]:
    """The statements of prepare.py between reading and writing, in order."""
    if prepare.command:
        yield Line("trial")
    follows = one.clean is not None and one.data.format == "retrieval"
    if follows:
        yield Line("judged")
    if one.clean:
        yield Line("clean")
    if one.clean and one.clean.changes and one.data.format == "retrieval":
        yield Line("corpus")
    yield from (Line("held", split) for split in one.data.held_out)
    if one.clean:
        yield Line("finish")
    if follows:
        yield Line("follow")
    yield from _other_lines(prepare, 0)
    for done, step in enumerate(prepare.steps, 1):
        yield Line("train" if step.splits == "train" else "all", step)
        yield from _other_lines(prepare, done)


def _other_lines(prepare: PreparePlan, done: int) -> Iterator[Line]:
    """What other losses take, which go the same way for so many steps."""
    for other in prepare.others:
        if other.after == done:
            yield Line("other")
            yield from (Line("other_step", step) for step in other.steps)
            yield Line("other_written", other)
