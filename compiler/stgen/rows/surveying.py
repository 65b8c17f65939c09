"""Looks at every row once: batches -> a Survey of the columns, in memory that a file's length doesn't fill."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from stgen.reader import contract
from stgen.reader.contract import Batch, ContractError, told
from stgen.reader.joined import Joined
from stgen.reader.rules import check_rows
from stgen.reader.texts import require_unicode
from stgen.rows.batches import UnreadableError
from stgen.rows.bounds import COLUMNS
from stgen.rows.cell_types import kind_of, typed
from stgen.rows.column import Column, take_values
from stgen.rows.formats import CELLS as TABLES
from stgen.rows.formats import format_of
from stgen.rows.no_rows import made_lines, without_lines_above
from stgen.rows.reading import read
from stgen.rows.sampling import sample
from stgen.rows.survey import Problem, Schema, Survey
from stgen.rows.survey_lists import KEPT
from stgen.rows.tally import FIRST, Tally

CELLS = 1 << 25  # of which something is kept one by one: 16 bytes each; of many columns fewer rows are kept


Asked = tuple[frozenset[str] | None, Schema | None]
"""What a survey looks at: the columns that are wanted, or all of them, and how they are seen."""


def survey(
    files: Sequence[tuple[str, str]],
    wanted: frozenset[str] | None = None,
    schema: Schema | None = None,
    kept: int | None = None,
) -> Survey:
    """Read files, each a path and what messages call it, and look at all columns or those wanted. Raises UnreadableError."""
    return surveys(files, [(wanted, schema)], kept)[0]


def surveys(files: Sequence[tuple[str, str]], asked: Sequence[Asked], kept: int | None = None) -> list[Survey]:
    """Read files once and look at them in several ways. What is kept one by one ends after `kept` rows, where it is given.

    The schemas say the same of how the files are written.
    """
    made = [Survey(limit=min(KEPT, kept)) if kept else Survey() for _ in asked]
    file = asked[0][1].file if asked[0][1] else None
    read_columns = (
        None if any(wanted is None for wanted, _ in asked) else frozenset().union(*(_read(*one) for one in asked))
    )
    for path, shown in files:
        before = made[0].lines + made[0].broken
        for found in made:
            found.files.append((shown, found.lines))
            found.paths.append(path)
        for batch in read(path, shown, read_columns, file):
            for place, (found, (wanted, schema)) in enumerate(zip(made, asked, strict=True)):
                _take(found, batch, shown, wanted, schema, format_of(path) in TABLES, made[:place])
        if made[0].lines + made[0].broken == before:
            raise UnreadableError("STG205", f"{shown} has no rows", "write rows to it, or leave it out")
    for found in made:
        _cut_to(found, min(other.limit for other in made))
    return made


def survey_of_head(files: Sequence[tuple[str, str]], schema: Schema, rows: int) -> Survey | None:
    """Look at the first rows; None where there are no more than so many."""
    found = Survey()
    for path, shown in files:
        found.files.append((shown, found.lines))
        found.paths.append(path)
        for batch in read(path, shown, None, schema.file):
            if found.rows >= rows:
                return found
            _take(found, batch, shown, None, schema, format_of(path) in TABLES)
    return None


def _take(
    found: Survey,
    batch: Batch,
    shown: str,
    wanted: frozenset[str] | None,
    schema: Schema | None,
    cells: bool,
    before: Sequence[Survey] = (),
) -> None:
    """Look at the rows of a batch. Some have looked at them before: columns that are seen alike are theirs."""
    renamed = schema.renamed if schema else {}
    if renamed:
        columns = {renamed.get(name, name): values for name, values in batch.columns.items()}
        batch, before = replace(batch, columns=columns), ()
    _hold(found, batch, shown, schema)
    found.lines += len(batch.places)
    batch = _spread(found, _with_nested(batch, schema), schema)
    seeing = _seeing(found, batch, cells, schema)
    found.seen.update(seeing)
    for other in before if schema is None or not schema.each else ():
        for name in other.columns.keys() - seeing.keys() - other.seen - found.columns.keys():
            if name in batch.columns and (wanted is None or name in wanted):
                found.columns[name] = other.columns[name]
    _look(found, batch, wanted, seeing, before)


def _read(wanted: frozenset[str] | None, schema: Schema | None) -> frozenset[str]:
    """The columns of the file that are read: also those in which others lie."""
    if wanted is None or schema is None:
        return wanted or frozenset()
    return wanted.union(*(column.wanted for column in (*schema.columns, *schema.looked_at)))


def _with_nested(batch: Batch, schema: Schema | None) -> Batch:
    """A batch with the columns that lie within its own."""
    within = {
        column.source: _as_one(column, column.values(batch))
        for column in ((*schema.columns, *schema.looked_at) if schema else ())
        if column.source not in batch.columns and not column.lacks(batch.columns)
    }
    return replace(batch, columns={**batch.columns, **within}) if within else batch


def _as_one(column: contract.Column, values: Sequence[Any]) -> list[Any]:
    """The values of a column; texts that stand side by side as the one that is made of them."""
    if not isinstance(column, Joined):
        return list(values)
    return [_taken(column, value) for value in values]


def _taken(column: Joined, value: Any) -> Any:
    try:
        return column.take(value) or None
    except ContractError:
        return None


def _spread(found: Survey, batch: Batch, schema: Schema | None) -> Batch:
    """A batch in which each item of some lists has a row of its own; a row without one stays one."""
    lists = [name for name in (schema.each if schema else ()) if name in batch.columns]
    if not lists:
        return batch
    rows = [value if isinstance(value, list) and value else [None] for value in batch.columns[lists[0]]]
    lines = range(found.lines - len(rows) + 1, found.lines + 1)
    found.numbers.extend(line for line, items in zip(lines, rows, strict=True) for _ in items)
    columns = {
        name: [item for value in values for item in (value if isinstance(value, list) and value else [None])]
        if name in lists
        else [value for value, items in zip(values, rows, strict=True) for _ in items]
        if values
        else []
        for name, values in batch.columns.items()
    }
    places = [place for place, items in zip(batch.places, rows, strict=True) for _ in items]
    return replace(batch, places=places, columns=columns)


def require_rows(found: Survey) -> None:
    """Raise UnreadableError for files in which no line is a row, or hardly any behind lines that are no part of their table."""
    (code, _), problem = next(iter(found.problems.items()), (("", ""), None))
    if problem is None or found.lines > found.broken:
        return
    file, path = found.files[0][0], found.paths[0]
    way = made_lines(file, path) if code == "STG203" else without_lines_above(path, file)
    if not found.lines or (way and code == "STG204"):
        raise UnreadableError(code, problem.says, way or "no line of it is a row")


def _hold(found: Survey, batch: Batch, shown: str, schema: Schema | None) -> None:
    """Hold the rows of a batch against the contract."""
    found.broken += len(batch.broken)
    held = check_rows(batch, schema.columns, schema.rules)[1] if schema and schema.columns else ()
    for broken in (*batch.broken, *held):
        key = (broken.fault.code, broken.column.source if broken.column else "")
        if key not in found.problems:
            says = told(shown, batch.unit, broken.place, broken.says)
            found.problems[key] = Problem(says, batch.unit)
        found.problems[key].note(broken.place)
    if schema is None or not schema.columns:
        _hold_characters(found, batch, shown)


def _hold_characters(found: Survey, batch: Batch, shown: str) -> None:
    """Where no column has a role yet, its texts are at least characters."""
    for name, values in batch.columns.items():
        texts = [value if type(value) is str else "" for value in values]
        if "".join(texts).isascii():
            continue
        for place, text in zip(batch.places, texts, strict=True):
            try:
                require_unicode(text)
            except ContractError as fault:
                says = told(shown, batch.unit, place, f"`{name}` {fault.says}")
                found.problems.setdefault((fault.code, name), Problem(says, batch.unit)).note(place)


def _seeing(
    found: Survey, batch: Batch, cells: bool, schema: Schema | None
) -> dict[str, Callable[[list[Any]], list[Any]]]:
    """What makes of a column's values what they are taken for."""
    seen = schema.seen if schema else {}
    seeing: dict[str, Callable[[list[Any]], list[Any]]] = {name: partial(_each, see) for name, see in seen.items()}
    texts = {column.source for column in schema.columns} if schema else set()
    for name in batch.columns if cells else ():
        if name not in texts and name not in seeing and batch.columns[name]:
            found.cells[name] = found.cells.get(name) or kind_of(batch.columns[name])
            seeing[name] = partial(typed, kind=found.cells[name])
    return seeing


def _each(see: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    return list(map(see, values))


def _look(
    found: Survey,
    batch: Batch,
    wanted: frozenset[str] | None,
    seeing: Mapping[str, Callable[[list[Any]], list[Any]]],
    before: Sequence[Survey],
) -> None:
    first = found.rows + 1  # numbered over all files
    size = len(batch.places)
    found.names.update(dict.fromkeys(batch.columns))
    if len(found.names) > COLUMNS:
        message = f"{found.shown} has more than {COLUMNS:,} columns, counted over all rows"
        raise UnreadableError("STG203", message, "keep data out of the names of columns")
    for name in batch.columns:
        if (wanted is None or name in wanted) and name not in found.columns:
            found.columns[name] = _late(Column(name), found)
    _narrow(found, before)
    theirs = {id(column) for other in before for column in other.columns.values()}
    looked_at: dict[str, list[Any]] = {}
    for name, column in found.columns.items() if size else ():
        values = batch.columns.get(name) or [None] * size
        looked_at[name] = seeing[name](values) if name in seeing else values
        if id(column) not in theirs:
            take_values(column, looked_at[name], first, found.limit)
    sample(found, looked_at, size)
    found.rows += size


def _late(column: Column, found: Survey) -> Column:
    """A column that earlier rows lack."""
    if found.rows:
        column.kinds["none"] = Tally(found.rows, list(range(1, min(found.rows, FIRST) + 1)))
        column.keys = array("q", bytes(8 * found.kept))
        column.numbers = array("d", [math.nan]) * found.kept
    return column


def _narrow(found: Survey, before: Sequence[Survey]) -> None:
    """Keep of fewer rows what is kept one by one, where there are many columns; of as many as those do whose columns it has."""
    limit = min([max(1, CELLS // max(1, len(found.columns))), *(other.limit for other in before)])
    for one in (*before, found):
        _cut_to(one, limit)


def _cut_to(found: Survey, limit: int) -> None:
    if limit >= found.limit:
        return
    found.limit = limit
    for column in found.columns.values():
        del column.keys[limit:], column.numbers[limit:], column.lists.sizes[limit:]
