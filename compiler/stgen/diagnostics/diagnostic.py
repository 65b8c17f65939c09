"""What a pass found wrong: the one shape in which every pass reports, and the order of severity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from stgen.values.record import Record

Severity = Literal["error", "warning", "note"]

KeyPath = tuple[str | int, ...]
"""Where in a spec's tree something stands: `("data", 0, "columns", "score")`."""


MOST = 100
"""Findings of one pass that anybody reads; a hostile spec has room for a hundred thousand."""


class Span(Record):
    """A stretch of one line of a file. Lines and columns count characters from 1; `end` is exclusive."""

    line: int
    column: int
    end: int


class Diagnostic(Record):
    """One finding. Passes make it from a code and a key path; `locate` adds file and span when it is printed.

    `code` stands in the registry (`codes.py`), from which title, explanation and severity come.
    `path` is the key path in the spec; `about` says whether the key or its value is underlined.
    """

    code: str
    message: str
    path: KeyPath = ()
    help: str = ""
    notes: tuple[str, ...] = ()
    severity: Severity = "error"
    about: Literal["key", "value"] = "value"
    file: str = ""
    span: Span | None = None
    line: str = ""  # the text of the line that the span is on

    def at(self, file: str, span: Span | None, line: str = "") -> Diagnostic:
        """The same finding with its place in a file."""
        return self.replaced(file=file, span=span, line=line)

    def noting(self, note: str) -> Diagnostic:
        """The same finding with one more note."""
        return self.replaced(notes=(*self.notes, note))


def enumerated(words: Sequence[str]) -> str:
    """All words, the last behind an "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def listed(words: Iterable[str], most: int) -> str:
    """Words with commas between them, with dots for those beyond the first `most`."""
    all_words = list(words)
    return ", ".join(all_words[:most]) + (" ..." if len(all_words) > most else "")


def few(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The first MOST errors of a pass, and as many of what else it found. After an error too many it isn't waited for."""
    kept: dict[Severity, list[Diagnostic]] = {"error": [], "warning": [], "note": []}
    for item in found:
        if len(kept[item.severity]) < MOST:
            kept[item.severity].append(item)
        elif item.severity == "error":
            kept["error"][-1] = kept["error"][-1].noting(f"more is wrong: these are the first {MOST} errors")
            break
    return [item for items in kept.values() for item in items]


class Findings:
    """Collects the diagnostics of one or more passes, in the order in which they were found."""

    def __init__(self, items: list[Diagnostic] | None = None) -> None:
        """Begin with these, or with none."""
        self.items = items or []

    def add(self, diagnostic: Diagnostic) -> None:
        self.items.append(diagnostic)

    @property
    def failed(self) -> bool:
        """True when at least one finding is an error: later passes that rely on this one must not run."""
        return any(item.severity == "error" for item in self.items)
