"""Which fragments clean.py is made of: CleanPlan -> CleanProgram. Their text stands in `templates/clean/`."""

from __future__ import annotations

from typing import NamedTuple

from stgen.plan.planned_data import CleanPlan, CleanStep, CommandOption
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class Part(NamedTuple):
    """A fragment, by the name of its template, and the step of the spec that it belongs to."""

    template: str
    step: CleanStep | None = None


class CleanProgram(Record):
    """The fragments of clean.py in their order, and what they call each other with."""

    constants: tuple[str, ...]
    calls: tuple[Part, ...]  # what `clean` does, a step each
    by_row: tuple[Part, ...]  # the steps of datatrove's pipeline
    decides: Expression  # what that pipeline's results depend on, as `made_of` takes it
    settings: tuple[Expression, ...]
    finish: tuple[str, ...]  # what is done against leaks, once all splits are there
    functions: tuple[Part, ...]
    compared: Name  # the columns of which the texts are compared
    patterns: tuple[str, ...]  # what normalize looks for
    lone_texts: bool  # whether rows of one text are compared too: texts of tasks
    leaks: LeaksProgram | None
    before: tuple[str, ...]  # the models that `clean` takes
    after: tuple[str, ...]  # and those that `finish` takes


class LeaksProgram(Record):
    """The fragments of the step against leaks: see `templates/clean/leaks.py.j2`."""

    constants: tuple[str, ...]
    body: tuple[str, ...]  # of find_leaks
    functions: tuple[str, ...]


def clean_program(clean: CleanPlan, format: str, of_set: bool) -> CleanProgram:
    """Choose the fragments of the clean.py of a data set that is read in this format, one of several or an only one."""
    return CleanProgram(
        constants=_constants(clean, of_set),
        calls=_calls(clean) if clean.engine == "local" else _pipeline_calls(clean),
        by_row=tuple(_pipeline(clean)),
        decides=_decides(clean),
        settings=tuple(setting for step in _by_row(clean) for setting in step.settings),
        finish=_finish(clean.leaks),
        functions=(*_own_functions(clean, format), *_shared_functions(clean), *_step_functions(clean)),
        compared=Name("COMPARED" if clean.lists else "TEXTS"),
        patterns=_patterns(clean),
        lone_texts=clean.leaks is not None and bool(clean.leaks.options["tasks"] and clean.leaks.options["near"]),
        leaks=_leaks(clean.leaks) if clean.leaks else None,
        before=_names(clean.before),
        after=_names(clean.after),
    )


def stream_clean_program(clean: CleanPlan) -> CleanProgram:
    """Choose the fragments of the clean.py of a stream, whose steps see one row at a time."""
    steps = tuple(part for step in clean.steps for part in _stream_parts(step, clean))
    own = those({"find_fault": clean.changes or clean.judges, "change": clean.changes})
    known = those({"clean/stream/known": clean.leaks, "clean/key": clean.compares})
    return CleanProgram(
        constants=(),
        calls=tuple(Part(step.kind, step) for step in clean.steps),
        by_row=(),
        decides=None,
        settings=(),
        finish=(),
        functions=(*(Part(f"clean/stream/{name}") for name in own), *steps, *map(Part, known)),
        compared=Name("TEXTS"),
        patterns=_patterns(clean),
        lone_texts=False,
        leaks=_stream_leaks(clean.leaks) if clean.leaks else None,
        before=(),
        after=(),
    )


def _names(options: tuple[CommandOption, ...]) -> tuple[str, ...]:
    return tuple(option.name for option in options)


def _constants(clean: CleanPlan, of_set: bool) -> tuple[str, ...]:
    return those(
        {
            "texts": clean.steps != (clean.leaks,),
            "compared": clean.whole_lists,
            "seed": clean.seeded,
            "results_of_set": of_set,
            "results": not of_set,
        }
    )


def _calls(clean: CleanPlan) -> tuple[Part, ...]:
    """A call for each step; where the last one changes texts, it returns what comes of it."""
    steps = [step for step in clean.steps if step.kind != "leak"]
    if not steps or steps[-1].kind != "change":
        return (*(Part(step.kind, step) for step in steps), Part("return"))
    return (*(Part(step.kind, step) for step in steps[:-1]), Part("change_last", steps[-1]))


def _pipeline_calls(clean: CleanPlan) -> tuple[Part, ...]:
    """One call for all steps that look at one row, then one for each of the others."""
    finds = tuple(Part("find", step) for step in clean.steps if step.kind == "find")
    if clean.changes and not finds:
        return (Part("pipeline_last"),)
    run = those({"pipeline": clean.changes, "pipeline_train": clean.judges and not clean.changes})
    return (*map(Part, run), *finds, Part("return"))


def _by_row(clean: CleanPlan) -> tuple[CleanStep, ...]:
    return tuple(step for step in clean.steps if step.kind in ("change", "judge"))


def _pipeline(clean: CleanPlan) -> list[Part]:
    """The steps of the pipeline. Where eval and test rows go through it too, they are changed, and never judged."""
    judge = ("thin" if clean.lists else "judge") + ("_train" if clean.changes else "")
    return [Part("change" if step.kind == "change" else judge, step) for step in _by_row(clean)]


def _decides(clean: CleanPlan) -> Expression:
    classes = ("Judge", *those({"Change": clean.changes, "Thin": clean.lists}))
    return Call("made_of", (*map(Name, classes), *(step.call for step in _by_row(clean))))


def _finish(leaks: CleanStep | None) -> tuple[str, ...]:
    if not leaks:
        return ("removed",)
    splits, tasks = leaks.options["splits"], leaks.options["tasks"]
    sieve = "sieve_both" if splits and tasks else "sieve_splits" if splits else "sieve_tasks"
    return (*those({"known": tasks}), sieve, "removed", *those({"fail": leaks.options["fails"]}))


def _own_functions(clean: CleanPlan, format: str) -> tuple[Part, ...]:
    """Of the steps that look at one text: how the engine runs them, and what they have in common."""
    local = clean.engine == "local"
    by_row, pipeline = bool(_by_row(clean)), not local
    tasks = clean.leaks is not None and clean.leaks.options["tasks"]
    return tuple(
        map(
            _function,
            those(
                {
                    "datatrove/run_steps": pipeline and by_row,
                    "datatrove/change": pipeline and clean.changes,
                    "datatrove/judge": pipeline and by_row,
                    "datatrove/thin": pipeline and by_row and clean.lists,
                    "datatrove/work": pipeline and clean.works,
                    "datatrove/run_pipeline": pipeline,
                    "local/change": local and clean.changes,
                    "rewrite": clean.changes,
                    "change_text": clean.changes and (format == "retrieval" or tasks),
                    "change_corpus": clean.changes and format == "retrieval",
                    "local/judge": local and by_row,
                    "find_faults": by_row,
                    "local/thin": local and by_row and clean.lists,
                    "split_lists": by_row and clean.lists,
                }
            ),
        )
    )


def _shared_functions(clean: CleanPlan) -> tuple[Part, ...]:
    """Of all steps: removing rows, remembering what was found, and the funnel."""
    return tuple(
        map(
            _function,
            those(
                {
                    "sift": clean.sifts,
                    "note": True,
                    "local/work": clean.engine == "local" and clean.works,
                    f"{clean.engine}/remember": True,
                    "made_of": True,
                    "definitions": True,
                    "fingerprint": True,
                    "funnel": True,
                }
            ),
        )
    )


def _step_functions(clean: CleanPlan) -> tuple[Part, ...]:
    """Of each step, and what several of them compare texts by."""
    either_way = clean.symmetric and len(clean.asked) == 2
    return (
        *map(Part, those({"clean/key": clean.compares})),
        *map(_function, those({"row_texts": clean.pairs_up})),
        *(part for step in clean.steps for part in _parts(step, clean)),
        *map(
            _function,
            those({
                "sketch": clean.sketches,
                "similarity_either_way": clean.sketches and either_way,
                "similarity": clean.sketches and not either_way,
            }),
        ),
    )  # fmt: skip


def _function(name: str) -> Part:
    return Part(f"clean/function/{name}")


def _parts(step: CleanStep, clean: CleanPlan) -> tuple[Part, ...]:
    """The fragments of one step."""
    if step.template == "exact":
        find = "labelled" if clean.label else "unlabelled"
        return Part(f"clean/exact/{find}", step), Part(
            f"clean/exact/{'sorted' if clean.symmetric else 'ordered'}", step
        )
    if step.template == "near":
        return Part("clean/near", step), Part("clean/near/deciding", step)
    if step.template == "language" and step.options["detector"] == "lingua":
        return Part("clean/language", step), Part("clean/language/lingua", step)
    return (Part(f"clean/{step.template}", step),)


def _stream_parts(step: CleanStep, clean: CleanPlan) -> tuple[Part, ...]:
    """The fragments of one step where rows come by one at a time."""
    return (Part("clean/stream/identical", step),) if step.template == "identical" else _parts(step, clean)


def _patterns(clean: CleanPlan) -> tuple[str, ...]:
    """What the step that normalizes texts looks for; every spec has it once at most."""
    options = next((step.options for step in clean.steps if step.template == "normalize"), {})
    return those(
        {name: options.get(name) for name in ("html", "urls", "emails", "digits", "rules")}
        | {"dotted": options.get("turkic")}
    )


def _leaks(step: CleanStep) -> LeaksProgram:
    options = step.options
    splits, tasks, near, semantic = (options[name] for name in ("splits", "tasks", "near", "semantic"))
    measured = "measured_both" if splits and tasks else "measured_splits" if splits else "measured_tasks"
    return LeaksProgram(
        ("sieved" if splits else "sieved_by_tasks", *_leak_constants(step)),
        (
            measured,
            *those({"copies": True, "near_rows": near and splits, "near_texts": near and tasks, "semantic": semantic}),
        ),
        those(
            {
                "find_leaks": True,
                "measured_texts": splits,
                "texts_of_tasks": tasks,
                "find_copies": True,
                "index_runs": options["ngram"],
                "find_near_leaks": near and splits,
                "find_near_copies": near and tasks,
                "each_near": near,
                "find_semantic_leaks": semantic,
            }
        ),
    )


def _stream_leaks(step: CleanStep) -> LeaksProgram:
    """What is measured on is all known when the first row comes, so that each row is looked up as it comes by."""
    functions = those({"measured_texts": True, "find_copies": True, "index_runs": step.options["ngram"]})
    return LeaksProgram(("measured_on", *_leak_constants(step)), (), functions)


def _leak_constants(step: CleanStep) -> tuple[str, ...]:
    options = step.options
    return those({"asked": True, "runs": options["ngram"], "near": options["near"], "semantic": options["semantic"]})
