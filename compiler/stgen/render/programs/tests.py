"""Which fragments the generated tests are made of: Plan -> TestsProgram, TinyProgram. Their text stands in `templates/tests/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stgen.plan.plan import Plan, SetPlan
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class OfSet(NamedTuple):
    """A fragment that is about a data set, and the constant that it changes there."""

    template: str
    set: SetPlan
    constant: str = ""


class TestsProgram(Record):
    """The fragments of conftest.py, be it one where tiny models prepare the rows or not."""

    lies: str  # where the data lies: "files" that may be missing, or the "hub"
    files: tuple[OfSet, ...]  # those that may be missing
    looks: str  # how the data is held against its contract
    base: str
    guides: tuple[str, ...]  # where the guide of a loss is named
    guided: tuple[str, ...]  # the sets whose loss has one
    folders: str
    trials: tuple[OfSet, ...]  # what stands otherwise where tiny models prepare the rows
    rows: int  # that they prepare, of an only set
    prepares: tuple[Expression, ...]  # a call for each set
    functions: tuple[str, ...]


class TinyProgram(Record):
    """The fragments of tiny.py, and the expressions that it holds."""

    build: Name  # what the function is called that writes one encoder
    words: str  # how many the vocabulary has
    size: str  # what of the model is as large as the vectors of a teacher; "free": nothing
    width: Expression  # of static embeddings
    teaches: bool  # whether it stands for a teacher too, who has one output
    rows: str  # whose texts it knows
    read: Expression  # the call that reads them
    functions: tuple[str, ...]


def tests_program(plan: Plan) -> TestsProgram:
    """Choose the fragments of a plan's conftest.py."""
    guided = tuple(one.name for one in plan.sets if one.loss.guide)
    guides = tuple(_guides(plan, guided))
    files = tuple(_files(plan))
    teacher = any(one.prepare and one.prepare.teacher_width for one in plan.sets)
    return TestsProgram(
        lies="files" if files else "hub",
        files=files,
        looks="stream" if plan.stream else "prepared" if any(one.prepare for one in plan.sets) else "plain",
        base="own_tokenizer" if not plan.model.tiny else "guided" if guides or guided else "tiny",
        guides=guides,
        guided=guided,
        folders="sets" if plan.mix else "one",
        trials=tuple(fragment for one in plan.sets for fragment in _trials(one)),
        rows=_rows(plan.sets[0]),
        prepares=tuple(_prepares(one) for one in plan.sets if one.prepare),
        functions=those({"build_teachers": teacher and plan.mix, "build_teacher": teacher and not plan.mix}),
    )


def _guides(plan: Plan, guided: tuple[str, ...]) -> Iterator[str]:
    if plan.compare:
        yield from those({"candidates": plan.compare.guide})
    elif guided:
        yield "sets" if plan.mix else "one"


def _files(plan: Plan) -> Iterator[OfSet]:
    for one in plan.sets:
        if one.data.files:
            yield OfSet("data_and_hub" if one.data.hub else "data", one)
            if one.clean and one.clean.leaks and one.clean.leaks.options["local"]:
                yield OfSet("tasks", one)


def _trials(one: SetPlan) -> Iterator[OfSet]:
    """What random weights have no say in: they find all texts alike, and none that may be a negative."""
    if not one.prepare:
        return
    if one.name:
        yield OfSet("prepared", one)
    if one.clean:
        yield OfSet("results", one)
        yield from (OfSet("alike", one, constant) for constant in one.clean.trial)
    for step in one.prepare.steps:
        if step.template == "mine":
            named = those({"filter": step.options["filter"], "judge": step.options["cross_encoder"]})
            yield from (OfSet(name, one) for name in named)


def _rows(one: SetPlan) -> int:
    return max(one.prepare.trial_rows, 2 * one.data.rows_needed) if one.prepare else 0


def _prepares(one: SetPlan) -> Expression:
    """The call that prepares some rows of a set with tiny models in place of the real ones."""
    prepare = one.prepare
    module = one.module("prepare")
    if prepare is None or not prepare.command:
        return Call(f"{module}.main", ([],))
    folder = Name("folder")
    widths = (prepare.teacher_width,) if one.name else ()
    teacher = Call("build_teacher", (folder, *widths)) if prepare.teacher_width else Call("str", (folder,))
    given: list[Expression] = []
    for option in prepare.command:
        given += [f"--{option.name}", teacher if option.name == "teacher" else Call("str", (folder,))]
    rows = str(_rows(one)) if one.name else Call("str", (Name("ROWS"),))
    return Call(f"{module}.main", ([*given, "--rows", rows],))


def tiny_program(plan: Plan) -> TinyProgram:
    """Choose the fragments of a plan's tiny.py."""
    model = plan.model
    models_prepare = any(one.prepare and one.prepare.command for one in plan.sets)
    follows = model.tiny_follows
    return TinyProgram(
        build=Name("build_encoder" if model.router else "build"),
        words="as_wide" if follows == "vocabulary" else "few",
        size=follows or "free",
        width=Call("vector_width") if follows else model.tiny_width,
        teaches=model.tiny == "BertForSequenceClassification" and models_prepare,
        rows="sets" if plan.mix else "stream" if plan.stream else "one",
        read=Call("data.read" if models_prepare else "data.load", ("train",)),
        functions=those({"build_static": model.tiny_static, "vector_width": follows, "texts": True}),
    )
