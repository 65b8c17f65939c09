"""Plans the steps of clean.py that hold texts against each other: duplicates, and pairs that have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stgen.language.paths import Place, model_location
from stgen.plan.clean_step import made
from stgen.plan.planned_data import CleanStep, CommandOption
from stgen.rules.junk import NEGATIONS
from stgen.values.expressions import Expression, Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Decontaminate, Deduplicate, Related

PERMUTATIONS = 128
SURE = 0.99  # how often, at least, two rows that are just alike enough meet in a band


def repeat_steps(asked: Deduplicate, spoken: set[str], place: Place) -> Iterator[CleanStep]:
    """One row for each text, by as many measures of sameness as the spec names."""
    if asked.identical:
        yield made("identical", "identical", "find", "find_identical", "removes rows whose two texts are the same", {})
    if asked.exact:
        yield made("exact-duplicates", "exact", "find", "find_repeats", "removes exact duplicates", {})
    if asked.near is not None:
        count, width = bands(asked.near)
        options: dict[str, Expression] = {
            "threshold": asked.near,
            "bands": count,
            "width": width,
            "negations": tuple(word for code in sorted(spoken) for word in NEGATIONS.get(code, ())),
        }
        says = "removes near-duplicates"
        settings = (Name("ALIKE"),)
        yield made("near-duplicates", "near", "find", "find_near_repeats", says, options, settings, ("near",))
    if asked.semantic is not None:
        says = "removes semantic duplicates"
        yield made(
            "semantic-duplicates", "semantic", "find", "find_same_meanings", says, {"threshold": asked.semantic},
            (Name("SAME_FROM"),), ("semantic",), (finder("cleaner", asked, place),),
        )  # fmt: skip


def related_step(asked: Related, place: Place) -> CleanStep:
    """Only pairs whose texts have to do with each other."""
    says = "removes rows whose positive has nothing to do with its anchor"
    options: dict[str, Expression] = {"min": asked.min, "nearer": asked.nearer, "most": asked.most}
    settings = (Name("RELATED_FROM"), *((Name("NEARER"),) if asked.nearer else ()), Name("MOST"))
    return made(
        "related",
        "related",
        "find",
        "find_unrelated",
        says,
        options,
        settings,
        (),
        (finder("comparer", asked, place),),
    )


def bands(threshold: float) -> tuple[int, int]:
    """Bands of the MinHash index and permutations of each: as many as let two rows at the threshold still meet surely.

    Two rows with Jaccard similarity s agree in a band of r permutations with probability s**r, and meet in at least one
    of b bands with 1 - (1 - s**r)**b. Source: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.
    """
    for width in range(PERMUTATIONS // 4, 1, -1):
        count = PERMUTATIONS // width
        if 1 - (1 - threshold**width) ** count >= SURE:
            return count, width
    return PERMUTATIONS, 1


def finder(name: str, asked: Deduplicate | Related | Decontaminate, place: Place) -> CommandOption:
    """The model of a semantic step: the one that the spec names, else the base."""
    named = model_location(asked.model, place) if asked.model else Name("model.BASE")
    return CommandOption(name, named, "model for semantic similarity: hub id or folder")
