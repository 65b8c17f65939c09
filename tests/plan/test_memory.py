"""The memory model against the bytes that PyTorch really keeps for the backward pass, on a CPU."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import benchmark.memory
import device.table
import pytest
from benchmark.memory import CASES, Case, found_of
from device.table import replanned, table
from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.peak import Step, peak_of
from stgen.plan.memory.shape import read_shape, shape_of_base
from stgen.rules.bases import BASES, known_base

MEDIAN, WORST = 0.10, 0.25


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_case_is_far_from_what_pytorch_keeps(case: Case) -> None:
    assert max(abs(one.error) for one in found_of(case)) <= WORST


def test_the_median_error_is_small() -> None:
    assert statistics.median(abs(one.error) for case in CASES for one in found_of(case)) <= MEDIAN


def test_the_table_of_errors_has_every_case() -> None:
    """Other versions of PyTorch keep other bytes: what is written down may differ, but not in what it is about."""
    written = (Path(benchmark.memory.__file__).with_name("MEMORY.md")).read_text()
    rows = [line for line in written.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == sum(len(found_of(case)) for case in CASES)
    assert {row.split(" | ")[0].removeprefix("| ") for row in rows} == {case.name for case in CASES}
    assert max(abs(float(row.split(" | ")[-1].strip(" |%"))) for row in rows) <= 100 * WORST


def test_the_table_of_bases_agrees_with_itself() -> None:
    """The count of parameters that follows from a row's measures is the one that the row states."""
    for base in BASES:
        shape = shape_of_base(base)
        if shape is None or not base.parameters:
            continue
        counted = shape_of_base(base._replace(parameters=0))
        assert counted is not None
        assert abs(counted.parameters / shape.parameters - 1) <= 0.03, base.pattern


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "it has no `hidden_size`"),
        ({"hidden_size": "768"}, "`hidden_size` is '768', and must be a whole number"),
        ({"hidden_size": True}, "`hidden_size` is True, and must be a whole number"),
        ({"hidden_size": 2**50}, f"`hidden_size` is {2**50}, and must be a whole number"),
        ({"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 0, "vocab_size": 9}, "`num_attention_heads` is 0"),
    ],
)  # fmt: skip
def test_a_configuration_that_is_none(config: dict[str, Any], said: str) -> None:
    assert read_shape(config) == said


CARDS = sorted(Path(device.table.__file__).parent.glob("*.json"))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_no_case_is_far_from_what_a_gpu_needed(card: Path) -> None:
    """The table beside a card's measurements is that of today's model, and its errors are small."""
    read = json.loads(card.read_text())
    cases = [replanned(case) for case in read["cases"]]
    errors = [abs(case["planned"]["total"] / case["peak"] - 1) for case in cases if case.get("peak")]
    assert errors
    assert max(errors) <= MEDIAN
    assert card.with_suffix(".md").read_text() == table(read["machine"], cases)
    assert read["cases"] == cases


def test_documents_go_through_the_model_in_one_pass() -> None:
    """Two columns of documents take what one of twice the rows takes, padding to the longer one included."""
    base = known_base("google-bert/bert-base-uncased")
    assert base is not None
    shape = shape_of_base(base)
    assert shape is not None
    setting = Setting(half=True, gpu=True)
    passes = (Pass(32, 32), Pass(32, 128), Pass(32, 64))
    three = peak_of(Step(shape=shape, head="vocabulary", passes=passes, rows=32, setting=setting))
    merged = peak_of(
        Step(shape=shape, head="vocabulary", passes=(Pass(32, 32), Pass(64, 128)), rows=32, setting=setting)
    )
    assert three.activations == merged.activations
    assert three.passing == pytest.approx(merged.passing, rel=0.01)


def test_checkpointing_and_gradcache_take_less() -> None:
    base = known_base("google-bert/bert-base-uncased")
    assert base is not None
    shape = shape_of_base(base)
    assert shape is not None
    passes = (Pass(512, 64), Pass(512, 256))
    whole = Step(shape=shape, head="pooling", passes=passes, rows=512, setting=Setting(half=True, gpu=True))
    again = whole.replaced(setting=Setting(half=True, gpu=True, checkpointing=True))
    cached = whole.replaced(mini_batch=32)
    assert peak_of(again).total < peak_of(whole).total / 2
    assert peak_of(cached).total < peak_of(again).total
