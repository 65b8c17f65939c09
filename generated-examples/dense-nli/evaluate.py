"""Measures the base model and the trained model on the same test rows, and says whether training made it better.

    python evaluate.py
    python evaluate.py --fail-if-worse  # exit 1 when the model got worse: for CI

Writes results/metrics.json and results/report.html.
"""

if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("measures again")

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import disable_progress_bars
from sentence_transformers import SentenceTransformer
from transformers import set_seed
from transformers.utils.logging import disable_progress_bar

import card
import data
import inference
import measure
import model
import provenance
import report
import saving
import verdict
from seed import SEED

ROOT = Path(__file__).parent
MAIN_METRIC = measure.MAIN_METRIC
# Of the examples that got better, and of those that got worse, the report shows so many.
SHOWN = 10


def main(argv: Sequence[str] | None = None) -> int:
    options = parse(argv)
    disable_progress_bars()  # of data sets: they would stand between the lines of the run
    disable_progress_bar()  # of weights
    if sys.stderr.isatty():  # the library shows how far it has encoded to those who ask for its information
        logging.getLogger("sentence_transformers").setLevel(logging.INFO)
    folder = model_folder(options.output)
    trained, sealed = load_trained(folder), saving.read_seal(folder)
    base, delivered = build_base(options.base), read_delivered(options.output, sealed.get("run"))
    require_moved(base, trained, delivered)
    results = measure_both(base, trained)
    results["says"] += [delivered] if delivered else []
    results |= provenance.trace(options.base, folder)
    results["says"] += provenance.changes(sealed.get("run", {}), results)
    if saving.read_seal(folder) != sealed:
        raise SystemExit("evaluate: train.py has put another model in the place of the measured one; run again")
    tell(results, options.output)
    if commit := results["base"]["commit"]:
        print(f'The base is not pinned. To start from the same weights again: revision = "{commit}" under [model]')
    return 1 if options.fail_if_worse and results["verdict"] == "worse" else 0


def read_delivered(output: Path, run: Any) -> str:
    """Return what train.py says of the step that it delivered, and why that one."""
    log = report.read_log(output / "results", run)
    return next((str(entry["delivered"]) for entry in log if "delivered" in entry), "")


def require_moved(base: SentenceTransformer, trained: SentenceTransformer, delivered: str) -> None:
    """Stop where training has left every weight as it was, or has lost them."""
    before, after = base.state_dict(), trained.state_dict()
    if lost := next((name for name, weight in trained.named_parameters() if not weight.isfinite().all()), ""):
        raise SystemExit(
            f"evaluate: {lost} of the trained model holds NaN or infinity: train again with a lower learning rate."
        )
    if before.keys() == after.keys() and all(torch.equal(weight, after[name]) for name, weight in before.items()):
        raise SystemExit(
            f"evaluate: the weights of the trained model are bit for bit those of the base: nothing was learned. {delivered} "
            "Train for more steps or with a higher learning rate, and see that the loss in results/training.json moves."
        )


def tell(results: dict[str, Any], output: Path) -> None:
    """Write the results, the report and the model card, and print the verdict."""
    folder, file = model_folder(output), output / "results" / "metrics.json"
    saving.write_json(file, results)
    card.add_results(folder / "README.md", results)
    page = report.write(file.parent)
    print(verdict.table(verdict.metric_rows(results)))
    print("\n".join(["", f"Verdict: {results['verdict']}", *results["says"], ""]))
    print(f"The model is in {folder}, the figures are in {file},\nthe report is {page}")


def measure_both(base: SentenceTransformer, trained: SentenceTransformer) -> dict[str, Any]:
    """Measure both models on the same test rows, and return all that is said of them."""
    evaluator = measure.build_test()
    print("Measuring the base model")
    before, examples_before = measure.score_model(base, evaluator)
    print("Measuring the trained model")
    after, examples_after = measure.score_model(trained, evaluator)
    shown = measure.texts(evaluator)
    changes = verdict.compare(examples_before, examples_after, measure.aggregate, shown)
    results: dict[str, Any] = {
        "verdict": verdict.decide(changes[MAIN_METRIC]),
        "says": [verdict.explain(MAIN_METRIC, measure.UNIT, changes[MAIN_METRIC], len(shown))],
        "main_metric": MAIN_METRIC,
        "examples": len(shown),
        "before": numbers(before),
        "after": numbers(after),
        "changes": {name: change._asdict() for name, change in changes.items()},
        **most_changed(shown, measure.goodness(examples_after) - measure.goodness(examples_before)),
    }
    results["leaks"] = leaks()
    results["says"] += [
        f"leakage: {count} rows of {where} are among the training rows too, and measure what was memorised."
        for where, count in results["leaks"].items()
        if count
    ]
    return results


def build_base(base: str, seed: int = SEED) -> SentenceTransformer:
    """Build the model as it was before training; the seed decides on what starts at random."""
    set_seed(seed)
    return inference.ready(model.build(base))


def leaks() -> dict[str, int]:
    """Count the rows of eval and test that stand in the training rows too, letter case and blanks aside."""
    seen = set(measure.leak_keys(data.load("train"), "train"))
    return {split: sum(key in seen for key in measure.leak_keys(data.load(split), split)) for split in ("eval", "test")}


def most_changed(shown: Sequence[Mapping[str, str]], gain: np.ndarray) -> dict[str, list[Mapping[str, str]]]:
    order = np.argsort(-gain, kind="stable")
    return {
        "better": [shown[number] for number in order[:SHOWN] if gain[number] > 0],
        "worse": [shown[number] for number in order[::-1][:SHOWN] if gain[number] < 0],
    }


def numbers(metrics: dict[str, float]) -> dict[str, float]:
    """Return plain floats; a correlation that can't be had, as all scores are equal, is 0."""
    return {name: float(np.nan_to_num(value)) for name, value in metrics.items()}


def model_folder(output: Path) -> Path:
    return output / card.FOLDER


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
        raise SystemExit(f"model: the model in {folder} is incomplete: {flaw}; run train.py --resume to save it again")
    try:
        return inference.ready(SentenceTransformer(str(folder)))
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(f"model: the model in {folder} can't be loaded: {error}; run train.py again") from error


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the model before and after training.")
    parser.add_argument("--base", default=model.BASE, help="model before training: hub id or folder")
    parser.add_argument("--output", type=Path, default=ROOT, help="folder that train.py wrote to")
    parser.add_argument("--fail-if-worse", action="store_true", help="exit 1 when the model got worse")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
