"""Decisions that rest on counted rows: a profile and a spec reach each row of their tables, and what is decided is right."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stgen.compile import plan_source
from stgen.language.paths import Place
from stgen.match import decide as deciding
from stgen.plan.plan import Plan
from stgen.plan.show import show_plan
from stgen.profile.record import (
    BaseProfile,
    LabelColumn,
    Lengths,
    ListColumn,
    Profile,
    SetProfile,
    Split,
    TextColumn,
    dump,
)
from stgen.profile.record import File as Counted
from stgen.rules import decisions as tables
from stgen.rules.row import DecisionTable
from stgen.source.source import Beside, Source
from stgen.values.expressions import to_python

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
LARGE = "answerdotai/ModernBERT-base"
PAIRS = {"anchor": "q", "positive": "a"}
SCORED = {"text_1": "q", "text_2": "a", "score": "s"}
LABELLED = {"text_1": "q", "text_2": "a", "binary": "s"}
CLASSED = {"text_1": "q", "text_2": "a", "class": {"column": "s", "names": ["yes", "no"]}}
TEXT_CLASS = {"text": "q", "class": "s"}
RANKED = {"anchor": "q", "documents": "a", "scores": "s"}
TAUGHT = {"anchor": "q", "positive": "a", "negative": "n", "margin": "s"}
COUNTS = (300, 1_200, 5_000, 20_000, 200_000)


def lengths(typical: int, longest: int) -> Lengths:
    return Lengths(typical, typical, typical, typical, max(typical, longest - 1), longest)


def profiled(
    columns: dict[str, Any],
    rows: int,
    *,
    evaluated: int | None = None,
    tokens: tuple[int, int] = (20, 30),
    counts: tuple[int, ...] = (),
    distinct: int | None = None,
) -> Profile:
    """A profile of so many rows to train on, and to evaluate on where the spec names a file; `distinct` texts in each column."""
    named = {
        (str(value["column"]) if isinstance(value, dict) else value): role
        for role, given in columns.items()
        for value in (given if isinstance(given, list) else [given])
    }
    sizes = lengths(*tokens)

    def split(name: str, number: int) -> Split:
        texts = tuple(
            TextColumn(role, column, number, number, distinct or number, 0, sizes, sizes, sizes)
            for column, role in named.items()
            if role in ("anchor", "positive", "negative", "text", "text_1", "text_2")
        )
        label = next(((column, role) for column, role in named.items() if role in ("binary", "class") and counts), None)
        scaled = tuple(number * one // sum(counts) for one in counts)
        labels = (
            (LabelColumn(label[1], label[0], None, None, len(counts), scaled, scaled[-1] / number),) if label else ()
        )
        return Split((Counted(f"{name}.jsonl", 1, "0" * 64),), number, number, texts, labels, ())

    splits = {"train": split("train", rows)}
    if evaluated is not None:
        splits["eval"] = split("eval", evaluated)
    return Profile(None, "estimate", (SetProfile("", named, splits),))


def planned(columns: dict[str, Any], profile: Profile | None, model: dict[str, Any] | None = None, **rest: Any) -> Plan:
    """The plan of a spec with a profile beside it."""
    evaluated = {"eval": "eval.jsonl"} if profile and "eval" in profile.sets[0].splits else {}
    data = {
        "stgen": 1,
        "model": {"type": "dense", "base": MINILM, **(model or {})},
        "data": rest.pop("several", None)
        or [{"train": "train.jsonl", **evaluated, "columns": columns, **rest.pop("data", {})}],
        **rest,
    }
    beside = Beside("/specs/spec.profile.json", dump(profile).encode(), "") if profile else None
    source = Source("/specs/spec.json", json.dumps(data), "json", data, data, profile=beside)
    made, found = plan_source(source, Place("/specs", "/specs"))
    assert made is not None, found
    return made


def decisions(plan: Plan) -> dict[str, str]:
    return {one.what: one.value for one in plan.decisions}


# fmt: off
KINDS: tuple[tuple[dict[str, Any], dict[str, Any], dict[str, Any]], ...] = (  # columns, model, the rest of the spec
    (PAIRS,      {},                                                             {}),
    (PAIRS,      {},                                                             {"loss": {"name": "CachedMultipleNegativesRankingLoss"}}),
    (PAIRS,      {},                                                             {"hardware": {"accelerator": "cpu"}}),
    (PAIRS,      {},                                                             {"loss": {"convert": [{"to": "triplet", "mine": {}}]}}),
    (PAIRS,      {},                                                             {"loss": {"convert": [{"to": "triplet", "mine": {"model": "intfloat/e5-base-v2"}}]}}),
    (PAIRS,      {},                                                             {"train": {"scheduler": "constant"}}),
    (PAIRS,      {"architecture": "static", "base": "minishlab/potion-base-8M"}, {}),
    (PAIRS,      {"type": "sparse"},                                             {}),
    (PAIRS,      {"type": "sparse", "architecture": "csr"},                      {}),
    (PAIRS,      {"type": "multi-vector"},                                       {}),
    (PAIRS,      {"type": "cross-encoder"},                                      {}),
    (SCORED,     {},                                                             {}),
    (SCORED,     {"architecture": "static", "base": "minishlab/potion-base-8M"}, {}),
    (LABELLED,   {"type": "cross-encoder"},                                      {}),
    (CLASSED,    {"type": "cross-encoder"},                                      {}),
    (TEXT_CLASS, {},                                                             {}),
    (TEXT_CLASS, {},                                                             {"loss": {"name": "BatchAllTripletLoss"}}),
    (TEXT_CLASS, {"architecture": "static", "base": "minishlab/potion-base-8M"}, {"loss": {"name": "BatchAllTripletLoss"}}),
    (RANKED,     {"type": "cross-encoder"},                                      {}),
    (TAUGHT,     {},                                                             {}),
    (TAUGHT,     {"type": "multi-vector"},                                       {"loss": {"convert": ["triplet"]}}),
    ({"anchor": "q", "positive": "a", "negative": "n", "scores": "s"}, {"type": "multi-vector"}, {}),
    ({"text": "q"}, {},                                                          {"loss": {"convert": ["damaged-pair"]}}),
    ({"text": "q"}, {},                                                          {"loss": {"convert": ["tension-pair"]}}),
    ({"text": "q"}, {},                                                          {}),
)
BERT = {"base": "google-bert/bert-base-uncased"}
QWEN = {"base": "Qwen/Qwen3-Embedding-8B", "max_length": 512}
ROUTED = {"router": True, "query": {"architecture": "static"}}
PRETRAINED = {"router": True, "dimensions": 256, "query": {"architecture": "static", "base": "minishlab/potion-base-8M"}}
WITHOUT_COUNTS: tuple[tuple[dict[str, Any], dict[str, Any], dict[str, Any]], ...] = (  # what no number of rows decides
    (PAIRS,  BERT,                                                     {"hardware": {"accelerator": "mps"}}),
    (PAIRS,  BERT,                                                     {"hardware": {"accelerator": "xpu"}}),
    (PAIRS,  BERT,                                                     {"hardware": {"accelerator": "rocm"}}),
    (PAIRS,  BERT,                                                     {"hardware": {"gpu": "T4"}}),
    (PAIRS,  BERT,                                                     {"hardware": {"gpu": "A100-80GB"}}),
    (PAIRS,  BERT,                                                     {"hardware": {"gpus": 2}}),
    (PAIRS,  BERT,                                                     {"hardware": {"gpu": "A100-80GB", "gpus": 2}}),
    (PAIRS,  QWEN,                                                     {"hardware": {"gpu": "A100-80GB", "gpus": 8}}),
    (PAIRS,  {**BERT, "lora": {}},                                     {}),
    (PAIRS,  {"base": "intfloat/e5-large-v2", "prompts": {"query": ""}}, {}),
    (PAIRS,  {"architecture": "static", "base": "google-bert/bert-base-uncased"},                 {}),
    (PAIRS,  ROUTED,                                                   {}),
    (PAIRS,  PRETRAINED, {}),
    (PAIRS,  {"type": "sparse", "architecture": "inference-free"},     {}),
    (TAUGHT, {"type": "sparse"},                                       {}),
    (SCORED, {"type": "sparse"},                                       {}),
    (SCORED, {"type": "sparse", "architecture": "csr"},                {}),
    (PAIRS,  {"type": "sparse"},                                       {"loss": {"params": {"similarity_fct": "cosine"}}}),
    (PAIRS,  {"type": "multi-vector"},                                 {"loss": {"params": {"similarity_fct": "mean_maxsim"}}}),
    (PAIRS,  {"type": "sparse", "architecture": "csr"},                {"loss": {"params": {"similarity_fct": "dot"}}}),
    ({"text": "q", "embedding": "s"}, {},                              {}),
    ({"anchor": "q", "positive": "a", "negative": "n", "scores": "s"}, {}, {"loss": {"name": "DistillKLDivLoss"}}),
    (PAIRS,  {"type": "sparse"},                                       {"loss": {"params": {"similarity_fct": "dot"}}}),
    (PAIRS,  {},                                                       {"loss": {"params": {"similarity_fct": "cosine"}}}),
    (TAUGHT, {"type": "cross-encoder"},                                {}),
    (PAIRS,  {"normalize": False},                                     {"loss": {"params": {"similarity_fct": "dot"}}}),
    (TEXT_CLASS, {"base": "./mine"},                                   {"loss": {"name": "BatchAllTripletLoss"}}),
)
# fmt: on


TRIPLETS = {"anchor": "q", "positive": "a", "negative": "n"}
N_TUPLES = {"anchor": "q", "positive": "a", "negative": ["n1", "n2"]}
LOSSES: tuple[tuple[dict[str, Any], Profile], ...] = (  # where the counts speak for another loss than the first
    (PAIRS, profiled(PAIRS, 600_000)),
    (TRIPLETS, profiled(TRIPLETS, 5_000, distinct=10)),
    (N_TUPLES, profiled(N_TUPLES, 5_000, distinct=10)),
    (LABELLED, profiled(LABELLED, 5_000, counts=(99, 1))),
)


@pytest.fixture(scope="module")
def reached() -> set[int]:
    """The rows of all tables that were chosen while specs with and without a profile were planned."""
    found: set[int] = set()
    original = deciding.fits

    def noting(row: Any, values: tuple[object, ...]) -> bool:
        fitting = original(row, values)
        if fitting:
            found.add(id(row))
        return fitting

    deciding.fits = noting
    try:
        for columns, model, rest in KINDS:
            planned(columns, None, model, **json.loads(json.dumps(rest)))
            for rows in COUNTS:
                planned(columns, profiled(columns, rows), model, **json.loads(json.dumps(rest)))
        for evaluated in (40, 100, 400, 4_000):
            planned(PAIRS, profiled(PAIRS, 5_000, evaluated=evaluated))
        planned(PAIRS, profiled(PAIRS, 1_200, evaluated=20))
        planned(PAIRS, profiled(PAIRS, 5_000, evaluated=20), train={"batch_size": 64, "steps": 30})
        for longest in (30, 60, 120, 250, 500, 1_000, 2_000, 4_000, 6_000):
            planned(PAIRS, profiled(PAIRS, 5_000, tokens=(longest - 5, longest)), {"base": LARGE})
        for rows in (1_200, 20_000):
            planned(SCORED, profiled(SCORED, rows, tokens=(10, 200)))
        for counts in ((50, 50), (80, 20), (99, 1), (50, 51)):
            planned(LABELLED, profiled(LABELLED, 5_000, counts=counts), {"type": "cross-encoder"})
            planned(CLASSED, profiled(CLASSED, 5_000, counts=counts), {"type": "cross-encoder"})
        for columns, profile in LOSSES:
            planned(columns, profile)
        for columns, model, rest in WITHOUT_COUNTS:
            planned(columns, None, model, **json.loads(json.dumps(rest)))
        for weight in ({}, {"weight": 2}):
            several = [{"name": name, "train": f"{name}.jsonl", "columns": PAIRS, **weight} for name in ("a", "b")]
            planned(PAIRS, None, several=several)
        planned(PAIRS, profiled(PAIRS, 3_000_000), train={"batch_size": 16})
        planned(PAIRS, profiled(PAIRS, 30_000_000), train={"batch_size": 16})
        planned(PAIRS, None, data={"streaming": True, "eval": "eval.jsonl", "test": "test.jsonl"}, train={"steps": 100})
    finally:
        deciding.fits = original
    return found


@pytest.mark.parametrize("table", tables.TABLES, ids=[table.name for table in tables.TABLES])
def test_a_profile_and_a_spec_reach_each_row(table: DecisionTable, reached: set[int]) -> None:
    assert [row for row in table.rows if id(row) not in reached] == []


def test_a_file_of_300_rows_never_gets_a_batch_of_128() -> None:
    for columns, model, rest in KINDS:
        plan = planned(columns, profiled(columns, 300), model, **json.loads(json.dumps(rest)))
        assert plan.train.batch_size <= 64
        assert plan.train.effort is None or plan.train.effort.steps >= 10


@pytest.mark.parametrize("rows", [8, 20, 100, 400, 1_200, 2_500, 9_000, 12_000, 60_000])
def test_a_batch_is_filled_and_leaves_a_hundred_steps_where_there_are_rows_enough(rows: int) -> None:
    for columns, model, rest in KINDS:
        plan = planned(columns, profiled(columns, rows), model, **json.loads(json.dumps(rest)))
        learned = sum(one.rows for one in profiled(columns, rows).sets[0].splits.values())
        assert plan.train.batch_size <= max(learned // 2, 2)
        epochs = plan.train.arguments.get("num_train_epochs")
        once = epochs == 1 and learned < 2_000  # damaged texts and the like, as published
        assert plan.train.effort is None or learned < 300 or once or plan.train.effort.steps >= 99


@pytest.mark.parametrize("columns", [SCORED, LABELLED, CLASSED])
def test_a_cross_encoder_gets_small_batches_of_few_labelled_pairs(columns: dict[str, Any]) -> None:
    batches = [
        planned(columns, profiled(columns, rows), {"type": "cross-encoder"}).train.batch_size
        for rows in (5_000, 60_000)
    ]
    assert batches == [16, 64]


@pytest.mark.parametrize(
    ("base", "columns", "rate"),
    [
        (MINILM, SCORED, "5e-05"),
        (MINILM, LABELLED, "5e-05"),
        (LARGE, SCORED, "2e-05"),
        (MINILM, RANKED, "2e-05"),
        ("cross-encoder/ms-marco-MiniLM-L6-v2", LABELLED, "2e-05"),
    ],
)
def test_a_small_cross_encoder_learns_labels_and_its_head_with_a_higher_rate(
    base: str, columns: dict[str, Any], rate: str
) -> None:
    plan = planned(columns, profiled(columns, 5_000), {"type": "cross-encoder", "base": base})
    assert decisions(plan)["learning_rate"] == rate


def test_a_speed_under_a_row_a_second_is_no_zero() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 5_000))
    assert plan.train.effort is not None
    assert plan.train.effort.costs
    slow = tuple(cost.replaced(rows_low=0.07, rows_high=1.4) for cost in plan.train.effort.costs)
    shown = show_plan(plan.replaced(train=plan.train.replaced(effort=plan.train.effort.replaced(costs=slow))))
    assert "0.07 to 1 rows a second" in shown


def test_what_to_try_next_can_be_fed_by_the_rows() -> None:
    texts, pairs = (planned(columns, profiled(columns, 5_000)).sets[0].loss for columns in ({"text": "q"}, PAIRS))
    assert "mined hard negatives" in pairs.advice
    assert "mined" not in texts.advice
    assert "rows with labels" in texts.advice


def test_repeated_texts_get_a_batch_that_they_can_fill_without_equal_ones() -> None:
    assert planned(PAIRS, profiled(PAIRS, 5_000, distinct=10)).train.batch_size == 8
    assert planned(PAIRS, profiled(PAIRS, 5_000, distinct=10), train={"batch_size": 32}).train.batch_size == 32


def test_evaluation_takes_a_fifth_of_the_run_at_most() -> None:
    for rows in COUNTS:
        for evaluated in (50, 500, 5_000):
            plan = planned(PAIRS, profiled(PAIRS, rows, evaluated=evaluated))
            every = plan.train.arguments["eval_steps"]
            assert isinstance(every, float)
            learned = 3 * plan.train.effort.steps * plan.train.batch_size  # type: ignore[union-attr]
            searched = max(min(evaluated, 1000), 100)  # documents: those of 1,000 queries at most
            times = 1 / every + plan.train.arguments["eval_on_start"]
            cost = (evaluated + searched + min(evaluated, 64)) * times
            # One evaluation, at the end, is never given up: without it no checkpoint could be chosen.
            assert cost <= 0.2 * (learned + cost) or (every > 0.99 and not plan.train.arguments["eval_on_start"])


@pytest.mark.parametrize(
    ("columns", "loss", "times"),
    [
        ({"text": "q"}, {"name": "ContrastiveTensionLossInBatchNegatives"}, 1),
        ({"text": "q"}, {"name": "ContrastiveTensionLoss"}, 8),  # itself and seven others
        (PAIRS, {}, 1),
        (PAIRS, {"teacher": "BAAI/bge-small-en-v1.5"}, 2),  # each text by itself
    ],
)
def test_rows_that_a_conversion_makes_are_counted(columns: dict[str, str], loss: dict[str, Any], times: int) -> None:
    plan = planned(columns, profiled(columns, 100_000), loss=loss)
    assert plan.train.effort is not None
    epochs = plan.train.arguments["num_train_epochs"]
    assert isinstance(epochs, int | float)
    seen = plan.train.effort.steps * plan.train.batch_size / epochs
    assert seen == pytest.approx(times * (100_000 - 3_500), rel=0.01)  # without what is held out


def test_weights_are_those_of_the_counts() -> None:
    plan = planned(LABELLED, profiled(LABELLED, 5_000, counts=(80, 20)), {"type": "cross-encoder"})
    assert decisions(plan)["pos_weight"] == "4"
    assert to_python(plan.sets[0].loss.expression).count("pos_weight=torch.tensor(4.0)") == 1
    plan = planned(CLASSED, profiled(CLASSED, 5_000, counts=(90, 10)), {"type": "cross-encoder"})
    assert decisions(plan)["class weights"] == "0.556, 5"
    assert "weight=torch.tensor([0.556, 5.0])" in to_python(plan.sets[0].loss.expression)


def test_max_length_holds_nearly_all_texts_and_says_what_it_cuts() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 5_000, tokens=(100, 120)))
    assert plan.model.max_length == 128
    plan = planned(PAIRS, profiled(PAIRS, 5_000, tokens=(400, 600)))
    assert plan.model.max_length == 256  # where this base ends
    said = next(one.why for one in plan.decisions if one.what == "max_length")
    assert "texts that are cut: q over half, a over half" in said


@pytest.mark.parametrize("base", [LARGE, "Qwen/Qwen3-Embedding-0.6B", "BAAI/bge-m3"])
def test_a_base_that_reads_long_texts_is_capped_until_they_are_counted(base: str) -> None:
    plan = planned(PAIRS, None, {"base": base})
    assert plan.model.max_length == 512
    (said,) = [one for one in plan.decisions if one.what == "max_length"]
    assert "aren't counted" in said.why
    assert planned(PAIRS, profiled(PAIRS, 5_000, tokens=(900, 1000)), {"base": base}).model.max_length == 1024
    assert planned(PAIRS, None, {"base": base, "max_length": 4096}).model.max_length == 4096
    assert planned(PAIRS, None, {"base": MINILM}).model.max_length is None


def test_the_plan_says_tokens_hours_and_cost() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 200_000), {"base": LARGE}, hardware={"gpu": "L4"})
    effort = plan.train.effort
    assert effort is not None
    assert effort.steps * plan.train.batch_size >= 160_000
    assert next(cost.device for cost in effort.costs) == "L4"
    assert len(effort.costs) == 3
    for cost in effort.costs:
        assert 0 < cost.seconds_low < cost.seconds_high


def test_false_negatives_from_repeats_are_counted() -> None:
    profile = profiled(PAIRS, 5_000)
    train = profile.sets[0].splits["train"]
    repeated = tuple(text.replaced(distinct=2_500, pairs=2_500) for text in train.texts)
    splits = {"train": train.replaced(texts=repeated)}
    plan = planned(PAIRS, profile.replaced(sets=(profile.sets[0].replaced(splits=splits),)))
    said = {one.what: one for one in plan.decisions}["false negatives"]
    assert said.value == "0 an anchor"
    assert "the sampler keeps equal texts out of a batch" in said.why


@pytest.mark.parametrize(
    ("base", "hardware", "counted", "seconds", "memory"),
    [
        (MINILM, {}, True, "on one core of a CPU", " on a CPU (an estimate)"),
        (MINILM, {"accelerator": "cpu"}, True, "on one core of a CPU (an estimate)", " of tensors on a CPU"),
        (MINILM, {"gpu": "L4"}, True, "on L4", " to "),
        (MINILM, {"gpu": "A10G"}, True, "no source says how fast A10G is", " to "),
        (MINILM, {}, False, "`stgen profile` counts the texts first", " of tensors on a GPU, "),
        ("some/thing", {}, True, "the measures of the base aren't known", "the measures of the base aren't known"),
    ],
)
def test_the_report_has_a_planned_figure_or_the_reason_why_not(
    base: str, hardware: dict[str, Any], counted: bool, seconds: str, memory: str
) -> None:
    profile = profiled(PAIRS, 5_000) if counted else None
    figures = planned(PAIRS, profile, {"base": base}, hardware=hardware).train.figures
    assert seconds in figures.seconds
    assert memory in figures.memory
    assert figures.rows


def test_a_kind_of_model_without_a_formula_is_told_so() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 5_000), {"type": "sparse", "architecture": "csr"}, hardware={"gpu": "L4"})
    assert "autoencoder of a CSR model" in plan.train.figures.memory
    assert "autoencoder of a CSR model" in plan.train.figures.seconds


def test_the_size_of_a_base_that_no_table_knows_is_that_of_its_profile() -> None:
    """What is decided by size is decided alike for training and for measuring; a base that isn't the profile's has none."""
    billions = BaseProfile("org/base", "qwen3", 4096, 12288, 36, 32, 8, 128, 151_669, 0, 0, 0.0, 7_567_000_000)
    columns = {"anchor": "a", "positive": "p"}
    counted = profiled(columns, 20_000)
    plain, known, other = (
        planned(columns, counted.replaced(base=base), {"base": "org/base"}, hardware={"accelerator": "cuda"})
        for base in (None, billions, billions.replaced(name="org/other"))
    )
    assert decisions(plain)["learning_rate"] == decisions(other)["learning_rate"] == "2e-05"
    assert decisions(known)["learning_rate"] == "1e-05"
    assert "128 texts at once" in decisions(plain)["measured in"]
    assert "32 texts at once" in decisions(known)["measured in"]


@pytest.mark.parametrize(
    ("columns", "profile", "loss", "says"),
    [
        (PAIRS, profiled(PAIRS, 600_000), "CachedMultipleNegativesRankingLoss", "half a million rows"),
        (PAIRS, profiled(PAIRS, 400_000), "MultipleNegativesRankingLoss", ""),
        (PAIRS, None, "MultipleNegativesRankingLoss", ""),
        (TRIPLETS, profiled(TRIPLETS, 5_000), "MultipleNegativesRankingLoss", ""),
        (TRIPLETS, profiled(TRIPLETS, 5_000, distinct=10), "TripletLoss", "fewer than 64 texts that differ"),
        (LABELLED, profiled(LABELLED, 5_000, counts=(80, 20)), "OnlineContrastiveLoss", ""),
        (LABELLED, profiled(LABELLED, 5_000, counts=(99, 1)), "ContrastiveLoss", "Under one row in twenty"),
    ],
)
def test_the_counts_choose_between_losses_that_fit(
    columns: dict[str, Any], profile: Profile | None, loss: str, says: str
) -> None:
    plan = planned(columns, profile)
    assert plan.sets[0].loss.name == loss
    (said,) = [one.why for one in plan.decisions if one.what == "loss"]
    assert says in said


def test_on_a_cpu_masses_of_rows_get_no_gradcache() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 600_000), hardware={"accelerator": "cpu"})
    assert plan.sets[0].loss.name == "MultipleNegativesRankingLoss"


def test_masses_of_rows_get_batches_that_gradcache_makes_room_for() -> None:
    plan = planned(PAIRS, profiled(PAIRS, 600_000), hardware={"gpu": "L4"})
    assert plan.train.batch_size == 1024
    assert plan.train.memory is not None
    assert plan.train.memory.mini_batch


def test_a_cross_encoder_reads_each_document_beside_its_query() -> None:
    """Four texts of other rows are drawn for each pair, and a list is as many pairs as it has documents."""
    cross, batch = {"type": "cross-encoder"}, {"batch_size": 32}
    pairs, drawn, triplets = (
        planned(columns, profiled(columns, 5_000), cross, train=batch) for columns in (SCORED, PAIRS, TRIPLETS)
    )
    each = [one.train.effort.tokens / one.train.effort.steps / one.train.batch_size for one in (pairs, drawn, triplets)]  # type: ignore[union-attr]
    assert each[1] == pytest.approx(5 * each[0], rel=0.02)
    assert each[2] == pytest.approx(6 * each[0], rel=0.02)
    assert 2 * 20 <= each[0] <= 2 * 30


def test_a_second_copy_of_the_model_is_counted() -> None:
    text = {"text": "q"}
    plain, copied = (
        planned(text, profiled(text, 5_000), loss={"name": name}, hardware={"gpu": "L4"}).train
        for name in ("MultipleNegativesRankingLoss", "ContrastiveTensionLossInBatchNegatives")
    )
    assert plain.memory
    assert copied.memory
    assert copied.memory.parts["weights"] == pytest.approx(2 * plain.memory.parts["weights"], rel=0.01)
    assert copied.effort
    assert plain.effort
    assert copied.effort.tokens == plain.effort.tokens  # a text beside itself


def test_what_no_formula_covers_is_said() -> None:
    text = {"text": "q"}
    figures = planned(text, profiled(text, 5_000), loss={"convert": ["damaged-pair"]}).train.figures
    assert "decoder that TSDAE trains" in figures.memory
    assert "decoder that TSDAE trains" in figures.seconds


def test_false_negatives_of_a_class_are_among_those_that_are_drawn() -> None:
    plan = planned(TEXT_CLASS, profiled(TEXT_CLASS, 5_000, counts=(25, 25, 25, 25)), {"type": "cross-encoder"})
    assert decisions(plan)["false negatives"] == "1 an anchor"  # of four that are drawn


def test_shares_of_the_run_are_shown_in_steps() -> None:
    shown = show_plan(planned(PAIRS, profiled(PAIRS, 5_000)))
    steps = next(int(line.split()[-1].replace(",", "")) for line in shown.splitlines() if line.startswith("  steps"))
    assert f"0.1 (the first {-(-steps // 10)} steps)" in shown
    assert f"(every {-(-steps // 10)} steps: 10 times)" in shown


def test_rows_sampled_from_classes_get_no_gradcache() -> None:
    """Their batches are small on purpose: GradCache would embed 32 rows twice for nothing."""
    plan = planned(TEXT_CLASS, profiled(TEXT_CLASS, 600_000, counts=(1,) * 50))
    assert plan.sets[0].loss.name == "MultipleNegativesRankingLoss"
    assert plan.train.batch_size == 32


@pytest.mark.parametrize(
    ("columns", "model", "rows", "batch"),
    [
        (SCORED, {}, 3_000, 32),  # of so few, more rows a step would cost steps
        (SCORED, {}, 1_000_000, 128),
        (PAIRS, {"type": "sparse"}, 1_000_000, 128),
        (RANKED, {"type": "cross-encoder"}, 1_000_000, 128),
        (PAIRS, {}, 1_000_000, 1024),
    ],
)
def test_each_of_many_devices_gets_rows_enough(
    columns: dict[str, Any], model: dict[str, Any], rows: int, batch: int
) -> None:
    profile = profiled(columns, rows)
    assert planned(columns, profile, model, hardware={"gpus": 8}).train.batch_size == batch
    assert planned(columns, profile, model, hardware={"gpus": 8}, train={"batch_size": 8}).train.batch_size == 8
    assert planned(columns, profile, model, hardware={"gpus": 1}).train.batch_size <= batch


def test_a_large_corpus_leaves_the_batch_as_it_is() -> None:
    """An evaluation while training draws a few documents of it: their embeddings alone lie beside the model."""
    sizes, found = lengths(20, 60), (Counted("file", 1, "0" * 64),)

    def split(rows: int, *roles: str, labels: tuple[LabelColumn, ...] = ()) -> Split:
        texts = tuple(TextColumn(role, role, rows, rows, rows, 0, sizes, sizes, sizes) for role in roles)
        return Split(found, rows, rows, texts, labels, ())

    grade = LabelColumn("score", "score", 1, 1, 1, (), 1.0)
    splits = {
        "train": split(1_000_000, "anchor", "positive", labels=(grade,)),
        "corpus": split(60_000_000, "document"),
        "queries": split(1_000_000, "text"),
    }
    judged = {"anchor": "anchor", "document": "document", "relevance": "relevance"}
    profile = Profile(None, "estimate", (SetProfile("", judged, splits),))
    several = [{"retrieval": {"corpus": "c.jsonl", "queries": "q.jsonl", "qrels": "j.jsonl"}}]
    plan = planned({}, profile, several=several, hardware={"gpu": "L4"})
    assert plan.train.batch_size == 1024
    assert plan.train.memory
    assert plan.train.memory.high < 8 * 2**30
    assert plan.train.effort
    assert plan.train.effort.costs


def test_static_embeddings_have_no_hours_and_say_why() -> None:
    model = {"architecture": "static", "base": "minishlab/potion-base-8M"}
    assert "Hours and cost: not planned: static embeddings are looked up" in show_plan(
        planned(PAIRS, profiled(PAIRS, 5_000), model)
    )


def test_a_cpu_is_among_the_devices_where_it_may_be_the_one() -> None:
    for hardware, shown in (({}, True), ({"accelerator": "cpu"}, True), ({"gpu": "L4"}, False)):
        assert ("CPU, a core" in show_plan(planned(PAIRS, profiled(PAIRS, 5_000), hardware=hardware))) is shown


def test_lists_that_are_made_of_an_anchors_rows_are_counted() -> None:
    """5,000 labelled pairs of 1,000 first texts are 1,000 lists of five documents."""
    profile = profiled(LABELLED, 5_000, counts=(80, 20))
    train = profile.sets[0].splits["train"]
    first, *others = train.texts
    splits = {"train": train.replaced(texts=(first.replaced(distinct=1_000, pairs=10_000), *others))}
    profile = profile.replaced(sets=(profile.sets[0].replaced(splits=splits),))
    plan = planned(LABELLED, profile, {"type": "cross-encoder"}, loss={"name": "LambdaLoss", "convert": ["list"]})
    left = 5_000 * 0.85 * 0.95 / 5
    said = next(one.why for one in plan.decisions if one.what == "steps")
    assert said.startswith(f"about {left:.0f} rows")
    assert plan.train.effort
    each = plan.train.effort.tokens / plan.train.effort.steps / plan.train.batch_size
    assert 5 * 2 * 20 <= each <= 5 * 2 * 30


def test_a_profile_edited_by_hand_ends_in_no_fault() -> None:
    """Lists of billions of items take no time, and classes without rows are nobody's count."""
    profile = profiled(RANKED, 5_000)
    train = profile.sets[0].splits["train"]
    most = 2**53
    huge = ListColumn("documents", "a", Lengths(most, most, most, most, most, most), lengths(10, 20))
    splits = {"train": train.replaced(lists=(huge,))}
    profile = profile.replaced(sets=(profile.sets[0].replaced(splits=splits),))
    assert planned(RANKED, profile, {"type": "cross-encoder"}, hardware={"gpu": "L4"}).train.memory
    with pytest.raises(AssertionError, match="don't add up"):
        planned(TEXT_CLASS, empty_classes())


def empty_classes() -> Profile:
    profile = profiled(TEXT_CLASS, 5_000, counts=(1, 1))
    train = profile.sets[0].splits["train"]
    labels = tuple(one.replaced(counts=(0, 0)) for one in train.labels)
    return profile.replaced(sets=(profile.sets[0].replaced(splits={"train": train.replaced(labels=labels)}),))


def test_tokens_of_several_sets_say_what_they_are_counted_by() -> None:
    one = profiled(PAIRS, 5_000).sets[0]
    profile = Profile(None, "estimate", (one.replaced(name="a"), one.replaced(name="b")))
    several = [{"name": name, "train": f"{name}.jsonl", "columns": PAIRS} for name in ("a", "b")]
    plan = planned(PAIRS, profile, several=several)
    assert "as if every row were of the set" in show_plan(plan)
    assert "as if every row were of the set" in next(one.why for one in plan.decisions if one.what == "tokens")
    assert "as if" not in show_plan(planned(PAIRS, profiled(PAIRS, 5_000)))


ASKED = " ".join(["word"] * 40)


@pytest.mark.parametrize(
    ("model", "data", "kept"),
    [
        ({}, {}, 64),
        ({"prompts": {"query": ASKED}}, {}, 128),
        ({}, {"prompts": {"query": ASKED}}, 128),
        ({"prompts": {"document": "为" * 40}}, {}, 128),  # signs without blanks between them
        ({"base": "Qwen/Qwen3-Embedding-0.6B"}, {}, 64),
        ({"base": "Qwen/Qwen3-Embedding-0.6B"}, {"tokens": (55, 60)}, 128),  # its own instruction has twenty
        ({"base": "Qwen/Qwen3-Embedding-0.6B", "prompts": {"query": ""}}, {"tokens": (55, 60)}, 64),
    ],
)
def test_what_is_kept_of_a_text_has_room_for_the_prompt_before_it(
    model: dict[str, Any], data: dict[str, Any], kept: int
) -> None:
    data = dict(data)
    profile = profiled(PAIRS, 5_000, tokens=data.pop("tokens", (20, 30)))
    assert planned(PAIRS, profile, model, data=data).model.max_length == kept
