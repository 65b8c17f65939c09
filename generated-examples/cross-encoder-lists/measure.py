"""Measures a model on held-out rows: the evaluator, the metrics, and what is known of each example."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from datasets import Dataset
from sentence_transformers import CrossEncoder
from sentence_transformers.base.evaluation import BaseEvaluator

import data
import inference
from verdict import Examples

MAIN_METRIC = "ndcg@10"  # nDCG@10 of the documents of each list, by their grades
UNIT = "queries"  # what an example is


def ranking_metrics(gains: np.ndarray, scores: np.ndarray, least: float) -> Examples:
    """Return the metrics of each query, from the grades of documents and the scores that a model gives them [queries, documents].

    nDCG gains by the grade itself, as BEIR has it; for all others a document is relevant or not. A grade that is NaN is
    that of no document. Of equal scores the worse document comes first: what can't tell them apart gains nothing.
    """
    order = np.lexsort((gains, np.where(np.isnan(gains), np.inf, -scores)))[:, :100]
    every, found = np.nan_to_num(gains), np.nan_to_num(np.take_along_axis(gains, order, axis=1))
    hits, relevant = (found > 0) & (found >= least), ((every > 0) & (every >= least)).sum(axis=1)
    ranks = np.arange(1, found.shape[1] + 1)
    discounts = 1 / np.log2(ranks + 1)[:10]
    ideal = (-np.sort(-every, axis=1)[:, :10] * discounts).sum(axis=1)
    some = np.where(relevant > 0, relevant, np.nan)  # without a relevant document there is no precision
    return {
        "map": (hits * hits.cumsum(axis=1) / ranks).sum(axis=1) / some,
        "mrr@10": (hits / ranks)[:, :10].max(axis=1) * some / some,
        "ndcg@10": (found[:, :10] * discounts).sum(axis=1) / ideal,
    }


class Ranking(BaseEvaluator):
    """Puts the documents of each query in order, as after a first search."""

    def __init__(self, lists: Iterable[tuple[str, Mapping[str, float]]], least: float) -> None:
        """Take queries with the grades of their documents, from 0, and the least that counts as relevant."""
        super().__init__()
        self.name, self.primary_metric = "", "ndcg@10"
        self.lists = [(query, grades) for query, grades in lists if len(set(grades.values())) > 1]
        if not self.lists:
            raise SystemExit(
                "measure: no held-out query has documents of different grades, so there is nothing to put in order"
            )
        self.least = least

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        means = {name: float(np.nanmean(values)) for name, values in self.score_each(model).items()}
        metrics = self.prefix_name_to_metrics(means, self.name)
        self.store_metrics_in_model_card_data(model, metrics, epoch, steps)
        return metrics

    def score_each(self, encoder: CrossEncoder) -> Examples:
        pairs = [(query, text) for query, grades in self.lists for text in grades]
        return self.metrics_of(encoder.predict(pairs, batch_size=inference.BATCH))

    def metrics_of(self, scores: np.ndarray) -> Examples:
        """Return the metrics of each query from the scores of all documents, list after list."""
        gains = np.full((len(self.lists), max(len(grades) for _, grades in self.lists)), np.nan)
        padded, start = np.zeros_like(gains), 0
        for number, (_, grades) in enumerate(self.lists):
            gains[number, : len(grades)] = list(grades.values())
            padded[number, : len(grades)] = scores[start : start + len(grades)]
            start += len(grades)
        return ranking_metrics(gains, padded, self.least)


def build_evaluator(rows: Dataset) -> Ranking:
    """Measure reranking: the documents of each list by their grades, which count from the lowest of all.

    For MRR and MAP those are relevant that stand in the upper half of the scale.
    """
    queries, documents, scores = (rows[column][:] for column in ("anchor", "documents", "scores"))
    every = [score for of_list in scores for score in of_list]
    lowest, highest = min(every), max(every)
    lists = [
        (query, {text: score - lowest for text, score in zip(texts, of_list, strict=True)})
        for query, texts, of_list in zip(queries, documents, scores, strict=True)
    ]
    return Ranking(lists, least=(highest - lowest) / 2)


def build_test() -> Ranking:
    return build_evaluator(data.load("test"))


def score_model(encoder: CrossEncoder, evaluator: Ranking) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and the same for each query by itself."""
    examples = evaluator.score_each(encoder)
    return aggregate(examples, np.arange(len(evaluator.lists))), examples


def texts(evaluator: Ranking) -> list[dict[str, str]]:
    """Return what the report shows of each query."""
    return [
        {"query": query, "relevant": max(grades, key=lambda text: grades[text])} for query, grades in evaluator.lists
    ]


def aggregate(examples: Examples, chosen: np.ndarray) -> dict[str, float]:
    return {name: float(np.nanmean(values[chosen])) for name, values in examples.items()}


def goodness(examples: Examples) -> np.ndarray:
    return examples[MAIN_METRIC]


def score_bm25(evaluator: Ranking) -> Examples:
    """Return the metrics of each query with BM25, a search by words: a model that doesn't beat it isn't worth its cost."""
    import bm25s  # here, as a training does without

    places = {
        text: place
        for place, text in enumerate(dict.fromkeys(text for _, grades in evaluator.lists for text in grades))
    }
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(places), stopwords=None, show_progress=False), show_progress=False)
    queries = bm25s.tokenize(
        [query for query, _ in evaluator.lists], stopwords=None, return_ids=False, show_progress=False
    )
    scores: list[float] = []
    for words, (_, grades) in zip(queries, evaluator.lists, strict=True):
        of_all = index.get_scores(words) if words else np.zeros(len(places))
        scores += [float(of_all[places[text]]) for text in grades]
    return evaluator.metrics_of(np.array(scores))


def leak_keys(rows: Dataset, split: str) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same: their texts, letter case and blanks aside."""
    names = ("anchor",)
    for texts_of_row in zip(*(rows[name] for name in names), strict=True):
        yield (*names, *(" ".join(text.lower().split()) for text in texts_of_row))
