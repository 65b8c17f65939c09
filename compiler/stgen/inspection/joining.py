"""Proposes what several values make: every item of a list in place of its first, columns that are one text together."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from stgen.inspection.names import plain, role_by_name
from stgen.inspection.proposal import Guess, columns_in
from stgen.language.sources import ITEMS
from stgen.reader.nested import root_of
from stgen.rows.survey import Survey

MANY = 10  # rows of each instruction, at least
MOST = 8  # negatives that are proposed for a row
POSITION = re.compile(r"\[\d+\]")
INSTRUCTIONS = frozenset(("instruction", "instructions", "queryinstruction", "taskinstruction", "instruct"))
TITLES = ("title", "headline", "heading", "subject")
BODIES = ("body", "text", "description", "content", "abstract", "passage")


def propose_lists(found: Guess, survey: Survey) -> None:
    """Name every item of a list that one role alone takes texts from."""
    taken = Counter(name for value in found.columns.values() for name in {list_of(path) for path in columns_in(value)})
    for role, value in list(found.columns.items()):
        lists = {list_of(path) for path in columns_in(value)}
        asks = role in ("anchor", "text_1") and len(taken) > 1  # of the rows that a list makes all have one question
        if (
            role in ("documents", "class")
            or asks
            or "" in lists
            or any(taken[name] > 1 for name in lists)
            or _spoken(value)
        ):
            continue
        named = list(dict.fromkeys(POSITION.sub(ITEMS, path, count=1) for path in columns_in(value)))
        if role == "negative":
            named.sort(key=lambda path: "hard" not in path)  # those that were chosen for the anchor come first
            found.give(role, _counted(named, survey), "lists of texts")
        elif len(named) == 1:
            found.give(role, named[0], f"{found.why[role]}; each item of the list makes a row")


def propose_instructed(found: Guess, survey: Survey) -> None:
    """Join the two texts of each list where the first is an instruction, which many rows have in common."""
    lists = {role: root_of(next(iter(columns_in(value)))) for role, value in found.columns.items()}
    instructed = {role: name for role, name in lists.items() if _are_instructed(survey, name)}
    if "anchor" not in instructed:
        return
    for role, name in instructed.items():
        pair: Any = [f"{name}[0]", f"{name}[1]"]
        found.give(role, {"columns": pair} if role == "negative" else pair, "lists of an instruction and its text")


def _are_instructed(survey: Survey, name: str) -> bool:
    first, second = (survey.columns.get(f"{name}[{position}]") for position in (0, 1))
    if first is None or second is None or set(survey.columns[name].lists.lengths) != {2}:
        return False
    return MANY * first.repeats().distinct <= survey.rows and 2 * second.repeats().distinct > survey.rows


def _spoken(value: object) -> bool:
    """Whether a position is a turn of a conversation."""
    return any(re.search(r"^[^\[\]]+\[\d+\]\.(content|value)$", path) for path in columns_in(value))


def list_of(path: str) -> str:
    """The list of which a path takes a position; "" for none."""
    return path[: match.start()] if (match := POSITION.search(path)) else ""


def _counted(named: list[str], survey: Survey) -> dict[str, Any]:
    """The negatives of lists, as many as half of the rows have."""
    column = survey.columns.get(named[0].partition(ITEMS)[0])
    lengths = sorted(length for length in column.lists.lengths.elements() if length) if column else []
    middle = lengths[len(lengths) // 2] if lengths else 1
    return {"column": named[0] if len(named) == 1 else named, "count": min(middle, MOST)}


def propose_joined(found: Guess, survey: Survey) -> None:
    """Join an instruction with its query, and a title with its body."""
    used = {root_of(path) for path in found.sources()}
    texts = [name for name, column in survey.columns.items() if column.kind == "text" and name not in used]
    asks = next((role for role in ("anchor", "text_1") if isinstance(found.columns.get(role), str)), "")
    answers = next(
        (role for role in ("positive", "text_2", "documents") if isinstance(found.columns.get(role), str)), ""
    )
    if not asks or not answers:
        return
    query = str(found.columns[asks])
    if plain(query) in INSTRUCTIONS:  # where nothing else stands beside the answers, it is the query itself
        texts.append(query)
        query = next((name for name in texts if name != query and role_by_name(name, ("anchor",))), query)
    instruction = next((name for name in texts if name != query and plain(name) in INSTRUCTIONS), "")
    if instruction:
        found.give(asks, [instruction, query], "an instruction stands beside each of its texts")
    titled = [name for name in texts if (plain(query) in TITLES and plain(name) in BODIES) or _are_of_one(query, name)]
    if body := next(iter(titled), ""):
        found.give(asks, [query, body], "a title and its text")
        texts.remove(body)
    if answers == "documents":
        return
    named = str(found.columns[answers])
    if title := next((name for name in texts if _are_of_one(name, named)), ""):
        found.give(answers, [title, named], "a title and its text")
    elif body := next((name for name in texts if _are_of_one(named, name)), ""):
        found.give(answers, [named, body], "a title and its text")


def _are_of_one(title: str, body: str) -> bool:
    """Whether two columns are the title and the text of one thing: `product_title` and `product_description`."""
    one, other = plain(title), plain(body)
    titled = {one.removesuffix(end) for end in TITLES if one.endswith(end)}
    return bool(titled & {other.removesuffix(end) for end in BODIES if other.endswith(end)})
