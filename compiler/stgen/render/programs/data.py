"""Which fragments data.py is made of: SetPlan -> DataProgram. Their text stands in `templates/data/`."""

from __future__ import annotations

from stgen.plan.plan import SetPlan
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record


class DataProgram(Record):
    """What data.py calls the reader with."""

    aside: tuple[Expression, ...]  # the folder for rows that are set aside, where any are


def data_program(one: SetPlan) -> DataProgram:
    """Choose the fragments of the data.py of a data set."""
    folder = Name("PREPARED")
    if not one.data.sets_aside:
        return DataProgram(())
    if not one.data.prepared:
        return DataProgram((folder,))
    return DataProgram((Call("saving.next_version", (Call("stamp.rows_in", (folder,)),)),))
