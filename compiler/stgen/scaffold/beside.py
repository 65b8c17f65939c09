"""What a new project takes over from its data beside the roles: the files of other splits, the languages of the texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stgen.inspection.names import leaf
from stgen.inspection.proposal import Guess, columns_in
from stgen.language.languages import CODES
from stgen.language.spec_data import FileFormat
from stgen.match.schema import is_path
from stgen.profiling.languages import BY_LANGUAGE, teller
from stgen.reader.nested import root_of
from stgen.rows.batches import UnreadableError
from stgen.rows.label_values import UNLABELLED
from stgen.rows.reading import read
from stgen.rows.sources import files_of
from stgen.rows.survey import Survey
from stgen.rows.text_signs import mean_words
from stgen.rows.tongues import languages_of as shown_languages

LABELS = ("class", "binary", "score")
LOOKED_AT = 100  # texts of a column
SENTENCE = 3  # words on average, from which texts have a language: numbers and names of things have none


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


def languages_of(rows: Survey, guess: Guess) -> tuple[str, ...]:
    """The languages of the texts, by what is installed where letters and words don't show them; none where nothing does."""
    columns = [_texts(rows, name) for name in guess.sources()]
    named = [code for name in guess.sources() if is_path(name) and (code := leaf(name)) in CODES]
    found = tuple(dict.fromkeys((*shown_languages(columns), *named)))
    texts = [text for texts in columns for text in texts[:LOOKED_AT]]
    if found or mean_words(texts) < SENTENCE:
        return found
    tell, by = teller()
    told = tell(" ".join(texts)) if by == BY_LANGUAGE else ""
    return (told,) if told in CODES else ()


def _texts(rows: Survey, name: str) -> list[str]:
    """The texts of a column's sample, also those of its lists."""
    values = rows.sample.get(name, rows.sample.get(root_of(name), []))
    return [text for value in values for text in (value if type(value) is list else [value]) if type(text) is str]
