"""Noisy sets of a file that is brought along, with the faults of `held_out.py`: its columns say what its rows are."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmark.noise.fresh import noisy_pairs
from benchmark.noise.held_out import of_scored, of_texts
from benchmark.noise.made import NoisySet


def of_file(path: Path) -> Callable[[int], NoisySet]:
    """What makes a noisy set of JSON lines: `text`, `anchor` and `positive`, or `sentence1`, `sentence2` and `score`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    columns = set(rows[0])
    if {"anchor", "positive"} <= columns:
        found = {row["anchor"]: row["positive"] for row in rows}
        return partial(noisy_pairs, lambda: found)
    if {"sentence1", "sentence2", "score"} <= columns:
        scored = [{name: row[name] for name in ("sentence1", "sentence2", "score")} for row in rows]
        return lambda seed: of_scored(scored[:], random.Random(seed))
    return lambda seed: of_texts([row["text"] for row in rows], random.Random(seed))
