"""Finds texts within objects and lists, by their paths, as a spec writes them: `[0].text`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stgen.reader.files import UnreadableError
from stgen.rows.reading import read

FIELDS = 20  # of an object that are looked at
POSITIONS = 3  # of a list of texts
DEEPEST = 6  # objects and lists in each other
ROWS = 100  # of a file that are looked into


def paths_of(path: str, shown: str, file: object = None) -> list[str]:
    """The paths to texts within the columns of a file, as its first rows have them; none where not all can be read."""
    try:
        batch = next(iter(read(path, shown, None, file)), None)
    except UnreadableError:
        return []
    columns = batch.columns if batch else {}
    found = (name + step for name, values in columns.items() for value in values[:ROWS] for step in text_paths(value))
    return list(dict.fromkeys(found))


def text_paths(value: Any, depth: int = 0) -> Iterator[str]:
    """The paths to the texts in a value; of a list of objects, to those of the first."""
    if depth == DEEPEST:
        return
    if isinstance(value, dict):
        for name, item in list(value.items())[:FIELDS]:
            if name and not set(name) & set(".[]"):
                yield from _at(f".{name}", item, depth)
    elif turns := _turns(value):
        for position, name in turns:
            yield f"[{position}].{name}"
    elif isinstance(value, list):
        several = len(value) if all(isinstance(item, str) for item in value) else 1
        for position, item in enumerate(value[: min(several, POSITIONS)]):
            yield from _at(f"[{position}]", item, depth)


def number_paths(value: Any) -> Iterator[str]:
    """The paths to the numbers in an object, and in objects within it."""
    for name, item in list(value.items())[:FIELDS] if isinstance(value, dict) else ():
        if name and not set(name) & set(".[]"):
            if isinstance(item, int | float):
                yield f".{name}"
            yield from (f".{name}{path}" for path in number_paths(item))


def _turns(value: Any) -> list[tuple[int, str]]:
    """The first question and the first answer of a conversation, by their positions and the name of their texts."""
    for who, says, asks in (("role", "content", ("user", "human")), ("from", "value", ("human", "user"))):
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(turn, dict) and {who, says} <= turn.keys() for turn in value)
        ):
            continue
        asked = next((place for place, turn in enumerate(value) if turn[who] in asks), None)
        if asked is None:
            continue
        answered = next((place for place, turn in enumerate(value) if place > asked and turn[who] not in asks), None)
        return [(asked, says)] + ([(answered, says)] if answered is not None else [])
    return []


def _at(step: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield step
    for path in text_paths(value, depth + 1):
        yield step + path
