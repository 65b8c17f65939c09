"""Holds the languages that texts show against the base: a model of English has learnt nothing of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, finding
from stgen.language.spec import Spec
from stgen.plan.languages import english_base, multilingual
from stgen.profile.record import Profile
from stgen.rows.tongues import languages_of


def foreign_texts(spec: Spec, exams: Sequence[Exam], profile: Profile | None) -> Iterator[Diagnostic]:
    """STG460, where neither a profile nor the project's own languages have said it already."""
    base = english_base(spec)
    if not base or (profile and profile.languages) or "en" not in spec.project.languages:
        return
    rows = [(exam.train, item.column) for exam in exams if exam.train for item in exam.texts]
    told = languages_of([survey.texts(column) for survey, column in rows])
    foreign = [name for name in told if name != "en"]
    if foreign:
        message = f"some or all texts are in other languages ({', '.join(foreign)}), and {base} was trained on English"
        yield finding("STG460", message, ("model", "base"), multilingual(spec, told))
