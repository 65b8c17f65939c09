"""Judgements as TREC writes them: query, 0, document and grade on each line, apart by blanks; the 0 may be left out."""

from collections.abc import Collection, Iterable, Iterator

from .contract import Batch, Broken, ContractError, counted
from .files import Opener, lines_of, opened

FIELDS = {"query-id": 0, "corpus-id": -2, "score": -1}
SHOWN = {3: "three: query document grade", 4: "four: query 0 document grade"}
"""Fields of a judgement; as many as the first has, all have."""


def read(path: str, shown: str, wanted: Collection[str] | None = None, *, opened: Opener = opened) -> Iterator[Batch]:
    """Give the lines of a file that aren't blank."""
    first = 1
    width = 0
    for lines in lines_of(path, shown, opened):
        # A byte that is no UTF-8 stands for itself, so that the line which holds it can be named.
        rows = [(place, line.decode(errors="surrogateescape").split()) for place, line in enumerate(lines, first)]
        first += len(lines)
        width = width or _width(row for _, row in rows)
        good = [(place, row) for place, row in rows if len(row) == width]
        broken = [
            Broken(
                place,
                ContractError("STG204", f"{counted(len(row), 'field')}, and a judgement has {SHOWN[width]}"),
                " ".join(row),
            )
            for place, row in rows
            if row and len(row) != width
        ]
        columns = {name: [row[at] for _, row in good] for name, at in FIELDS.items()}
        yield Batch("line", [place for place, _ in good], columns, broken)


def _width(rows: Iterable[list[str]]) -> int:
    """Return the fields of the first judgement; the usual ones where it is none."""
    return next((len(row) for row in rows if len(row) in SHOWN), 4)
