"""What is said of columns that get no role, whatever the others are: a Survey and its guess -> findings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.signs import written_lists
from stgen.inspection.choices import unsaid
from stgen.inspection.layout_columns import DOCUMENTS, QUERIES
from stgen.inspection.names import LABELS, plain, says
from stgen.inspection.natures import nature
from stgen.inspection.objects import keyed_classes, objects_unsaid
from stgen.inspection.one_hot import FEWEST, flags, is_one_hot, one_hot_columns, one_hot_finding, several_labels
from stgen.inspection.proposal import Guess
from stgen.inspection.unsplit import beside_remarks
from stgen.reader.cells import DELIMITERS
from stgen.rows.column import Column
from stgen.rows.survey import Survey
from stgen.rows.text_signs import SOME, lists_as_text, mean_words
from stgen.values.quoting import shell, toml

KEYS = 10  # of an object that holds a column
FEW_LABELS = 20  # numbers of a list that are classes of a text
COLUMNS = 20  # keys of an object from which they are rather those of rows


def file_remarks(found: Survey, proposed: Guess) -> Iterator[Diagnostic]:
    """Lists that are written as text, and several labels for a text."""
    if found.rows == 1 and not proposed.columns and found.columns and not objects_unsaid(found):
        yield from _rows_within(found)
    if names := one_hot_columns(found):
        yield one_hot_finding(found, names)
    elif "text" in proposed.columns and (named := _one_of_flags(found, proposed)):
        yield several_labels(found, named, flags(found))
    if not proposed.columns:
        yield from _otherwise(proposed)
        judged = None if proposed.otherwise else _judgements(found)
        yield from (judged,) if judged else unsaid(found) or _ids_alone(found)
    yield from beside_remarks(found, proposed)
    for name in proposed.unused:
        column = found.columns[name]
        if "text" in proposed.columns and column.kind == "object" and "class" not in proposed.columns:
            yield from keyed_classes(found, name)
        elif lists_as_text(found.texts(name)):
            yield written_lists(found, name)
        elif "text" in proposed.columns and is_one_hot(column):
            yield one_hot_finding(found, [name])
        elif "text" in proposed.columns and "class" not in proposed.columns and _are_tags(found, column):
            yield _several_classes(found, column)


def _otherwise(proposed: Guess) -> Iterator[Diagnostic]:
    """STG204: the files of the texts that ids stand for, whose cells are apart by another sign than their suffix says."""
    for file, sign in proposed.otherwise.items():
        target = os.path.splitext(file)[0] + ".tsv"
        read = f"pandas.read_csv({json.dumps(file)}, sep={json.dumps(sign)}, dtype=str, keep_default_na=False)"
        program = f'import pandas; {read}.to_csv({json.dumps(target)}, sep="\\t", index=False)'
        message = f"{file} has the texts of the ids, and its cells are apart by {DELIMITERS.get(sign, 'another sign')}, which `texts` can't say"
        hint = f"write {target} in its place: python -c {shell(program)}"
        yield Diagnostic("STG204", message, ("data", 0, "train"), hint)


def _one_of_flags(found: Survey, proposed: Guess) -> str:
    """The one of several columns of 0 and 1 that is the class, or could be where there is none."""
    names = flags(found)
    named = str(proposed.columns.get("class", names[0] if names else ""))
    return named if len(names) >= FEWEST and named in names else ""


def _judgements(found: Survey) -> Diagnostic | None:
    """STG444: ids of queries and of documents, and no texts."""
    called = [next((name for name in found.columns if plain(name) in names), "") for names in (QUERIES, DOCUMENTS)]
    if not all(called):
        return None
    file = found.files[0][0]
    message = (
        f"{file} holds judgements by the ids of queries (`{called[0]}`) and documents (`{called[1]}`), and no texts"
    )
    layout = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": file}
    hint = f"name the files of the texts beside it: retrieval = {toml(layout)}"
    return Diagnostic("STG444", message, ("data", 0, "train"), hint)


def in_columns(found: Survey) -> bool:
    """Whether the only row has lists of the same length alone: the columns of many rows."""
    lengths = {tuple(column.lists.lengths) for column in found.columns.values()}
    listed = len(lengths) == 1 and max(lengths, default=()) > (1,)
    return found.rows == 1 and len(found.columns) > 1 and (listed or _keyed(found))


def _keyed(found: Survey) -> bool:
    """Whether several columns of the only row are objects, which have a value under each of many keys."""
    objects = [column for column in found.columns.values() if column.kind == "object"]
    return len(objects) > 1 and all(len(column.paths) >= KEYS for column in objects[:1])


def _rows_within(found: Survey) -> Iterator[Diagnostic]:
    """STG417: a single row whose columns are objects or lists: rows under keys of their own, or columns of them."""
    lists = in_columns(found) and not _keyed(found)
    if not lists and not _keyed(found) and any(column.kind != "object" for column in found.columns.values()):
        return
    file = found.files[0][0]
    columns = lists or len(found.columns) < COLUMNS
    made = "columns: each has its values" if columns else "rows: each stands under a key"
    message = (
        f"{file} is one object that holds {made}{'' if lists or not columns else ' under keys'}, and no list of rows"
    )
    frame = f"pandas.read_json({json.dumps(file)}{'' if columns else ', orient=' + json.dumps('index')})"
    target = file + "l" if file.endswith(".json") else os.path.splitext(file)[0] + ".rows.jsonl"
    program = f'import pandas; {frame}.to_json({json.dumps(target)}, orient="records", lines=True, force_ascii=False)'
    yield Diagnostic("STG417", message, ("data", 0, "train"), f"make rows of it: python -c {shell(program)}")


def _ids_alone(found: Survey) -> Iterator[Diagnostic]:
    """STG474: ids in place of all texts."""
    natures = {nature(found, column) for column in found.columns.values()}
    within = any(column.paths for column in found.columns.values())
    kinds = {"id", "number", "numbers", "vector", "nothing"}
    if found.rows < SOME or len(found.columns) < 2 or within or "id" not in natures or not natures <= kinds:
        return
    message = f"{found.shown} holds ids and numbers, and no texts"
    files = toml({"anchor": {"file": "queries.tsv", "id": "qid", "text": "query"}, "positive": "corpus.jsonl"})
    hint = f"name the files of the texts that they stand for, each with a line of names: texts = {files}"
    yield Diagnostic("STG474", message, ("data", 0, "train"), hint)


def _are_tags(found: Survey, column: Column) -> bool:
    """Whether lists hold a few short words: what a text is labelled with."""
    if (
        says(column.name, LABELS)
        and column.kind == "list"
        and column.lists.numbers
        and column.lists.spread.is_integer()
    ):
        return max(column.lists.lengths) <= FEW_LABELS
    words = [word for value in found.sample.get(column.name, []) if type(value) is list for word in value]
    texts = [word for word in words if type(word) is str]
    few = len(set(texts)) <= max(2, len(texts) // 2)
    return column.kind == "list" and bool(texts) and mean_words(texts) <= 4 and (few or says(column.name, LABELS))


def _several_classes(found: Survey, column: Column) -> Diagnostic:
    message = f"`{column.name}` has a list of classes for each text, and losses for classes take one"
    first = f"class = {toml(f'{column.name}[0]')}"
    hint = f"to train on the first of each list: {first}; else write a row for each text and class"
    return Diagnostic("STG209", message, ("data", 0, "columns"), hint, severity="warning")
