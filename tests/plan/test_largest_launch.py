"""What is decided holds for the largest launch that a repo gets, and no launch is offered that its loss can't use."""

from __future__ import annotations

from typing import Any

import pytest
from planned import plan_of
from stgen.plan.plan import Plan
from stgen.rules.processes import APART
from stgen.rules.tables import LOSSES
from stgen.values.expressions import to_python

PAIR = {"anchor": "a", "positive": "p"}
CLASS = {"text": "t", "class": "c"}
LISTS = {"anchor": "a", "documents": "d", "scores": "s"}
ONE = ["cpu", "gpu"]
ALL = ["cpu", "multi_cpu", "gpu", "multi_gpu"]


def made(columns: dict[str, Any], model: dict[str, Any] | None = None, **tables: Any) -> Plan:
    plan, found = plan_of(model or {}, columns, **tables)
    assert plan is not None, found
    return plan


def names(plan: Plan) -> list[str]:
    return [launch.name for launch in plan.launches]


@pytest.mark.parametrize(
    ("columns", "loss", "expected"),
    [
        (PAIR, {}, ALL),
        ({"text_1": "a", "text_2": "b", "score": "s"}, {}, ALL),
        (CLASS, {"name": "BatchAllTripletLoss"}, ONE),
        (CLASS, {"name": "BatchSemiHardTripletLoss"}, ONE),
        ({"text_1": "a", "text_2": "b", "class": "c"}, {"name": "SoftmaxLoss"}, ALL),
        ({"text": "t", "embedding": "v"}, {"name": "MSELoss", "params": {"projection_dim": 8}}, ALL),
    ],
)
def test_launches_for_several_are_for_losses_that_they_can_share(
    columns: dict[str, Any], loss: dict[str, Any], expected: list[str]
) -> None:
    plan, found = plan_of({}, columns, loss)
    assert plan is not None, found
    assert names(plan) == expected


def test_a_loss_that_processes_cannot_share_is_refused_where_the_spec_asks_for_several() -> None:
    plan, found = plan_of({}, CLASS, {"name": "BatchAllTripletLoss"}, hardware={"accelerator": "cuda", "gpus": 4})
    assert plan is None
    assert found


def test_weights_of_a_loss_of_its_own_are_kept_alike_where_there_are_several_processes() -> None:
    pairs = {"text_1": "a", "text_2": "b", "class": "c"}
    several, one = (
        made(pairs, hardware={"accelerator": "cuda", "gpus": 4}),
        made(pairs, hardware={"accelerator": "cuda"}),
    )
    assert to_python(several.sets[0].loss.expression).startswith("SharedLoss(encoder, losses.SoftmaxLoss(")
    assert to_python(one.sets[0].loss.expression).startswith("losses.SoftmaxLoss(")
    vectors = {"text": "t", "embedding": "v"}
    plain = made(vectors, hardware={"accelerator": "cuda", "gpus": 4})
    assert "SharedLoss" not in to_python(plain.sets[0].loss.expression)


def test_a_cross_encoder_is_planned_for_the_processes_that_it_may_be_launched_in() -> None:
    plan = made(LISTS, {"type": "cross-encoder"})
    assert names(plan) == ALL
    assert plan.train.arguments["ddp_find_unused_parameters"] is False


def test_negatives_are_gathered_where_the_launch_has_several_processes() -> None:
    open_ = to_python(made(PAIR).sets[0].loss.expression)
    assert "gather_across_devices=torch.distributed.is_torchelastic_launched()" in open_
    four = made(PAIR, hardware={"accelerator": "cuda", "gpus": 4})
    assert "gather_across_devices=True" in to_python(four.sets[0].loss.expression)
    one = made(PAIR, hardware={"accelerator": "cuda"})
    assert "gather" not in to_python(one.sets[0].loss.expression)


@pytest.mark.parametrize(("gpus", "nodes", "batch"), [(1, 1, 128), (2, 1, 128), (3, 1, 129), (8, 32, 256)])
def test_a_batch_of_its_own_choice_divides(gpus: int, nodes: int, batch: int) -> None:
    """Each device gets as many rows, and each anchor at least one negative."""
    hardware = {"accelerator": "cuda", "gpus": gpus, "nodes": nodes, "launcher": "torchrun"}
    plan = made(PAIR, hardware=hardware)
    assert plan.train.batch_size == batch
    negatives = next(one for one in plan.decisions if one.what.startswith("negatives per anchor"))
    assert negatives.value == str(batch - 1)


def test_a_batch_that_two_cannot_share_has_launches_for_one() -> None:
    assert names(made(PAIR, train={"batch_size": 33})) == ONE
    plan, found = plan_of({}, PAIR, train={"batch_size": 32}, hardware={"accelerator": "cuda", "gpus": 3})
    assert plan is None
    assert found == ["STG156"]


def test_a_loss_that_compares_the_rows_of_one_process_says_how_many() -> None:
    """Such losses gather nothing; the number is that of each launch for several."""
    for name in APART:
        rows = [row for row in LOSSES if row.name == name]
        assert rows
        assert not any(row.gathers for row in rows)
    columns = {"text_1": "a", "text_2": "b", "score": "s"}
    told = {
        name: list(made(columns, loss={"name": name}, train={"batch_size": 32}).decisions)
        for name in ("CoSENTLoss", "CosineSimilarityLoss")
    }
    compared = {
        name: [(one.what, one.value) for one in found if "rows compared" in one.what] for name, found in told.items()
    }
    assert compared["CosineSimilarityLoss"] == []
    assert compared["CoSENTLoss"] == [("rows compared (multi_cpu)", "16"), ("rows compared (multi_gpu)", "16")]
