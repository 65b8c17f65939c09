"""Reads a spec file, and the files that it extends, into a Source. No other module opens an input spec."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, BinaryIO

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.source.beside import MOST_PROFILE, profile_path
from stgen.source.kind import Kind
from stgen.source.opening import MAX_BYTES, RefusedError, decode, spec_bytes, unreadable
from stgen.source.parsing import kind_of, parse_json, parse_toml, uncarriable
from stgen.source.tree import is_within, tree_of
from stgen.values.blob import blob_id
from stgen.values.record import Record
from stgen.values.regular import NotRegularError, open_regular
from stgen.values.surrogates import escaped, has_surrogate

__all__ = ["MAX_BYTES", "Source", "locate", "read"]

MAX_EXTENDS = 8


class Beside(Record):
    """The profile that lies beside a spec: its bytes as they were read, or why they can't be."""

    path: str
    data: bytes
    id: str
    refused: str = ""


class Source(Record):
    """A spec file as it was read. `own` is what the file says; `data` is that, merged over what it extends.

    `id` is git's blob id of the bytes: whoever compares it with the file later knows whether that is what was compiled.
    """

    path: str
    text: str
    kind: Kind
    own: dict[str, Any]
    data: dict[str, Any]
    base: Source | None = None
    id: str = ""
    tree: str = ""  # the folder within which files are the author's
    outside: bool = False  # whether those outside of it may be read and quoted: the caller said so
    profile: Beside | None = None  # None: there is none beside the spec

    @property
    def chain(self) -> tuple[Source, ...]:
        """The file and all that it extends, from the nearest to the farthest."""
        return (self, *(self.base.chain if self.base else ()))

    @property
    def quotable(self) -> bool:
        """Whether a finding may show the file's lines: they are the author's own."""
        return self.path == "<stdin>" or is_within(self.path, self.tree)

    @property
    def folder(self) -> str:
        """The folder that relative paths in the spec start from; that of the process for standard input."""
        return os.path.dirname(self.path) if self.path != "<stdin>" else ""

    @property
    def digest(self) -> str:
        """SHA-256 over the texts of the file and of all that it extends: equal digests mean equal specs."""
        import hashlib

        digest = hashlib.sha256()
        source: Source | None = self
        while source:
            text = source.text.encode()
            digest.update(b"%d:" % len(text))
            digest.update(text)
            source = source.base
        return digest.hexdigest()

    def holder(self, path: KeyPath) -> Source:
        """The file that a value came from: the nearest one that says it; this file when none does."""
        for length in range(len(path), 0, -1):
            source: Source | None = self
            while source:
                if _holds(source.own, path[:length]):
                    return source
                source = source.base
        return self


def read(path: str, stdin: BinaryIO | None = None, *, outside: bool = False) -> tuple[Source | None, list[Diagnostic]]:
    """Read a spec. `-` reads `stdin` (standard input by default). Never raises for what a file may hold.

    `outside` allows the spec to be or extend a file outside of its tree. Returns the Source, or None and what is wrong,
    each finding with its place.
    """
    try:
        if has_surrogate(os.path.abspath("." if path == "-" else path)):
            return None, [_not_text(path)]
        source, found = _read(path, stdin, (), _Reach(tree_of(path), outside))
        return (source.replaced(profile=_beside(source)) if source else None), found
    except ValueError as error:  # a null character in the path
        return None, [unreadable(str(error), escaped(path))]


def locate(diagnostics: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """The same findings with file, line and column, sorted by place; those that have a place already keep it."""
    if not diagnostics:
        return []
    from stgen.source import positions

    scans: dict[str, positions.Places] = {}
    located = []
    for item in diagnostics:
        if not item.file:
            holder = source.holder(item.path)
            if holder.path not in scans:
                scans[holder.path] = positions.scan(holder.text, holder.kind)
            span = positions.find(scans[holder.path], holder.text, item.path, item.about)
            item = item.at(holder.path, span, positions.line_at(holder.text, span.line) if holder.quotable else "")
        located.append(item)
    return sorted(located, key=lambda item: (item.file, item.span.line if item.span else 0, _column(item)))


def _column(item: Diagnostic) -> int:
    return item.span.column if item.span else 0


def _beside(source: Source) -> Beside | None:
    """The profile beside a spec; None where there is none, or the spec came over standard input."""
    path = profile_path(source.path)
    if source.path == "<stdin>" or not os.path.lexists(path):
        return None
    if not (source.outside or is_within(path, source.tree)):
        return Beside(path, b"", "", "it is a link that leads out of the spec's tree")
    try:
        with open_regular(path) as file:
            data = file.read(MOST_PROFILE + 1)
    except OSError as error:
        says = error.says if isinstance(error, NotRegularError) else (error.strerror or str(error)).lower()
        return Beside(path, b"", "", says)
    if len(data) > MOST_PROFILE:
        return Beside(path, b"", "", f"it has more than {MOST_PROFILE // 1024} KiB")
    return Beside(path, data, blob_id(data))


# --- one file --------------------------------------------------------------------------------------------------------


class _Reach(Record):
    """Which files may be read: those of the spec's tree, or any."""

    tree: str
    outside: bool


def _read(
    path: str, stdin: BinaryIO | None, chain: tuple[str, ...], reach: _Reach
) -> tuple[Source | None, list[Diagnostic]]:
    shown = "<stdin>" if path == "-" else path
    within = path == "-" or is_within(path, reach.tree)
    try:
        if not (within or reach.outside):
            raise RefusedError(_leads_out("this is a link that leads out of the tree that it stands in", shown))
        data = spec_bytes(path, shown, stdin)
        text = decode(data, shown)
        kind = kind_of(shown, text)
        own = parse_json(text, shown) if kind == "json" else parse_toml(text, shown)
    except RefusedError as refused:
        return None, [refused.diagnostic if within else refused.diagnostic.replaced(line="")]
    source = Source(shown, text, kind, own, own, id=blob_id(data), tree=reach.tree, outside=reach.outside)
    if wrong := uncarriable(own):
        return None, locate(wrong, source)
    return _extend(source, chain, reach) if "extends" in own else (source, [])


def _not_text(path: str) -> Diagnostic:
    message = "the path of the spec, from the top of the disk, is not UTF-8, and generated files couldn't name it"
    shown = "<stdin>" if path == "-" else escaped(path)
    return Diagnostic("STG018", message, help="rename what isn't: mv knows its bytes", file=shown)


def _leads_out(message: str, shown: str = "", path: KeyPath = ()) -> Diagnostic:
    hint = "copy that file into the tree; or, where you know what it is, call stgen with --allow-outside"
    note = "a spec's tree is the git repository that it lies in, and its own folder where there is none"
    return Diagnostic("STG017", message, path, hint, (note,), file=shown)


# --- extends ---------------------------------------------------------------------------------------------------------


def _extend(source: Source, chain: tuple[str, ...], reach: _Reach) -> tuple[Source | None, list[Diagnostic]]:
    """The source merged over the spec that its `extends` names."""
    named = source.own["extends"]
    if not isinstance(named, str):
        return source, []  # its type is the business of the pass to Spec, which says what is wrong with it
    path = os.path.join(source.folder, named)
    seen = (*chain, os.path.realpath(source.path))
    wrong = _bad_extends(named, path, seen, reach)
    if wrong:
        return None, locate([wrong], source)
    base, findings = _read(path, None, seen, reach)
    if base is None:
        note = f"{source.path} extends it"
        return None, [item.noting(note) for item in findings]
    own = {key: value for key, value in source.own.items() if key != "extends"}
    return source.replaced(data=_merge(base.data, own), base=base), []


def _bad_extends(named: str, path: str, seen: tuple[str, ...], reach: _Reach) -> Diagnostic | None:
    where: KeyPath = ("extends",)
    # Before anything else, which would tell whether there is such a file.
    if named and not (reach.outside or is_within(path, reach.tree)):
        return _leads_out("`extends` leads out of the spec's tree", path=where)
    if not named or not os.path.exists(path):
        hint = "the path starts from the folder of the spec that names it"
        return Diagnostic("STG013", f"there is no file {path!r} to extend", where, help=hint)
    if os.path.realpath(path) in seen:
        circle = " -> ".join(os.path.basename(item) for item in (*seen, path))
        return Diagnostic("STG014", f"specs extend each other in a circle: {circle}", where)
    if len(seen) > MAX_EXTENDS:
        return Diagnostic("STG015", f"more than {MAX_EXTENDS} specs extend each other", where)
    return None


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged key by key, `own` winning; lists and all other values are replaced whole."""
    merged = {key: value for key, value in base.items() if key != "extends"}
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _holds(data: Any, path: KeyPath) -> bool:
    for part in path:
        inside = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        if part not in inside:
            return False
        data = data[part]
    return True
