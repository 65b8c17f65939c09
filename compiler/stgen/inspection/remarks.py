"""What is said of columns that get no role, whatever the others are: a Survey and its guess -> findings."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.signs import written_lists
from stgen.inspection.names import LABELS, says
from stgen.inspection.proposal import Guess
from stgen.rows.column import Column
from stgen.rows.survey import Survey
from stgen.rows.text_signs import lists_as_text, mean_words
from stgen.values.quoting import toml


def file_remarks(found: Survey, proposed: Guess) -> Iterator[Diagnostic]:
    """Lists that are written as text, and several labels for a text."""
    for name in proposed.unused:
        column = found.columns[name]
        if lists_as_text(found.texts(name)):
            yield written_lists(found, name)
        elif "text" in proposed.columns and "class" not in proposed.columns and _are_tags(found, column):
            yield _several_classes(found, column)


def _are_tags(found: Survey, column: Column) -> bool:
    """Whether lists hold a few short words: what a text is labelled with."""
    words = [word for value in found.sample.get(column.name, []) if type(value) is list for word in value]
    texts = [word for word in words if type(word) is str]
    few = len(set(texts)) <= max(2, len(texts) // 2)
    return column.kind == "list" and bool(texts) and mean_words(texts) <= 4 and (few or says(column.name, LABELS))


def _several_classes(found: Survey, column: Column) -> Diagnostic:
    message = f"`{column.name}` has a list of classes for each text, and losses for classes take one"
    first = f"class = {toml(f'{column.name}[0]')}"
    hint = f"to train on the first of each list: {first}; else write a row for each text and class"
    return Diagnostic("STG209", message, ("data", 0, "columns"), hint, severity="warning")
