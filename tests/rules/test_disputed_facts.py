"""Facts about losses that were disputed, each shown on the installed library. Those that take a real model: benchmark/facts."""

from __future__ import annotations

import inspect
import math
from pathlib import Path
from typing import Any

import pytest
from matrix import bases, samples

pytest.importorskip("sentence_transformers")

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from stgen.plan.ledger import candidates
from stgen.plan.plan import Contrast
from stgen.rules.decisions import NORMALIZE
from stgen.rules.tables import choices

BATCH = 16


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[SentenceTransformer, SentenceTransformer]:
    """A model and a guide."""
    folder: Path = tmp_path_factory.mktemp("facts")
    bases.build(folder / "one", "BertModel")
    bases.build(folder / "other", "BertModel", seed=1)
    return SentenceTransformer(str(folder / "one"), device="cpu"), SentenceTransformer(
        str(folder / "other"), device="cpu"
    )


def features(model: SentenceTransformer, *columns: list[str]) -> list[dict[str, Any]]:
    return [model.preprocess(texts) for texts in columns]


def texts(article: str, rows: int = BATCH) -> list[str]:
    return [samples.sentence(number, article) for number in range(rows)]


def test_gist_has_three_candidates_for_each_other_row(models: tuple[SentenceTransformer, SentenceTransformer]) -> None:
    """45 negatives in a batch of 16, where 15 were claimed: other documents, other anchors, and positives beside the own one.

    With a temperature beyond all similarities each candidate counts alike, and the loss is the logarithm of their number.
    Of the 48, one is the positive; the anchor and the positive beside themselves are the two that every guide masks.
    """
    model, guide = models
    loss = losses.GISTEmbedLoss(model, guide, temperature=1e9, margin=-10.0)  # nothing is masked
    value = float(loss(features(model, texts("a"), texts("the")), torch.zeros(BATCH)).detach())
    assert round(math.exp(value)) == 3 * BATCH
    contrast = Contrast("guided", 1, 0, True, True, 1, False, True, False)
    assert candidates(contrast, BATCH, 1) - 1 == 3 * BATCH - 3 == 45


def test_in_batch_negatives_are_the_other_rows(models: tuple[SentenceTransformer, SentenceTransformer]) -> None:
    model, _ = models
    loss = losses.MultipleNegativesRankingLoss(model, scale=1e-9)
    value = float(loss(features(model, texts("a"), texts("the")), torch.zeros(BATCH)).detach())
    assert round(math.exp(value)) == BATCH


def test_a_student_of_length_one_cannot_be_sure() -> None:
    """Dot products end at 1: of four documents the best gets e / (e + 3 / e) = 0.711 at most, whatever the teacher says."""
    best = torch.softmax(torch.tensor([1.0, -1.0, -1.0, -1.0]), dim=0)[0].item()
    assert best == pytest.approx(0.7112, abs=1e-4)
    tempered = torch.softmax(torch.tensor([1.0, -1.0, -1.0, -1.0]) / 0.05, dim=0)[0].item()
    assert tempered > 0.999
    (row,) = [one for one in NORMALIZE.rows if one.value is False]
    assert "0.71" in row.why


def test_distillation_compares_distributions_on_the_scale_that_it_gets(
    models: tuple[SentenceTransformer, SentenceTransformer],
) -> None:
    """Not "whatever the scale": the same order, ten times as far apart, is another target and another loss."""
    model, _ = models
    loss = losses.DistillKLDivLoss(model)
    rows = [texts("a", 4), texts("the", 4), texts("this", 4)]
    near, far = (
        float(loss(features(model, *rows), torch.tensor([[scale, 0.0]] * 4)).detach()) for scale in (1.0, 10.0)
    )
    assert abs(near - far) > 0.1


def test_contrastive_tension_looks_at_a_pair_and_its_in_batch_variant_at_all_texts(
    models: tuple[SentenceTransformer, SentenceTransformer],
) -> None:
    """The loss of a row doesn't depend on the other rows under the one, and does under the other."""
    model, _ = models
    pairs = losses.ContrastiveTensionLoss(model)
    labels = torch.tensor([1.0, 0.0])
    left, right = texts("a", 2), texts("the", 2)
    together = float(pairs(features(model, left, right), labels).detach())
    alone = [float(pairs(features(model, left[n : n + 1], right[n : n + 1]), labels[n : n + 1])) for n in range(2)]
    assert together == pytest.approx(sum(alone), rel=1e-4)
    batch = losses.ContrastiveTensionLossInBatchNegatives(model)
    assert float(batch(features(model, left[:1]), None)) == pytest.approx(0, abs=1e-5)  # nothing to differ from
    assert float(batch(features(model, left), None)) > 0.1


def test_the_default_for_texts_alone_is_what_the_library_recommends() -> None:
    said = inspect.getsource(losses.ContrastiveTensionLoss)
    assert "ContrastiveTensionLossInBatchNegatives` is recommended over this loss" in " ".join(said.split())
    assert choices("dense", "transformer", "text")[0].loss == "ContrastiveTensionLossInBatchNegatives"


def test_hard_pairs_come_before_all_pairs_as_the_library_says() -> None:
    said = " ".join(inspect.getsource(losses.OnlineContrastiveLoss).split())
    assert "often yields better performances than ContrastiveLoss" in said.replace(":class:", "").replace("`", "")
    named = [choice.loss for choice in choices("dense", "transformer", "pair-binary")]
    assert named.index("OnlineContrastiveLoss") < named.index("ContrastiveLoss")


def test_what_gradcache_costs_is_said_with_both_sources() -> None:
    """The library's docstring says 2x to 2.4x, its paper 20 %; benchmark/facts/cached_cost.py measured 1.5 times."""
    said = " ".join(inspect.getsource(losses.CachedMultipleNegativesRankingLoss).split())
    assert "roughly 2x to 2.4x slower" in said
    assert "around 20% computation time according to the paper" in said
    (row,) = [one for one in choices("dense", "transformer", "pair") if one.loss.startswith("CachedMultiple")]
    assert "1.5 times" in row.why
