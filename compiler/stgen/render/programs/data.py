"""Which fragments data.py is made of: SetPlan -> DataProgram. Their text stands in `templates/data/`."""

from __future__ import annotations

from stgen.plan.plan import SetPlan
from stgen.plan.planned_data import DataPlan
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class DataProgram(Record):
    """How data.py reads the rows of a split, and what it calls the reader with."""

    rows: str  # "plain": of one file; "split": by a function of its own; "numbered": whose classes are numbered then
    aside: tuple[Expression, ...]  # the folder for rows that are set aside, where any are


def data_program(one: SetPlan) -> DataProgram:
    """Choose the fragments of the data.py of a data set."""
    return DataProgram(rows=_rows(one.data), aside=_aside(one.data))


def _rows(data: DataPlan) -> str:
    if data.numbers_classes:
        return "numbered"
    return "split" if data.layout or "rows" in data.parts else "plain"


def _aside(data: DataPlan) -> tuple[Expression, ...]:
    if not data.sets_aside:
        return ()
    rows = Call("PREPARED.joinpath", ("rows",))
    return (Call("stamp.unfinished", (rows,)) if data.prepared else Name("PREPARED"),)
