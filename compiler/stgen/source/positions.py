"""Finds where in a spec's text a key path stands, from the text alone; runs only when there is something to report.

The text has been parsed before, so the scanners trust its syntax: on text that they can't follow they stop, and
`find` falls back to the nearest parent that they had seen.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from stgen.diagnostics.diagnostic import KeyPath, Span
from stgen.source.kind import Kind

DEEPEST = 40  # keys of a path that is remembered: no spec is so deep, and a hostile one would fill the memory


@dataclass(slots=True)
class Place:
    """Offsets of one key and of its value; an element of an array has no key of its own and points at its value."""

    key: tuple[int, int]
    value: tuple[int, int]


@dataclass(slots=True)
class Places:
    """What a scan found: the place of every key path, the keys that an object holds twice, and where it ended."""

    by_path: dict[KeyPath, Place] = field(default_factory=dict)
    repeated: list[tuple[KeyPath, Place]] = field(default_factory=list)
    stopped: int = 0  # how far the text could be followed

    def put(self, path: KeyPath, place: Place) -> None:
        if len(path) > DEEPEST:
            return
        if path in self.by_path:
            self.repeated.append((path, place))
        self.by_path[path] = place


class _LostError(Exception):
    """The scanner met text that it can't follow."""


def scan(text: str, kind: Kind) -> Places:
    """Places of all key paths of a document. Never raises: a text that can't be followed gives what stood before."""
    scanner = _Json(text) if kind == "json" else _Toml(text)
    with suppress(_LostError, RecursionError, ValueError):
        scanner.document()
    scanner.places.stopped = scanner.at
    return scanner.places


def find(places: Places, text: str, path: KeyPath, about: Literal["key", "value"] = "value") -> Span:
    """The span of a key or its value, or of the nearest parent; of the first character when there is none."""
    for length in range(len(path), 0, -1):
        place = places.by_path.get(path[:length])
        if place is None:
            continue
        on_key = about == "key" or length < len(path)
        return span_of(text, *(place.key if on_key else place.value))
    return Span(1, 1, 1)


def span_of(text: str, start: int, end: int) -> Span:
    """Line and columns of a stretch of text; of a stretch over several lines, the part on the first."""
    line = text.count("\n", 0, start) + 1
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    if stop > start and text[stop - 1] == "\r":
        stop -= 1
    return Span(line, start - begin + 1, max(min(end, stop) - begin + 1, start - begin + 1))


def line_at(text: str, line: int) -> str:
    """The text of a line, counted from 1, without its end; "" past the last."""
    lines = text.split("\n")
    return lines[line - 1].removesuffix("\r") if 0 < line <= len(lines) else ""


# --- the two scanners ------------------------------------------------------------------------------------------------


class _Scanner:
    """A position in a text, and what was found up to there."""

    blank = re.compile(r"[ \t\r\n]*")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places = Places()

    def skip(self) -> None:
        match = self.blank.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        if not self.peek(token):
            return False
        self.at += len(token)
        return True

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found or found.end() == self.at:
            raise _LostError
        self.at = found.end()
        return found.group()

    def array(self, path: KeyPath) -> None:
        index = 0
        self.skip()
        while not self.take("]"):
            start = self.at
            self.value((*path, index))
            self.places.put((*path, index), Place((start, self.at), (start, self.at)))
            index += 1
            self.skip()
            self.take(",")
            self.skip()

    def value(self, path: KeyPath) -> None:
        raise NotImplementedError

    def document(self) -> None:
        raise NotImplementedError


class _Json(_Scanner):
    string = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
    bare = re.compile(r"[^\s,\]}]+")

    def document(self) -> None:
        self.skip()
        self.value(())

    def value(self, path: KeyPath) -> None:
        if self.take("{"):
            self.table(path)
        elif self.take("["):
            self.array(path)
        else:
            self.match(self.string if self.peek('"') else self.bare)

    def table(self, path: KeyPath) -> None:
        self.skip()
        while not self.take("}"):
            start = self.at
            name = str(json.loads(self.match(self.string), strict=False))
            end = self.at
            self.skip()
            if not self.take(":"):
                raise _LostError
            self.skip()
            value = self.at
            self.value((*path, name))
            self.places.put((*path, name), Place((start, end), (value, self.at)))
            self.skip()
            self.take(",")
            self.skip()


class _Toml(_Scanner):
    blank = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
    inner = re.compile(r"[ \t]*")
    bare_key = re.compile(r"[A-Za-z0-9_-]+")
    bare = re.compile(r"[^,\]}#\r\n]+")
    basic = re.compile(r'"(?:[^"\\\n]|\\.)*"')
    literal = re.compile(r"'[^'\n]*'")
    long_basic = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})', re.DOTALL)
    long_literal = re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.elements: dict[KeyPath, int] = {}  # arrays of tables, and how many elements they have so far

    def document(self) -> None:
        prefix: KeyPath = ()
        self.skip()
        while self.at < len(self.text):
            prefix = self.header() if self.peek("[") else self.pair(prefix)
            self.skip()

    def header(self) -> KeyPath:
        """A `[table]` or `[[array of tables]]` line; returns the path under which the next pairs stand."""
        start = self.at
        many = self.take("[[") or not self.take("[")
        names = self.key()
        self.inner_skip()
        self.take("]]" if many else "]")
        path: KeyPath = ()
        for index, (name, key) in enumerate(names):
            path = (*path, name)
            last = index == len(names) - 1
            if last or path not in self.places.by_path:
                self.places.by_path[path] = Place(key, (start, self.at) if last else key)
            if last and many:
                self.elements[path] = self.elements.get(path, 0) + 1
            if path in self.elements:
                path = (*path, self.elements[path] - 1)
                if last:
                    self.places.by_path[path] = Place(key, (start, self.at))
        return path

    def pair(self, prefix: KeyPath) -> KeyPath:
        """A `key = value`, with dots or without; returns the prefix, under which the next pair stands too."""
        names = self.key()
        self.inner_skip()
        if not self.take("="):
            raise _LostError
        self.inner_skip()
        path = (*prefix, *(name for name, _ in names))
        start = self.at
        self.value(path)
        end = self.at
        for index, (_, key) in enumerate(names[:-1]):
            self.places.by_path.setdefault((*prefix, *path[len(prefix) : len(prefix) + index + 1]), Place(key, key))
        self.places.put(path, Place(names[-1][1], (start, end)))
        return prefix

    def key(self) -> list[tuple[str, tuple[int, int]]]:
        """The parts of a dotted key, each with its offsets."""
        parts = []
        while True:
            self.inner_skip()
            start = self.at
            parts.append((self.key_part(), (start, self.at)))
            self.inner_skip()
            if not self.take("."):
                return parts

    def key_part(self) -> str:
        if self.peek("'"):
            return self.match(self.literal)[1:-1]
        if not self.peek('"'):
            return self.match(self.bare_key)
        import tomllib

        return str(tomllib.loads(f"key = {self.match(self.basic)}")["key"])

    def value(self, path: KeyPath) -> None:
        if self.take("{"):
            self.table(path)
        elif self.take("["):
            self.array(path)
        elif self.peek('"'):
            self.match(self.long_basic if self.peek('"""') else self.basic)
        elif self.peek("'"):
            self.match(self.long_literal if self.peek("'''") else self.literal)
        else:
            bare = self.match(self.bare)
            self.at -= len(bare) - len(bare.rstrip())

    def table(self, path: KeyPath) -> None:
        self.skip()
        while not self.take("}"):
            self.pair(path)
            self.skip()
            self.take(",")
            self.skip()

    def inner_skip(self) -> None:
        match = self.inner.match(self.text, self.at)
        self.at = match.end() if match else self.at
