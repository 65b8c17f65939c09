"""Which fragments mteb_tasks.py is made of: MtebPlan -> MtebProgram. Their text stands in `templates/mteb/`."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.plan.plan import Plan
from stgen.plan.planned_measures import MtebLocalPlan, MtebPlan
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression
from stgen.values.record import Record


class TaskProgram(Record):
    """A task of the user's own files: the expressions that read them, and the fragments of its class."""

    task: MtebLocalPlan
    reads: Mapping[str, Expression]  # key of the spec -> what reads that file
    attributes: tuple[str, ...]
    loaded: tuple[str, ...]  # what the task takes from its rows when they are loaded
    methods: tuple[str, ...]


class MtebProgram(Record):
    """The fragments of mteb_tasks.py, and the expressions that it holds."""

    constants: tuple[str, ...]
    measured: tuple[str, ...]  # what `main` does with the scores of both models
    told: tuple[str, ...]  # what it prints last
    functions: tuple[str, ...]
    found: tuple[str, ...]  # how the tasks of the hub are named
    seen: str  # the rows in which the tasks' texts are looked for: "rows" or "sets"
    local: Expression  # the tasks of the user's own
    tasks: tuple[TaskProgram, ...]


# fmt: off
ATTRIBUTES = {"ZeroShotClassification": ("text",), "Clustering": ("all_rows",)}
LOADED = {"STS": ("scores",), "Summarization": ("grades",), "Clustering": ("size",), "ZeroShotClassification": ("labels",)}
GRADED = ("search", "lists")  # tasks whose documents have grades
METHODS = {"ZeroShotClassification": ("labels",)}
"""Type of a task -> the fragments that it has beside those of every task of rows."""
# fmt: on


def mteb_program(mteb: MtebPlan, plan: Plan) -> MtebProgram:
    """Choose the fragments of a plan's mteb_tasks.py."""
    leaks = bool(plan.sets[0].evaluation.leak_columns)  # what holds for the whole repo holds for each set
    return MtebProgram(
        constants=_constants(mteb),
        measured=(*those({"dimensions": mteb.dimensions}), "leaks" if leaks else "scores"),
        told=those({"leaks": leaks, "faults": True, "offline": mteb.from_hub}),
        functions=those(
            {
                "count_leaks": leaks,
                "local_tasks": mteb.local,
                "hub_tasks": mteb.from_hub,
                "write_card": True,
                "describe": mteb.local,
                "whole": any(task.files_of in GRADED for task in mteb.local),
                "name_queries": any(task.files_of == "search" for task in mteb.local),
            }
        ),
        found=those({"names": mteb.tasks, "types": mteb.types, "benchmark": mteb.benchmark}),
        seen="sets" if plan.mix else "rows",
        local=[Call(task.class_) for task in mteb.local],
        tasks=tuple(map(_task, mteb.local)),
    )


def _constants(mteb: MtebPlan) -> tuple[str, ...]:
    return those(
        {
            "root": mteb.local,
            "name": True,
            "tasks": mteb.tasks,
            "types": mteb.types,
            "benchmark": mteb.benchmark,
            "languages": mteb.types or (mteb.tasks and mteb.languages_named),
            "runnable": mteb.from_hub,
            "dimensions": mteb.dimensions,
        }
    )


def _task(task: MtebLocalPlan) -> TaskProgram:
    return TaskProgram(
        task=task,
        reads={key: _read(task, key) for key in task.sources},
        attributes=ATTRIBUTES.get(task.type, ()),
        loaded=LOADED.get(task.type, ()),
        methods=METHODS.get(task.type, ()),
    )


def _read(task: MtebLocalPlan, key: str) -> Expression:
    """A call of `read`, with the columns of one of a task's files and their types."""
    columns = task.schemas[key].columns
    taken = [
        Call("Column", (column.name, column.source, column.take), {} if column.needed else {"needed": False})
        for column in columns
    ]
    return Call("read", (task.sources[key], taken, {column.name: task.types[column.name] for column in columns}))
