"""Measures the base model and the trained model on the same test rows, and says whether training made it better.

    python evaluate.py
    python evaluate.py --fail-if-worse     # exit 1 when the model got worse: for CI

Writes results/metrics.json and results/report.html.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, disable_progress_bars
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator
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


def build_evaluator(rows: Dataset) -> TripletEvaluator:
    """Measure the share of triplets drawn from the classes in which the text of the same class is nearer: one triplet for each text, drawn once and for all."""
    texts, classes = list(rows["text"]), list(rows["label"])
    members: dict[int, list[str]] = {}
    for text, number in zip(texts, classes, strict=True):
        members.setdefault(number, []).append(text)
    draw = random.Random(SEED)
    triplets = []
    for text, number in zip(texts, classes, strict=True):
        same = [member for member in members[number] if member != text]
        others = [other for other in members if other != number]
        if same and others:
            triplets.append((text, draw.choice(same), draw.choice(members[draw.choice(others)])))
    return TripletEvaluator(
        anchors=[anchor for anchor, _, _ in triplets],
        positives=[positive for _, positive, _ in triplets],
        negatives=[negative for _, _, negative in triplets],
        write_csv=False,
    )


def measure(encoder: SentenceTransformer, evaluator: TripletEvaluator) -> tuple[dict[str, float], Examples]:
    """Return the metrics of a model, and for each triplet 1 where the positive is nearer and 0 where it isn't."""
    metrics = evaluator(encoder)
    anchors = encoder.encode_query([str(text) for text in evaluator.anchors])
    positives = encoder.encode_document([str(text) for text in evaluator.positives])
    negatives = encoder.encode_document([str(text) for text in evaluator.negatives])
    nearer = encoder.similarity_pairwise(anchors, positives) > encoder.similarity_pairwise(anchors, negatives)
    return metrics, {MAIN_METRIC: nearer.cpu().numpy().astype(float)}


def texts(evaluator: TripletEvaluator) -> list[dict[str, str]]:
    """Return what the report shows of each triplet."""
    triplets = zip(evaluator.anchors, evaluator.positives, evaluator.negatives, strict=True)
    return [
        {"anchor": str(anchor), "positive": str(positive), "negative": str(negative)}
        for anchor, positive, negative in triplets
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure before and after, write results/, print the verdict; return the exit code."""
    options = parse(argv)
    disable_progress_bars()  # of data sets: they would stand between the lines of the run
    disable_progress_bar()  # of weights
    folder = model_folder(options.output)
    trained, sealed = load_trained(folder), saving.read_seal(folder)
    results = measure_both(build_base(options.base), trained, options.base)
    results |= provenance.trace(options.base, folder)
    if saving.read_seal(folder) != sealed:
        raise SystemExit(
            "evaluate: train.py has put another model in the place of the one that was measured; run again"
        )
    tell(results, options.output)
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


def measure_both(base: SentenceTransformer, trained: SentenceTransformer, base_name: str) -> dict[str, Any]:
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
    if untrained := untrained_weights(base, base_name):
        results["says"].append(verdict.explain_untrained(untrained))
    results["leaks"] = leaks()
    results["says"] += [
        f"{count} rows of {where} stand in train too: what is measured on them is memory."
        for where, count in results["leaks"].items()
        if count
    ]
    return results


def build_test() -> TripletEvaluator:
    """Return the evaluator of the test rows."""
    return build_evaluator(data.load("test"))


def leaks() -> dict[str, int]:
    """Count the rows of eval and test that stand in the training rows too, letter case and blanks aside."""
    seen = set(keys(data.load("train"), ("anchor", "positive")))
    return {split: sum(key in seen for key in keys(data.load(split), ("text",))) for split in ("eval", "test")}


def keys(rows: Dataset, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows the same."""
    for texts_of_row in zip(*(rows[column] for column in columns), strict=True):
        yield tuple(" ".join(text.lower().split()) for text in texts_of_row)


def build_base(base: str, seed: int = SEED) -> SentenceTransformer:
    """Build the model as it was before training; the seed decides on what starts at random."""
    set_seed(seed)
    return model.build(base, seed)


def untrained_weights(encoder: SentenceTransformer, base: str) -> list[str]:
    """Name the weights that the base model doesn't bring: those that come out different under another seed."""
    other = build_base(base, SEED + 1).state_dict()
    return [name for name, weight in encoder.state_dict().items() if not torch.equal(weight, other[name])]


def most_changed(evaluator: TripletEvaluator, before: Examples, after: Examples) -> dict[str, list[dict[str, str]]]:
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
    return output / "models" / "banking-intents"


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
