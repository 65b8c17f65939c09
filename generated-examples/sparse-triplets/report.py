"""Writes results/report.html from what train.py and evaluate.py measured: one file that opens without a network."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import saving

ROOT = Path(__file__).parent
# What is drawn over the steps of the training: caption -> key of the log, what the curve is called.
CURVES = {
    "Loss while training": {"loss": "training rows", "eval_loss": "eval rows"},
    "dot_ndcg@10 on the eval rows while training": {"eval_dot_ndcg@10": "dot_ndcg@10"},
    "Spread of the embeddings while training: near 0 the model has collapsed": {"monitor_spread": "spread"},
    "Effective rank of the embeddings while training": {"monitor_effective_rank": "effective rank"},
    "Active dimensions of a text while training": {"monitor_active_dimensions": "active dimensions"},
}


def read_log(results: Path, run: Any) -> list[dict[str, Any]]:
    """Return the log of a run; none where a later one has written its own, and was ended before its model was saved."""
    log: list[dict[str, Any]] = saving.read_json(results / "training.json", [])
    return log if all(entry.get("run", run) == run for entry in log) else []


def write(results: Path) -> Path:
    """Write report.html beside metrics.json and training.json, and return its path."""
    metrics = saving.read_json(results / "metrics.json", {})
    log = read_log(results, metrics.get("run"))
    pages = Environment(loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("report.html.jinja").render(
        metrics=metrics,
        log=log,
        took=saving.read_json(results / "run.json", {}) if log else {},
        charts=over_steps(log),
    )
    file = results / "report.html"
    saving.write(file, page)
    return file


def over_steps(log: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a chart for each of CURVES that the log of the training knows."""
    charts = []
    level = [row["chance_level_loss"] for row in log if "chance_level_loss" in row]
    for caption, names in CURVES.items():
        found = {
            label: [(row["step"], row[key]) for row in log if math.isfinite(row.get(key, math.nan))]
            for key, label in names.items()
        }
        if lines := {label: points for label, points in found.items() if points}:
            charts.append({"caption": caption, "lines": lines, "level": level if "loss" in names else []})
    return charts
