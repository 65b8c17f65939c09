"""The expression that builds the loss, what it imports, and what is said of keys that don't go with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli_w
from compiling import tree_of
from planned import plan_of
from stgen.values.expressions import to_python

PAIRS = {"anchor": "a", "positive": "p"}
TRIPLETS = {"anchor": "a", "positive": "p", "negative": "n"}


def loss_of(model: dict[str, Any], columns: dict[str, Any], loss: dict[str, Any]) -> str:
    plan, found = plan_of(model, columns, loss, hardware={"accelerator": "cuda"})
    assert plan is not None, found
    return to_python(plan.sets[0].loss.expression)


@pytest.mark.parametrize(
    ("model", "loss", "expected"),
    [
        ({}, {}, "losses.MultipleNegativesRankingLoss(encoder)"),
        (
            {},
            {"matryoshka": [64, 32]},
            "losses.MatryoshkaLoss(encoder, losses.MultipleNegativesRankingLoss(encoder), matryoshka_dims=[64, 32])",
        ),
        (
            {},
            {"adaptive_layers": True},
            "losses.AdaptiveLayerLoss(encoder, losses.MultipleNegativesRankingLoss(encoder))",
        ),
        (
            {},
            {"matryoshka": [64, 32], "adaptive_layers": True},
            "losses.Matryoshka2dLoss(encoder, losses.MultipleNegativesRankingLoss(encoder), matryoshka_dims=[64, 32])",
        ),
        (
            {},
            {"orthogonal": 0.1},
            "RegularizedLoss(encoder, losses.MultipleNegativesRankingLoss(encoder), losses.GlobalOrthogonalRegularizationLoss("
            "encoder, mean_weight=0.1, second_moment_weight=0.1))",
        ),
        ({}, {"guide": "org/guide"}, "losses.CachedGISTEmbedLoss(encoder, guide)"),
        ({}, {"custom": "mine.py:Mine", "params": {"depth": 3}}, "Mine(encoder, depth=3)"),
        (
            {"type": "sparse"},
            {},
            "losses.SpladeLoss(encoder, loss=losses.SparseMultipleNegativesRankingLoss(encoder), "
            "document_regularizer_weight=3e-05, query_regularizer_weight=5e-05)",
        ),
        (
            {"type": "sparse"},
            {"params": {"mini_batch_size": 8}, "regularize": {"query": 0.1, "document": 0.2}},
            "losses.CachedSpladeLoss(encoder, loss=losses.SparseMultipleNegativesRankingLoss(encoder), "
            "document_regularizer_weight=0.2, query_regularizer_weight=0.1, mini_batch_size=8)",
        ),
        (
            {"type": "sparse", "architecture": "inference-free"},
            {},
            "losses.SpladeLoss(encoder, loss=losses.SparseMultipleNegativesRankingLoss(encoder), "
            "document_regularizer_weight=0.0003)",
        ),
        (
            {"type": "sparse", "architecture": "csr"},
            {},
            "losses.CSRLoss(encoder, loss=losses.SparseMultipleNegativesRankingLoss("
            "encoder, similarity_fct=util.cos_sim, scale=20.0), gamma=0.1)",
        ),
        (
            {"type": "sparse"},
            {"custom": "my_losses.py:Mine", "params": {"margin": 0.2, "document_regularizer_threshold": 8}},
            "losses.SpladeLoss(encoder, loss=Mine(encoder, margin=0.2), document_regularizer_weight=3e-05, "
            "query_regularizer_weight=5e-05, document_regularizer_threshold=8)",
        ),
        (
            {"type": "sparse", "architecture": "csr"},
            {"custom": "my_losses.py:Mine"},
            "losses.CSRLoss(encoder, loss=Mine(encoder), gamma=0.1)",
        ),
        ({"type": "sparse"}, {"custom": "my_losses.py:Mine", "regularize": False}, "Mine(encoder)"),
        (
            {"type": "sparse"},
            {"params": {"use_document_regularizer_only": True}, "regularize": {"document_regularizer": "my.py:Size"}},
            "losses.SpladeLoss(encoder, loss=losses.SparseMultipleNegativesRankingLoss(encoder), "
            "document_regularizer_weight=3e-05, use_document_regularizer_only=True, document_regularizer=Size(encoder))",
        ),
        (
            {"type": "multi-vector"},
            {"params": {"similarity_fct": "xtr"}},
            "losses.MultiVectorMultipleNegativesRankingLoss(encoder, similarity_fct=scoring.XTRScores())",
        ),
    ],
)
def test_expression(model: dict[str, Any], loss: dict[str, Any], expected: str) -> None:
    assert loss_of(model, PAIRS, loss) == expected


def test_a_class_loss_gets_the_number_of_classes() -> None:
    text = loss_of({}, {"text_1": "a", "text_2": "b", "class": "c"}, {})
    assert text == (
        "losses.SoftmaxLoss(encoder, embedding_dimension=cast(int, encoder.get_embedding_dimension()), "
        "num_labels=len(data.class_names()))"
    )


@pytest.mark.parametrize(
    ("loss", "imported"),
    [
        ({"params": {"similarity_fct": "dot"}}, "    util,\n)\n"),
        ({"orthogonal": 0.1}, "from losses import GatheredLoss, RegularizedLoss\n"),
        ({"custom": "mine.py:Mine"}, "from mine import Mine\n"),
    ],
)
def test_train_imports_what_the_loss_names(loss: dict[str, Any], imported: str) -> None:
    assert imported in tree_of(tomli_w.dumps({"loss": loss}))["train.py"].text
    assert imported not in tree_of("")["train.py"].text


def test_a_local_guide_is_found_from_the_repo(tmp_path: Path) -> None:
    plan, found = plan_of({}, PAIRS, {"guide": "../guide"}, spec_folder="/home/me/specs", repo="/home/me/specs/out")
    assert plan is not None, found
    assert to_python(plan.sets[0].loss.guide) == 'str(ROOT.joinpath("../../guide"))'


@pytest.mark.parametrize(
    ("model", "loss", "code"),
    [
        ({}, {"guide": "org/base"}, "STG121"),
        ({}, {"custom": "mine.py"}, "STG122"),
        ({}, {"custom": "my-losses.py:Mine"}, "STG122"),
        ({}, {"custom": "train.py:Mine"}, "STG122"),
        ({}, {"custom": "import.py:Mine"}, "STG122"),
        ({}, {"custom": "mine.py:Mine", "name": "TripletLoss"}, "STG123"),
        ({}, {"custom": "mine.py:Mine", "matryoshka": [8]}, "STG120"),
        ({}, {"custom": "mine.py:Mine", "params": {"not a name": 1}}, "STG107"),
        ({}, {"regularize": {"query": 0.1}}, "STG120"),
        ({"type": "cross-encoder"}, {"matryoshka": [8]}, "STG120"),
        ({"type": "sparse"}, {"orthogonal": 0.1}, "STG120"),
        ({}, {"name": "MultipleNegativesRankingLoss", "guide": "org/guide"}, "STG105"),
        ({}, {"name": "MultipleNegativesSymmetricRankingLoss"}, "STG109"),
        ({"architecture": "static", "base": "org/base"}, {"guide": "org/guide"}, "STG104"),
    ],
)
def test_findings(model: dict[str, Any], loss: dict[str, Any], code: str) -> None:
    plan, found = plan_of(model, PAIRS, loss)
    assert plan is None
    assert code in found


# --- arguments that are decided ---------------------------------------------------------------------------------------

BOUNDED = "sentence-transformers/all-MiniLM-L6-v2"
FREE = "google-bert/bert-base-uncased"
LISTED = {"anchor": "a", "documents": "d", "scores": "s"}
MULTI = {"type": "multi-vector", "base": FREE}
MEAN = {"base": "./mine", "pooling": "mean"}


@pytest.mark.parametrize(
    ("model", "columns", "loss", "says"),
    [
        ({"base": FREE}, PAIRS, {"params": {"similarity_fct": "dot"}}, "scale=1.0"),
        ({"base": BOUNDED}, PAIRS, {"params": {"similarity_fct": "dot"}}, "encoder, similarity_fct=util.dot_score"),
        ({"base": FREE}, PAIRS, {"params": {"similarity_fct": "dot", "scale": 3.0}}, "scale=3.0"),
        ({"base": FREE}, PAIRS, {"params": {"similarity_fct": "euclidean"}}, "scale=1.0"),
        ({"type": "sparse"}, PAIRS, {"params": {"similarity_fct": "cosine"}}, "scale=20.0"),
        (MULTI, PAIRS, {"params": {"similarity_fct": "mean_maxsim"}}, "scale=32.0"),
        ({"base": FREE}, TRIPLETS, {"name": "TripletLoss"}, "losses.TripletLoss(encoder)"),
        ({"base": BOUNDED}, TRIPLETS, {"name": "TripletLoss"}, "TripletDistanceMetric.COSINE, triplet_margin=0.3"),
        ({"base": "./mine"}, TRIPLETS, {"name": "TripletLoss"}, "TripletDistanceMetric.COSINE, triplet_margin=0.3"),
        (MEAN, TRIPLETS, {"name": "TripletLoss"}, "losses.TripletLoss(encoder)"),
        ({"type": "cross-encoder"}, LISTED, {"name": "PListMLELoss"}, "respect_input_order=False"),
        ({"type": "cross-encoder"}, LISTED, {"name": "ListMLELoss"}, "respect_input_order=False"),
        ({"type": "cross-encoder"}, LISTED, {"name": "ListMLELoss", "params": {"respect_input_order": True}}, "=True"),
        ({"type": "cross-encoder"}, LISTED, {"name": "LambdaLoss"}, "losses.LambdaLoss(encoder)"),
    ],
)
def test_arguments_follow_from_what_is_known(
    model: dict[str, Any], columns: dict[str, Any], loss: dict[str, Any], says: str
) -> None:
    assert says in loss_of(model, columns, loss)


def test_an_argument_that_is_decided_is_explained() -> None:
    plan, found = plan_of({"type": "cross-encoder"}, LISTED, {"name": "PListMLELoss"})
    assert plan is not None, found
    (told,) = [one for one in plan.decisions if one.what == "respect_input_order"]
    assert (told.value, told.set_by) == ("no", "[loss] params")
    assert "scores" in told.why
