"""Wraps what is told on a terminal: it has 80 columns where nobody has made it wider."""

from __future__ import annotations

from textwrap import wrap

WIDTH = 80


def hung(head: str, text: str) -> list[str]:
    """The lines of a text behind its head: what goes on stands under where the text began, behind a long head below it."""
    if len(head) > WIDTH // 2:
        return [head.rstrip(), *hung(" " * 6, text)]
    lines = wrap(text, WIDTH - len(head), break_long_words=False, break_on_hyphens=False) or [""]
    return [(head if number == 0 else " " * len(head)) + line for number, line in enumerate(lines)]
