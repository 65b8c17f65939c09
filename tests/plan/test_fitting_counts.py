"""The memory plan with counted rows: lists, a guide, GradCache's mini-batch, and what is embedded for an evaluation."""

from __future__ import annotations

import pytest
from stgen.profile.record import File, Lengths, ListColumn, Profile, SetProfile, Split, TextColumn
from stgen.values.expressions import to_python
from test_decisions_from_counts import MINILM, PAIRS, decisions, planned, profiled

BERT = {"base": "google-bert/bert-base-uncased"}
GPU = {"gpu": "RTX3060"}


def of_lists(items: int) -> Profile:
    sizes, number = Lengths(40, 40, 40, 40, 40, 40), Lengths(items, items, items, items, items, items)
    split = Split(
        (File("train.jsonl", 1, "0" * 64),),
        5_000,
        5_000,
        (TextColumn("anchor", "q", 5_000, 5_000, 5_000, 0, sizes, sizes, sizes),),
        (),
        (ListColumn("documents", "a", number, sizes), ListColumn("scores", "s", number, None)),
    )
    return Profile(
        None, "estimate", (SetProfile("", {"q": "anchor", "a": "documents", "s": "scores"}, {"train": split}),)
    )


def test_lists_count_with_all_their_documents() -> None:
    columns = {"anchor": "q", "documents": "a", "scores": "s"}
    model = {"type": "cross-encoder", "base": BERT["base"]}
    few, many = (
        planned(
            columns, of_lists(items), model, hardware={**GPU, "precision": "fp32"}, train={"batch_size": 4}
        ).train.memory
        for items in (5, 20)
    )
    assert few is not None
    assert many is not None
    assert many.parts["activations"] == pytest.approx(4 * few.parts["activations"], rel=0.01)
    assert planned(columns, None, model, hardware=GPU).train.memory is None  # nobody knows how long they are


def test_the_guide_takes_its_weights() -> None:
    loss = {"name": "GISTEmbedLoss", "guide": MINILM}
    guided = planned(PAIRS, profiled(PAIRS, 5_000), BERT, loss=loss, hardware=GPU).train.memory
    alone = planned(PAIRS, profiled(PAIRS, 5_000), BERT, hardware=GPU).train.memory
    assert guided is not None
    assert alone is not None
    assert guided.parts["guide"] == pytest.approx(4 * 22.7e6, rel=0.01)
    assert guided.high - alone.high == pytest.approx(1.1 * guided.parts["guide"], rel=0.01)


def test_gradcache_gets_the_largest_mini_batch_that_fits() -> None:
    loss = {"name": "CachedMultipleNegativesRankingLoss"}
    profile = profiled(PAIRS, 200_000, tokens=(500, 510))
    small = planned(PAIRS, profile, BERT, loss=loss, hardware=GPU)
    large = planned(PAIRS, profile, BERT, loss=loss, hardware={"gpu": "H100-80GB"})
    chosen = [int(decisions(plan)["mini batch"]) for plan in (small, large)]
    assert chosen[0] < chosen[1]
    for plan, mini in zip((small, large), chosen, strict=True):
        assert plan.train.memory is not None
        assert plan.train.memory.high <= plan.train.memory.memory
        assert f"mini_batch_size={mini}" in to_python(plan.sets[0].loss.expression)
    said = planned(PAIRS, profile, BERT, loss={**loss, "params": {"mini_batch_size": 7}}, hardware=GPU)
    assert "mini batch" not in decisions(said)
    assert "mini_batch_size=7" in to_python(said.sets[0].loss.expression)


def test_an_evaluation_holds_what_it_embeds() -> None:
    few, many = (
        planned(PAIRS, profiled(PAIRS, 5_000, evaluated=rows), BERT, hardware=GPU).train.memory
        for rows in (100, 10_000)
    )
    assert few is not None
    assert many is not None
    assert many.parts["evaluation"] - few.parts["evaluation"] == 2 * 9_900 * 768 * 4


def test_counted_texts_take_less_than_assumed_ones() -> None:
    counted = planned(PAIRS, profiled(PAIRS, 5_000), BERT, hardware=GPU, train={"batch_size": 32}).train.memory
    assumed = planned(PAIRS, None, BERT, hardware=GPU, train={"batch_size": 32}).train.memory
    assert counted is not None
    assert assumed is not None
    assert counted.tokens == (30, 30)
    assert assumed.tokens == (512, 512)
