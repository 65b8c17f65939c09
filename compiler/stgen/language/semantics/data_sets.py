"""Looks at the keys of [[data]] together: its names, its layout, its columns and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.languages import bad_language
from stgen.language.semantics.names import bad_name
from stgen.language.sources import sources_in
from stgen.language.spec import Spec
from stgen.language.spec_data import ClassColumn, Columns, Data, Fraction, NegativeColumn, ScoreColumn


def check_data_sets(spec: Spec) -> Iterator[Diagnostic]:
    """What the data sets must have beside each other: names, and a weight only where there are several."""
    if len(spec.data) == 1:
        if spec.data[0].weight is not None:
            message = "a single data set gets all batches, whatever its weight"
            hint = "leave it out, or add another [[data]]"
            yield Diagnostic("STG057", message, ("data", 0, "weight"), hint, severity="warning", about="key")
        return
    seen: dict[str, int] = {}
    for index, data in enumerate(spec.data):
        if data.name is None:
            message = "one of several data sets has no name"
            yield Diagnostic("STG044", message, ("data", index), 'add name = "..."', about="key")
        elif data.name.lower() in seen:
            message = f'two data sets are called "{data.name}"'
            yield Diagnostic("STG044", message, ("data", index, "name"), "give each its own name")
        else:
            seen[data.name.lower()] = index
            yield from _module_name(data.name, ("data", index, "name"))


def _module_name(name: str, path: KeyPath) -> Iterator[Diagnostic]:
    """Each of several data sets has its own data_NAME.py."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,60}", name) and not bad_name(name):
        hint = 'write letters, digits and _ only, as in "nli_de"'
        yield Diagnostic("STG052", f"\"{name}\" can't be part of a module's name, data_NAME.py", path, hint)


def check_data(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """Every finding about one data set."""
    if data.name is not None and (reason := bad_name(data.name)):
        yield Diagnostic("STG052", f"a data set's name becomes a file's, and can't {reason}", (*path, "name"))
    if data.language is not None:
        yield from bad_language(data.language, (*path, "language"))
    yield from _layout(data, path)
    if data.columns:
        yield from _columns(data.columns, (*path, "columns"))
    held_out = {key: value for key in ("eval", "test") if isinstance(value := getattr(data, key), Fraction)}
    if len(held_out) == 2 and sum(part.fraction for part in held_out.values()) >= 1:
        yield Diagnostic(
            "STG051", "eval and test together hold out all rows, and none is left to train on", (*path, "test")
        )
    yield from _files(data, path)
    if data.texts:
        from stgen.language.semantics.lists import check_texts

        yield from check_texts(data, path)
    if data.file:
        from stgen.language.semantics.file_format import check_file

        yield from check_file(data, path)


def _layout(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """Which of `train`, `columns` and `retrieval` stand together."""
    if data.columns and data.retrieval:
        message = "a data set has columns or the retrieval layout, not both"
        yield Diagnostic("STG042", message, (*path, "retrieval"), "remove one of the two", about="key")
        return
    if data.retrieval:
        for key in ("train", "eval", "test"):
            if not isinstance(getattr(data, key), str):
                continue
            other = "retrieval.qrels" if key == "train" else f"retrieval.{key}_qrels"
            message = f"with the retrieval layout, the rows for {key} are named by `{other}`"
            yield Diagnostic("STG056", message, (*path, key), f"move the path to {other}", about="key")
        return
    if not data.columns:
        hint = 'add columns = { anchor = "question", positive = "answer" } with the names of your columns'
        note = "or, for the BEIR layout, retrieval = { corpus, queries, qrels }"
        message = "the data set doesn't say what its columns hold"
        yield Diagnostic("STG041", message, path, hint, (note,), about="key")
    if data.train is None:
        yield Diagnostic("STG040", "there are no rows to train on", path, 'add train = "data/train.jsonl"', about="key")


PLAIN = (
    "anchor",
    "positive",
    "negative",
    "text_1",
    "text_2",
    "documents",
    "score",
    "scores",
    "margin",
    "embedding",
    "class",
    "probabilities",
)
"""Roles whose names say what a column holds: one of them over another's column is a slip of the pen."""


def _columns(columns: Columns, path: KeyPath) -> Iterator[Diagnostic]:
    used: dict[str, str] = {}
    sources = sources_in(columns)
    for role, source in sources:
        place, column = source.path, source.name
        if not all(map(str.strip, source.columns)):
            yield Diagnostic("STG050", f"the column for {role} has no name", (*path, *place))
        elif column != role and column in PLAIN and role in PLAIN:
            message = f'the column "{column}" is mapped as {role}, which is another role'
            hint = f'write {column} = "{column}", or rename the column'
            yield Diagnostic("STG060", message, (*path, *place), hint, severity="warning")
        elif column in used:
            message = f'the column "{column}" is both {used[column]} and {role}'
            yield Diagnostic("STG043", message, (*path, *place), "give each role a column of its own")
        used.setdefault(column, role)
    lists = any(source.within or len(source.columns) > 1 for _, source in sources)
    if lists or isinstance(columns.negative, NegativeColumn):
        from stgen.language.semantics.lists import check_lists

        yield from check_lists(columns, path)
    if not used:
        yield Diagnostic("STG050", "no column has a role", path, 'write { anchor = "question", positive = "answer" }')
    if isinstance(columns.score, ScoreColumn) and columns.score.min >= columns.score.max:
        low, high = columns.score.min, columns.score.max
        yield Diagnostic("STG045", f"the score range is empty: {low:g} to {high:g}", (*path, "score", "max"))
    if isinstance(columns.score, ScoreColumn) and columns.score.values is not None:
        low, high, grades = columns.score.min, columns.score.max, columns.score.values
        for word, grade in grades.items():
            if not low <= grade <= high:
                message = f'the score of "{word}" is {grade:g}, and scores go from {low:g} to {high:g}'
                yield Diagnostic("STG045", message, (*path, "score", "values", word), "declare the range: min and max")
    for role, said in (("class", columns.class_), ("probabilities", columns.probabilities)):
        if isinstance(said, ClassColumn) and said.names is not None:
            yield from _class_names(said.names, (*path, role, "names"))


def _class_names(names: list[str], path: KeyPath) -> Iterator[Diagnostic]:
    if len(names) < 2:
        yield Diagnostic("STG046", "there must be two classes or more", path, "name every class, or leave names out")
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Diagnostic("STG046", f'two classes are called "{name}"', (*path, index), "give each its own name")
        seen.add(name)


def _files(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    from stgen.language.semantics.files import bad_file

    for key in ("train", "eval", "test"):
        value = getattr(data, key)
        if isinstance(value, str):
            yield from bad_file(value, (*path, key))
    if data.retrieval:
        for key in type(data.retrieval).model_fields:
            value = getattr(data.retrieval, key)
            if isinstance(value, str) and not (data.retrieval.trec and key.endswith("qrels")):
                yield from bad_file(value, (*path, "retrieval", key))
