"""What a finding advises is written into the spec, and then no other finding forbids it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import Row, classes, labelled, pairs, triplets, write
from stgen.values.quoting import toml

PAIR = {"anchor": "question", "positive": "answer"}
TEXTS = {"text_1": "left", "text_2": "right"}
# fmt: off
SETS: dict[str, tuple[Callable[[int], list[Row]], dict[str, Any]]] = {
    "pair":       (pairs,                                                                  PAIR),
    "triplet":    (lambda count: triplets()[:count],                                       {**PAIR, "negative": "wrong"}),
    "text-class": (lambda count: classes(count=count),                                     {"text": "text", "class": "label"}),
    "pair-class": (lambda count: labelled("label", lambda n: n % 3, count),                {**TEXTS, "class": "label"}),
    "pair-score": (lambda count: labelled("score", lambda n: n % 5 / 4, count),            {**TEXTS, "score": "score"}),
    "few texts":  (lambda count: [row | {"question": f"how {n % 3}?"} for n, row in enumerate(pairs(count))], PAIR),
}
# fmt: on
ABOUT_BATCHES = ("STG126", "STG196", "STG215", "STG220")


@pytest.mark.parametrize("rows", [4, 6, 9, 20, 40])
@pytest.mark.parametrize("model", ["dense", "cross-encoder", "sparse", "multi-vector"])
@pytest.mark.parametrize("name", SETS)
def test_a_batch_that_is_advised_is_taken(tmp_path: Path, name: str, model: str, rows: int) -> None:
    make, columns = SETS[name]
    write(tmp_path, {"t.jsonl": make(rows)})
    spec = f'stgen = 1\nmodel = {{ type = "{model}", base = "org/base" }}\n{{train}}[[data]]\ntrain = "t.jsonl"\ncolumns = {toml(columns)}\n'
    (tmp_path / "stgen.toml").write_text(spec.replace("{train}", ""))
    said = stgen("validate", "--data", tmp_path / "stgen.toml").err
    advised = re.search(r"write (batch_size = \d+) under \[train\]", said)
    if advised is None:
        assert "STG220" not in said or "add rows" in said
        return
    (tmp_path / "stgen.toml").write_text(spec.replace("{train}", f"train = {{ {advised[1]} }}\n"))
    said = stgen("validate", "--data", tmp_path / "stgen.toml").err
    assert [code for code in ABOUT_BATCHES if code in said] == []


@pytest.mark.parametrize("length", [None, 100, 300, 511])
def test_a_length_that_is_advised_is_taken(tmp_path: Path, length: int | None) -> None:
    long = " ".join(f"word{n}" for n in range(450))
    write(tmp_path, {"t.jsonl": [row | {"answer": f"{long} {n}"} for n, row in enumerate(pairs())]})
    base = "sentence-transformers/all-MiniLM-L6-v2"
    for _ in range(4):
        said = f", max_length = {length}" if length else ""
        (tmp_path / "stgen.toml").write_text(
            f'stgen = 1\nmodel = {{ type = "dense", base = "{base}"{said} }}\ntrain = {{ batch_size = 8 }}\n[[data]]\ntrain = "t.jsonl"\ncolumns = {toml(PAIR)}\n'
        )
        told = stgen("validate", "--data", tmp_path / "stgen.toml").err
        assert "STG385" not in told
        advised = re.search(r"write max_length = (\d+)", told)
        if advised is None:
            assert length == 512
            return
        length = int(advised[1])
    raise AssertionError("the advice has no end")
