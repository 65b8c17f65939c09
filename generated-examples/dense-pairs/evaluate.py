"""Measures the base model and the trained model on the same test rows, and says whether training made it better.

    python evaluate.py
    python evaluate.py --fail-if-worse     # exit 1 when the model got worse: for CI

Writes results/metrics.json and results/report.html.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, disable_progress_bars
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from transformers import set_seed
from transformers.utils.logging import disable_progress_bar

import card
import data
import model
import provenance
import report
import saving
import verdict
from verdict import Examples

ROOT = Path(__file__).parent
SEED = 42
MAIN_METRIC = verdict.MAIN_METRIC
# Of the examples that got better, and of those that got worse, the report shows so many.
SHOWN = 10
# Anchors that are searched for, drawn where there are more: measuring must stay cheap while training.
QUERIES = 1000
# Documents that are searched: all that are relevant, filled up with others. More make it harder.
DOCUMENTS = 5000
DOCUMENTS_WHILE_TRAINING = 500  # enough to tell checkpoints apart


def build_evaluator(rows: Dataset) -> InformationRetrievalEvaluator:
    """Measure search while training: among few documents, as it is done again and again."""
    return build_search(rows, other_documents(), DOCUMENTS_WHILE_TRAINING)


def other_documents() -> Iterable[str]:
    """Return the documents of the training rows: they make the search as hard as it is where the model will be used."""
    return data.load("train")["positive"]


def build_search(
    rows: Dataset, others: Iterable[str], most: int, predictions: bool = False
) -> InformationRetrievalEvaluator:
    """Measure search: each anchor is a query, and its positives are to be found among many documents.

    An anchor that occurs more than once becomes one query with several relevant documents, and equal documents become
    one. `others` fill the corpus up, to `most` documents; `predictions` keeps each query's ranking.
    """
    answers: dict[str, set[str]] = {}
    for query, document in zip(rows["anchor"], rows["positive"], strict=True):
        answers.setdefault(query, set()).add(document)
    queries = random.Random(SEED).sample(sorted(answers), min(QUERIES, len(answers)))
    relevant = {document for query in queries for document in answers[query]}
    filling = (document for document in chain(rows["positive"], others) if document not in relevant)
    documents = dict.fromkeys(sorted(relevant))
    documents |= dict.fromkeys(islice(dict.fromkeys(filling), max(0, most - len(relevant))))
    keys = {document: f"d{number}" for number, document in enumerate(documents)}
    return InformationRetrievalEvaluator(
        queries={f"q{number}": query for number, query in enumerate(queries)},
        corpus={key: document for document, key in keys.items()},
        relevant_docs={
            f"q{number}": {keys[document] for document in answers[query]} for number, query in enumerate(queries)
        },
        write_csv=False,
        write_predictions=predictions,
    )


def measure(
    encoder: SentenceTransformer, evaluator: InformationRetrievalEvaluator
) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and the same for each query by itself."""
    with tempfile.TemporaryDirectory() as folder:
        metrics = evaluator(encoder, folder)
        (file,) = Path(folder).glob("*_predictions_*.jsonl")
        rankings = [[hit["corpus_id"] for hit in json.loads(line)["results"]] for line in file.open(encoding="utf-8")]
    return metrics, judge(rankings, evaluator)


def judge(rankings: list[list[str]], evaluator: InformationRetrievalEvaluator) -> Examples:
    """Return the metrics of each query's ranking of documents, best first."""
    values: dict[str, list[float]] = {}
    for query, ranking in zip(evaluator.queries_ids, rankings, strict=True):
        relevant = evaluator.relevant_docs[query]
        hits = np.array([float(document in relevant) for document in ranking])
        ranks = np.arange(1, len(hits) + 1)
        ideal = (1 / np.log2(np.arange(2, min(len(relevant), 10) + 2))).sum()
        found = {
            "cosine_ndcg@10": (hits / np.log2(ranks + 1))[:10].sum() / ideal,
            "cosine_mrr@10": (hits / ranks)[:10].max(),
            "cosine_map@100": (hits * hits.cumsum() / ranks)[:100].sum() / min(len(relevant), 100),
        }
        for k in (1, 3, 5, 10):
            found[f"cosine_accuracy@{k}"] = hits[:k].max()
            found[f"cosine_precision@{k}"] = hits[:k].sum() / k
            found[f"cosine_recall@{k}"] = hits[:k].sum() / len(relevant)
        for name, value in found.items():
            values.setdefault(name, []).append(float(value))
    return {name: np.array(column) for name, column in values.items()}


def measure_bm25(evaluator: InformationRetrievalEvaluator) -> Examples:
    """Return the metrics of each query when documents are ranked by the words that they share with it.

    BM25 is what a search engine does without any training: a model that doesn't beat it isn't worth its cost.
    """
    import bm25s  # here, as a training does without

    index = bm25s.BM25()
    index.index(bm25s.tokenize(evaluator.corpus, stopwords=None, show_progress=False), show_progress=False)
    queries = bm25s.tokenize(evaluator.queries, stopwords=None, show_progress=False)
    found, _ = index.retrieve(queries, k=min(100, len(evaluator.corpus)), show_progress=False)
    return judge([[evaluator.corpus_ids[number] for number in ranking] for ranking in found], evaluator)


def texts(evaluator: InformationRetrievalEvaluator) -> list[dict[str, str]]:
    """Return what the report shows of each query."""
    documents = dict(zip(evaluator.corpus_ids, evaluator.corpus, strict=True))
    return [
        {"query": str(text), "relevant": str(documents[min(evaluator.relevant_docs[query])])}
        for query, text in zip(evaluator.queries_ids, evaluator.queries, strict=True)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure before and after, write results/, print the verdict; return the exit code."""
    options = parse(argv)
    disable_progress_bars()  # of data sets: they would stand between the lines of the run
    disable_progress_bar()  # of weights
    folder = model_folder(options.output)
    trained, sealed = load_trained(folder), saving.read_seal(folder)
    results = measure_both(build_base(options.base), trained)
    results |= provenance.trace(options.base, folder)
    if saving.read_seal(folder) != sealed:
        raise SystemExit(
            "evaluate: train.py has put another model in the place of the one that was measured; run again"
        )
    tell(results, options.output)
    if commit := results["base"]["commit"]:
        print(f'The base is not pinned. To start from the same weights again: revision = "{commit}" under [model]')
    return 1 if options.fail_if_worse and results["verdict"] == "worse" else 0


def tell(results: dict[str, Any], output: Path) -> None:
    """Write the results, the report and the model card, and print the verdict."""
    folder, file = model_folder(output), output / "results" / "metrics.json"
    saving.write_json(file, results)
    card.add_results(folder / "README.md", results)
    page = report.write(file.parent)
    print(verdict.table(results))
    print("\n".join(["", f"Verdict: {results['verdict']}", *results["says"], ""]))
    print(f"The model is in {folder}, the figures are in {file},\nthe report is {page}")


def measure_both(base: SentenceTransformer, trained: SentenceTransformer) -> dict[str, Any]:
    """Measure both models on the same test rows, and return all that is said of them."""
    evaluator = build_test()
    print("Measuring the base model")
    before, examples_before = measure(base, evaluator)
    print("Measuring the trained model")
    after, examples_after = measure(trained, evaluator)
    changes = verdict.compare(examples_before, examples_after)
    main_change, count = changes[MAIN_METRIC], len(texts(evaluator))
    results: dict[str, Any] = {
        "verdict": verdict.judge(main_change),
        "says": [verdict.explain(main_change, count)],
        "main_metric": MAIN_METRIC,
        "examples": count,
        "before": numbers(before),
        "after": numbers(after),
        "changes": {name: change._asdict() for name, change in changes.items()},
        **most_changed(evaluator, examples_before, examples_after),
    }
    print("Measuring BM25")
    against_bm25 = verdict.compare(measure_bm25(evaluator), examples_after)
    results["bm25"] = {name: change.before for name, change in against_bm25.items()}
    results["says"].append(verdict.explain_baseline("BM25", against_bm25[MAIN_METRIC]))
    results["leaks"] = leaks()
    results["says"] += [
        f"{count} rows of {where} stand in train too: what is measured on them is memory."
        for where, count in results["leaks"].items()
        if count
    ]
    return results


def build_test() -> InformationRetrievalEvaluator:
    """Return the evaluator of the test rows."""
    return build_search(data.load("test"), other_documents(), DOCUMENTS, predictions=True)


def leaks() -> dict[str, int]:
    """Count the rows of eval and test that stand in the training rows too, letter case and blanks aside."""
    seen = set(keys(data.load("train"), ("anchor",)))
    return {split: sum(key in seen for key in keys(data.load(split), ("anchor",))) for split in ("eval", "test")}


def keys(rows: Dataset, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same."""
    for texts_of_row in zip(*(rows[column] for column in columns), strict=True):
        yield tuple(" ".join(text.lower().split()) for text in texts_of_row)


def build_base(base: str, seed: int = SEED) -> SentenceTransformer:
    """Build the model as it was before training; the seed decides on what starts at random."""
    set_seed(seed)
    return model.build(base)


def most_changed(
    evaluator: InformationRetrievalEvaluator, before: Examples, after: Examples
) -> dict[str, list[dict[str, str]]]:
    """Return the examples that got better most, and those that got worse most."""
    gain = verdict.goodness(after) - verdict.goodness(before)
    order = np.argsort(-gain, kind="stable")
    shown = texts(evaluator)
    return {
        "better": [shown[number] for number in order[:SHOWN] if gain[number] > 0],
        "worse": [shown[number] for number in order[::-1][:SHOWN] if gain[number] < 0],
    }


def numbers(metrics: dict[str, float]) -> dict[str, float]:
    """Return plain floats; a correlation that can't be had, as all scores are equal, is 0."""
    return {name: float(np.nan_to_num(value)) for name, value in metrics.items()}


def model_folder(output: Path) -> Path:
    """Where the trained model lies."""
    return output / "models" / "medical-search"


def load_trained(folder: Path) -> SentenceTransformer:
    """Load the trained model, or stop and say what it lacks."""
    saving.settle(folder)
    if not folder.exists():
        raise SystemExit(f"model: there is no trained model in {folder}; run train.py first")
    flaw = saving.find_flaw(folder)
    if not (folder / saving.SEAL).exists():  # it may be whole all the same, as one of an older train.py
        print(f"warning: {folder} has no {saving.SEAL}, so nothing tells whether all of its files are there")
        flaw = None if (folder / "modules.json").exists() else "modules.json is missing"
    if flaw:
        raise SystemExit(
            f"model: the model in {folder} is not whole: {flaw}; run `python train.py --resume` to save it again"
        )
    try:
        return SentenceTransformer(str(folder))
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(f"model: the model in {folder} can't be loaded: {error}; run train.py again") from error


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure the model before and after training.")
    parser.add_argument("--base", default=model.BASE, help="model before training: hub id or folder")
    parser.add_argument("--output", type=Path, default=ROOT, help="folder that train.py wrote to")
    parser.add_argument("--fail-if-worse", action="store_true", help="exit 1 when the model got worse")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
