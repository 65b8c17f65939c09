"""What is decided holds for the largest launch that a repo gets, and no launch is offered that its loss can't use."""

from __future__ import annotations

from typing import Any

import pytest
from planned import plan_of
from stgen.plan.plan import Plan
from stgen.rules.processes import APART, EVENED, GATHERED
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


def test_a_guided_loss_contrasts_with_the_documents_and_anchors_of_all_devices() -> None:
    hardware = {"accelerator": "cpu", "gpus": 2}
    plan = made(PAIR, loss={"name": "GISTEmbedLoss", "guide": "org/guide"}, hardware=hardware, train={"batch_size": 8})
    (told,) = [one for one in plan.decisions if one.what == "negatives per anchor (multi_cpu)"]
    assert told.value == str(7 + 7 + 7)  # documents, positives beside the own one, and anchors
    assert "other anchors and other positives" in told.why


def test_a_batch_that_two_cannot_share_has_launches_for_one() -> None:
    assert names(made(PAIR, train={"batch_size": 33})) == ONE
    plan, found = plan_of({}, PAIR, train={"batch_size": 32}, hardware={"accelerator": "cuda", "gpus": 3})
    assert plan is None
    assert found == ["STG156"]


SCORED = {"text_1": "a", "text_2": "b", "score": "s"}
CROSS = {"type": "cross-encoder"}
GUIDED = {"name": "GISTEmbedLoss", "guide": "org/guide"}


def test_a_loss_that_compares_the_rows_of_one_process_says_how_many() -> None:
    """The number is that of each launch for several; a loss that is given the rows of all of them says nothing."""

    def compared(columns: dict[str, Any], model: dict[str, Any], **tables: Any) -> list[tuple[str, str]]:
        plan = made(columns, model, train={"batch_size": 32}, **tables)
        return [(one.what, one.value) for one in plan.decisions if "rows compared" in one.what]

    of_one = [("rows compared (multi_cpu)", "16"), ("rows compared (multi_gpu)", "16")]
    assert compared(PAIR, {}, loss={"name": "MegaBatchMarginLoss"}) == of_one
    assert compared(PAIR, {"type": "sparse", "architecture": "csr"}) == of_one
    assert compared(LISTS, CROSS, loss={"name": "LambdaLoss", "params": {"k": 5}}) == of_one
    assert compared(LISTS, CROSS, loss={"name": "LambdaLoss"}) == []
    assert compared(SCORED, {}, loss={"name": "CoSENTLoss"}) == []
    assert compared(SCORED, {}, loss={"name": "CosineSimilarityLoss"}) == []


def test_the_tables_of_processes_name_losses_that_share_out_nothing_themselves() -> None:
    for name in (*GATHERED, *EVENED, *(name for _, name in APART)):
        rows = [row for row in LOSSES if row.name == name and (row.model, name) in {*APART, (row.model, name)}]
        assert rows
    gathers = {(row.model, row.name) for row in LOSSES if row.gathers}
    assert gathers.isdisjoint(APART)
    assert {name for _, name in gathers}.isdisjoint((*GATHERED, *EVENED))


@pytest.mark.parametrize(
    ("columns", "model", "loss", "stands"),
    [
        (SCORED, {}, {"name": "CoSENTLoss"}, "GatheredLoss(encoder, losses.CoSENTLoss(encoder))"),
        (SCORED, {}, {"name": "AnglELoss", "matryoshka": [64, 32]}, "losses.MatryoshkaLoss(encoder, GatheredLoss(encoder, "),
        (SCORED, {"type": "sparse"}, {"name": "SparseCoSENTLoss"}, "loss=GatheredLoss(encoder, losses.SparseCoSENTLoss("),
        (PAIR, {"type": "sparse"}, {}, "document_regularizer=GatheredFlops(encoder), query_regularizer=GatheredFlops(encoder))"),
        (SCORED, {"type": "sparse"}, {"params": {"document_regularizer_threshold": 9}}, "document_regularizer=GatheredFlops(encoder, 9))"),
        (PAIR, {}, GUIDED, "GatheredGISTEmbedLoss(encoder, guide, gather_across_devices="),
        (PAIR, {}, {**GUIDED, "params": {"contrast_anchors": False}}, "losses.GISTEmbedLoss(encoder, guide, gather_across_devices="),
        (PAIR, {}, {**GUIDED, "name": "CachedGISTEmbedLoss", "matryoshka": [64, 32]}, "losses.MatryoshkaLoss(encoder, GatheredCachedGISTEmbedLoss(encoder, "),
        (PAIR, {}, {"orthogonal": 0.1}, "GatheredLoss(encoder, losses.GlobalOrthogonalRegularizationLoss(encoder, "),
        (LISTS, CROSS, {"name": "LambdaLoss"}, "EvenLoss(encoder, losses.LambdaLoss(encoder), count_ordered_pairs)"),
        (LISTS, CROSS, {"name": "ADRMSELoss"}, "EvenLoss(encoder, losses.ADRMSELoss(encoder), count_documents)"),
        (LISTS, CROSS, {"name": "LambdaLoss", "params": {"weighting_scheme": "ndcg_loss1"}}, ", count_pairs)"),
        (LISTS, CROSS, {"name": "ListNetLoss"}, "losses.ListNetLoss(encoder)"),
    ],
)  # fmt: skip
def test_a_loss_is_that_of_all_processes_where_there_are_several(
    columns: dict[str, Any], model: dict[str, Any], loss: dict[str, Any], stands: str
) -> None:
    assert stands in to_python(made(columns, model, loss=loss).sets[0].loss.expression)
    one = to_python(made(columns, model, loss=loss, hardware={"accelerator": "cuda"}).sets[0].loss.expression)
    assert "Gathered" not in one
    assert "EvenLoss" not in one
