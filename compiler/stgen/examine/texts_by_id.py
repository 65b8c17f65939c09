"""Looks into the files that have the texts of ids: a data set -> what finds them, as the generated repo does, or what is wrong with a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.examine.exam import Exam, finding
from stgen.examine.outside import are_outside, unquoted
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import Data
from stgen.match.reading import columns_of
from stgen.match.schema import Lookup, lookups
from stgen.reader.contract import Batch, ContractError
from stgen.reader.ids import Texts
from stgen.rows.batches import UnreadableError
from stgen.rows.reading import read
from stgen.rows.sources import files_of
from stgen.values.quoting import toml


@dataclass(frozen=True)
class Beside:
    """A file or pattern from the spec's folder."""

    name: str
    folder: str
    rows: list[int] = field(default_factory=list)  # of each batch that was read

    def state(self) -> list[str]:
        """Nothing: what is read here is read once."""
        return []

    def batches(self, wanted: Sequence[str]) -> Iterator[tuple[str, Batch]]:
        """Give the rows, some at a time, with what messages call their file. Raises UnreadableError."""
        for path, shown in files_of(self.name, self.folder):
            rows = 0
            for batch in read(path, shown, frozenset(wanted)):
                rows += len(batch.places) + len(batch.broken)
                self.rows.append(len(batch.places))
                yield shown, batch
            if not rows:
                raise UnreadableError("STG205", f"{shown} has no rows", "write rows to it, or leave it out")


def texts_by_id(data: Data, folder: str) -> dict[str, Texts]:
    """What finds texts by their ids, by the name that the generated repo gives it."""
    found = {}
    for name, item in lookups(data).items():
        number, text = columns_of(item.schema)
        found[name] = Texts(Beside(item.file, folder), number, text)
    return found


def text_or_nothing(known: Texts, value: object) -> object:
    """The text that an id stands for, or those of a list of ids; None for an id without one."""
    if isinstance(value, list):
        return [text_or_nothing(known, item) for item in value]
    try:
        return known(value)
    except ContractError:
        return None


def unread(exam: Exam, tree: str | None) -> Iterator[Diagnostic]:
    """Read the files; say why one can't be."""
    for name, item in lookups(exam.data).items():
        path: KeyPath = ("data", exam.index, "texts", item.roles[0])
        try:
            exam.texts_by_id[name].read()
        except UnreadableError as error:
            hint = _named(item, error.help) if error.code == "STG206" else error.help
            found = finding(error.code, error.message, path, hint, error.notes)
            yield unquoted(found, item.file) if is_outside(exam, tree) else found
        else:
            yield from _twice(exam.texts_by_id[name], path)


def _twice(texts: Texts, path: KeyPath) -> Iterator[Diagnostic]:
    """Ids that several rows have."""
    rows = sum(texts.source.rows)
    if surplus := rows - len(texts.known):
        message = f"{surplus:,} of {rows:,} rows of {texts.source.name} have a duplicate `{texts.id.source}`"
        yield finding("STG248", message, path, "give each row a unique id: of duplicates only the last is kept")


def _named(item: Lookup, columns: str) -> str:
    """What names the columns of a file, of which `columns` tells."""
    names = re.findall(r"`([^`]+)`", columns)
    ids = [name for name in names if name.lower().removesuffix("s").endswith(("id", "idx", "key"))]
    file = {"file": item.file, "id": next(iter([*ids, *names]), "_id")}
    return f"{columns}; name them: texts = {toml({item.roles[0]: file})}"


def is_outside(exam: Exam, tree: str | None) -> bool:
    """Whether a file of texts lies where nothing may be quoted from."""
    try:
        return are_outside(
            (
                path
                for texts in exam.texts_by_id.values()
                for path, _ in files_of(texts.source.name, texts.source.folder)
                if not is_on_hub(path)
            ),
            tree,
        )
    except UnreadableError:
        return True
