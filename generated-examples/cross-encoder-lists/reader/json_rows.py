"""What makes rows of JSON: an object is one; so is a list whose items have names, and each item of the lists within."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from .contract import ContractError, counted, quote

ESCAPED = re.compile(r'[{,]\s*+"[^"\\]*+\\(?:[^"\\]|\\.)*+"\s*+:')  # a key with a sign that is escaped


@dataclass(frozen=True)
class Shape:
    """How rows are written: the names of a list's items, and the keys that lead to lists of rows within objects."""

    header: Sequence[str] = ()
    within: Sequence[str] = ()

    @property
    def plain(self) -> bool:
        """Whether each object is a row."""
        return not self.header and not self.within

    def rows(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows that a value makes."""
        return [self._named(row) for row in _within(value, self.within)] if self.within else [self._named(value)]

    def _named(self, row: Any) -> dict[str, Any]:
        if self.header and isinstance(row, list):
            if len(row) != len(self.header):
                names = f"and `header` names {counted(len(self.header), 'column')}"
                raise ContractError("STG203", f"{counted(len(row), 'item')}, {names}")
            return dict(zip(self.header, row, strict=True))
        if not isinstance(row, dict):
            raise ContractError("STG203", f"not an object: {quote(row)}")
        return row


def keys_of(rows: str) -> tuple[str, list[str]]:
    """Return the key of the list in a file, "" for the file's own rows, and those that lead on within: `data[].paragraphs[].qas`."""
    first, *within = rows.split("[].")
    return first, within


def _within(value: Any, keys: Sequence[str]) -> Iterator[Any]:
    """Give the items of lists within lists, with what stands beside the lists in each."""
    if not keys:
        yield value
        return
    found = value.get(keys[0]) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise ContractError("STG203", f"has no list `{keys[0]}`: {quote(value)}")
    beside = {key: other for key, other in value.items() if key != keys[0]}
    for item in found:
        yield from _within(beside | item if isinstance(item, dict) else item, keys[1:])


def says_twice(text: str, rows: Sequence[dict[str, Any]]) -> bool:
    """Whether objects may have a key twice: their text has more keys than they, or spells one in an unusual way."""
    if ("\\u" in text or "\\/" in text) and ESCAPED.search(text):
        return True
    written, held = text.count('":') + text.count('" :'), sum(map(len, rows))
    if written <= held:
        return written < held
    keys = (json.dumps(name, ensure_ascii=False) for name in dict.fromkeys(chain.from_iterable(rows)))
    return any(text.count(f"{key}:") + text.count(f"{key} :") > len(rows) for key in keys)


def require_once(text: str) -> None:
    """Refuse an object that has a key twice, of which JSON readers keep the last."""
    json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ContractError("STG440", f"has {quote(key)} twice")
        found[key] = value
    return found
