"""Reads off the data schema where the values of a role stand: what a spec says of the role -> its sources in the file."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import KeyPath
from stgen.language.spec_data import (
    BinaryColumn,
    ClassColumn,
    Columns,
    Data,
    JoinedColumns,
    NegativeColumn,
    ScoreColumn,
    TextFile,
)
from stgen.values.record import Record

JOINED = ("text", "text_1", "anchor", "positive")
"""Roles of which a list of columns is one text. So it is of `text_2` where a label judges the pair; else it is several texts."""
TEXTS = ("text", "text_1", "text_2", "anchor", "positive", "negative", "documents")
TOGETHER = ("negative", "documents", "scores")
"""Roles for which the items of a list stay together in one row; of other texts each has a row of its own."""
JUDGES = ("class_", "binary", "score")
ITEMS = "[]"
"""What stands for every item of a list in a path."""
NEGATIVES = 4  # taken of a list where the spec doesn't say how many


class Source(Record):
    """Where the values of a role stand: a column, a path within one, or several whose texts are joined."""

    columns: tuple[str, ...]
    path: KeyPath  # of the spec, from the role on
    separator: str = ""

    @property
    def name(self) -> str:
        """What messages call it."""
        return " + ".join(self.columns)

    @property
    def within(self) -> str:
        """The list whose items it takes: `passages` of `passages[].text`; "" where it takes none."""
        return next((column.partition(ITEMS)[0] for column in self.columns if ITEMS in column), "")


def sources_of(columns: Columns, role: str) -> tuple[Source, ...]:
    """The sources of a role."""
    value = getattr(columns, "class_" if role == "class" else role)
    if value is None:
        return ()
    if isinstance(value, NegativeColumn):
        return _several(value.column, (role, "column"))
    if isinstance(value, list) and len(value) > 1 and _joins(columns, role):
        return (Source(tuple(value), (role,), JoinedColumns.model_fields["separator"].default),)
    return _several(value, (role,))


def sources_in(columns: Columns) -> list[tuple[str, Source]]:
    """Each source that a schema names, with its role, in the language's order."""
    roles = (info.alias or field for field, info in Columns.model_fields.items())
    return [(role, source) for role in roles for source in sources_of(columns, role)]


def text_files(data: Data) -> dict[str, TextFile]:
    """Role -> the file that has its texts, for roles whose columns hold ids."""
    given = {role: getattr(data.texts, role) for role in TEXTS} if data.texts else {}
    return {
        role: TextFile.model_validate({"file": said}) if isinstance(said, str) else said
        for role, said in given.items()
        if said is not None
    }


def text_of(file: TextFile) -> Source:
    """Where the texts of such a file stand."""
    if isinstance(file.text, list):
        return Source(tuple(file.text), ("text",), JoinedColumns.model_fields["separator"].default)
    return _several(file.text, ("text",))[0]


def negatives_of(columns: Columns) -> int:
    """How many columns of negatives the loss gets, or of texts beside the first."""
    if columns.negative is None:
        return len(sources_of(columns, "text_2"))
    if isinstance(columns.negative, NegativeColumn) and columns.negative.count:
        return columns.negative.count
    sources = sources_of(columns, "negative")
    return NEGATIVES if any(source.within for source in sources) else len(sources)


def _joins(columns: Columns, role: str) -> bool:
    return role in JOINED or (role == "text_2" and any(getattr(columns, label) is not None for label in JUDGES))


def _several(value: object, path: KeyPath) -> tuple[Source, ...]:
    if isinstance(value, list):
        return tuple(source for place, item in enumerate(value) for source in _several(item, (*path, place)))
    if isinstance(value, JoinedColumns):
        return (Source(tuple(value.columns), path, value.separator),)
    if isinstance(value, ClassColumn | BinaryColumn | ScoreColumn):
        return (Source((value.column,), (*path, "column")),)
    return (Source((str(value),), path),)
