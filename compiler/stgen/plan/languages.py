"""Holds the languages that were counted against what the spec says: Spec and Profile -> findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.facts import encoders_of
from stgen.language.spec import Spec
from stgen.profile.record import Profile
from stgen.rules.bases import known_base, reads_english
from stgen.rules.recipes import STARTS_BY_TYPE
from stgen.values.quoting import toml

MANY = 0.2  # of the texts; fewer may be names, quotations and mistakes of what tells languages
STATIC = "sentence-transformers/static-similarity-mrl-multilingual-v1"
NORWEGIAN = frozenset({"no", "nb", "nn"})


def check_languages(spec: Spec, profile: Profile | None) -> Iterator[Diagnostic]:
    """STG460 for a base that reads English beside texts that aren't, STG461 for languages that the project doesn't name."""
    found = _counted(profile) if profile else {}
    if not found or profile is None:
        yield from _named(spec)
        return
    by_script = profile.languages == "scripts"
    foreign = {name: share for name, share in found.items() if name != ("latin" if by_script else "en")}
    base = english_base(spec)
    if base and sum(foreign.values()) >= MANY:
        said = "in Latin letters" if by_script else "in English"
        message = f"{sum(foreign.values()):.0%} of the texts aren't {said} ({_told(foreign)}), and {base} was trained on English"
        yield Diagnostic("STG460", message, ("model", "base"), multilingual(spec), severity="warning")
    known = set(spec.project.languages) | {data.language for data in spec.data if data.language}
    known |= NORWEGIAN if known & NORWEGIAN else set()
    unnamed = {name: share for name, share in found.items() if share >= MANY and name not in known}
    if unnamed and not by_script:
        message = f"languages of the texts: {_told(unnamed)}; those of the project: {', '.join(spec.project.languages)}"
        named = ", ".join(f'"{name}"' for name in sorted({*spec.project.languages, *unnamed}))
        advice = f"write languages = [{named}] under [project], or those that the model is for"
        yield Diagnostic("STG461", message, ("project", "languages"), advice, severity="warning")


def english_base(spec: Spec) -> str:
    """The first base that is known to have been trained on English alone; "" where none is."""
    return next((one.base for one in encoders_of(spec) if one.base and reads_english(one.base)), "")


def multilingual(spec: Spec, languages: Sequence[str] = ()) -> str:
    """What to write in its place; with the languages of the project, where it lacks some."""
    known = known_base(english_base(spec))
    base = STATIC if known and known.static else STARTS_BY_TYPE[spec.model.type].multilingual
    line = f'base = "{base}" under [model], or another multilingual one'
    lacking = [name for name in languages if name not in spec.project.languages]
    named = [*(name for name in spec.project.languages if name != "en" or "en" in languages), *lacking]
    return f"write {line}" + (f", and languages = {toml(named)} under [project]" if lacking else "")


def _named(spec: Spec) -> Iterator[Diagnostic]:
    """STG460 for languages that the project names, where nobody has counted those of the texts."""
    base = english_base(spec)
    if base and "en" not in spec.project.languages:
        named = ", ".join(spec.project.languages)
        message = f"the languages of the project are {named}, and {base} was trained on English"
        yield Diagnostic("STG460", message, ("model", "base"), multilingual(spec), severity="warning")


def _counted(profile: Profile) -> dict[str, float]:
    """The share of each language among all texts of which it was counted, columns weighed by their rows."""
    columns = [text for one in profile.sets for split in one.splits.values() for text in split.texts if text.languages]
    total = sum(text.rows for text in columns)
    found: dict[str, float] = {}
    for text in columns:
        for name, share in (text.languages or {}).items():
            found[name] = found.get(name, 0.0) + share * text.rows / total
    return found


def _told(found: dict[str, float]) -> str:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {share:.0%}" for name, share in ordered if share >= 0.01][:4]
    return ", ".join(shown)
