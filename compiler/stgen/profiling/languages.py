"""Tells the language of texts, on request: by `py3langid` where it is installed, else no more than the script of their letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from stgen.rows.text_signs import script_of

FEWEST = 20  # characters of a text whose language can be told
LOOKED_AT = 500  # characters of a text
SHOWN = 12  # languages of a column; the others are too few to matter
BY_LANGUAGE, BY_SCRIPT = "py3langid", "scripts"

Teller = Callable[[str], str]
"""A text -> the code of its language or the name of its script; "" for one that is too short."""


def teller() -> tuple[Teller, str]:
    """What tells, and by what."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return _script, BY_SCRIPT
    found = LanguageIdentifier.from_model_file(MODEL_FILE)

    def language(text: str) -> str:
        return str(found.classify(text[:LOOKED_AT])[0]) if _is_long(text) else ""

    return language, BY_LANGUAGE


def shares(told: Sequence[str]) -> dict[str, float]:
    """The share of each language among the texts whose language was told, largest first."""
    counted = Counter(filter(None, told))
    total = counted.total()
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return {name: share for name, times in ordered if (share := round(times / total, 3))}


def _is_long(text: str) -> bool:
    return len(text) >= FEWEST or any(ord(char) > 0x2E7F for char in text)  # a few signs of Chinese are a sentence


def _script(text: str) -> str:
    """The script of most of the letters, by the first word of their names in Unicode: latin, cyrillic, cjk."""
    if not _is_long(text):
        return ""
    found = Counter(script_of(char).lower() for char in text[:LOOKED_AT] if char.isalpha())
    return min(found, key=lambda name: (-found[name], name)) if found else ""
