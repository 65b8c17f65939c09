"""The defaults of the library's own examples, and where they stand: one short spec each, and what is planned of it."""

from __future__ import annotations

from typing import Any

import pytest
from compiling import plan_of
from stgen.plan.plan import Plan
from stgen.values.expressions import to_python

PAIRS = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\n'
TRIPLETS = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\n'
MARGINS = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", margin = "m" } }]\n'
SCORES = (
    'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n", "o"], scores = "s" } }]\n'
)
SCORED = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\n'
TEXTS = 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\n'
SPLADE, FREE = 'model = { type = "sparse" }\n', 'model = { type = "sparse", architecture = "inference-free" }\n'
CSR, STATIC = 'model = { type = "sparse", architecture = "csr" }\n', 'model = { architecture = "static" }\n'
CROSS, MULTI = 'model = { type = "cross-encoder" }\n', 'model = { type = "multi-vector" }\n'
TSDAE = 'loss = { name = "DenoisingAutoEncoderLoss" }\n'
TENSION = 'loss = { name = "ContrastiveTensionLoss" }\n'
IN_BATCH = 'loss = { name = "ContrastiveTensionLossInBatchNegatives" }\n'
SIMCSE = 'loss = { name = "MultipleNegativesRankingLoss", convert = ["duplicated-pair"] }\n'
SEARCH = 'model = { base = "sentence-transformers/all-MiniLM-L6-v2" }\nloss = { teacher = "cross-encoder/ms-marco-MiniLM-L6-v2", convert = ["triplet-margin"] }\n'


def mined(more: str = "") -> str:
    return f"loss = {{ convert = [{{ to = 'n-tuple', mine = {{ negatives = 5{more} }} }}] }}\n"


def arguments(plan: Plan) -> dict[str, Any]:
    return dict(plan.train.arguments)


def loss(plan: Plan) -> str:
    return to_python(plan.sets[0].loss.expression)


def filtered(plan: Plan) -> Any:
    assert plan.sets[0].prepare is not None
    return plan.sets[0].prepare.steps[0].options["filter"]


def told(plan: Plan, what: str) -> tuple[str, str]:
    return next((one.value, one.why) for one in plan.decisions if one.what == what)


# fmt: off
WEIGHTS = [  # spec, what stands in the loss
    # distillation/train_splade_msmarco_margin_mse.py; docs/sparse_encoder/training_overview.md; retrievers/train_csr_nq.py
    (SPLADE + MARGINS, ("document_regularizer_weight=0.08", "query_regularizer_weight=0.1")),
    (FREE + PAIRS,     ("document_regularizer_weight=0.0003",)),
    (CSR + PAIRS,      ("similarity_fct=util.cos_sim", "scale=20.0", "gamma=0.1")),
]
RATES = [  # spec, learning rate, rows of a step
    (SPLADE + PAIRS,           2e-5, 16),
    (CSR + PAIRS,              4e-5, 64),
    (STATIC + PAIRS,           2e-1, 2048),
    (TEXTS + SIMCSE,           5e-5, 128),
    (TEXTS + IN_BATCH,         5e-5, 128),
    (TEXTS + TENSION,          1e-5, 16),
    (TEXTS + TSDAE,            3e-5, 8),
    (MARGINS,                  5e-5, 16),
    (SCORES,                   4e-5, 16),
    (CROSS + MARGINS,          8e-6, 16),
    (MULTI + SCORES,           3e-5, 4),
]
# fmt: on


@pytest.mark.parametrize(("spec", "wanted"), WEIGHTS)
def test_weights_and_arguments_of_a_loss(spec: str, wanted: tuple[str, ...]) -> None:
    said = loss(plan_of(spec))
    assert all(part in said for part in wanted), said


@pytest.mark.parametrize(("spec", "rate", "rows"), RATES)
def test_learning_rates_and_batches(spec: str, rate: float, rows: int) -> None:
    plan = plan_of(spec)
    assert (arguments(plan)["learning_rate"], plan.train.batch_size) == (rate, rows)


def test_the_encoder_below_an_autoencoder_is_frozen() -> None:
    assert plan_of(CSR + PAIRS).model.autoencoder["frozen"] is True


def test_contrastive_tension_is_trained_by_rmsprop() -> None:
    assert arguments(plan_of(TEXTS + TENSION))["optim"] == "rmsprop"
    assert "optim" not in arguments(plan_of(TEXTS + IN_BATCH))


def test_tsdae_restores_a_text_from_its_first_token() -> None:
    assert plan_of(TEXTS + TSDAE).model.pooling == "cls"
    assert plan_of(PAIRS).model.pooling == ""


def test_late_interaction_warms_up_over_a_twentieth() -> None:
    assert arguments(plan_of(MULTI + SCORES))["warmup_steps"] == 0.05
    assert arguments(plan_of(PAIRS))["warmup_steps"] == 0.1


def test_scored_pairs_are_passed_over_four_times() -> None:
    assert arguments(plan_of(SCORED))["num_train_epochs"] == 4


def test_a_student_of_margins_keeps_the_length_of_its_embeddings() -> None:
    plan = plan_of(SEARCH + TRIPLETS)
    assert plan.sets[0].loss.name == "MarginMSELoss"
    assert plan.model.normalize is False


def test_mining_skips_the_nearest_and_what_is_nearly_as_good_as_the_positive() -> None:
    """As `mine_hard_negatives` shows it; what the spec says of candidates takes the place of all of it."""
    documented = {"relative_margin": 0.05, "range_min": 10, "range_max": 50}
    own = ", model = 'sentence-transformers/all-MiniLM-L6-v2'"
    assert filtered(plan_of(PAIRS + mined(own))) == documented | {"max_score": 0.8}
    assert filtered(plan_of(PAIRS + mined(", model = 'intfloat/e5-base-v2'"))) == documented
    assert filtered(plan_of(PAIRS + mined(", range_min = 3"))) == {"range_min": 3}


def test_what_was_decided_is_what_the_repo_does_where_the_spec_names_it() -> None:
    """Of mining and of sparsity: the defaults stood in the README beside a program that did what the spec says."""
    own = plan_of(PAIRS + mined(", range_min = 3, margin = 0.05"))
    assert told(own, "mining") == ("absolute_margin = 0.05, range_min = 3", "the spec says so")
    assert told(plan_of(SPLADE + PAIRS), "sparsity")[0] == "3e-05 for documents, 5e-05 for queries"
    said = plan_of(SPLADE + PAIRS + "loss = { regularize = { document = 3e-3 } }")
    assert told(said, "sparsity") == ("0.003 for documents, 5e-05 for queries", "the spec says so")


@pytest.mark.parametrize("base", ["answerdotai/ModernBERT-base", "Qwen/Qwen3-Embedding-0.6B", "org/unknown"])
def test_long_bases_read_what_most_texts_have(base: str) -> None:
    model = plan_of(f'model = {{ base = "{base}", prompts = {{ query = "" }} }}\n{PAIRS}').model
    assert (model.max_length or model.at_most) == 512
