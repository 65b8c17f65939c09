"""Judgements as TREC writes them: query, 0, document and grade on each line, apart by blanks."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .contract import Batch, Broken, ContractError, counted
from .files import Opener, lines_of, opened

FIELDS = ("query-id", "iteration", "corpus-id", "score")


def read(path: str, shown: str, wanted: Collection[str] | None = None, *, opened: Opener = opened) -> Iterator[Batch]:
    """Give the lines of a file that aren't blank."""
    first = 1
    for lines in lines_of(path, shown, opened):
        # A byte that is no UTF-8 stands for itself, so that the line which holds it can be named.
        rows = [(place, line.decode(errors="surrogateescape").split()) for place, line in enumerate(lines, first)]
        first += len(lines)
        good = [(place, row) for place, row in rows if len(row) == len(FIELDS)]
        broken = [
            Broken(place, ContractError("STG204", f"{counted(len(row), 'field')}, and a judgement has four: query 0 document grade"), " ".join(row))
            for place, row in rows
            if row and len(row) != len(FIELDS)
        ]  # fmt: skip
        columns = {name: [row[at] for _, row in good] for at, name in enumerate(FIELDS)}
        yield Batch("line", [place for place, _ in good], columns, broken)
