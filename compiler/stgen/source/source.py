"""Reads a spec file, and the files that it extends, into a Source. No other module opens an input spec."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, Span
from stgen.source.kind import Kind
from stgen.values.record import Record

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_EXTENDS = 8
FOREIGN_SUFFIXES = (".yaml", ".yml", ".ini", ".cfg", ".py", ".xml")
# The longer marks first: that of UTF-32 begins with that of UTF-16.
# fmt: off
FOREIGN_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe",         "UTF-16"),
    (b"\xfe\xff",         "UTF-16"),
)
# fmt: on


class Source(Record):
    """A spec file as it was read. `own` is what the file says; `data` is that, merged over what it extends."""

    path: str
    text: str
    kind: Kind
    own: dict[str, Any]
    data: dict[str, Any]
    base: Source | None = None

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


def read(path: str, stdin: BinaryIO | None = None) -> tuple[Source | None, list[Diagnostic]]:
    """Read a spec. `-` reads `stdin` (standard input by default). Never raises for what a file may hold.

    Returns the Source, or None and what is wrong, each finding with its place.
    """
    return _read(path, stdin, ())


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
            item = item.at(holder.path, span, positions.line_at(holder.text, span.line))
        located.append(item)
    return sorted(located, key=lambda item: (item.file, item.span.line if item.span else 0, _column(item)))


def _column(item: Diagnostic) -> int:
    return item.span.column if item.span else 0


# --- one file --------------------------------------------------------------------------------------------------------


class _RefusedError(Exception):
    """A file can't be used; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _read(path: str, stdin: BinaryIO | None, chain: tuple[str, ...]) -> tuple[Source | None, list[Diagnostic]]:
    shown = "<stdin>" if path == "-" else path
    try:
        text = _decode(_bytes(path, shown, stdin), shown)
        kind = _kind(shown, text)
        own = _parse_json(text, shown) if kind == "json" else _parse_toml(text, shown)
    except _RefusedError as refused:
        return None, [refused.diagnostic]
    source = Source(shown, text, kind, own, own)
    if wrong := _uncarriable(own):
        return None, locate(wrong, source)
    return _extend(source, chain) if "extends" in own else (source, [])


def _bytes(path: str, shown: str, stdin: BinaryIO | None) -> bytes:
    """The file's bytes, or one finding why there are none."""
    data = (stdin or sys.stdin.buffer).read(MAX_BYTES + 1) if path == "-" else _file_bytes(path, shown)
    if len(data) > MAX_BYTES:
        raise _RefusedError(
            Diagnostic(
                "STG004",
                f"the file is larger than {MAX_BYTES // 1024} KiB, which no spec is",
                help="name the data in the spec, don't put it there; and check that this is the file you meant",
                file=shown,
            )
        )
    return data


def _file_bytes(path: str, shown: str) -> bytes:
    try:
        if os.path.isdir(path):
            inside = [name for name in sorted(os.listdir(path)) if name.endswith((".toml", ".json"))]
            hint = f"name a file in it: {os.path.join(path, inside[0])}" if inside else "name a .toml or .json file"
            raise _RefusedError(Diagnostic("STG002", "this is a folder, not a spec", help=hint, file=shown))
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _RefusedError(_missing(path, shown)) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise _RefusedError(Diagnostic("STG003", f"the file can't be read: {reason}", file=shown)) from None


def _missing(path: str, shown: str) -> Diagnostic:
    from stgen.diagnostics.suggest import closest
    from stgen.values.globbing import is_pattern

    if is_pattern(shown):
        hint = "hidden folders, node_modules, virtual environments and links to folders are not searched"
        return Diagnostic("STG001", f"no file fits the pattern `{shown}`", help=hint, file=shown)
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        return Diagnostic("STG001", "there is no such file", help=f"the folder {folder} doesn't exist", file=shown)
    near = closest(os.path.basename(path), [name for name in os.listdir(folder) if name.endswith((".toml", ".json"))])
    hint = f"did you mean {os.path.join(os.path.dirname(path), near)}?" if near else "`stgen new` writes one"
    return Diagnostic("STG001", "there is no such file", help=hint, file=shown)


def _decode(data: bytes, shown: str) -> str:
    """The text. A UTF-8 byte-order mark is dropped: it says what is so; those of other encodings are refused."""
    for mark, encoding in FOREIGN_MARKS:
        if data.startswith(mark):
            raise _RefusedError(
                Diagnostic(
                    "STG005",
                    f"the file is {encoding}, and a spec is UTF-8",
                    help="save it as UTF-8 in your editor",
                    file=shown,
                    span=Span(1, 1, 1),
                )
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _RefusedError(_not_utf8(data, error, shown)) from None
    if not text.strip():
        raise _RefusedError(
            Diagnostic(
                "STG006",
                "the file is empty",
                help="`stgen new` writes a spec to start from",
                file=shown,
                span=Span(1, 1, 1),
            )
        )
    return text


def _not_utf8(data: bytes, error: UnicodeDecodeError, shown: str) -> Diagnostic:
    # The codec has cut off a byte-order mark, so its offsets count from behind it.
    start = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
    line = data.count(b"\n", 0, start) + 1
    begin = data.rfind(b"\n", 0, start) + 1
    column = len(data[begin:start].decode("utf-8-sig", "replace")) + 1
    end = data.find(b"\n", start)
    text = data[begin : end if end >= 0 else len(data)].decode("utf-8-sig", "replace").removesuffix("\r")
    return Diagnostic(
        "STG005",
        f"the file is not UTF-8: byte 0x{data[start]:02x} at offset {start} begins no character",
        help="save it as UTF-8 in your editor",
        file=shown,
        span=Span(line, column, column + 1),
        line=text,
    )


def _kind(shown: str, text: str) -> Kind:
    suffix = os.path.splitext(shown)[1].lower()
    if suffix == ".json":
        return "json"
    if suffix in FOREIGN_SUFFIXES:
        raise _RefusedError(
            Diagnostic(
                "STG016",
                f"a spec is TOML or JSON, not {suffix}",
                help="write it as TOML: the same keys, in a file that ends in .toml",
                file=shown,
            )
        )
    if suffix == ".toml":
        return "toml"
    return "json" if text.lstrip().startswith("{") else "toml"


# --- syntax ----------------------------------------------------------------------------------------------------------


def _parse_toml(text: str, shown: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        from stgen.source.syntax import explain_toml

        raise _RefusedError(explain_toml(error, text, shown)) from None


def _parse_json(text: str, shown: str) -> dict[str, Any]:
    import json

    from stgen.source.syntax import explain_json, unique

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except (RecursionError, ValueError) as error:
        raise _RefusedError(explain_json(error, text, shown)) from None
    if not isinstance(data, dict):
        raise _RefusedError(
            Diagnostic(
                "STG011",
                f"a spec is an object, and this file holds {_called(data)}",
                help='write { "stgen": 1, "model": ..., "data": [...] }',
                file=shown,
                span=Span(1, 1, 1),
                line=text.split("\n", 1)[0],
            )
        )
    return data


def _called(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _uncarriable(data: dict[str, Any]) -> list[Diagnostic]:
    """Values that TOML or JSON allow and a spec can't carry. Iterative: the depth of a document is the author's."""
    wrong: list[Diagnostic] = []
    todo: list[tuple[KeyPath, Any]] = [((), data)]
    while todo:
        path, value = todo.pop()
        if len(path) > MAX_DEPTH:
            where = path[:3]
            return [Diagnostic("STG010", f"tables or lists stand more than {MAX_DEPTH} deep in each other", where)]
        if isinstance(value, dict):
            todo += [((*path, key), item) for key, item in value.items()]
            wrong += [
                Diagnostic("STG012", f"a key holds {reason}", (*path, key), about="key")
                for key in value
                if (reason := _bad_text(key))
            ]
        elif isinstance(value, list):
            todo += [((*path, index), item) for index, item in enumerate(value)]
        elif reason := _bad_value(value):
            wrong.append(Diagnostic("STG012", f"a value of a spec can't be {reason}", path))
    return wrong


def _bad_value(value: object) -> str:
    if isinstance(value, str):
        return _bad_text(value)
    if isinstance(value, float):
        return "" if value - value == 0 else "infinite or not a number"
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**63 else "a whole number of more than 64 bits"
    return "null: leave the key out" if value is None else "a date or a time: quote it"


def _bad_text(text: str) -> str:
    if "\x00" in text:
        return "text with a null character"
    return "" if text.isascii() or not _lone_surrogate(text) else "text with a lone surrogate"


def _lone_surrogate(text: str) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in text)


# --- extends ---------------------------------------------------------------------------------------------------------


def _extend(source: Source, chain: tuple[str, ...]) -> tuple[Source | None, list[Diagnostic]]:
    """The source merged over the spec that its `extends` names."""
    named = source.own["extends"]
    if not isinstance(named, str):
        return source, []  # its type is the business of the pass to Spec, which says what is wrong with it
    path = os.path.join(source.folder, named)
    seen = (*chain, os.path.realpath(source.path))
    wrong = _bad_extends(named, path, seen)
    if wrong:
        return None, locate([wrong], source)
    base, findings = _read(path, None, seen)
    if base is None:
        note = f"{source.path} extends it"
        return None, [item.noting(note) for item in findings]
    own = {key: value for key, value in source.own.items() if key != "extends"}
    return Source(source.path, source.text, source.kind, source.own, _merge(base.data, own), base), []


def _bad_extends(named: str, path: str, seen: tuple[str, ...]) -> Diagnostic | None:
    where: KeyPath = ("extends",)
    if not named or not os.path.isfile(path):
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
