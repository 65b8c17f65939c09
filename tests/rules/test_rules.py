"""The rules tables agree with each other, and say something for every case."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections import Counter
from datetime import date

import pytest
from imported import imports_of
from places import ROOT
from stgen.language import spec_model
from stgen.match import formats
from stgen.match.decide import bucket, decide, fits
from stgen.rules import bases, conversions, decisions, evaluators, grounds, hardware, reported, tables
from stgen.rules.advice import ADVICE
from stgen.rules.row import Buckets, Choice, ConversionRow, Decision, DecisionTable, EvaluatorRow, Loss, Parameter

NAMES = set(formats.BY_NAME)

# The documentation's loss tables: for each model type what (inputs, labels) it lists, in the names of our formats,
# with the losses of that cell.
DOCUMENTED = {
    "dense": {
        "text-class": "BatchAllTripletLoss BatchHardSoftMarginTripletLoss BatchHardTripletLoss BatchSemiHardTripletLoss",
        "duplicated-pair": "ContrastiveTensionLossInBatchNegatives",
        "damaged-pair": "DenoisingAutoEncoderLoss",
        "pair-class": "SoftmaxLoss",
        "pair": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss MegaBatchMarginLoss GISTEmbedLoss CachedGISTEmbedLoss",
        "pair-binary": "ContrastiveLoss OnlineContrastiveLoss",
        "pair-score": "CoSENTLoss AnglELoss CosineSimilarityLoss",
        "triplet": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss TripletLoss CachedGISTEmbedLoss GISTEmbedLoss",
        "n-tuple": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss CachedGISTEmbedLoss",
        "text-embedding": "MSELoss",
        "pair-embedding": "MSELoss",
        "triplet-margin": "MarginMSELoss",
    },
    "cross-encoder": {
        "pair-class": "CrossEntropyLoss",
        "pair": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss",
        "pair-binary": "BinaryCrossEntropyLoss",
        "pair-score": "BinaryCrossEntropyLoss MSELoss",
        "triplet": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss",
        "n-tuple": "MultipleNegativesRankingLoss CachedMultipleNegativesRankingLoss",
        "list": "LambdaLoss PListMLELoss ListNetLoss RankNetLoss ListMLELoss",
        "triplet-margin": "MarginMSELoss",
        "n-tuple-margin": "MarginMSELoss",
        "triplet-scores": "MarginMSELoss",
        "n-tuple-scores": "MarginMSELoss",
    },
    "sparse": {
        "pair": "SparseMultipleNegativesRankingLoss",
        "pair-score": "SparseCoSENTLoss SparseAnglELoss SparseCosineSimilarityLoss",
        "triplet": "SparseMultipleNegativesRankingLoss SparseTripletLoss",
        "n-tuple": "SparseMultipleNegativesRankingLoss",
        "text-embedding": "SparseMSELoss",
        "pair-embedding": "SparseMSELoss",
        "triplet-margin": "SparseMarginMSELoss",
        "triplet-scores": "SparseDistillKLDivLoss SparseMarginMSELoss",
        "n-tuple-margin": "SparseMarginMSELoss",
        "n-tuple-scores": "SparseDistillKLDivLoss SparseMarginMSELoss",
    },
}


def fitting(loss: Loss, architecture: str, format: str) -> bool:
    return architecture in loss.architectures and format in loss.formats and not loss.successor


# --- losses and choices ----------------------------------------------------------------------------------------------


def test_no_loss_stands_twice() -> None:
    assert len(tables.BY_NAME) == len(tables.LOSSES)


@pytest.mark.parametrize("loss", tables.LOSSES, ids=lambda loss: f"{loss.model}:{loss.name}")
def test_a_row_refers_to_what_exists(loss: Loss) -> None:
    assert set(loss.formats) <= NAMES
    assert len(set(loss.formats)) == len(loss.formats)
    assert set(loss.architectures) <= set(tables.ARCHITECTURES[loss.model])
    assert set(loss.wrapped_by) <= {
        row.name for row in tables.LOSSES if row.kind == "wrapper" and row.model == loss.model
    }
    assert bool(loss.wrapped_by) == (loss.kind == "inner")
    assert bool(loss.formats) == (loss.kind in ("loss", "inner")) == bool(loss.objective)
    assert loss.alias in {one.known_as for one in imports_of("imports/losses.py.j2", loss.model)}
    assert loss.source.startswith("https://sbert.net/")
    assert loss.source.endswith("#" + loss.name.lower())
    if loss.model == "cross-encoder":
        assert loss.outputs
        assert loss.activation
    if loss.successor:
        successor = tables.BY_NAME[loss.model, loss.successor]
        assert set(loss.formats) <= set(successor.formats)
        assert not successor.successor


@pytest.mark.parametrize("loss", [loss for loss in tables.LOSSES if loss.kind == "inner"], ids=lambda loss: loss.name)
def test_an_inner_loss_has_a_wrapper_for_each_of_its_architectures(loss: Loss) -> None:
    for architecture in loss.architectures:
        assert any(architecture in tables.BY_NAME[loss.model, name].architectures for name in loss.wrapped_by)


@pytest.mark.parametrize("model", list(tables.ARCHITECTURES))
def test_parameters_of_a_loss_and_of_what_stands_around_it_differ(model: str) -> None:
    """`loss.params` has no nesting: a name must say to which constructor it goes."""
    around = {"wrapper", "modifier"}
    inside = {
        p.name
        for loss in tables.LOSSES
        if loss.model == model and loss.kind in ("inner", "loss")
        for p in loss.parameters
    }
    outside = {p.name for loss in tables.LOSSES if loss.model == model and loss.kind in around for p in loss.parameters}
    assert not inside & outside


@pytest.mark.parametrize(
    "parameter",
    {(p.name, p.type, p.words, p.names): p for loss in tables.LOSSES for p in loss.parameters}.values(),
    ids=lambda p: p.name,
)
def test_a_parameter_is_of_a_known_type_and_its_default_is_legal(parameter: Parameter) -> None:
    base, _, none = parameter.type.partition(" | ")
    assert base in ("int", "float", "bool", "str", "floats", "choice", "choices", "tensor")
    assert none in ("", "None")
    assert bool(parameter.words) == base.startswith("choice")
    if parameter.words and parameter.default is not None:
        given = parameter.default if isinstance(parameter.default, tuple) else (parameter.default,)
        assert set(given) <= set(parameter.words)
    if isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool):
        assert parameter.above is None or parameter.default > parameter.above
        assert parameter.at_least is None or parameter.default >= parameter.at_least
        assert parameter.at_most is None or parameter.default <= parameter.at_most


def test_no_choice_stands_twice() -> None:
    keys = Counter((c.model, a, c.format, c.loss) for c in tables.CHOICES for a in c.architectures)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    "choice", tables.CHOICES, ids=lambda c: f"{c.model}:{c.format}:{c.loss}:{'+'.join(c.architectures)}"
)
def test_a_choice_names_a_loss_that_takes_its_format(choice: Choice) -> None:
    loss = tables.BY_NAME[choice.model, choice.loss]
    assert choice.architectures
    assert all(fitting(loss, architecture, choice.format) for architecture in choice.architectures)
    assert choice.why.endswith(".")
    assert len(choice.why) < 130


@pytest.mark.parametrize("model", list(tables.ARCHITECTURES))
def test_every_legal_combination_is_a_choice(model: str) -> None:
    """So that an explanation has something to say about each loss that could train."""
    legal = {
        (architecture, format, loss.name)
        for loss in tables.LOSSES
        for architecture in loss.architectures
        for format in loss.formats
        if loss.model == model and not loss.successor and tables.trains(loss, architecture, format)
    }
    chosen = {(a, c.format, c.loss) for c in tables.CHOICES if c.model == model for a in c.architectures}
    assert legal == chosen


def test_a_default_needs_nothing_that_only_a_spec_can_give() -> None:
    for model, architectures in tables.ARCHITECTURES.items():
        for architecture, format in itertools.product(architectures, NAMES):
            found = tables.choices(model, architecture, format)
            if found:
                assert "guide" not in tables.BY_NAME[model, found[0].loss].needs


@pytest.mark.parametrize(("model", "format"), [(model, format) for model in DOCUMENTED for format in DOCUMENTED[model]])
def test_the_documentations_tables_are_covered(model: str, format: str) -> None:
    for architecture in tables.ARCHITECTURES[model]:
        found = [choice.loss for choice in tables.choices(model, architecture, format)]
        if architecture == tables.ARCHITECTURES[model][0]:
            documented = DOCUMENTED[model][format].split()
            assert set(documented) <= set(found)
            assert found[0] in documented


# --- conversions -----------------------------------------------------------------------------------------------------


def reachable(model: str, start: str, *, free: bool = False) -> set[str]:
    seen, queue = {start}, [start]
    while queue:
        here = queue.pop()
        for row in conversions.CONVERSIONS:
            if row.source == here and model in row.models and row.target not in seen and not (free and row.cost):
                seen.add(row.target)
                queue.append(row.target)
    return seen


def test_no_conversion_stands_twice() -> None:
    assert len({row.name for row in conversions.CONVERSIONS}) == len(conversions.CONVERSIONS)
    for model in tables.ARCHITECTURES:
        edges = Counter(
            (row.source, row.target, row.needs == ("teacher",))
            for row in conversions.CONVERSIONS
            if model in row.models
        )
        assert max(edges.values()) == 1


@pytest.mark.parametrize("row", conversions.CONVERSIONS, ids=lambda row: row.name)
def test_a_conversion_connects_formats_and_asks_where_it_costs(row: ConversionRow) -> None:
    assert {row.source, row.target} <= NAMES
    assert row.source != row.target or row.needs == ("teacher",), "only a teacher labels rows anew"
    assert set(row.models) <= set(tables.ARCHITECTURES)
    assert row.template.isidentifier()
    assert bool(row.cost) == bool(row.consent) == bool(row.loses)
    if not row.cost:
        assert not row.needs
        return
    loss = spec_model.Loss.model_validate(tomllib.loads(row.consent))
    assert len(loss.convert) == 1
    accepted = loss.convert[0]
    if isinstance(accepted, str):
        assert accepted == row.target
        assert set(row.needs) <= {"teacher"}
        return
    assert isinstance(accepted, spec_model.Conversion)
    assert accepted.to == row.target
    assert {name for name in ("mine", "threshold", "rows") if getattr(accepted, name) is not None} == set(row.needs)


def test_costs_order_what_is_given_up() -> None:
    for row in conversions.CONVERSIONS:
        assert (row.cost >= 20) == ("teacher" in row.needs)
        assert (10 <= row.cost < 20) == ("mine" in row.needs)


@pytest.mark.parametrize("format", sorted(NAMES))
def test_every_format_reaches_a_loss(format: str) -> None:
    trains = {(choice.model, choice.format) for choice in tables.CHOICES}
    assert any((model, target) in trains for model in tables.ARCHITECTURES for target in reachable(model, format))


@pytest.mark.parametrize("model", list(tables.ARCHITECTURES))
def test_every_conversion_leads_a_model_type_on_to_a_loss(model: str) -> None:
    trains = {choice.format for choice in tables.CHOICES if choice.model == model}
    for row in conversions.CONVERSIONS:
        if model in row.models:
            assert reachable(model, row.target) & trains, f"{row.name} is a dead end for {model}"


def test_pairs_can_be_mined_into_each_shape_with_negatives() -> None:
    mined = {row.target for row in conversions.CONVERSIONS if "mine" in row.needs}
    assert mined == {"triplet", "n-tuple", "pair-binary", "list", "triplet-scores", "n-tuple-scores"}


def test_single_sentences_reach_the_losses_that_the_documentation_names_without_asking() -> None:
    free = reachable("dense", "text", free=True)
    reached = {choice.loss for choice in tables.CHOICES if choice.model == "dense" and choice.format in free}
    assert {"ContrastiveTensionLoss", "DenoisingAutoEncoderLoss"} <= reached


def test_the_beir_layout_becomes_pairs_for_every_model_type_without_asking() -> None:
    assert all("pair" in reachable(model, "retrieval", free=True) for model in tables.ARCHITECTURES)


# --- evaluators ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", list(tables.ARCHITECTURES))
def test_each_format_that_can_train_a_model_type_can_measure_it(model: str) -> None:
    trains = {choice.format for choice in tables.CHOICES if choice.model == model}
    starts = {format for format in NAMES if reachable(model, format) & trains}
    measured = {row.format for row in evaluators.EVALUATORS if row.model == model}
    # Held-out rows may be measured in the format of the data or in that of the loss.
    for format in starts:
        assert format in measured or reachable(model, format) & measured, format
    assert trains <= measured


def test_evaluators_refer_to_what_exists_and_end_in_a_row_without_conditions() -> None:
    last = {}
    for row in evaluators.EVALUATORS:
        assert row.format in NAMES
        assert set(row.columns) <= set(formats.BY_NAME[row.format].roles)
        assert bool(row.evaluator) == (row.build != "classifier") == bool(row.arguments)
        assert "{similarity}" not in row.metric or row.model in evaluators.SIMILARITY
        last[row.model, row.format] = row
    conditional = {key for key, row in last.items() if row.classes}
    assert conditional <= {("sparse", "pair-class"), ("multi-vector", "pair-class")}
    assert set(evaluators.SETS_COSINE) <= {loss.name for loss in tables.LOSSES}


# --- decisions -------------------------------------------------------------------------------------------------------

BY_TABLE = {table.name: table for table in decisions.TABLES}


def cases(table: DecisionTable) -> list[tuple[object, ...]]:
    return list(itertools.product(*(fact.values for fact in table.facts)))


@pytest.mark.parametrize("name", list(BY_TABLE))
def test_a_decision_table_is_total_and_alive(name: str) -> None:
    table = BY_TABLE[name]
    winners = Counter()
    for case in cases(table):
        row = decide(table, dict(zip((fact.name for fact in table.facts), case, strict=True)))
        winners[table.rows.index(row)] += 1
    dead = [table.rows[index].why for index in range(len(table.rows)) if not winners[index]]
    assert dead == []


@pytest.mark.parametrize("name", list(BY_TABLE))
def test_decision_rows_look_at_values_that_their_facts_have(name: str) -> None:
    table = BY_TABLE[name]
    for row in table.rows:
        assert len(row.when) == len(table.facts)
        assert row.why.endswith(".")
        for fact, condition in zip(table.facts, row.when, strict=True):
            wanted = condition if isinstance(condition, tuple) else (condition,)
            assert condition is None or set(wanted) <= set(fact.values)


def test_a_value_that_a_fact_cannot_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="devices can't be 'few'"):
        decide(decisions.GATHER, {"gathers": True, "devices": "few"})


def test_a_table_with_a_hole_is_an_error() -> None:
    holed = DecisionTable("holed", (grounds.DEVICES,), (Decision(("one",), 1, "One."),))
    with pytest.raises(LookupError, match="holed: no row"):
        decide(holed, {"devices": "many"})


def test_the_first_row_that_fits_wins() -> None:
    assert decide(decisions.PRECISION, {"accelerator": "cpu", "bf16": "yes"}).value == "fp32"
    assert decide(decisions.PRECISION, {"accelerator": "cuda", "bf16": "no"}).value == "fp16"
    assert decide(decisions.SAMPLER, {"loss_sampler": "no_duplicates", "streaming": True}).value == "batch_sampler"
    assert not fits(Decision((("a", "b"),), 1, "."), ("c",))


def test_numbers_become_words() -> None:
    buckets = Buckets((10, 20), ("low", "middle", "high"))
    assert [bucket(buckets, number) for number in (None, 0, 9.9, 10, 19, 20, 1e9)] == [
        "unknown", "low", "low", "middle", "middle", "high", "high",
    ]  # fmt: skip


@pytest.mark.parametrize("buckets", [grounds.SIZES, grounds.STEPS])
def test_buckets_have_a_word_for_each_side_of_their_edges(buckets: Buckets) -> None:
    assert len(buckets.words) == len(buckets.edges) + 1
    assert list(buckets.edges) == sorted(buckets.edges)


def test_objectives_of_losses_are_those_that_decisions_know() -> None:
    assert {loss.objective for loss in tables.LOSSES} - {""} == set(grounds.OBJECTIVE.values)


def test_kinds_are_the_model_types_and_architectures() -> None:
    kinds = {f"{model}/{name}" for model, names in tables.ARCHITECTURES.items() for name in names}
    assert set(grounds.KIND.values) == kinds


# --- base models and accelerators ------------------------------------------------------------------------------------


def known(name: str) -> list[str]:
    return [base.family for base in bases.BASES if re.fullmatch(base.pattern, name, re.IGNORECASE)]


@pytest.mark.parametrize("base", bases.BASES, ids=lambda base: base.pattern)
def test_a_base_model_is_known_by_its_own_source_and_by_one_row(base: object) -> None:
    assert isinstance(base, bases.Base)
    name = base.source.removeprefix(bases.HUB)
    assert known(name) == [base.family]
    assert (base.prompts == "none") == (not base.query and not base.document)


@pytest.mark.parametrize(
    "base",
    [
        base
        for base in bases.BASES
        if base.parameters and base.pooling != "lasttoken" and base.family != "EmbeddingGemma"
    ],
    ids=lambda base: base.pattern,
)
def test_the_measures_of_an_encoder_add_up_to_its_parameters(base: object) -> None:
    assert isinstance(base, bases.Base)
    gated = base.vocabulary in (bases.MODERN, 30528)  # a gated feed-forward layer has a third matrix
    feed_forward = (3 if gated else 2) * base.hidden * base.intermediate
    counted = base.vocabulary * base.hidden + base.layers * (4 * base.hidden**2 + feed_forward)
    assert counted / 1e6 == pytest.approx(base.parameters, rel=0.03)
    assert base.static or base.hidden % base.heads == 0


def test_prompted_families_are_known_by_name() -> None:
    assert known("intfloat/e5-base-v2") == ["E5"]
    assert known("baai/BGE-small-en-v1.5") == ["BGE"]
    assert known("nomic-ai/nomic-embed-text-v1.5") == ["Nomic Embed"]
    assert known("someone/e5-base-v2-finetuned") == []


def test_gpus_have_one_row_each() -> None:
    assert len(hardware.BY_NAME) == len(hardware.GPUS)
    assert {hardware.known_gpu(name) for name in ("h200", "H200")} == {hardware.BY_NAME["h200"]}
    assert hardware.known_gpu(None) is None
    assert {
        "A100-40GB",
        "A100-80GB",
        "H100-80GB",
        "H200",
        "L4",
        "L40S",
        "A10G",
        "T4",
        "V100-16GB",
        "RTX4090",
        "MI300X",
    } <= {gpu.name for gpu in hardware.GPUS}
    for gpu in hardware.GPUS:
        named = re.search(r"-(\d+)GB", gpu.name)
        assert 8 < gpu.memory < 300
        assert named is None or int(named[1]) * 0.9 <= gpu.memory <= int(named[1])
        assert gpu.source.startswith("https://")


def test_what_is_said_of_a_gpu_has_its_source_and_its_day() -> None:
    for gpu in hardware.GPUS:
        assert gpu.tflops or not gpu.compute
        assert not gpu.compute or gpu.compute.startswith("https://")
        assert gpu.tflops == 0 or 20 <= gpu.tflops <= 2500
        if gpu.rent is None:
            continue
        assert 0 < gpu.rent.low <= gpu.rent.high < 10 * gpu.rent.low
        assert date(2026, 1, 1) <= date.fromisoformat(gpu.rent.read) <= date(2026, 11, 27)
        assert gpu.rent.source.startswith("https://")
        assert gpu.rent.another == "" or gpu.rent.another.startswith("https://")


def test_the_gpus_that_people_rent_have_a_speed_and_a_price() -> None:
    for name in ("B200", "H200", "H100-80GB", "A100-80GB", "A100-40GB", "L40S", "L4", "RTX4090", "RTX3090"):
        gpu = hardware.BY_NAME[name.lower()]
        assert gpu.tflops > 0
        assert gpu.rent is not None


def test_a_faster_generation_is_faster() -> None:
    order = ["T4", "L4", "V100-16GB", "A100-40GB", "L40S", "H100-80GB", "B200"]
    speeds = [hardware.BY_NAME[name.lower()].tflops for name in order]
    assert speeds == sorted(speeds)


def test_bf16_is_denied_to_gpus_from_before_ampere_only() -> None:
    assert {gpu.name for gpu in hardware.GPUS if not gpu.bf16} == {
        "T4",
        "V100-16GB",
        "V100-32GB",
        "P100-16GB",
        "RTX2080Ti",
    }


def test_every_objective_has_advice_and_the_readme_holds_it() -> None:
    objectives = {row.objective for row in tables.LOSSES if row.objective}
    assert {row.objective for row in ADVICE} == objectives | {"texts"}
    readme = (ROOT / "README.md").read_text()
    for row in ADVICE:
        assert f"| {row.objective} | {row.metrics} | {row.then} |" in readme


@pytest.mark.parametrize("row", evaluators.EVALUATORS, ids=lambda row: f"{row.model}:{row.format}:{row.metric}")
def test_each_main_metric_has_a_reason_with_a_source(row: EvaluatorRow) -> None:
    reason = reported.reason_of(row.model, row.format, row.metric)
    assert reason.why
    assert reason.source.startswith((reported.DOCS, reported.MTEB))
    assert (reason.mteb is not None) == reason.source.startswith(reported.MTEB)


SCORES = {"ndcg_at_10": "ndcg@10", "cosine_spearman": "spearman", "max_ap": ("ap", "average_precision")}


@pytest.mark.parametrize("task", sorted({row.mteb for row in reported.REPORTED if row.mteb}))
def test_what_mteb_reports_is_what_its_package_says(task: tuple[str, str]) -> None:
    """The main score of most of its text tasks of that type is the metric of each row that names the type."""
    mteb = pytest.importorskip("mteb")
    kind, score = task
    tasks = mteb.get_tasks(task_types=[kind], modalities=["text"])
    found = Counter(one.metadata.main_score for one in tasks)
    assert found.most_common(1)[0][0] == score
    for row in reported.REPORTED:
        if row.mteb == task:
            assert row.metric in SCORES.get(score, score)


def test_no_reason_stands_for_no_metric() -> None:
    used = {reported.reason_of(row.model, row.format, row.metric) for row in evaluators.EVALUATORS}
    assert used == set(reported.REPORTED)
