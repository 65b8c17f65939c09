"""Finds and writes out lone surrogates, halves of characters that no UTF-8 file holds: Python reads odd bytes of a path as such."""

from __future__ import annotations


def has_surrogate(text: str) -> bool:
    """Whether a text holds half of a character, so that it can't be written as UTF-8."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def escaped(text: str) -> str:
    r"""A text with halves of characters written out: `caf\udce9`."""
    return text.encode("utf-8", "backslashreplace").decode()
