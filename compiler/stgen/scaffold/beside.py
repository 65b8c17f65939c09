"""What a new project takes over from its data beside the roles: the files of other splits, the language of the letters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stgen.inspection.proposal import Guess, columns_in
from stgen.language.spec_data import FileFormat
from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.rows.batches import UnreadableError
from stgen.rows.label_values import UNLABELLED
from stgen.rows.reading import read
from stgen.rows.sources import files_of

LABELS = ("class", "binary", "score")
LOOKED_AT = 100  # texts, and characters of each
MOSTLY = 0.5  # of the letters
SOME = 0.1  # of them: Japanese is written with kana among signs that Chinese has too
KANA = frozenset(("HIRAGANA", "KATAKANA"))
SCRIPTS = {  # first word of a letter's name in Unicode -> the language that most of its texts are in
    "CJK": "zh", "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "HEBREW": "he", "GREEK": "el", "THAI": "th",
    "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip


def usable(files: Mapping[str, str], guess: Guess) -> dict[str, str]:
    """Of the files of other splits those that have the columns of the roles, and labels: tests are often published without."""
    return {key: path for key, path in files.items() if _has(path, guess)}


def _has(path: str, guess: Guess) -> bool:
    columns = _first_rows(path, guess)
    roots = {root_of(name) if is_path(name) and name not in columns else name for name in guess.sources()}
    if not all(columns.get(name) for name in roots):
        return False
    labels = [name for role in LABELS if role in guess.columns for name in columns_in(guess.columns[role])]
    return not any(set(map(str, columns.get(name, ["?"]))) <= UNLABELLED for name in labels if not is_path(name))


def _first_rows(path: str, guess: Guess) -> Mapping[str, list[Any]]:
    try:
        (file, shown), *_ = files_of(path, "")
        batch = next(iter(read(file, shown, None, FileFormat.model_validate(guess.file))), None)
    except UnreadableError:
        return {}
    return batch.columns if batch else {}


def language_of(texts: Sequence[str]) -> str:
    """The language that most texts in these letters are in; en where they are Latin, or nothing shows it."""
    letters = (char for text in texts[:LOOKED_AT] for char in text[:LOOKED_AT] if char.isalpha())
    found = Counter(unicodedata.name(char, "?").split()[0] for char in letters)
    if sum(found[name] for name in KANA) > SOME * found.total():
        return "ja"
    name, count = max(found.items(), key=lambda item: item[1], default=("", 0))
    return SCRIPTS.get(name, "en") if count > MOSTLY * found.total() else "en"
