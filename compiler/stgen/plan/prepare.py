"""Plans prepare.py: a data set of the spec and its match -> what is read, held out, converted and written."""

from __future__ import annotations

from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.counts import rows_of_file
from stgen.plan.parts import Context, fixed_width
from stgen.plan.planned_data import SPLITS, CleanPlan, CommandOption, OtherRows, PreparePlan, Step
from stgen.plan.splits import held_out
from stgen.plan.steps import plan_steps
from stgen.values.expressions import Name, roots_of

TRIAL_ROWS = 200  # rows of each split on which the tests run models


def plan_prepare(
    spec: Spec,
    index: int,
    match: Match,
    place: Place,
    clean: CleanPlan | None,
    others: tuple[OtherRows, ...] = (),
) -> PreparePlan | None:
    """Plan prepare.py for data set `index`; None when there is nothing for it to do.

    `others` are the rows of losses that are compared with the repo's own.
    """
    data = spec.data[index]
    if data.streaming:
        return None
    sets_aside = spec.prepare is not None and spec.prepare.on_bad_row == "set-aside"
    if not match.way.rows and clean is None and not sets_aside and not others:
        return None  # rows alone are held out as they are read
    held = held_out(data, rows_of_file(spec, index, match))
    context = Context(spec, data, data.loss or spec.loss, match, place)
    steps = plan_steps(context)
    functions = _distinct(steps, others)
    models = [*(clean.command if clean else ()), *(option for step in functions for option in step.command)]
    command = tuple({option.name: option for option in models}.values())
    does = ["sets rows aside that violate the data contract"] * sets_aside + list(clean.does if clean else ())
    does += [f"holds {row.split} rows out" for row in held] + [step.says for step in steps]
    does += ["writes the training rows in the form of each compared loss"] * bool(others)
    return PreparePlan(
        reads=tuple(split for split in SPLITS if split not in {row.split for row in held}),
        steps=steps,
        others=others,
        functions=functions,
        helpers=tuple(dict.fromkeys(helper for step in functions for helper in step.helpers)),
        command=command,
        trial_rows=TRIAL_ROWS,
        teacher_width=fixed_width(context) if any(step.template == "teach_embeddings" for step in functions) else None,
        programs=_programs(f"_{data.name}" if len(spec.data) > 1 else "", command, clean),
        does=tuple(does),
        summary=", ".join(does),
        local=_runs_local(functions, command),
    )


def _distinct(steps: tuple[Step, ...], others: tuple[OtherRows, ...]) -> tuple[Step, ...]:
    """The steps whose functions prepare.py defines, each once."""
    found: dict[str, Step] = {}
    for step in [*steps, *(step for other in others for step in other.steps)]:
        found.setdefault(step.function, step)
    return tuple(found.values())


def _programs(suffix: str, command: tuple[CommandOption, ...], clean: CleanPlan | None) -> tuple[str, ...]:
    """The files of the repo that decide what prepare.py writes; `suffix` ends those of one of several data sets."""
    tasks = clean.leaks.options if clean and clean.leaks else {}
    names = [f"data{suffix}", f"prepare{suffix}", "reading", "seed"] + [f"clean{suffix}"] * (clean is not None)
    names += ["model"] * any(option.default == Name("model.BASE") for option in command)
    names += ["task_texts"] * bool(tasks.get("tasks"))
    names += ["mteb_tasks"] * bool(tasks.get("local") or tasks.get("measured"))
    return tuple(sorted(f"{name}.py" for name in names))


def _runs_local(steps: tuple[Step, ...], command: tuple[CommandOption, ...]) -> bool:
    """Whether a model that prepare.py runs lies in a folder, which is found from its own."""
    models = [option.default for option in command] + [step.options.get("cross_encoder") for step in steps]
    return any("ROOT" in roots_of(model) for model in models)
