"""Tells the languages of texts by their letters and their commonest words, with nothing installed; nothing where these don't show it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter

from stgen.rows.text_signs import script_of
from stgen.rules.writing import LETTERS, SCRIPTS, WORDS

TEXTS, CHARACTERS = 400, 300  # that are looked at, of each column and each text
MOSTLY = 0.5  # of the letters
SOME = 0.1  # of them: Japanese is written with kana among signs that Chinese has too
KANA = frozenset(("HIRAGANA", "KATAKANA"))
SHARE = 0.2  # of the texts; fewer may be names and quotations
FEWEST = 3  # words and letters that show the language of a column
APART = 2  # of them, from which one text is taken for another language than the others
OFTEN = 0.06  # of the words
WORD = ""  # in the place of a language: how many words there are
KNOWN = {script: {name: frozenset(said.split()) for name, said in words.items()} for script, words in WORDS.items()}
LETTERS_OF = {name: frozenset(LETTERS.get(name, "")) for words in WORDS.values() for name in words}


def languages_of(columns: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The languages of some columns of texts, in order."""
    return tuple(dict.fromkeys(name for texts in columns for name in _of_column(texts)))


def _of_column(texts: Sequence[str]) -> list[str]:
    """The languages of at least a fifth of the texts that show one, commonest first."""
    told = [_signs(text[:CHARACTERS]) for text in texts[:: len(texts) // TEXTS + 1]]
    by_script = [script for script, _ in told]
    mostly = {script: _of_script([signs for one, signs in told if one == script], script) for script in set(by_script)}
    found = Counter(_of_text(signs, mostly[script]) for script, signs in told)
    return [name for name, count in found.most_common() if name and count >= SHARE * len(told)]


def _of_script(told: Sequence[Counter[str]], script: str) -> str:
    """The language of most texts in a script; of one that few languages are written in, without looking at words."""
    signs = sum(told, Counter[str]())
    name, count = _most(signs)
    return name if count >= max(FEWEST, OFTEN * signs[WORD]) else SCRIPTS.get(script, "")


def _of_text(signs: Counter[str], mostly: str) -> str:
    """The language of a text: that of most others, unless its own words say clearly otherwise."""
    name, count = _most(signs)
    return name if count >= signs[mostly] + APART else mostly


def _most(signs: Counter[str]) -> tuple[str, int]:
    return max(((name, count) for name, count in signs.items() if name != WORD), key=itemgetter(1), default=("", 0))


def _signs(text: str) -> tuple[str, Counter[str]]:
    """The script of most letters of a text, and how many of its words and letters are those of each language of the script."""
    letters = Counter(script_of(char) for char in text if char.isalpha())
    if sum(letters[name] for name in KANA) > SOME * letters.total():
        return "JAPANESE", Counter()
    script, count = max(letters.items(), key=lambda item: item[1], default=("", 0))
    if count <= MOSTLY * letters.total():
        return "", Counter()
    words = re.findall(r"[^\W\d_]+", text.casefold())
    found = Counter({WORD: len(words)})
    for name, known in KNOWN.get(script, {}).items():
        found[name] = sum(word in known or not LETTERS_OF[name].isdisjoint(word) for word in words)
    return script, found
