"""Plans clean.py: the spec's [prepare] and a match -> the steps that change texts or remove rows, with their constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stgen.language.paths import Place
from stgen.language.semantics.prepare import OPERATIONS
from stgen.language.spec import Spec
from stgen.match.columns import LABELS, column_names
from stgen.match.matching import Match
from stgen.plan.clean_leaks import leak_step
from stgen.plan.clean_repeats import related_step, repeat_steps
from stgen.plan.clean_texts import language_step, lemmatize_step, length_step, normalize_step, stem_step
from stgen.plan.junk import plan_junk
from stgen.plan.planned_data import CleanPlan, CleanStep, CommandOption
from stgen.plan.splits import negatives_read
from stgen.rules.clean import PINS
from stgen.values.expressions import Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Prepare

ORDERED = (
    "pair-class",
    "pair-probabilities",
    "retrieval",
)  # labels for which the order of the two texts matters: premise and hypothesis
UNEQUAL = ("class", "probabilities", "binary", "score", "scores")  # labels that say what two texts mean to each other
SHARED = ("document", "documents")  # texts that many rows share by right
TRIAL = {"SAME_FROM": 1.01, "LEAKS_FROM_COSINE": 1.01, "RELATED_FROM": -1.01}


def plan_clean(spec: Spec, index: int, match: Match, place: Place) -> CleanPlan | None:
    """Plan clean.py for data set `index`; None where [prepare] names no step."""
    format = match.format
    columns = column_names(format.name, negatives_read(spec.data[index]))
    texts = tuple(name for name in columns if name not in {*LABELS.values(), "relevance", "documents"})
    steps = tuple(_steps(spec.prepare, spec, index, place)) if spec.prepare else ()
    steps = tuple(step for step in steps if _has_sides(step, texts))
    if not steps:
        return None
    leaks = next((step for step in steps if step.kind == "leak"), None)
    before = tuple(step for step in steps if step.kind != "leak")
    templates = {step.template for step in steps}
    judged = columns[-1] == "relevance"
    sketches = "near" in templates or (leaks is not None and leaks.options["near"] is not None)
    engine = spec.prepare.engine if spec.prepare else "local"
    sifts = engine == "local" or any(step.kind in ("find", "leak") for step in steps)
    changed_corpus = format.name == "retrieval" and any(step.kind == "change" for step in steps)
    works = bool(templates - {"semantic", "related"}) if engine == "local" else sifts or changed_corpus
    return CleanPlan(
        engine=engine,
        texts=texts,
        lists="documents" in columns,
        label=columns[-1] if format.label in ("class", "binary", "score") or judged else "",
        unequal=columns[-1] if format.label in UNEQUAL or judged else "",
        asked=tuple(name for name in texts if not name.startswith("negative") and name not in SHARED),
        symmetric=len(texts) == 2 and format.name not in ORDERED,
        steps=steps,
        leaks=leaks,
        changes=any(step.kind == "change" for step in steps),
        judges=any(step.kind == "judge" for step in steps),
        sifts=sifts,
        works=works,
        compares=bool(templates & {"exact", "near", "leaks", "identical"}),
        pairs_up=sketches or "exact" in templates,
        whole_lists="documents" in columns and bool(templates & {"exact", "near"}),
        sketches=sketches,
        seeded=sketches or any(step.options.get("detector") == "langdetect" for step in steps),
        before=_models(before),
        after=leaks.command if leaks else (),
        trial={name: value for step in steps for name, value in TRIAL.items() if Name(name) in step.settings},
        does=tuple(step.says for step in steps),
        command=_models(steps),
        requirements=dict(sorted(_requirements(steps, engine).items())),
    )


def _steps(asked: Prepare, spec: Spec, index: int, place: Place) -> Iterator[CleanStep]:
    """The steps that the spec names, in the order of the language."""
    if asked.normalize and any(getattr(asked.normalize, name) for name in OPERATIONS):
        yield normalize_step(asked.normalize, spoken_in(spec, index))
    if asked.junk:
        yield from plan_junk(asked.junk, spoken_in(spec, index))
    if asked.language:
        yield language_step(asked.language)
    if asked.length:
        yield length_step(asked.length)
    if asked.lemmatize:
        yield lemmatize_step(asked.lemmatize)
    if asked.stem:
        yield stem_step(asked.stem)
    if asked.deduplicate:
        yield from repeat_steps(asked.deduplicate, spoken_in(spec, index), place)
    if asked.related:
        yield related_step(asked.related, place)
    if asked.decontaminate:
        yield leak_step(asked.decontaminate, spec, index, place)


def _has_sides(step: CleanStep, texts: tuple[str, ...]) -> bool:
    """Whether rows have the two texts that a step holds against each other; STG263 tells where they haven't."""
    if step.template == "related":
        return texts[:2] == ("anchor", "positive")
    return step.template != "identical" or len(texts) > 1


def spoken_in(spec: Spec, index: int) -> set[str]:
    """The languages of a data set."""
    language = spec.data[index].language
    return {language} if language else set(spec.project.languages)


def _models(steps: tuple[CleanStep, ...]) -> tuple[CommandOption, ...]:
    """The models that steps run, each once."""
    return tuple({option.name: option for step in steps for option in step.command}.values())


def _requirements(steps: tuple[CleanStep, ...], engine: str) -> dict[str, str]:
    found = PINS["always"] | (PINS["datatrove"] if engine == "datatrove" else {})
    for step in steps:
        for group in step.packages:
            found |= PINS[group]
    return found
