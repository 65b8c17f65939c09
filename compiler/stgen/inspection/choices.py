"""Finds rows whose right text has to be worked out: several choices and which is right, two answers and which is better."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.signs import remade
from stgen.inspection.names import LABELS, leaf, plain, role_by_name, says, words_of
from stgen.inspection.natures import nature
from stgen.inspection.objects import objects_unsaid
from stgen.inspection.sides import series, twins
from stgen.rows.column import Column
from stgen.rows.survey import Survey

KEYS = frozenset(("answer", "answerkey", "label", "correct", "gold", "key", "target", "solution"))
LISTS = frozenset(("choices", "options", "endings", "alternatives", "candidates"))
WORTH = frozenset(("score", "scores", "votes", "upvotes", "likes", "reward"))
MOST = 10  # choices of a row
LETTERS = frozenset("ABCDEFGHIJ")
PLACE = ("data", 0, "columns")


@dataclass(frozen=True)
class Choices:
    """The expression of Python that has the choices of each row, and that for the place of the right one."""

    called: str
    key: str
    each: str
    place: str


@dataclass(frozen=True)
class Compared:
    """Two texts, and what each is worth."""

    texts: tuple[str, str]
    worth: tuple[str, str]


def unsaid(survey: Survey) -> tuple[Diagnostic, ...]:
    """What is said of rows that no role takes as they are; nothing where that isn't so."""
    if choices := _choices(survey):
        return (_choices_found(survey, choices),)
    if compared := _compared(survey):
        return (_compared_found(survey, compared),)
    return objects_unsaid(survey) or (*_without_question(survey), *_several_in_a_row(survey))


def _choices(survey: Survey) -> Choices | None:
    """Choices in a list, in a list within an object, or in a column each, where another column says which is right."""
    keys = [column for column in survey.columns.values() if not words_of(leaf(column.name)).isdisjoint(KEYS)]
    for key in keys:
        places = _places(key)
        if places is None:
            continue
        last, place = places
        for column in survey.columns.values():
            called = json.dumps(column.name)
            lengths = column.lists.lengths
            if plain(column.name) not in LISTS:
                continue
            if column.lists.texts and last < max(lengths) <= MOST:
                return Choices(f"the list `{column.name}`", key.name, f"rows[{called}]", place)
            if column.kind == "object" and ".text[0]" in column.paths:
                each = f'[one["text"] for one in rows[{called}]]'
                return Choices(f"`{column.name}.text`", key.name, each, place)
        several = series([name for name in _texts(survey) if name != key.name])
        if last < len(several) <= MOST:
            called = f"`{several[0]}` to `{several[-1]}`"
            return Choices(called, key.name, f"rows[{json.dumps(several)}].values.tolist()", place)
    return None


def _places(key: Column) -> tuple[int, str] | None:
    """The last place that a column names, and what makes a place of its values; None where it names none."""
    values = {str(value).strip() for value in key.values or ()}
    if len(values) < 2:
        return None
    if values <= LETTERS:
        return ord(max(values)) - ord("A"), 'ord(key) - ord("A")'
    if (key.kind == "number" and not key.whole) or not all(value.isdecimal() for value in values):
        return None
    first = min(map(int, values))
    return (max(map(int, values)) - first, f"int(key) - {first}") if first in (0, 1) else None


def _texts(survey: Survey) -> list[str]:
    return [name for name, column in survey.columns.items() if nature(survey, column) in ("text", "word")]


def _choices_found(survey: Survey, choices: Choices) -> Diagnostic:
    key = json.dumps(choices.key)
    change = (
        f"each = {choices.each}; right = [{choices.place} for key in rows[{key}]]; "
        'rows["positive"] = [some[place] for some, place in zip(each, right)]; '
        'rows["negatives"] = [[text for other, text in enumerate(some) if other != place] for some, place in zip(each, right)]'
    )
    message = f"{choices.called} of {survey.shown} are choices, and `{choices.key}` says which is right"
    hint = 'write the right one apart, and positive = "positive", negative = "negatives[]"'
    return Diagnostic("STG471", message, PLACE, _with(hint, remade(survey, change, ".choices")))


def _compared(survey: Survey) -> Compared | None:
    """Two texts with a score each: `answer_0`, `score_0` beside `answer_1`, `score_1`."""
    texts = twins(_texts(survey))
    scores = [name for name in survey.columns if not words_of(leaf(name)).isdisjoint(WORTH)]
    worth = twins(name for name in scores if survey.columns[name].kind == "number")
    if len(texts[0]) != 1 or len(worth[0]) != 1:
        return None
    return Compared((texts[0][0], texts[1][0]), (worth[0][0], worth[1][0]))


def _compared_found(survey: Survey, compared: Compared) -> Diagnostic:
    one, other = (f"rows[{json.dumps(name)}]" for name in compared.texts)
    left, right = (f"rows[{json.dumps(name)}]" for name in compared.worth)
    change = (
        f'rows = rows[{left} != {right}]; rows["chosen"] = {one}.where({left} > {right}, {other}); '
        f'rows["rejected"] = {other}.where({left} > {right}, {one})'
    )
    message = f"`{compared.texts[0]}` and `{compared.texts[1]}` of {survey.shown} are two texts, of which scores of their own say which is better"
    hint = 'write the better one apart, and positive = "chosen", negative = "rejected"'
    return Diagnostic("STG470", message, PLACE, _with(hint, remade(survey, change, ".chosen")))


def _without_question(survey: Survey) -> Iterator[Diagnostic]:
    """STG470: what was chosen and what was rejected, each with the question before it."""
    texts = _texts(survey)
    chosen = [name for name in texts if role_by_name(name, ("positive",))]
    rejected = [name for name in texts if role_by_name(name, ("negative",))]
    if len(texts) != 2 or len(chosen) != 1 or len(rejected) != 1:
        return
    pair = f"zip(rows[{json.dumps(chosen[0])}], rows[{json.dumps(rejected[0])}])"
    change = f'rows["prompt"] = [os.path.commonprefix(pair).rpartition("\\n")[0] for pair in {pair}]; ' + "; ".join(
        f"rows[{name}] = [text[len(prompt):].strip() for text, prompt in zip(rows[{name}], rows[{json.dumps('prompt')}])]"
        for name in map(json.dumps, (chosen[0], rejected[0]))
    )
    message = (
        f"`{chosen[0]}` and `{rejected[0]}` of {survey.shown} stand beside no question: it is the start that both share"
    )
    hint = f'write it apart, and anchor = "prompt", positive = "{chosen[0]}", negative = "{rejected[0]}"'
    yield Diagnostic("STG470", message, PLACE, _with(hint, remade(survey, change, ".prompts", "os, pandas")))


def _several_in_a_row(survey: Survey) -> Iterator[Diagnostic]:
    """STG441: a list of texts, and one of their classes beside it."""
    lists = [column for column in survey.columns.values() if column.kind == "list"]
    for labels in (column for column in lists if says(column.name, LABELS) and not column.lists.mixed.count):
        texts = [column for column in lists if column is not labels and column.lists.texts]
        alike = [
            column for column in texts if column.lists.sizes == labels.lists.sizes and max(column.lists.lengths) > 1
        ]
        if len(alike) == 1 and labels.lists.texts and not _texts(survey):
            name = alike[0].name
            message = f"`{labels.name}` of {survey.shown} has a class for each text of `{name}`: each of them is a row of its own"
            hint = f'write it so, and text = "{name}", class = "{labels.name}"'
            change = f"rows = rows.explode({json.dumps([name, labels.name])})"
            yield Diagnostic("STG441", message, PLACE, _with(hint, remade(survey, change, ".rows")))


def _with(hint: str, command: str) -> str:
    return f"{hint}: {command}" if command else hint
