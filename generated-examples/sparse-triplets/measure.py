"""Measures a model on held-out rows: the evaluator, the metrics, and what is known of each example."""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from datasets import Dataset
from sentence_transformers import SparseEncoder
from sentence_transformers.base.evaluation import BaseEvaluator

import data
import inference
from seed import SEED
from verdict import Examples

MAIN_METRIC = "dot_ndcg@10"  # nDCG@10 of finding each anchor's positive among its negatives and other held-out texts
UNIT = "queries"  # what an example is
# Anchors that are searched for, drawn where there are more: measuring must stay cheap while training.
QUERIES = 1000
TESTED = 3000  # so that a small change can be told from chance
# Documents that are searched: all that are relevant, filled up with others. More make it harder.
DOCUMENTS = 5000
DOCUMENTS_WHILE_TRAINING = 100  # at least


def ranking_metrics(gains: np.ndarray, scores: np.ndarray) -> Examples:
    """Return the metrics of each query, from the grades of documents and the scores that a model gives them [queries, documents].

    nDCG gains by the grade itself, as BEIR has it; for all others a document is relevant or not. A grade that is NaN is
    that of no document. Of equal scores the worse document comes first: what can't tell them apart gains nothing.
    """
    order = np.lexsort((gains, np.where(np.isnan(gains), np.inf, -scores)))[:, :100]
    every, found = np.nan_to_num(gains), np.nan_to_num(np.take_along_axis(gains, order, axis=1))
    hits, relevant = found > 0, (every > 0).sum(axis=1)
    ranks = np.arange(1, found.shape[1] + 1)
    discounts = 1 / np.log2(ranks + 1)[:10]
    ideal = (-np.sort(-every, axis=1)[:, :10] * discounts).sum(axis=1)
    examples = {
        "dot_ndcg@10": (found[:, :10] * discounts).sum(axis=1) / ideal,
        "dot_mrr@10": (hits / ranks)[:, :10].max(axis=1),
        "dot_map@100": (hits * hits.cumsum(axis=1) / ranks).sum(axis=1) / np.minimum(relevant, 100),
    }
    for k in (1, 3, 5, 10):
        examples[f"dot_accuracy@{k}"] = hits[:, :k].max(axis=1).astype(float)
        examples[f"dot_precision@{k}"] = hits[:, :k].sum(axis=1) / k
        examples[f"dot_recall@{k}"] = hits[:, :k].sum(axis=1) / relevant
    return examples


class Search(BaseEvaluator):
    """Searches documents for each query as BEIR does: a query that is a document itself is left out of what it finds."""

    def __init__(self, grades: Mapping[str, Mapping[str, float]], documents: Iterable[str]) -> None:
        """Take the relevant documents of each query with their grades, and all documents that are searched."""
        super().__init__()
        self.name, self.primary_metric = "", "dot_ndcg@10"
        self.documents = list(documents)
        queries, places = list(grades), {document: place for place, document in enumerate(self.documents)}
        gains = np.zeros((len(queries), len(places)), dtype=np.float32)
        for row, (query, judged) in zip(gains, grades.items(), strict=True):
            row[[places[document] for document in judged]] = list(judged.values())
            if query in places:
                row[places[query]] = np.nan
        answered = np.flatnonzero((gains > 0).any(axis=1))
        if not len(answered):
            raise SystemExit("measure: no held-out query has a relevant document beside itself, so hold out more rows")
        self.queries = [queries[number] for number in answered]
        self.gains = gains[answered]

    def __call__(self, model: Any, output_path: Any = None, epoch: int = -1, steps: int = -1) -> dict[str, float]:
        means = {name: float(values.mean()) for name, values in self.score_each(model).items()}
        means |= self.active
        metrics = self.prefix_name_to_metrics(means, self.name)
        self.store_metrics_in_model_card_data(model, metrics, epoch, steps)
        return metrics

    def score_each(self, encoder: SparseEncoder) -> Examples:
        queries = encoder.encode_query(self.queries, batch_size=inference.BATCH)
        documents = encoder.encode_document(self.documents, batch_size=inference.BATCH)
        # What an index holds of a document, and what is looked up for a query: the fewer, the cheaper.
        sides = {"query": queries, "document": documents}
        self.active = {f"{side}_active_dims": encoder.sparsity(found)["active_dims"] for side, found in sides.items()}
        return ranking_metrics(self.gains, encoder.similarity(queries, documents).cpu().numpy())


def build_evaluator(rows: Dataset, most: int = DOCUMENTS_WHILE_TRAINING, asked: int = QUERIES) -> Search:
    """Measure search: the positives of each anchor are to be found among `most` documents, of these rows and then of `others`."""
    grades = grade(rows)
    draw = random.Random(SEED)
    queries = draw.sample(sorted(grades), min(asked, len(grades)))
    documents = dict.fromkeys(document for query in queries for document in grades[query])
    asked_for = set(queries)  # each is to be told from its own negatives first
    for query, *hard in zip(*(rows[column] for column in ["anchor", "negative"]), strict=True):
        if query in asked_for:
            documents |= dict.fromkeys(hard)
    every = dict.fromkeys(document for column in ["positive", "negative"] for document in rows[column])
    held_out = [document for document in every if document not in documents]
    documents |= dict.fromkeys(draw.sample(held_out, min(len(held_out), max(0, most - len(documents)))))
    for document in others(most):
        if len(documents) >= most:
            break
        documents[document] = None
    return Search({query: grades[query] for query in queries}, documents)


def grade(rows: Dataset) -> dict[str, dict[str, float]]:
    """Return the relevant documents of each query: its positives, which are all as good."""
    grades: dict[str, dict[str, float]] = {}
    for query, document in zip(rows["anchor"], rows["positive"], strict=True):
        grades.setdefault(query, {})[document] = 1.0
    return grades


def others(most: int) -> Iterator[str]:
    """Draw documents of the training rows: they make the search as hard as it is where the model will be used."""
    rows = data.load("train")
    drawn = random.Random(SEED).sample(range(len(rows)), min(most, len(rows)))
    yield from rows.select(drawn)["positive"]


def build_test() -> Search:
    return build_evaluator(data.load("test"), DOCUMENTS, TESTED)


def score_model(encoder: SparseEncoder, evaluator: Search) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and the same for each query by itself."""
    examples = evaluator.score_each(encoder)
    return aggregate(examples, np.arange(len(evaluator.queries))) | evaluator.active, examples


def texts(evaluator: Search) -> list[dict[str, str]]:
    """Return what the report shows of each query."""
    best = np.nan_to_num(evaluator.gains).argmax(axis=1)
    pairs = zip(evaluator.queries, best, strict=True)
    return [{"query": query, "relevant": evaluator.documents[place]} for query, place in pairs]


def aggregate(examples: Examples, chosen: np.ndarray) -> dict[str, float]:
    return {name: float(np.nanmean(values[chosen])) for name, values in examples.items()}


def goodness(examples: Examples) -> np.ndarray:
    return examples[MAIN_METRIC]


def score_bm25(evaluator: Search) -> Examples:
    """Return the metrics of each query with BM25, a search by words: a model that doesn't beat it isn't worth its cost."""
    import bm25s  # here, as a training does without

    index = bm25s.BM25()
    index.index(bm25s.tokenize(evaluator.documents, stopwords=None, show_progress=False), show_progress=False)
    queries = bm25s.tokenize(evaluator.queries, stopwords=None, return_ids=False, show_progress=False)
    nothing = np.zeros(len(evaluator.documents))
    scores = np.array([index.get_scores(words) if words else nothing for words in queries])
    return ranking_metrics(evaluator.gains, scores)


def leak_keys(rows: Dataset, split: str) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same: their texts, letter case and blanks aside."""
    names = ("anchor",)
    for texts_of_row in zip(*(rows[name] for name in names), strict=True):
        yield (*names, *(" ".join(text.lower().split()) for text in texts_of_row))
