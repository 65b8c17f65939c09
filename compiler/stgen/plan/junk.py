"""Plans the steps of clean.py that remove rows with a text that is none: mojibake, markup, signs, gibberish, boilerplate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stgen.plan.clean_step import made
from stgen.plan.planned_data import CleanStep
from stgen.rules.junk import BOILERPLATE, EVEN, LETTERS
from stgen.values.expressions import Name

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Junk


def plan_junk(asked: Junk, spoken: set[str]) -> Iterator[CleanStep]:
    """The steps that the table names, one a key."""
    if asked.mojibake:
        says = "removes rows that were decoded with the wrong encoding"
        yield made("mojibake", "junk/mojibake", "judge", "find_mojibake", says, {}, (), ("mojibake",))
    if asked.markup is not None:
        says = "removes rows that are mostly markup"
        settings = (Name("MARKUP_FROM"),)
        yield made("markup", "junk/markup", "judge", "find_markup", says, {"share": asked.markup}, settings)
    if asked.symbols is not None:
        says = "removes rows that are mostly signs"
        settings = (Name("SYMBOLS_FROM"),)
        yield made("symbols", "junk/symbols", "judge", "find_symbols", says, {"share": asked.symbols}, settings)
    if asked.gibberish:
        options = {"letters": LETTERS, "even": EVEN}
        yield made("gibberish", "junk/gibberish", "judge", "find_gibberish", "removes rows that are gibberish", options)
    if asked.boilerplate:
        phrases = tuple(phrase for code in ("", *sorted(spoken)) for phrase in BOILERPLATE.get(code, ()))
        says = "removes rows that are boilerplate of web pages"
        yield made("boilerplate", "junk/boilerplate", "judge", "find_boilerplate", says, {"phrases": phrases})
