"""Plans clean.py: the spec's [prepare] and a match -> the steps that change texts or remove rows, with their constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stgen.language.paths import Place, model_location
from stgen.language.rows_named import normal
from stgen.language.semantics.prepare import OPERATIONS
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.columns import LABELS, column_names
from stgen.match.matching import Match
from stgen.plan.clean_step import made
from stgen.plan.junk import plan_junk
from stgen.plan.parts import BASE
from stgen.plan.planned_data import CleanPlan, CleanStep, CommandOption
from stgen.plan.splits import negatives_read, source_of
from stgen.rules.clean import FOUND_AS, PINS, QUICK_AS, SNOWBALL
from stgen.rules.junk import NEGATIONS
from stgen.values.expressions import Call, Expression, Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import (
        Decontaminate,
        Deduplicate,
        LanguageFilter,
        Lemmatize,
        LengthFilter,
        Normalize,
        Prepare,
        Related,
        Stem,
    )
    from stgen.language.spec_results import Mteb

PERMUTATIONS = 128
SURE = 0.99  # how often, at least, two rows that are just alike enough meet in a band
TURKIC = {"az", "tr"}  # languages with a dotted and a dotless i
ORDERED = (
    "pair-class",
    "pair-probabilities",
    "retrieval",
)  # labels for which the order of the two texts matters: premise and hypothesis
UNEQUAL = ("class", "probabilities", "binary", "score", "scores")  # labels that say what two texts mean to each other
MEASURED = ("eval", "test")  # splits that training rows can be compared with
SHARED = ("document", "documents")  # texts that many rows share by right


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
        yield _normalize(asked.normalize, spoken_in(spec, index))
    if asked.junk:
        yield from plan_junk(asked.junk, spoken_in(spec, index))
    if asked.language:
        yield _language(asked.language)
    if asked.length:
        yield _length(asked.length)
    if asked.lemmatize:
        yield _lemmatize(asked.lemmatize)
    if asked.stem:
        yield _stem(asked.stem)
    if asked.deduplicate:
        yield from _repeats(asked.deduplicate, spoken_in(spec, index), place)
    if asked.related:
        yield _related(asked.related, place)
    if asked.decontaminate:
        yield _leaks(asked.decontaminate, spec, index, place)


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


# --- the steps -------------------------------------------------------------------------------------------------------

TRIAL = {"SAME_FROM": 1.01, "LEAKS_FROM_COSINE": 1.01, "RELATED_FROM": -1.01}


def _normalize(asked: Normalize, spoken: set[str]) -> CleanStep:
    operations = tuple(name for name in OPERATIONS if getattr(asked, name))
    options: dict[str, Expression] = {
        **{
            name: getattr(asked, name) for name in ("unicode", "case", "whitespace", "urls", "emails", "html", "digits")
        },
        "rules": tuple((rule.pattern, rule.replace) for rule in asked.rules),
        # Tags are removed last of the three: a character that is decoded, repaired or folded must not make a new one.
        "operations": ("entities", *operations) if asked.html else operations,
        "turkic": asked.case is not None and spoken <= TURKIC,
    }
    settings = (Name("RULES"),) if asked.rules else ()
    packages = ("mojibake",) * asked.mojibake
    return made("normalize", "normalize", "change", "normalize", "normalizes texts", options, settings, packages)


def _language(asked: LanguageFilter) -> CleanStep:
    options: dict[str, Expression] = {
        "keep": tuple(asked.keep),
        "detector": asked.detector,
        "found_as": _names(asked.keep, FOUND_AS[asked.detector]),
        "quick_as": _names(asked.keep, QUICK_AS),
    }
    says = f"keeps texts in {', '.join(asked.keep)}"
    packages = (asked.detector, "quick")
    settings = (Name("LANGUAGES"),)
    return made("language", "language", "judge", "find_foreign", says, options, settings, packages)


def _length(asked: LengthFilter) -> CleanStep:
    options: dict[str, Expression] = {"min": asked.min, "max": asked.max, "unit": asked.unit}
    bounds = [("at least", "SHORTEST", asked.min), ("at most", "LONGEST", asked.max)]
    given = [(words, name, value) for words, name, value in bounds if value is not None]
    says = f"keeps texts of {' and '.join(f'{words} {value}' for words, _, value in given) or 'any number of'} {asked.unit}"
    settings = tuple(Name(name) for _, name, _ in given)
    if asked.unit != "tokens":
        return made("length", "length", "judge", "find_misfit", says, options, settings)
    return made("length", "length", "judge", "find_misfit", says, options, settings, (), (BASE,))


def _lemmatize(asked: Lemmatize) -> CleanStep:
    options: dict[str, Expression] = {"language": asked.language}
    settings = (Call("lemma_source"),)
    says = "reduces words to lemmas"
    return made("lemmatize", "lemmatize", "change", "lemmatize", says, options, settings, ("spacy",))


def _stem(asked: Stem) -> CleanStep:
    language = SNOWBALL.get(asked.language, "")
    options: dict[str, Expression] = {"algorithm": asked.algorithm, "language": language}
    settings = (asked.algorithm, language)
    return made("stem", "stem", "change", "stem", "cuts words to their stems", options, settings, ("nltk",))


def _repeats(asked: Deduplicate, spoken: set[str], place: Place) -> Iterator[CleanStep]:
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
            (Name("SAME_FROM"),), ("semantic",), (_finder("cleaner", asked, place),),
        )  # fmt: skip


def _related(asked: Related, place: Place) -> CleanStep:
    says = "removes rows whose positive has nothing to do with its anchor"
    options: dict[str, Expression] = {"min": asked.min}
    settings = (Name("RELATED_FROM"),)
    return made(
        "related",
        "related",
        "find",
        "find_unrelated",
        says,
        options,
        settings,
        (),
        (_finder("comparer", asked, place),),
    )


def _leaks(asked: Decontaminate, spec: Spec, index: int, place: Place) -> CleanStep:
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
        settings, ("near",) * (asked.near is not None) + ("mteb",) * bool(options["tasks"]), (_finder("leak_finder", asked, place),) * (asked.semantic is not None),
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


def _finder(name: str, asked: Deduplicate | Related | Decontaminate, place: Place) -> CommandOption:
    """The model of a semantic step: the one that the spec names, else the base."""
    named = model_location(asked.model, place) if asked.model else Name("model.BASE")
    return CommandOption(name, named, "model for semantic similarity: hub id or folder")


def _names(codes: list[str], renamed: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for code in codes for name in renamed.get(code, (code,))))


def _requirements(steps: tuple[CleanStep, ...], engine: str) -> dict[str, str]:
    found = PINS["always"] | (PINS["datatrove"] if engine == "datatrove" else {})
    for step in steps:
        for group in step.packages:
            found |= PINS[group]
    return found
