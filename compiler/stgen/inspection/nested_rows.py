"""Finds rows that stand in lists within others, as in SQuAD: a file -> what `file` says of where its rows are."""

from __future__ import annotations

from typing import Any

from stgen.inspection.names import TITLES, plain, role_by_name
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import FileFormat
from stgen.rows.batches import UnreadableError
from stgen.rows.formats import format_of
from stgen.rows.reading import read

DEEPEST = 4
SOME = 50  # objects of each depth that are looked at


def nested_rows(path: str, written: dict[str, object]) -> dict[str, object]:
    """What `file` must say beside what it says already; nothing where the file's own rows ask something."""
    if is_on_hub(path) or format_of(path) not in (".json", ".jsonl") or "header" in written:
        return {}
    try:
        batch = next(iter(read(path, path, None, FileFormat.model_validate(written))), None)
    except UnreadableError:
        return {}
    if batch is None:
        return {}
    names = [name for name, values in batch.columns.items() if values]
    columns = (batch.columns[name][:SOME] for name in names)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    keys = _asking(rows, DEEPEST)
    return {"rows": "[].".join((str(written.get("rows", "")), *keys))} if keys else {}


def _asking(rows: list[dict[str, Any]], depth: int) -> list[str] | None:
    """The keys that lead to the lists whose objects ask something; none where the rows do themselves."""
    names = dict.fromkeys(name for row in rows for name in row)
    if any(_asks(name) and any(isinstance(row.get(name), str) for row in rows) for name in names):
        return []
    for name in names if depth else ():
        lists = [row[name] for row in rows if row.get(name) is not None]
        within = [item for value in lists if isinstance(value, list) for item in value][:SOME]
        objects = bool(within) and all(isinstance(item, dict) for item in within)
        if objects and all(isinstance(value, list) for value in lists):
            keys = _asking(within, depth - 1)
            if keys is not None:
                return [name, *keys]
    return None


def _asks(name: str) -> bool:
    return role_by_name(name, ("anchor",)) == "anchor" and plain(name) not in TITLES
