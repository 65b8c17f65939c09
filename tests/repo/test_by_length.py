"""Batches of rows of like length: drawn, trained on, and refused where they contradict the loss."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import codes_of
from matrix import repos
from matrix.cases import Case
from planned import plan_of

PAIRS = {"anchor": "a", "positive": "p"}
SCORED = {"text_1": "a", "text_2": "b", "score": "s"}
CLASSED = {"text": "t", "class": "c"}
ON: dict[str, Any] = {"train": {"group_by_length": True}}


@pytest.mark.parametrize(
    ("model", "columns", "expected"),
    [
        ({}, SCORED, []),
        ({"type": "cross-encoder"}, SCORED, []),
        ({"type": "sparse"}, SCORED, []),
        ({}, PAIRS, ["STG178"]),
        ({}, CLASSED, ["STG178"]),
        ({"architecture": "static"}, SCORED, ["STG178"]),
    ],
)
def test_only_losses_that_take_any_batch_take_these(
    model: dict[str, Any], columns: dict[str, Any], expected: list[str]
) -> None:
    assert plan_of(model, columns, **ON)[1] == expected
    assert plan_of(model, columns)[1] == []


def test_every_set_must_take_them() -> None:
    head = 'stgen = 1\ntrain = { group_by_length = true }\n[model]\ntype = "dense"\nbase = "b"\n'
    scored = '[[data]]\nname = "one"\ntrain = "s.jsonl"\ncolumns = { text_1 = "a", text_2 = "b", score = "s" }\n'
    pairs = '[[data]]\nname = "two"\ntrain = "p.jsonl"\ncolumns = { anchor = "a", positive = "p" }\n'
    assert codes_of(head + scored + pairs) == ["STG178"]
    assert codes_of(head + scored + scored.replace('"one"', '"two"')) == []


def test_the_plan_names_the_sampler_and_who_asked() -> None:
    plan, _ = plan_of({}, SCORED, **ON)
    assert plan is not None
    assert [one.set_by for one in plan.decisions if one.what == "sampler"] == ["[train] group_by_length"]
    assert plan.train.by_length
    other, _ = plan_of({}, SCORED)
    assert other is not None
    assert not other.train.by_length


@contextlib.contextmanager
def opened(folder: Path, format: str, model: str = "dense") -> Iterator[tuple[Any, Path]]:
    pytest.importorskip("sentence_transformers")
    case = Case(model, "transformer", "auto", format, name="by-length")
    repos.compile_all([case], folder)
    repo = folder / case.id
    spec = json.loads((repo / "stgen.json").read_text())
    repos.write_repo(spec | {"train": {**spec["train"], "group_by_length": True}}, repo)
    assert repos.lint(folder) == ""
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        yield load, repo


def test_batches_hold_rows_of_like_length_and_every_row_once(tmp_path: Path) -> None:
    import torch
    from datasets import Dataset

    with opened(tmp_path, "pair-score") as (load, _):
        lengths = [7 * number % 1000 for number in range(1000)]
        rows = Dataset.from_dict({"text_1": ["x" * length for length in lengths], "score": [0.5] * 1000})
        options = {"batch_size": 8, "drop_last": False, "generator": torch.Generator(), "seed": 3}
        sampler = load("train").LengthBatchSampler(rows, **options)
        batches = list(sampler)
        assert sorted(row for batch in batches for row in batch) == list(range(1000))
        assert len(batches) == len(sampler) == 125
        spread = [max(lengths[row] for row in batch) - min(lengths[row] for row in batch) for batch in batches]
        assert sum(spread) / len(spread) < 60  # of rows at random it is above 700
        assert list(sampler) == batches
        sampler.set_epoch(1)
        assert list(sampler) != batches
        rest = load("train").LengthBatchSampler(rows.select(range(20)), **{**options, "drop_last": True})
        assert [len(batch) for batch in rest] == [8, 8]


@pytest.mark.trains
@pytest.mark.parametrize(("format", "model"), [("pair-score", "dense"), ("list", "cross-encoder")])
def test_trains(tmp_path: Path, format: str, model: str) -> None:
    with opened(tmp_path, format, model) as (load, repo):
        program = load("train")
        base = str(repo / (repo / "base.txt").read_text())
        program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        assert (repo / "results" / "training.json").exists()
