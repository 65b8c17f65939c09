"""What both makers of noisy sets share: rows with their key, real texts, and the set that is made of them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from places import SHARED as DATA

KEEP, DROP, ONE, MEND = "keep", "drop", "one of its group", "mend or drop"
Fields = dict[str, Any]
Change = Callable[[str, random.Random], str | None]


@dataclass
class Row:
    """A row with its key: what is wrong with it, what is to become of it, what it repeats, and how it was before."""

    fields: Fields
    kind: str = "clean"
    action: str = KEEP
    group: int | None = None
    original: Fields | None = None


@dataclass
class NoisySet:
    """Training rows with faults, and the rows that the model is measured on."""

    format: str
    rows: list[Row] = field(default_factory=list)
    test: list[Fields] = field(default_factory=list)
    groups: int = 0

    def repeat(self, source: Row, fields: Fields, kind: str) -> None:
        """Add a row that repeats another: one of the group is to stay."""
        if source.group is None:
            self.groups += 1
            source.group, source.action = self.groups, ONE
        self.rows.append(Row(fields, kind, ONE, source.group))

    def contradict(self, source: Row, fields: Fields, kind: str) -> None:
        """Add a row with the texts of another and another label: none of both is to stay."""
        self.groups += 1
        source.kind, source.action, source.group = "contradicted", DROP, self.groups
        self.rows.append(Row(fields, kind, DROP))


def read(name: str) -> list[dict[str, Any]]:
    """Read a file of the shared data."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(re.findall(r"\w+", text.casefold()))


def unlike(texts: Iterable[str], known: Iterable[str] = (), most: float = 0.5) -> list[str]:
    """The texts that share few words with those before them, so that none is a repeat that the key doesn't know."""
    index: dict[str, list[frozenset[str]]] = {}
    kept = []

    def add(own: frozenset[str]) -> None:
        for word in own:
            index.setdefault(word, []).append(own)

    for text in known:
        add(words(text))
    for text in texts:
        own = words(text)
        met: dict[frozenset[str], int] = {}
        for word in own:
            for other in index.get(word, ()):
                met[other] = met.get(other, 0) + 1
        if all(common / (len(own) + len(other) - common) < most for other, common in met.items()):
            kept.append(text)
            add(own)
    return kept


def apply(change: Change, texts: Iterable[str], draw: random.Random, count: int) -> list[tuple[str, str]]:
    """Change texts until so many are changed; those in which there is nothing to change are passed over."""
    made = []
    for text in texts:
        if len(made) == count:
            break
        changed = change(text, draw)
        if changed is not None and changed != text:
            made.append((text, changed))
    return made
