"""Rows of text that no two share, by format: what the tests of checks and of guesses read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
NUMBER = 120
WORDS = [
    "oak",
    "elm",
    "ash",
    "fir",
    "yew",
    "box",
    "bay",
    "fig",
    "pear",
    "plum",
    "lime",
    "rose",
    "fern",
    "moss",
    "reed",
    "rush",
    "corn",
    "bean",
    "beet",
    "kale",
]


def name(number: int) -> str:
    """Words that no two numbers share."""
    return f"{WORDS[number % 20]} {WORDS[number // 20 % 20]} {WORDS[number // 400 % 20]}"


def pairs(count: int = NUMBER, start: int = 0) -> list[Row]:
    """Questions with their answers."""
    return [
        {"question": f"how does {name(n)} grow?", "answer": f"the tree called {name(n)} grows in damp soil"}
        for n in range(start, start + count)
    ]


def triplets() -> list[Row]:
    """Questions with an answer and a wrong one."""
    return [{**row, "wrong": f"a stone called {name(n)} lies in the sun"} for n, row in enumerate(pairs())]


def spoken(vectors: Callable[[int], Any]) -> list[Row]:
    """Sentences in three languages, with a teacher's vector or one for each."""
    return [
        {"en": f"the {name(n)}", "de": f"der {name(n)}", "fr": f"le {name(n)}", "v": vectors(n)} for n in range(NUMBER)
    ]


def labelled(label: str, value: Callable[[int], Any], count: int = NUMBER) -> list[Row]:
    """Two texts with a label that depends on the row's number."""
    return [
        {"left": f"the {name(n)} stands still", "right": f"a {name(n + 7)} is moving", label: value(n)}
        for n in range(count)
    ]


def scored(value: Callable[[int], Any] = lambda n: n % 11 / 10) -> list[Row]:
    """Two texts with a score."""
    return labelled("score", value)


def classes(value: Callable[[int], Any] = lambda n: n % 4, count: int = NUMBER) -> list[Row]:
    """Texts with a class."""
    return [{"text": f"the {name(n)} stands still", "label": value(n)} for n in range(count)]


def lists(scores: Callable[[int], list[Any]] = lambda n: [2, 1, 0], documents: int = 3) -> list[Row]:
    """Questions with ranked documents."""
    return [
        {
            "question": f"how does {name(n)} grow?",
            "docs": [f"{word} soil suits the {name(n)}" for word in WORDS[:documents]],
            "scores": scores(n),
        }
        for n in range(NUMBER)
    ]


def write(folder: Path, files: dict[str, list[Row]]) -> None:
    """Write rows as JSON Lines."""
    for file, rows in files.items():
        (folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows))


CORPUS = [{"_id": f"d{n}", "title": name(n), "text": f"the {name(n)} grows in damp soil"} for n in range(40)]
QUERIES = [{"_id": f"q{n}", "text": f"how does {name(n)} grow?"} for n in range(40)]
QRELS = [{"query-id": f"q{n}", "corpus-id": f"d{n}", "score": 1} for n in range(40)]
