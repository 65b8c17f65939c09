"""Reads a file of data and proposes how a spec refers to it: a path -> a data set's schema, or what is wrong with the file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings, listed
from stgen.inspection.beir import beir_folder, beir_layout
from stgen.inspection.joining import MOST
from stgen.inspection.proposal import Guess
from stgen.inspection.split_files import split_files
from stgen.language.facts import class_names
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import Data
from stgen.match.detect import detect
from stgen.match.formats import BY_NAME
from stgen.match.reach import all_ways
from stgen.rows.sources import files_of
from stgen.rows.survey import Survey
from stgen.rules.recipes import Recipe
from stgen.scaffold.beside import languages_of, usable
from stgen.values.globbing import is_pattern
from stgen.values.quoting import toml

if TYPE_CHECKING:
    from stgen.rows.batches import UnreadableError

LAYOUT = "retrieval"  # the format of a folder in the BEIR layout
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file of training rows, how it is written, and the roles of its columns."""

    file: str
    columns: dict[str, Any]
    names: tuple[str, ...]  # of all columns
    rows: int
    unused: tuple[str, ...] = ()
    why: dict[str, str] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)  # role -> the file of its texts
    splits: dict[str, str] = field(default_factory=dict)  # eval, test -> their files
    languages: tuple[str, ...] = ()  # of the texts, as far as these show it
    vector: int = 0  # numbers of a teacher's vector
    convert: tuple[Any, ...] = ()  # what makes of these rows those that the recipe trains on
    layout: dict[str, Any] = field(default_factory=dict)  # the files of the BEIR layout, in place of one
    format: str = ""  # what the roles make
    classes: tuple[str, ...] = ()
    ranked: int = 0  # documents of the shortest list

    @property
    def line(self) -> str:
        """The roles as the spec has them."""
        return f"retrieval = {toml(self.layout)}" if self.layout else f"columns = {toml(self.columns)}"

    @property
    def says(self) -> str:
        """What was found: the file, and a line for each key that the spec gets."""
        if self.layout:
            return f"{self.file}: a folder in the BEIR layout\n  {self.line}"
        lines = [f"{self.file}: {self.rows:,} rows", *(f"{key} = {file}" for key, file in self.splits.items())]
        lines += [f"file = {toml(self.written)}"] if self.written else []
        lines += [self.line]
        lines += [f"texts = {toml(self.texts)}"] if self.texts else []
        lines += [f"not used: {named(self.unused)}"] if self.unused else []
        return "\n  ".join(lines)

    @property
    def roles(self) -> list[str]:
        """Which column has which role and why, a line each."""
        return [f"  {role:<10} {self._named(role)}{why}" for role, why in self.why.items()]

    def _named(self, role: str) -> str:
        value = self.columns.get(role)
        if value is None:
            return ""  # how the file is written
        value = value["column"] if isinstance(value, dict) else value
        return f"{named(value if isinstance(value, list) else [str(value)])}: "

    def table(self, folder: str, copy: bool) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
        """The data set as a spec in `folder` has it, and what is to be copied for that."""
        if self.layout:
            return self._layout(folder, copy)
        path, copies = _place(self.file, f"train{_suffix(self.file)}", folder, copy)
        named = {"train": path}
        for key, file in self.splits.items():
            named[key], copied = _place(file, f"{key}{_suffix(file)}", folder, copy)
            copies += copied
        table: dict[str, Any] = {
            **named,
            **({"file": self.written} if self.written else {}),
            "columns": self.columns,
        }
        texts: dict[str, Any] = {}
        for role, said in self.texts.items():
            file = said if isinstance(said, str) else said["file"]
            name = os.path.basename(file)
            path, copied = _place(file, f"texts-{name}" if name.startswith("train.") else name, folder, copy)
            texts[role] = path if isinstance(said, str) else {**said, "file": path}
            copies += tuple(one for one in copied if one not in copies)
        return table | ({"texts": texts} if texts else {}), copies

    def _layout(self, folder: str, copy: bool) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
        said = dict(self.layout)
        copies: tuple[tuple[str, str], ...] = ()
        for part, file in self.layout.items():
            if isinstance(file, str):
                name = os.path.relpath(file, self.file).replace(os.sep, "/")
                said[part], copied = _place(file, name, folder, copy)
                copies += copied
        return {"retrieval": said}, copies

    def conversion(self, kind: str) -> tuple[tuple[Any, ...], str]:
        """What `convert` must say so that a type of model can be trained on the rows, and what is lost; nothing where it can be as they are."""
        from stgen.inspection.offers import offers

        ways = [offer for offer in offers(self.format, self.classes) if offer.model == kind]
        if not ways or not all(offer.consent for offer in ways):
            return (), ""
        written = tomllib.loads(ways[0].consent).get("convert", [])
        most = min(self.ranked - 1, MOST)
        convert = [
            item | {"negatives": most} if isinstance(item, dict) and "negatives" in item and most > 0 else item
            for item in written
        ]
        return tuple(convert), ways[0].loses

    def refusal(self, columns: dict[str, Any]) -> str:
        """What the language says against other roles; "" for nothing."""
        from stgen.inspection.proposing import refusal

        kept = {role: file for role, file in self.texts.items() if role in columns}
        guess = Guess(columns, file=dict(self.written), texts=kept)
        missing = [name for name in guess.sources() if name not in self.names and not any(c in name for c in ".[")]
        if missing:
            return f"there is no column `{missing[0]}`: they are {named(self.names[:12])}"
        return next((f"{item.message}: {item.help}" for item in refusal(guess, self.file)), "")


def _place(file: str, name: str, folder: str, copy: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """How a spec in `folder` names a file, and what is to be copied for that."""
    if is_on_hub(file):
        return file, ()
    if copy and is_pattern(file) and not os.path.lexists(file):
        copies = tuple((path, f"data/{os.path.basename(path)}") for path, _ in files_of(file, ""))
        return f"data/{os.path.basename(file)}", copies
    if copy:
        return f"data/{name}", ((file, f"data/{name}"),)
    return os.path.relpath(os.path.realpath(file), os.path.realpath(folder)).replace(os.sep, "/"), ()


def named(columns: Iterable[str]) -> str:
    """Columns by their names, with nothing in them that could steer a terminal."""
    return ", ".join(name if name.isprintable() else toml(name) for name in columns)


def propose(file: str, recipe: Recipe | None = None) -> tuple[Proposal | None, list[Diagnostic]]:
    """Read the whole file and guess the role of each column, as the recipe wants them where there is one."""
    from stgen.inspection.proposing import propose as look
    from stgen.rows.batches import UnreadableError

    task = _format_of(recipe.columns) if recipe else ""
    splits = split_files(file)
    file = splits.train if splits else file
    if not is_on_hub(file) and not splits and (folder := beir_folder(file)):
        return _of_layout(folder, recipe, task)
    try:
        found = look(files_of(file, ""), file, task, held=False)
    except UnreadableError as error:
        return None, [_unreadable(error, file)]
    remarks = [item.replaced(path=(), file=file) for item in found.remarks]
    names = tuple(found.rows.columns)
    if found.data is None or found.format is None:
        return None, [*remarks, _no_roles(file, names)]
    convert: tuple[Any, ...] = ()
    if recipe and found.format.name != task:
        converted = _converted(found.format.name, task, recipe, class_names(found.data))
        if converted is None:
            return None, [_not_for(recipe, task, file, names)]
        convert = converted
    proposal = Proposal(
        file=file,
        columns=dict(found.guess.columns),
        names=names,
        rows=found.rows.rows,
        unused=found.guess.unused,
        why=found.guess.why,
        written=found.guess.file,
        texts=found.guess.texts,
        convert=convert,
        format=found.format.name,
        classes=class_names(found.data),
        ranked=_shortest(found.rows, found.guess.columns.get("documents")),
        splits=usable(splits.others, found.guess) if splits else {},
        languages=languages_of(found.rows, found.guess),
        vector=_width(found.rows, found.guess.columns.get("embedding")),
    )
    return proposal, remarks


def _shortest(rows: Survey, documents: object) -> int:
    column = rows.columns.get(documents) if isinstance(documents, str) else None
    return min(column.lists.lengths, default=0) if column else 0


def _width(rows: Survey, embedding: object) -> int:
    column = rows.columns.get(embedding) if isinstance(embedding, str) else None
    return max(column.lists.lengths, default=0) if column else 0


def _of_layout(folder: str, recipe: Recipe | None, task: str) -> tuple[Proposal | None, list[Diagnostic]]:
    """The proposal for a folder in the BEIR layout."""
    from stgen.rows.batches import UnreadableError

    try:
        layout = beir_layout(folder)
    except UnreadableError as error:
        return None, [_unreadable(error, folder)]
    if "qrels" not in layout.said:
        message = f"{folder} has a corpus and queries, and no judgements"
        return None, [
            Diagnostic(
                "STG331", message, help="put qrels/train.tsv beside them: query-id, corpus-id, score", file=folder
            )
        ]
    convert: tuple[Any, ...] = ()
    if recipe and task != LAYOUT:
        converted = _converted(LAYOUT, task, recipe, ())
        if converted is None:
            return None, [_not_for(recipe, task, folder, tuple(layout.said))]
        convert = converted
    why = {"retrieval": "a folder in the BEIR layout: " + named(layout.parts.values())}
    return Proposal(folder, {}, (), 0, why=why, convert=convert, layout=layout.said, format=LAYOUT), []


def _unreadable(error: UnreadableError, file: str) -> Diagnostic:
    return Diagnostic(error.code, error.message, help=error.help, notes=error.notes, file=file)


def _format_of(columns: dict[str, Any]) -> str:
    """The data format of a recipe's columns."""
    found = detect(Data.model_validate({"columns": columns}), (), Findings())
    return found.name if found else ""


def _converted(format: str, task: str, recipe: Recipe, names: tuple[str, ...]) -> tuple[Any, ...] | None:
    """What a spec has to say so that rows of a format become those of a task; None where nothing does."""
    way = all_ways(format, recipe.model["type"], names).get(task)
    if way is None or "convert" in recipe.loss:
        return None
    said = [tomllib.loads(row.consent).get("convert", []) for row in way.rows if row.consent]
    return tuple(item for convert in said for item in convert)


def _not_for(recipe: Recipe, task: str, file: str, names: tuple[str, ...]) -> Diagnostic:
    roles = ", ".join(f"`{role}`" for role in BY_NAME[task].roles)
    return Diagnostic(
        "STG331",
        f"nothing in `{file}` shows the rows that the recipe {recipe.name} trains on: {roles}",
        help=f"leave --recipe out, and the file decides; or give its columns these roles yourself: `stgen inspect {file}` "
        "says what is in them",
        notes=_columns(names),
        file=file,
    )


def _no_roles(file: str, names: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "STG331",
        f"nothing in `{file}` shows which column is a text to train on",
        help=f"start from a recipe, name the file as its `train`, and give its columns roles: `stgen inspect {file}` says "
        "what is in them",
        notes=_columns(names),
        file=file,
    )


def _columns(names: tuple[str, ...]) -> tuple[str, ...]:
    return (f"its columns are {listed(names, 10)}",)


def _suffix(file: str) -> str:
    """`.csv`, `.jsonl.gz`: all that says how the file is read."""
    stem, suffix = os.path.splitext(os.path.basename(file).lower())
    return os.path.splitext(stem)[1] + suffix if suffix in _COMPRESSED else suffix
