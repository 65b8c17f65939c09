"""Measures a model on held-out rows: the evaluator, the metrics, and what is known of each example."""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator
from sklearn.linear_model import LogisticRegression

import data
import inference
from seed import SEED
from verdict import Examples

MAIN_METRIC = "accuracy"  # accuracy of a logistic regression on frozen embeddings at a mean length of 1, fitted to texts of known class
UNIT = "texts"  # what an example is
# Texts that are searched for and through, drawn where there are more: measuring must stay cheap while training.
QUERIES = 1000
TESTED = 3000  # so that a small change can be told from chance
TEXTS = 5000


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
        "cosine_ndcg@10": (found[:, :10] * discounts).sum(axis=1) / ideal,
        "cosine_mrr@10": (hits / ranks)[:, :10].max(axis=1),
        "cosine_map@100": (hits * hits.cumsum(axis=1) / ranks).sum(axis=1) / np.minimum(relevant, 100),
    }
    for k in (1, 3, 5, 10):
        examples[f"cosine_accuracy@{k}"] = hits[:, :k].max(axis=1).astype(float)
        examples[f"cosine_precision@{k}"] = hits[:, :k].sum(axis=1) / k
        examples[f"cosine_recall@{k}"] = hits[:, :k].sum(axis=1) / relevant
    return examples


class Search(BaseEvaluator):
    """Searches documents for each query as BEIR does: a query that is a document itself is left out of what it finds."""

    def __init__(self, grades: Mapping[str, Mapping[str, float]], documents: Iterable[str]) -> None:
        """Take the relevant documents of each query with their grades, and all documents that are searched."""
        super().__init__()
        self.name, self.primary_metric = "", "cosine_map@100"
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
        metrics = self.prefix_name_to_metrics(means, self.name)
        self.store_metrics_in_model_card_data(model, metrics, epoch, steps)
        return metrics

    def score_each(self, encoder: SentenceTransformer) -> Examples:
        queries = encoder.encode_query(self.queries, batch_size=inference.BATCH)
        documents = encoder.encode_document(self.documents, batch_size=inference.BATCH)
        return ranking_metrics(self.gains, encoder.similarity(queries, documents).cpu().numpy())


def build_evaluator(rows: Dataset, asked: int = QUERIES) -> Search:
    """Measure whether texts are near those of their class: each is searched with, among all others."""
    classes = dict(zip(rows["text"], rows["label"], strict=True))
    texts = random.Random(SEED).sample(sorted(classes), min(TEXTS, len(classes)))
    members: dict[int, dict[str, float]] = {}
    for text in texts:
        members.setdefault(classes[text], {})[text] = 1.0
    return Search({text: members[classes[text]] for text in texts[:asked]}, texts)


def build_test() -> Search:
    return build_evaluator(data.load("test"), TESTED)


# Training rows that the probe is fitted to.
FITTED_ROWS = 2000


def score_model(encoder: SentenceTransformer, evaluator: Search) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and for each text those of its search and the class that a probe predicts."""
    predicted, label = probe(encoder, evaluator.queries)
    examples = {**evaluator.score_each(encoder), "predicted": predicted, "label": label}
    return aggregate(examples, np.arange(len(label))), examples


def probe(encoder: SentenceTransformer, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes that a logistic regression predicts from embeddings, and those that are right [texts].

    It is how such a model is used to classify: its weights stay, and a classifier is fitted to texts of known class.
    Embeddings lie so near each other that the usual penalty would hide the rarer of many classes from it. It weighs with
    their length, which training changes: they are brought to a mean length of 1.
    """
    train, *held_out = (data.read("train"), data.load("eval"), data.load("test"))
    right = {text: label for rows in held_out for text, label in zip(rows["text"], rows["label"], strict=True)}
    known = {text: label for text, label in zip(train["text"], train["label"], strict=True) if text not in right}
    fitted = random.Random(SEED).sample(sorted(known), min(FITTED_ROWS, len(known)))
    embedded, asked = (encoder.encode_document(some, batch_size=inference.BATCH) for some in (fitted, texts))
    length = np.linalg.norm(embedded, axis=1).mean() or 1
    classifier = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    classifier.fit(embedded / length, [known[text] for text in fitted])
    return classifier.predict(asked / length), np.array([right[text] for text in texts])


def texts(evaluator: Search) -> list[dict[str, str]]:
    """Return what the report shows of each query."""
    best = np.nan_to_num(evaluator.gains).argmax(axis=1)
    pairs = zip(evaluator.queries, best, strict=True)
    return [{"query": query, "relevant": evaluator.documents[place]} for query, place in pairs]


def aggregate(examples: Examples, chosen: np.ndarray) -> dict[str, float]:
    """Return the metrics over the chosen examples: of the probe, and those of the search, which are means."""
    predicted, label = examples["predicted"][chosen], examples["label"][chosen]
    means = {
        name: float(values[chosen].mean()) for name, values in examples.items() if name not in ("predicted", "label")
    }
    return {"accuracy": float((predicted == label).mean()), "f1_macro": f1(predicted, label)["f1_macro"], **means}


def f1(predicted: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Return the F1 of predicted classes: the mean over the classes that occur, over all examples, and weighted by class."""
    most = int(max(predicted.max(), label.max())) + 1
    right = np.bincount(label[predicted == label], minlength=most)
    labelled, found = np.bincount(label, minlength=most), np.bincount(predicted, minlength=most)
    there = labelled + found > 0
    of_class = 2 * right[there] / (labelled + found)[there]
    weighted = (of_class * labelled[there]).sum() / len(label)
    return {
        "f1_macro": float(of_class.mean()),
        "f1_micro": float(right.sum() / len(label)),
        "f1_weighted": float(weighted),
    }


def goodness(examples: Examples) -> np.ndarray:
    """Return how well the model does on each example: first of all whether its class is found."""
    return (examples["predicted"] == examples["label"]) + examples["cosine_map@100"]


def leak_keys(rows: Dataset, split: str) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same: their texts, letter case and blanks aside."""
    names = ("text",)
    for column in ("anchor", "positive") if split == "train" else names:  # training rows hold two texts of a class
        yield from ((*names, " ".join(text.lower().split())) for text in rows[column])
