"""Writes results/report.html from what train.py and evaluate.py measured: one file that opens without a network."""

from __future__ import annotations

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
    "ndcg@10 on the eval rows while training": {"eval_ndcg@10": "ndcg@10"},
    "Spread of the scores while training: near 0 the model has collapsed": {"monitor_spread": "spread"},
    "Share of scores that are a sure no or yes": {"monitor_saturated": "saturated"},
}


def write(results: Path) -> Path:
    """Write report.html beside metrics.json and training.json, and return its path."""
    metrics, log = saving.read_json(results / "metrics.json", {}), saving.read_json(results / "training.json", [])
    pages = Environment(loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("report.html.jinja").render(
        metrics=metrics,
        log=log,
        took=saving.read_json(results / "run.json", {}),
        charts=over_steps(log),
    )
    file = results / "report.html"
    saving.write(file, page)
    return file


def over_steps(log: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a chart for each of CURVES that the log of the training knows."""
    charts = []
    for caption, names in CURVES.items():
        lines = {
            label: [(row["step"], row[key]) for row in log if math.isfinite(row.get(key, math.nan))]
            for key, label in names.items()
        }
        if any(lines.values()):
            charts.append(line_chart(caption, lines))
    return charts


def line_chart(
    caption: str, lines: Mapping[str, Sequence[tuple[float, float]]], level: Sequence[float] = ()
) -> dict[str, Any]:
    """Return a chart as the page draws it: its lines, and where both axes begin and end."""
    points = [point for line in lines.values() for point in line]
    across, up = [x for x, _ in points], [*(y for _, y in points), *level]
    chart = {"caption": caption, "axis": "step", "from": min(across), "to": max(across), "level": level}
    chart["lines"] = {label: line for label, line in lines.items() if line}
    return chart | {"left": min(across), "right": max(across), "low": min(up), "high": max(up)}
