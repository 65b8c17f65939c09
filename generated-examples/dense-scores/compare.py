"""Trains several losses, each under several seeds and all on as many rows, and reports them side by side.

    bash launch/compare-cpu.sh  # through accelerate, as it is meant
    python compare.py --rows 1000  # with a smaller budget
    python compare.py --seeds 1 --losses CoSENTLoss  # some of the runs

The same command again goes on where it was stopped: finished runs stay, and the one that was cut off continues from its
last checkpoint. Writes runs/LOSS-SEED/, results/compare.json and, where evaluate.py has run, results/report.html.
"""

import os

os.environ["TQDM_DISABLE"] = "1"  # bars of libraries would stand between the lines of the runs
if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("goes on where it was stopped")

import argparse
import gc
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from accelerate import PartialState

import checkpoints
import data
import evaluate
import measure
import model
import provenance
import report
import saving
import train
import verdict
from candidates import CANDIDATES
from seed import SEED
from verdict import Examples

ROOT = Path(__file__).parent
LOSSES = ["CoSENTLoss", "AnglELoss", "CosineSimilarityLoss"]
SEEDS = [1, 2, 3]
EPOCHS = 4.0  # passes over train: as many rows as train.py learns from, for each run
MAIN_METRIC = measure.MAIN_METRIC


def main(argv: Sequence[str] | None = None) -> int:
    """Train what isn't trained yet, measure, write results/, print the table; return the exit code."""
    options = parse(argv)
    with saving.hold(options.output / "runs"), redirect_stdout(sys.stdout if is_first() else None):
        return compare(options)


def compare(options: argparse.Namespace) -> int:
    """Do the runs one after the other, and report them; return the exit code."""
    rows = options.rows or round(EPOCHS * len(data.load("train")))
    runs = list(product(options.seeds, options.losses))
    print(
        f"{len(runs)} runs of {rows} rows each: {', '.join(options.losses)}; seeds {', '.join(map(str, options.seeds))}"
    )
    failed: dict[str, str] = {}
    for number, (seed, loss) in enumerate(runs, start=1):
        if loss not in failed:
            print(f"Run {number} of {len(runs)}: {loss}, seed {seed}", flush=True)
            if reason := train_once(loss, seed, rows, options):
                print(f"{loss} is left out: {reason}")
                failed[loss] = reason
    if len(failed) == len(options.losses):
        raise SystemExit(f"compare: no loss could be trained: {failed[options.losses[0]]}")
    if is_first():
        tell(options, rows, failed)
    return 0


def train_once(loss: str, seed: int, rows: int, options: argparse.Namespace) -> str:
    """Train a run, from its last checkpoint where there is one; do nothing where it is finished.

    Returns why it could not be trained, as when its loss became NaN; "" when it was.
    """
    folder = run_folder(options.output, loss, seed)
    settings = {"loss": loss, "seed": seed, "rows": rows, "base": str(options.base), **fingerprints(loss)}
    note = folder / "settings.json"
    resumed = note.exists()
    if resumed and json.loads(note.read_text()) != settings:
        raise SystemExit(
            f"compare: {folder} is a run of another program, budget or data; remove it, or name another --output"
        )
    if (folder / "run.json").exists():
        return ""
    steps = math.ceil(rows / CANDIDATES[loss].batch_size)
    arguments = ["--loss", loss, "--seed", str(seed), "--max-steps", str(steps), "--base", str(options.base)]
    if is_first():
        saving.write_json(note, settings)
    try:
        # The settings tell other runs apart already: one may go on with another number of processes.
        train.run(train.parse([*arguments, "--output", str(folder), "--resume", "anyway", "--no-base"]))
    except SystemExit as reason:
        return str(reason)
    gc.collect()  # the next run needs the memory of this one's weights and optimizer
    PartialState().wait_for_everyone()  # another process may still read the best checkpoint
    if is_first():
        log = json.loads((folder / "results" / "training.json").read_text())
        end = next(entry for entry in reversed(log) if "train_runtime" in entry)
        done = {"rows": end["step"] * CANDIDATES[loss].batch_size, "seconds": end["train_runtime"]}
        saving.write_json(folder / "run.json", settings | done | {"resumed": resumed})
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return ""


def is_first() -> bool:
    """Whether this is the first of the processes that are launched together, which writes for all."""
    return os.environ.get("RANK", "0") == "0"


def fingerprints(loss: str) -> dict[str, Any]:
    """Return what a run depends on: hashes of the programs, of the rows that it learns from, and of the test rows."""
    return {
        "programs": checkpoints.hash_programs(),
        "data": fingerprint(CANDIDATES[loss].rows),
        "test": fingerprint("test"),
    }


@cache
def fingerprint(split: str) -> str:
    return provenance.fingerprint(data.load(split))


def tell(options: argparse.Namespace, rows: int, failed: dict[str, str]) -> None:
    """Choose a loss on the eval rows, report all on the test rows, write results/compare.json, and print the table.

    What is chosen on the rows that it is then reported on looks better than it is.
    """
    losses = [loss for loss in options.losses if loss not in failed]
    evaluators = {"eval": measure.build_evaluator(data.load("eval")), "test": measure.build_test()}
    print("Measuring the base model")
    base = evaluate.build_base(options.base)
    before = {split: figure(measure.score_model(base, evaluator)[1]) for split, evaluator in evaluators.items()}
    others = {"base model": before}
    measured: dict[str, dict[str, list[Examples]]] = {"eval": {}, "test": {}}
    for loss, (split, evaluator) in product(losses, evaluators.items()):
        print(f"Measuring {loss} on {split}")
        folders = [run_folder(options.output, loss, seed) for seed in options.seeds]
        measured[split][loss] = [score_run(folder, split, evaluator) for folder in folders]
    shown = measure.texts(evaluators["test"])
    results = {
        "metric": MAIN_METRIC,
        "examples": len(shown),
        "rows": rows,
        "seeds": options.seeds,
        "others": others,
        "losses": [summary(loss, measured["eval"][loss], measured["test"][loss], options) for loss in losses],
        "failed": failed,
    }
    print("Telling them apart")
    results["losses"].sort(key=lambda one: -one["eval"])
    results["says"] = hold_against_best(results["losses"], measured["test"], shown)
    file = options.output / "results" / "compare.json"
    saving.write_json(file, results)
    print("\n".join([table(results), "", results["says"], "", f"The figures are in {file}"]))
    if (file.parent / "metrics.json").exists():
        print(f"The report is {report.write(file.parent)}")


def score_run(folder: Path, split: str, evaluator: measure.EmbeddingSimilarityEvaluator) -> Examples:
    """Return what the model of a run makes of each example of a split; it is measured once."""
    file = folder / f"{split}.npz"
    if not file.exists():
        _, examples = measure.score_model(evaluate.load_trained(evaluate.model_folder(folder)), evaluator)
        unfinished = folder / "unfinished.npz"
        np.savez(unfinished, **examples)  # type: ignore[arg-type]
        unfinished.replace(file)
    with np.load(file) as kept:
        return dict(kept)


def figure(examples: Examples, chosen: np.ndarray | None = None) -> float:
    """Return the main metric over the chosen examples, or all."""
    count = len(next(iter(examples.values())))
    return measure.aggregate(examples, np.arange(count) if chosen is None else chosen)[MAIN_METRIC]


def summary(
    loss: str, chosen_on: list[Examples], measured: list[Examples], options: argparse.Namespace
) -> dict[str, Any]:
    """Return the figures of a loss over its seeds: the metric, its spread, and what training took.

    The time is that of runs that went through in one piece.
    """
    values = [figure(examples) for examples in measured]
    runs = [json.loads((run_folder(options.output, loss, seed) / "run.json").read_text()) for seed in options.seeds]
    seconds = [run["seconds"] for run in runs if not run["resumed"]]
    return {
        "loss": loss,
        "eval": float(np.mean([figure(examples) for examples in chosen_on])),
        "values": values,
        "mean": float(np.mean(values)),
        "spread": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "lowest": min(values),
        "highest": max(values),
        "rows": float(np.mean([run["rows"] for run in runs])),
        "seconds": float(np.mean(seconds)) if seconds else None,
    }


def hold_against_best(
    losses: list[dict[str, Any]], measured: dict[str, list[Examples]], shown: Sequence[Mapping[str, str]]
) -> str:
    """Add to each loss but the best on eval how far it lies behind on test, and return in words what that means.

    By a paired bootstrap: each resample draws the same test examples for all losses, and of each loss its seeds anew,
    so that the interval holds the chance of both.
    """
    best, *behind = (one["loss"] for one in losses)
    draw = np.random.default_rng(SEED)
    groups = verdict.group(shown)
    samples = list(verdict.resample(groups, draw)) if behind else []
    resampled = {loss: resample(runs, samples, draw) for loss, runs in measured.items()}
    near, ahead = [], []
    for one in losses:
        change = None
        if one["loss"] != best:
            change = verdict.estimate(
                losses[0]["mean"], one["mean"], resampled[one["loss"]] - resampled[best], len(groups)
            )
            near += [one["loss"]] if verdict.decide(change) == "no change" else []
            ahead += [one["loss"]] if verdict.decide(change) == "better" else []
        one["behind"] = change._asdict() if change else None
    if not behind:
        return f"{best} alone was trained."
    level = [one["loss"] for one in losses if one["eval"] == losses[0]["eval"]]
    said = f"{' and '.join(level)} are equally good on eval" if len(level) > 1 else f"{best} is the best on eval"
    if ahead:
        said += f"; on test {', '.join(ahead)} did better by more than chance: the eval rows are too few, or of another kind"
    if near:
        return f"{said}; on test {best} can't be told apart from {', '.join(near)}."
    return f"{said}." if ahead else f"{said}, and on test ahead of every other loss by more than chance."


def resample(runs: list[Examples], samples: list[np.ndarray], draw: np.random.Generator) -> np.ndarray:
    """Return the mean over a loss's runs in each resample, its runs drawn anew each time [samples]."""
    values = np.array([[figure(run, chosen) for chosen in samples] for run in runs])
    drawn = draw.integers(len(runs), size=values.shape)
    return np.take_along_axis(values, drawn, axis=0).mean(axis=0)


def table(results: dict[str, Any]) -> str:
    """Return the losses as eval orders them, aligned; `*` marks those that lie behind the best by more than chance on test."""
    rows = [[results["metric"], "eval", "test", "spread", "lowest", "highest", "behind the best", "rows", "seconds"]]
    for one in results["losses"]:
        change = one["behind"]
        distance = f"{change['change']:+.4f} ({change['low']:+.4f} to {change['high']:+.4f})" if change else ""
        mark = " *" if change and change["high"] < 0 else "  "
        row = [
            one["loss"],
            *(number(one[name]) for name in ("eval", "mean", "spread", "lowest", "highest")),
            distance + mark,
        ]
        rows.append([*row, f"{one['rows']:.0f}", "" if one["seconds"] is None else f"{one['seconds']:.1f}"])
    for name, values in results["others"].items():
        rows.append([name, number(values.get("eval")), number(values["test"]), "", "", "", "", "", ""])
    return "\n".join([verdict.table(rows), *(f"{loss} failed: {reason}" for loss, reason in results["failed"].items())])


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def run_folder(output: Path, loss: str, seed: int) -> Path:
    return output / "runs" / f"{loss}-{seed}"


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train several losses and seeds, and compare them.")
    parser.add_argument("--losses", nargs="+", choices=list(CANDIDATES), default=LOSSES, help="losses to compare")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS, help="seeds to train each with")
    parser.add_argument("--rows", type=int, help="rows that each run learns from; by default as many as train.py")
    parser.add_argument("--base", default=model.BASE, help="model to start from: hub id or folder")
    parser.add_argument("--output", type=Path, default=ROOT, help="folder for runs/ and results/")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
