"""Plans the steps of clean.py that look at one text: those that change it, and those that judge it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stgen.language.semantics.prepare import OPERATIONS
from stgen.plan.clean_step import made
from stgen.plan.parts import BASE
from stgen.plan.planned_data import CleanStep
from stgen.rules.clean import FOUND_AS, QUICK_AS, SNOWBALL
from stgen.values.expressions import Call, Expression, Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import LanguageFilter, Lemmatize, LengthFilter, Normalize, Stem

TURKIC = {"az", "tr"}  # languages with a dotted and a dotless i


def normalize_step(asked: Normalize, spoken: set[str]) -> CleanStep:
    """Characters, case, whitespace and the like, brought to one form."""
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


def language_step(asked: LanguageFilter) -> CleanStep:
    """Only texts in the languages that the spec keeps."""
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


def length_step(asked: LengthFilter) -> CleanStep:
    """Only texts that are neither too short nor too long."""
    options: dict[str, Expression] = {"min": asked.min, "max": asked.max, "unit": asked.unit}
    bounds = [("at least", "SHORTEST", asked.min), ("at most", "LONGEST", asked.max)]
    given = [(words, name, value) for words, name, value in bounds if value is not None]
    says = f"keeps texts of {' and '.join(f'{words} {value}' for words, _, value in given) or 'any number of'} {asked.unit}"
    settings = tuple(Name(name) for _, name, _ in given)
    if asked.unit != "tokens":
        return made("length", "length", "judge", "find_misfit", says, options, settings)
    return made("length", "length", "judge", "find_misfit", says, options, settings, (), (BASE,))


def lemmatize_step(asked: Lemmatize) -> CleanStep:
    """Words as they stand in a dictionary."""
    options: dict[str, Expression] = {"language": asked.language}
    settings = (Call("lemma_source"),)
    says = "reduces words to lemmas"
    return made("lemmatize", "lemmatize", "change", "lemmatize", says, options, settings, ("spacy",))


def stem_step(asked: Stem) -> CleanStep:
    """Words without their endings."""
    language = SNOWBALL.get(asked.language, "")
    options: dict[str, Expression] = {"algorithm": asked.algorithm, "language": language}
    settings = (asked.algorithm, language)
    return made("stem", "stem", "change", "stem", "cuts words to their stems", options, settings, ("nltk",))


def _names(codes: list[str], renamed: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for code in codes for name in renamed.get(code, (code,))))
