"""Looks at `columns` for lists that make no rows: items that belong to nothing, or to two lists at once."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.sources import ITEMS, TEXTS, TOGETHER, Source, sources_in, sources_of, text_files
from stgen.language.spec_data import Columns, Data, NegativeColumn


def check_lists(columns: Columns, path: KeyPath) -> Iterator[Diagnostic]:
    """STG381: what the items of a list are for can't be told."""
    found = sources_in(columns)
    for role, source in found:
        if why := _of_one(role, source, columns):
            yield Diagnostic("STG381", why[0], (*path, *source.path), why[1])
    each = [(role, source) for role, source in found if source.within and role in TEXTS and role not in TOGETHER]
    for role, source in each[1:]:
        if source.within != each[0][1].within:
            message = f"`{each[0][0]}` and `{role}` have a row for each item of two lists, and which belong together isn't said"
            hint = f"let one of them name a position, such as {role} = {_quoted(source, '[0]')}"
            yield Diagnostic("STG381", message, (*path, *source.path), hint)
    for role, source in found:
        if role == "negative" and source.within and source.within == (each[0][1].within if each else ""):
            message = f"the negatives are in the list of which each item of `{each[0][0]}` is a row"
            yield Diagnostic("STG381", message, (*path, *source.path), "name another list, or a position of this one")
    judged = columns.scores is not None or columns.margin is not None
    if judged and isinstance(columns.negative, NegativeColumn) and columns.negative.count:
        message = "each negative has a score of its own here, and none can be left out or repeated"
        yield Diagnostic("STG381", message, (*path, "negative", "count"), "name the columns: negative = [...]")


def check_texts(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG384: a file of texts for ids that no column holds."""
    from stgen.language.semantics.files import bad_file

    for role, file in text_files(data).items():
        place = (*path, "texts", role)
        said = data.texts is not None and isinstance(getattr(data.texts, role), str)
        yield from bad_file(file.file, place if said else (*place, "file"))
        sources = sources_of(data.columns, role) if data.columns else ()
        if not sources:
            message = f"no column has the role `{role}`, whose texts this file has"
            yield Diagnostic("STG384", message, place, "name the column of their ids in `columns`", about="key")
        elif any(len(source.columns) > 1 for source in sources):
            message = f"`{role}` is joined of several columns, and an id is one"
            hint = 'name one column of ids; what is joined is said here: text = ["title", "text"]'
            yield Diagnostic("STG384", message, place, hint)


def _of_one(role: str, source: Source, columns: Columns) -> tuple[str, str] | None:
    """What is wrong with a source by itself, and what to write."""
    if any(column.count(ITEMS) > 1 for column in source.columns):
        return f"`{source.name}` names every item of a list within a list", "name a position of one of them: [0]"
    if source.within and role not in (*TEXTS, *TOGETHER):
        return f"`{role}` is one value a row, and `{source.name}` names every item of a list", "name a position: [0]"
    if role == "negative" and source.within and (columns.scores is not None or columns.margin is not None):
        hint = 'for lists with a score each: documents = "...", scores = "..."'
        return "each negative has a score or margin of its own here, and a list has any number of them", hint
    if role == "text_2" and source.within and len(sources_of(columns, role)) > 1:
        return "several texts stand beside the first, and a list has any number of them", "name positions: [0]"
    if role == "documents" and len(source.columns) > 1 and not source.within:
        hint = f"write columns = [{', '.join(_quoted(one, '') for one in _items(source))}]"
        return "`documents` is a list, and these columns name no items of one", hint
    return None


def _items(source: Source) -> list[Source]:
    return [Source((column + ITEMS,), source.path) for column in source.columns]


def _quoted(source: Source, position: str) -> str:
    return f'"{source.columns[0].replace(ITEMS, position) if position else source.columns[0]}"'
