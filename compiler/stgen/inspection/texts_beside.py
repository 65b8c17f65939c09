"""Finds the texts that ids stand for in the files beside a data file: its survey -> roles of its ids, and the file of each role's texts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from stgen.inspection.labelling import label
from stgen.inspection.names import BODIES, UNNAMED, is_id, plain, role_by_name, says
from stgen.inspection.natures import Nature
from stgen.inspection.proposal import Guess, columns_in
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import FileFormat
from stgen.reader.contract import ContractError
from stgen.reader.nested import root_of
from stgen.reader.texts import identifier
from stgen.rows.batches import UnreadableError
from stgen.rows.dialect import dialect
from stgen.rows.formats import format_of
from stgen.rows.reading import read
from stgen.rows.survey import Survey

FILES = 20  # beside it, which are looked into
BATCHES = 4  # of a file, which are looked at
SOME = 100  # ids that are looked up
MOSTLY = 0.5  # of them, which a file must have where not all of its rows are looked at; else nearly all
NEARLY = 0.9
ROLES = ("anchor", "positive", "negative", "documents", "text_1", "text_2")
IDS = re.compile(r"[ _-]?(?:id|idx|key)s?$|(?<=[a-z])I(?:d|D|dx)s?$", re.IGNORECASE)
SHORT = {"q": "query", "p": "passage", "d": "document", "pos": "positive", "neg": "negative", "corpus": "document"}
NAMES_OF = frozenset(("name", "description"))  # of things, where nothing is called a text
NAMED = {  # role -> what files of its texts are called
    "anchor": ("quer", "question", "topic", "anchor"),
    "": ("corpus", "doc", "passage", "collection", "text", "answer"),
}


@dataclass(frozen=True)
class Beside:
    """A file that may hold texts under ids."""

    path: str
    id: str
    text: str | list[str]
    ids: frozenset[str]
    whole: bool  # whether all of its rows were looked at
    delimiter: str  # between its cells, where its suffix says another

    @property
    def said(self) -> object:
        """It as a spec names it."""
        file: dict[str, object] = {"file": self.path.replace(os.sep, "/")}
        file |= {"id": self.id} if self.id != "_id" else {}
        file |= {"text": self.text} if self.text != "text" else {}
        return file if len(file) > 1 else file["file"]


def propose_texts(found: Guess, survey: Survey, natures: dict[str, Nature], path: str, file: FileFormat) -> None:
    """Give ids the roles of their texts, where the rows have none of their own and files beside them do."""
    ids = {} if is_on_hub(path) else _ids(survey, natures) or _unnamed_ids(natures)
    texts = {role: value for role, value in found.columns.items() if not _roots(value) & set(ids.values())}
    lists = any(survey.columns[name].kind == "list" for name in ids.values())
    roles = ids.keys() | texts.keys()
    if texts.keys() - {"text", "anchor", "text_1"} or len(roles) < 2 or not (len(ids) > 1 or lists):
        return  # a single id beside a text is the row's own
    files = list(_files(path))
    rows = next(read(path, path, frozenset(ids.values()), file)).columns
    chosen = {role: _file_of(role, _some(rows[name]), files) for role, name in ids.items()}
    if not all(chosen.values()):
        return
    found.otherwise = {one.path: one.delimiter for one in chosen.values() if one and one.delimiter}
    if found.otherwise:
        found.columns, found.why = {}, {}
        return
    found.columns, found.why = {}, {role: found.why[role] for role in texts}
    for role, value in texts.items():
        called = "anchor" if role == "text" else role
        if called not in ids:
            found.give(called, value, found.why.pop(role))
    for role, name in ids.items():
        lists = survey.columns[name].kind == "list"
        source: object = f"{name}[]" if lists and role != "documents" else name
        beside = chosen[role]
        assert beside is not None  # as all are
        found.give(role, source, f"ids of texts in {os.path.basename(beside.path)}")
        found.texts[role] = beside.said
    label(survey, found, {name: kind for name, kind in natures.items() if name not in ids.values()})
    again = {"anchor": "text_1", "positive": "text_2"}  # as a label of two texts calls them
    found.texts = {role if role in found.columns else again[role]: file for role, file in found.texts.items()}


def _roots(value: object) -> set[str]:
    """The columns of the file in which what is proposed for a role begins."""
    return {root_of(name) for name in columns_in(value)}


def _ids(survey: Survey, natures: dict[str, Nature]) -> dict[str, str]:
    """Role -> the column of its ids."""
    scored = any(kind in ("numbers", "vector") for name, kind in natures.items() if not IDS.search(name))
    found: dict[str, str] = {}
    for name, column in survey.columns.items():
        stem = IDS.sub("", name)
        if stem == name or column.kind not in ("number", "text", "list"):
            continue
        role = role_by_name(SHORT.get(plain(stem), stem), ROLES) or role_by_name(f"{stem}s", ("documents",))
        if role == "positive" and column.kind == "list" and scored:
            role = "documents"
        if role:
            found.setdefault(role, name)
    return found


def _unnamed_ids(natures: dict[str, Nature]) -> dict[str, str]:
    """The first columns of a table of ids without names, in the order of triplets."""
    if not natures or not all(map(UNNAMED.fullmatch, natures)) or not set(natures.values()) <= {"id", "number"}:
        return {}
    ids = [name for name, kind in natures.items() if kind == "id"]
    return dict(zip(("anchor", "positive", "negative"), ids, strict=False))


def _some(values: list[Any]) -> set[str]:
    """Some ids of a column."""
    each = (item for value in values for item in (value if isinstance(value, list) else [value]))
    return {key for value in islice(each, SOME) if (key := _key(value))}


def _key(value: Any) -> str:
    try:
        return identifier(value)
    except ContractError:
        return ""


def _files(path: str) -> Iterator[Beside]:
    """The files in the folder of a file that hold texts under ids."""
    folder = os.path.dirname(path)
    try:
        names = sorted(name for name in os.listdir(folder or ".") if format_of(name))
    except OSError:
        return
    for name in names[: FILES + 1]:
        if name != os.path.basename(path) and (one := _looked_into(os.path.join(folder, name))):
            yield one


def _looked_into(path: str) -> Beside | None:
    columns: dict[str, list[Any]] = {}
    whole = False
    try:
        written = dialect(path, path)
        rows = read(path, path, None, FileFormat.model_validate(written))
        for batch in islice(rows, BATCHES):
            for name, values in batch.columns.items():
                columns.setdefault(name, []).extend(values)
        whole = next(rows, None) is None
    except UnreadableError:
        return None
    id = next((name for name in columns if plain(name) in ("id", "idx")), "")
    id = id or next((name for name in columns if is_id(name) or IDS.search(name)), "")
    named = [name for name in columns if name != id and any(type(value) is str for value in columns[name])]
    texts = [name for name in named if plain(name) in BODIES]
    texts = texts or [name for name in named if role_by_name(name, ("text", "anchor", "positive"))]
    texts = texts or [name for name in named if says(name, NAMES_OF)]
    if not id or not texts:
        return None
    title = next((name for name in named if plain(name) == "title" and name != texts[0]), "")
    ids = frozenset(key for value in columns[id] if (key := _key(value)))
    return Beside(path, id, [title, texts[0]] if title else texts[0], ids, whole, str(written.get("delimiter", "")))


def _file_of(role: str, ids: set[str], files: list[Beside]) -> Beside | None:
    """The file that has most of some ids; of several that one that is called like the role."""

    def known(file: Beside) -> float:
        return len(ids & file.ids) / len(ids) if ids else 0.0

    fitting = [file for file in files if known(file) >= (NEARLY if file.whole else MOSTLY)]
    called = NAMED["anchor" if role in ("anchor", "text_1") else ""]
    fitting.sort(key=lambda file: not any(word in os.path.basename(file.path).lower() for word in called))
    return fitting[0] if fitting else None
