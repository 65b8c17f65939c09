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


def _mistaken(count: int = 60) -> list[Row]:
    """Rows with every mistake that `prepare` could set right."""
    rows = pairs(count)
    rows += [*rows[:20], *({"question": row["answer"], "answer": row["answer"]} for row in rows[:20])]
    return [row | {"score": 1} for row in rows] + [row | {"score": 0} for row in rows[:9]]


@pytest.mark.parametrize("split", ["eval", "test"])
@pytest.mark.parametrize(
    "roles", ["anchor = 'question', positive = 'answer'", "text_1 = 'question', text_2 = 'answer', score = 'score'"]
)
def test_a_stream_is_advised_what_it_can_do(tmp_path: Path, roles: str, split: str) -> None:
    write(tmp_path, {"t.jsonl": _mistaken(), "e.jsonl": pairs(20), "f.jsonl": [row | {"score": 1} for row in pairs(9)]})
    others = {"eval": "e.jsonl", "test": "f.jsonl"}
    if split == "eval":
        write(tmp_path, {"e.jsonl": [row | {"score": 1, "answer": f"never {row['answer']}"} for row in pairs(20)]})
    named = "\n".join(f'{key} = "{file}"' for key, file in others.items())
    spec = (
        'stgen = 1\nmodel = { type = "dense", base = "org/base" }\n{prepare}\ntrain = { batch_size = 8, steps = 100 }\n'
        f'[[data]]\ntrain = "t.jsonl"\n{named}\nstreaming = true\ncolumns = {{ {roles} }}\n'
    )
    (tmp_path / "stgen.toml").write_text(spec.replace("{prepare}", ""))
    said = stgen("validate", "--data", tmp_path / "stgen.toml").err
    assert "STG2" in said
    assert "fraction" not in said
    for advised in re.findall(r"prepare = \{.*?\} \}|prepare = \{ \w+ = \{\} \}", said):
        (tmp_path / "stgen.toml").write_text(spec.replace("{prepare}", advised))
        assert stgen("validate", tmp_path / "stgen.toml").code == 0, advised


def test_texts_that_a_long_base_is_not_asked_to_read_are_told(tmp_path: Path) -> None:
    """Without counts such a base is capped, and what that cuts is said."""
    long = " ".join(f"word{n}" for n in range(900))
    write(tmp_path, {"t.jsonl": [row | {"answer": f"{long} {n}"} for n, row in enumerate(pairs())]})
    spec = f'stgen = 1\nmodel = {{ type = "dense", base = "answerdotai/ModernBERT-base"{{said}} }}\n[[data]]\ntrain = "t.jsonl"\ncolumns = {toml(PAIR)}\n'
    (tmp_path / "stgen.toml").write_text(spec.replace("{said}", ""))
    told = stgen("validate", "--data", tmp_path / "stgen.toml").err
    assert "`answer` are truncated at 512 tokens" in told
    assert "write max_length = 1024" in told
    (tmp_path / "stgen.toml").write_text(spec.replace("{said}", ", max_length = 2048"))
    assert "STG222" not in stgen("validate", "--data", tmp_path / "stgen.toml").err
