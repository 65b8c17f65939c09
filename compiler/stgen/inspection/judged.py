"""Finds documents that are judged where they stand: `{text: [...], label: [...]}` and `[{text, score}, ...]` -> their paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stgen.inspection.names import BINARY, BODIES, LABELS, SCORES, plain, says
from stgen.inspection.proposal import Guess, columns_in
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import FileFormat
from stgen.reader.nested import root_of
from stgen.rows.reading import read

ROWS = 200  # that are looked into
JUDGES = SCORES | LABELS | BINARY | {"isselected", "selected"}
TEXTS = BODIES | {"passagetext", "documents", "docs", "passages", "texts", "answers"}


def propose_judged(found: Guess, path: str, file: FileFormat) -> None:
    """Take texts for documents to be ranked, where each has a grade or score beside it and none is called a negative."""
    if is_on_hub(path) or "anchor" not in found.columns or "negative" in found.columns:
        return
    own = [root_of(name) for name in columns_in(found.columns.get("positive", []))]
    batch = next(read(path, path, None, file), None)
    columns = batch.columns if batch else {}
    for root in dict.fromkeys((*own, *columns)):
        for texts, grades in _pairs(columns.get(root, [])[:ROWS]):
            found.columns.pop("positive", None), found.why.pop("positive", None)
            found.give("documents", f"{root}{texts}", "lists of texts, each with a grade beside it")
            found.give("scores", f"{root}{grades}", "the grades")
            return


def _pairs(values: list[Any]) -> Iterator[tuple[str, str]]:
    """The paths of texts and of what judges them, within a column."""
    given = [value for value in values if value]
    if given and all(isinstance(value, dict) for value in given):
        names = list(given[0])
        texts = [name for name in names if plain(name) in TEXTS and _lists(given, name, str)]
        grades = [name for name in names if says(name, JUDGES) and _lists(given, name, (int, float))]
        yield from ((f".{text}", f".{grade}") for text in texts for grade in grades if _alike(given, text, grade))
    elif given and all(isinstance(value, list) and all(isinstance(item, dict) for item in value) for value in given):
        items = [item for value in given for item in value]
        texts = [name for name in items[0] if plain(name) in TEXTS and _are(items, name, str)]
        grades = [name for name in items[0] if says(name, JUDGES) and _are(items, name, (int, float))]
        differ = [name for name in grades if any(len({item[name] for item in value}) > 1 for value in given)]
        yield from ((f"[].{text}", f"[].{grade}") for text in texts for grade in differ)


def _lists(rows: list[dict[str, Any]], name: str, kind: Any) -> bool:
    found = [row.get(name) for row in rows]
    return all(isinstance(value, list) and all(isinstance(item, kind) for item in value) for value in found)


def _alike(rows: list[dict[str, Any]], text: str, grade: str) -> bool:
    """Whether each text has a grade, and some lists have several."""
    return all(len(row[text]) == len(row[grade]) for row in rows) and any(len(set(row[grade])) > 1 for row in rows)


def _are(items: list[dict[str, Any]], name: str, kind: Any) -> bool:
    return all(isinstance(item.get(name), kind) for item in items)
