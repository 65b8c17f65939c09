"""Measures a model on held-out rows: the evaluator, the metrics, and what is known of each example."""

from collections.abc import Iterator

import numpy as np
from datasets import Dataset
from scipy.stats import pearsonr, rankdata, spearmanr
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator

import data
import inference
from verdict import Examples

MAIN_METRIC = "spearman_cosine"  # Spearman correlation of similarities with the scores
UNIT = "pairs"  # what an example is


def build_evaluator(rows: Dataset) -> EmbeddingSimilarityEvaluator:
    """Measure the Spearman correlation of similarities with the scores."""
    if len(rows) < 2:
        raise SystemExit("measure: one held-out pair has no correlation with its score: hold out more rows")
    return EmbeddingSimilarityEvaluator(
        sentences1=list(rows["text_1"]),
        sentences2=list(rows["text_2"]),
        scores=list(rows["score"]),
        batch_size=inference.BATCH,
        write_csv=False,
    )


def build_test() -> EmbeddingSimilarityEvaluator:
    return build_evaluator(data.load("test"))


def score_model(
    encoder: SentenceTransformer, evaluator: EmbeddingSimilarityEvaluator
) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and the similarity of each pair."""
    metrics = evaluator(encoder)
    first = encoder.encode(evaluator.sentences1, batch_size=inference.BATCH)
    second = encoder.encode(evaluator.sentences2, batch_size=inference.BATCH)
    similarity = encoder.similarity_pairwise(first, second).cpu().numpy()
    return metrics, {"predicted": similarity, "label": np.asarray(evaluator.scores)}


def texts(evaluator: EmbeddingSimilarityEvaluator) -> list[dict[str, str]]:
    """Return what the report shows of each pair."""
    pairs = zip(evaluator.sentences1, evaluator.sentences2, evaluator.scores, strict=True)
    return [{"first": first, "second": second, "label": f"{label:g}"} for first, second, label in pairs]


def aggregate(examples: Examples, chosen: np.ndarray) -> dict[str, float]:
    """Return the correlations over the chosen examples; one that can't be had, as all scores are equal, is 0."""
    predicted, label = examples["predicted"][chosen], examples["label"][chosen]
    if np.ptp(predicted) == 0 or np.ptp(label) == 0:
        return dict.fromkeys(("spearman_cosine", "pearson_cosine"), 0.0)
    return {
        "spearman_cosine": float(spearmanr(label, predicted).statistic),
        "pearson_cosine": float(pearsonr(label, predicted).statistic),
    }


def goodness(examples: Examples) -> np.ndarray:
    """Return how near the model's rank of each example is to the rank of its label."""
    return -np.abs(rankdata(examples["predicted"]) - rankdata(examples["label"])) / len(examples["label"])


def leak_keys(rows: Dataset, split: str) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same: their texts, letter case and blanks aside."""
    names = ("text_1", "text_2")
    for texts_of_row in zip(*(rows[name] for name in names), strict=True):
        yield (*names, *(" ".join(text.lower().split()) for text in texts_of_row))
