"""Small data files, one for each data format: distinct sentences, with labels of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROWS = 24
NEGATIVES = 2
_ADJECTIVES = ("red", "old", "tall", "quiet", "cold", "bright")
_NOUNS = ("house", "river", "engine", "teacher", "garden", "letter", "market", "window")
_VERBS = ("stands", "waits", "turns", "sings")
WORDS = ("a", "the", "this", "that", *_ADJECTIVES, *_NOUNS, *_VERBS)

# fmt: off
COLUMNS: dict[str, dict[str, Any]] = {  # data format -> columns of a spec
    "text":           {"text": "t"},
    "text-class":     {"text": "t", "class": "c"},
    "text-embedding": {"text": "t", "embedding": "v"},
    "texts":          {"text_1": "a", "text_2": "b"},
    "pair-class":     {"text_1": "a", "text_2": "b", "class": {"column": "c", "names": ["far", "near", "same"]}},
    "pair-probabilities": {"text_1": "a", "text_2": "b", "probabilities": {"column": "cs", "names": ["far", "near", "same"]}},
    "pair-binary":    {"text_1": "a", "text_2": "b", "binary": {"column": "y", "positive": "yes"}},
    "pair-score":     {"text_1": "a", "text_2": "b", "score": {"column": "s", "min": 0, "max": 5}},
    "pair-embedding": {"text_1": "a", "text_2": "b", "embedding": "v"},
    "n-texts-embedding": {"text_1": "a", "text_2": ["b", "n1"], "embedding": "v"},
    "n-texts":        {"text_1": "a", "text_2": ["b", "n1"]},
    "pair":           {"anchor": "a", "positive": "p"},
    "triplet":        {"anchor": "a", "positive": "p", "negative": "n"},
    "triplet-margin": {"anchor": "a", "positive": "p", "negative": "n", "margin": "m"},
    "triplet-scores": {"anchor": "a", "positive": "p", "negative": "n", "scores": "ss"},
    "n-tuple":        {"anchor": "a", "positive": "p", "negative": ["n1", "n2"]},
    "n-tuple-margin": {"anchor": "a", "positive": "p", "negative": ["n1", "n2"], "margin": "m"},
    "n-tuple-scores": {"anchor": "a", "positive": "p", "negative": ["n1", "n2"], "scores": "ss"},
    "list":           {"anchor": "a", "documents": "d", "scores": "ss"},
}
MADE_FROM: dict[str, str] = {  # formats that no columns mean -> what they are made of without anybody's word
    "duplicated-pair": "text", "damaged-pair": "text", "tension-pair": "text",
}
# fmt: on


def write(folder: Path, format: str, width: int = 0) -> None:
    """Write train.jsonl, eval.jsonl and test.jsonl of a format; `width` is that of a teacher's vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, start in (("train", 0), ("eval", ROWS), ("test", 2 * ROWS)):
        lines = [json.dumps(row(format, start + number, width)) for number in range(ROWS)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")


def row(format: str, number: int, width: int) -> dict[str, Any]:
    """The row of that number: every field of a format's columns, and nothing else."""
    text, other = sentence(number, "a"), sentence(number, "the")
    several = format.startswith("n-tuple")
    fields: dict[str, Any] = {
        "t": text,
        "a": text,
        "b": other,
        "p": other,
        "n": sentence(number + 7, "this"),
        "n1": sentence(number + 7, "this"),
        "n2": sentence(number + 11, "that"),
        "c": ("far", "near", "same")[number % 3],
        "cs": ([0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.0, 0.25, 0.75])[number % 3],
        "y": ("yes", "no")[number % 2],
        "s": number % 6,
        "d": [other, sentence(number + 7, "this"), sentence(number + 11, "that")],
        "m": [0.5 + number % 3, 1.5] if several else 0.5 + number % 3,
        "ss": [3.0, 1.0 + number % 2] if format.startswith("triplet") else [2, number % 2, 0],
        "v": [vector(number + text, width) for text in range(3)]
        if format == "n-texts-embedding"
        else vector(number, width),
    }
    return {name: fields[name] for name in _names(COLUMNS[format])}


def vector(number: int, width: int) -> list[float]:
    """A teacher's vector of that width."""
    return [((number + 3) * (place + 5) % 17) / 17 - 0.4 for place in range(width)]


def sentence(number: int, article: str) -> str:
    """A sentence of its own for each number below 192."""
    adjective = _ADJECTIVES[number % 6]
    noun = _NOUNS[number // 6 % 8]
    verb = _VERBS[number // 48 % 4]
    return f"{article} {adjective} {noun} {verb}"


def _names(columns: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for value in columns.values():
        listed = value if isinstance(value, list) else [value]
        found += [item["column"] if isinstance(item, dict) else item for item in listed]
    return found
