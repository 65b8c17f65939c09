"""Finds objects that no role takes as they are: texts by their languages, classes as keys, all rows under keys of one object."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.signs import remade, with_class
from stgen.inspection.names import words_of
from stgen.language.languages import CODES
from stgen.language.paths import is_on_hub
from stgen.rows.column import Column
from stgen.rows.reading import read
from stgen.rows.survey import Survey
from stgen.values.quoting import shell

LANGUAGE = frozenset(("language", "languages", "lang", "locale"))
LISTED = re.compile(r"\.([^.\[\]]+)\[0\]")  # a list of texts within an object
UNDER = re.compile(r"((?:\.[^.\[\]]+)+)\[0\]\.")  # a list of objects within an object


def objects_unsaid(found: Survey) -> tuple[Diagnostic, ...]:
    """What is said of objects in place of a guess."""
    return (*_in_languages(found), *_rows_under(found))


def _in_languages(found: Survey) -> Iterator[Diagnostic]:
    """STG441: a list of languages within an object, and a list of texts in them, as of XNLI."""
    for column in found.columns.values():
        lists = [match[1] for path in column.paths if (match := LISTED.fullmatch(path))]
        codes = [name for name in lists if words_of(name) & LANGUAGE]
        texts = [name for name in lists if name not in codes]
        if column.kind != "object" or len(codes) != 1 or len(texts) != 1:
            continue
        name, code, text = (json.dumps(one) for one in (column.name, codes[0], texts[0]))
        change = f'rows["language"] = [one[{code}] for one in rows[{name}]]; rows[{name}] = [one[{text}] for one in rows[{name}]]; '
        change += f'rows = rows.explode(["language", {name}])'
        for other in filter(_by_language, found.columns.values()):
            named = json.dumps(other.name)
            change += f'; rows[{named}] = [one[code] for one, code in zip(rows[{named}], rows["language"])]'
        message = f"`{column.name}` of {found.shown} holds a text in each of several languages: each of them is a row of its own"
        hint = f"write it so: {remade(found, change, '.rows')}"
        yield Diagnostic("STG441", message, ("data", 0, "columns"), hint)
        return


def _by_language(column: Column) -> bool:
    """Whether the keys of objects are codes of languages."""
    keys = [path.removeprefix(".") for path in column.paths]
    return column.kind == "object" and bool(keys) and set(keys) <= CODES


def _rows_under(found: Survey) -> Iterator[Diagnostic]:
    """STG417: one object, within whose objects the rows are a list, as of Rasa."""
    if found.rows != 1 or is_on_hub(found.files[0][0]):
        return
    for column in found.columns.values():
        keys = next((match[1] for path in column.paths if (match := UNDER.match(path))), "")
        if keys and column.kind == "object":
            file = found.files[0][0]
            steps = "".join(f"[{json.dumps(key)}]" for key in (column.name, *keys[1:].split(".")))
            rows = f"json.load(open({json.dumps(file)})){steps}"
            target = json.dumps(os.path.splitext(file)[0] + ".rows.jsonl")
            program = f'import json; open({target}, "w").writelines(json.dumps(row) + "\\n" for row in {rows})'
            message = f"{file} is one object, and its rows are a list within it, under {column.name}{keys}"
            hint = f"make rows of them: python -c {shell(program)}"
            yield Diagnostic("STG417", message, ("data", 0, "train"), hint)
            return


def keyed_classes(found: Survey, name: str) -> Iterator[Diagnostic]:
    """STG442: the keys of objects are classes, of which each row has one, as of spaCy."""
    path = found.paths[0]
    if is_on_hub(path) or len(found.columns[name].number_paths) < 2 or found.columns[name].paths:
        return
    batch = next(read(path, path, frozenset((name,))), None)
    values = batch.columns.get(name, []) if batch else []
    if all(isinstance(one, dict) and sorted(one.values()) == [0] * (len(one) - 1) + [1] for one in values if one):
        message = f"`{name}` of {found.shown} has a 1 under one of its keys in each row: the key is the class"
        made = f"[max(one, key=one.get) for one in rows[{json.dumps(name)}]]"
        hint = f'write it as a column, and class = "class": {with_class(found, made)}'
        yield Diagnostic("STG442", message, ("data", 0, "columns"), hint, severity="warning")
