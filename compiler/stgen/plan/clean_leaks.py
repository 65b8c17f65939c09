"""Plans the step of clean.py that looks in training rows for what the model is measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stgen.language.paths import Place
from stgen.language.rows_named import normal
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.plan.clean_repeats import bands, finder
from stgen.plan.clean_step import made
from stgen.plan.planned_data import CleanStep
from stgen.plan.splits import source_of
from stgen.values.expressions import Expression, Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Decontaminate
    from stgen.language.spec_results import Mteb

MEASURED = ("eval", "test")  # splits that training rows can be compared with


def leak_step(asked: Decontaminate, spec: Spec, index: int, place: Place) -> CleanStep:
    """No training row that the model is measured on."""
    against = _against(asked.against, spec.metrics.mteb)
    options: dict[str, Expression] = {
        **against,
        "sieved": _sieved(asked.against, bool(against["tasks"]), spec.data[index]),
        "ngram": asked.ngram,
        "near": asked.near,
        "semantic": asked.semantic,
        "fails": asked.action == "fail",
    }
    settings: tuple[Expression, ...] = (asked.ngram,) if asked.ngram else ()
    if asked.near is not None:
        options["bands"], options["width"] = bands(asked.near)
        settings += (Name("LEAKS_FROM"),)
    if asked.semantic is not None:
        settings += (Name("LEAKS_FROM_COSINE"),)
    return made(
        "leaks", "leaks", "leak", "find_leaks", "removes training rows that leak what the model is measured on", options,
        settings, ("near",) * (asked.near is not None) + ("mteb",) * bool(options["tasks"]), (finder("leak_finder", asked, place),) * (asked.semantic is not None),
    )  # fmt: skip


def _sieved(asked: list[str], tasks: bool, data: Data) -> dict[str, Expression]:
    """Each split that is sieved, with those that it is held against: a checkpoint must not be picked on test rows either."""
    splits = tuple(split for split in MEASURED if split in asked)
    others = ("test",) if "test" in splits and not _tests_on_eval(data) else ()
    found: dict[str, Expression] = {"eval": others} if others or tasks else {}
    return found | {"train": splits}


def _tests_on_eval(data: Data) -> bool:
    """Whether eval and test are the same rows by the spec's own word, which a finding is about."""
    evaluated, tested = source_of(data, "eval"), source_of(data, "test")
    if evaluated is None:
        return False
    return data.test is None if tested is None else normal(evaluated) == normal(tested)


def _against(against: list[str], mteb: Mteb | None) -> dict[str, Expression]:
    """What training rows are compared with: splits, tasks by name, and those that the model is measured on."""
    local = {task.name: f"LocalTask{number}" for number, task in enumerate(mteb.local if mteb else (), start=1)}
    every = "mteb" in against
    others = [name for name in dict.fromkeys(against) if name not in (*MEASURED, "mteb")]
    names = tuple(name for name in others if name not in local)
    measured = bool(every and mteb and (mteb.tasks or mteb.types or mteb.benchmark))
    return {
        "splits": tuple(name for name in dict.fromkeys(against) if name in MEASURED),
        "tasks": bool(others or every),
        "names": names,
        "local": tuple(made for name, made in local.items() if every or name in others),
        "measured": measured,
        "from_hub": bool(names or measured),
    }
