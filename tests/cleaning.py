"""What the tests of cleaning share: a repo compiled over small rows, prepared in this process, and what it removed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversions import compile_to, prepare, read, write_lines

COLUMNS: dict[str, dict[str, Any]] = {
    "text": {"text": "text"},
    "pair": {"anchor": "anchor", "positive": "positive"},
    "triplet": {"anchor": "anchor", "positive": "positive", "negative": "negative"},
    "score": {"text_1": "first", "text_2": "second", "score": "score"},
    "list": {"anchor": "anchor", "documents": "documents", "scores": "scores"},
}
ELSEWHERE = {  # rows of the other splits, which no training row of the tests repeats
    "text": {"text": "Quite another matter stands here"},
    "pair": {"anchor": "What else is there?", "positive": "Quite another matter stands here"},
    "triplet": {"anchor": "What else is there?", "positive": "Quite another matter", "negative": "Nothing at all here"},
    "score": {"first": "Something else is here", "second": "Quite another matter stands here", "score": 0.5},
    "list": {"anchor": "What else is there?", "documents": ["Quite another matter", "Nothing"], "scores": [1, 0]},
}
BASE = "../bases/dense"


@dataclass(frozen=True)
class Cleaned:
    """What came of a training set."""

    repo: Path
    train: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    funnel: list[dict[str, Any]]
    printed: str

    def gone(self, step: str) -> list[int]:
        """The numbers of the training rows that a step removed."""
        return sorted(row["row"] for row in self.removed if row["step"] == step and row["split"] == "train")


def spec_of(format: str, steps: dict[str, Any], model: dict[str, Any] | None = None, **data: Any) -> dict[str, Any]:
    """A spec on train.jsonl, eval.jsonl and test.jsonl of its own folder."""
    files = {split: f"{split}.jsonl" for split in ("train", "eval", "test")} | data
    return {
        "stgen": 1,
        "project": {"name": "cleaning"},
        "model": {"type": "dense", "base": BASE} | (model or {}),
        "data": [{"columns": COLUMNS[format]} | files],
        "train": {"batch_size": 2},
        "hardware": {"accelerator": "cpu"},
        "prepare": steps,
    }


def write_rows(
    repo: Path, format: str, train: list[dict[str, Any]], measured: list[dict[str, Any]] | None = None
) -> None:
    """Write the three splits into a repo."""
    repo.mkdir(parents=True, exist_ok=True)
    write_lines(repo / "train.jsonl", train)
    write_lines(repo / "eval.jsonl", [_otherwise(ELSEWHERE[format])])
    write_lines(repo / "test.jsonl", measured or [ELSEWHERE[format]])


def _otherwise(row: dict[str, Any]) -> dict[str, Any]:
    """A row of other texts: eval rows that stand in the test are removed."""
    return {
        name: [f"{text} Zwölf Boxkämpfer" if isinstance(text, str) else text for text in value]
        if isinstance(value, list)
        else f"Vexing daft zebras jump, {value[::-1]}"
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }


def clean(
    repo: Path,
    format: str,
    steps: dict[str, Any],
    train: list[dict[str, Any]],
    measured: list[dict[str, Any]] | None = None,
    **spec: Any,
) -> Cleaned:
    """Compile a spec with these steps over these rows, and run its prepare.py."""
    write_rows(repo, format, train, measured)
    plan = compile_to(spec_of(format, steps, **spec), repo)
    printed = prepare(repo, plan)
    return outcome(repo, printed)


def outcome(repo: Path, printed: str = "") -> Cleaned:
    """What a run left in its repo."""
    removed = [json.loads(line) for line in (repo / "prepared" / "rows" / "removed.jsonl").read_text().splitlines()]
    funnel = json.loads((repo / "results" / "prepare.json").read_text())["steps"]
    return Cleaned(repo, read(repo, "train"), removed, funnel, printed)
