"""Writes results/report.html from what train.py and evaluate.py measured: one file that opens without a network."""

from __future__ import annotations

import hashlib
import io
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib
from datasets import Dataset
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import data

ROOT = Path(__file__).parent
TITLE = "inference"
PACKAGES = [
    "accelerate",
    "datasets",
    "huggingface-hub",
    "jinja2",
    "matplotlib",
    "numpy",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "torch",
    "transformers",
]
SPLITS = ("train", "eval", "test")
# What was decided before training, why, and where the spec changes it.
DECISIONS = [
    ("data format", "pair-class", "the roles are those of (sentence_A, sentence_B) pairs, class", "[[data]] columns"),
    (
        "loss",
        "SoftmaxLoss",
        "The one dense loss for pairs with classes; a detour through triplets often gives better embeddings.",
        "[loss] name",
    ),
    (
        "precision",
        "bf16",
        "NVIDIA GPUs since 2020 compute bfloat16 natively; name an older one in [hardware] gpu to get fp16.",
        "[hardware] precision",
    ),
    (
        "batch_size",
        "32",
        "The loss looks at each row by itself: a larger batch brings speed, not signal.",
        "[train] batch_size",
    ),
    (
        "epochs",
        "1",
        "A spec doesn't say how many rows its files have: one pass. With fewer than some ten thousand, try 2 to 4.",
        "[train] epochs",
    ),
    ("learning_rate", "2e-05", "The usual rate for fine-tuning an encoder.", "[train] learning_rate"),
    ("scheduler", "linear", "Falls to 0 over the run: the documented default.", "[train] scheduler"),
    ("warmup", "0.1", "A tenth of the steps, until the optimizer knows its scale.", "[train] warmup"),
    ("evaluate_every", "0.1", "Ten times a run, whatever its length.", "[train] evaluate_every"),
    ("sampler", "batch_sampler", "The loss looks at each row by itself, so any shuffled batch will do.", ""),
    (
        "early_stopping",
        "none",
        "The run goes on to its end, and the best checkpoint is kept.",
        "[train] early_stopping",
    ),
    ("pooling", "mean", "the spec says so", "[model] pooling"),
    (
        "main metric",
        "spearman_cosine",
        "Spearman correlation of similarities with entailment 1, neutral 0.5, contradiction 0",
        "[metrics] best",
    ),
]
# Colours that stand in for those of the page, which differ in light and dark.
INK, FIRST, SECOND = "#010101", "#020202", "#030303"
PAGE_COLOURS = {INK: "var(--ink)", FIRST: "var(--first)", SECOND: "var(--second)"}
STYLE: dict[Any, Any] = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 10,
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


def write(results: Path) -> Path:
    """Write report.html beside metrics.json and training.json, and return its path."""
    metrics = json.loads((results / "metrics.json").read_text(encoding="utf-8"))
    training = results / "training.json"
    log = json.loads(training.read_text(encoding="utf-8")) if training.exists() else []
    took = results / "run.json"
    pages = Environment(loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("report.html.jinja").render(
        title=TITLE,
        metrics=metrics,
        charts=[*changes_chart(metrics), *curves(log, metrics["main_metric"])],
        run=log[-1] if log else {},
        took=json.loads(took.read_text(encoding="utf-8")) if took.exists() else {},
        warnings=[row["warning"] for row in log if "warning" in row],
        decisions=DECISIONS,
    )
    file = results / "report.html"
    file.write_text(page, encoding="utf-8")
    return file


def provenance() -> dict[str, Any]:
    """Return what the figures were measured with: versions, and a fingerprint of each split."""
    splits = {split: data.load(split) for split in SPLITS}
    return {
        "versions": {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        "data": {split: {"rows": len(rows), "sha256": fingerprint(rows)} for split, rows in splits.items()},
    }


def fingerprint(rows: Dataset) -> str:
    """Hash the rows: equal rows have an equal fingerprint, wherever they were read from."""
    digest = hashlib.sha256()
    for batch in rows.iter(batch_size=1000):
        digest.update(json.dumps(batch, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def changes_chart(metrics: dict[str, Any]) -> list[tuple[str, Markup]]:
    """Draw how each metric changed, with its interval; those without one are left out."""
    changes = metrics["changes"]
    figure, axes = blank(0.6 + 0.25 * len(changes))
    for place, change in enumerate(changes.values()):
        axes.plot([change["low"], change["high"]], [place, place], color=FIRST, linewidth=2)
        axes.plot([change["change"]], [place], "o", color=FIRST)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(changes)), list(changes))
    axes.set_ylim(len(changes) - 0.5, -0.5)
    return [("Change of each metric, trained minus base, with its 95 % interval", svg(figure))]


def curves(log: list[dict[str, Any]], main_metric: str) -> list[tuple[str, Markup]]:
    """Draw the loss and the main metric over the steps of the training."""
    charts = []
    for caption, names in (
        ("Loss while training", {"loss": "training rows", "eval_loss": "eval rows"}),
        (f"{main_metric} on the eval rows while training", {f"eval_{main_metric}": main_metric}),
        ("Spread of the embeddings while training: near 0 the model has collapsed", {"monitor_spread": "spread"}),
        ("Effective rank of the embeddings while training", {"monitor_effective_rank": "effective rank"}),
    ):
        lines = {label: [(row["step"], row[key]) for row in log if key in row] for key, label in names.items()}
        lines = {label: points for label, points in lines.items() if points}
        if not lines:
            continue
        figure, axes = blank(2.4)
        for (label, points), colour in zip(lines.items(), (FIRST, SECOND), strict=False):
            axes.plot(*zip(*points, strict=True), color=colour, label=label, marker=".", markersize=4)
        axes.set_xlabel("step")
        if len(axes.get_legend_handles_labels()[1]) > 1:
            axes.legend(frameon=False, labelcolor=INK)
        charts.append((caption, svg(figure)))
    return charts


def blank(height: float) -> tuple[Figure, Axes]:
    """Return an empty chart, `height` inches high."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5, height), layout="constrained")
        return figure, figure.subplots()


def svg(figure: Figure) -> Markup:
    """Return a chart as SVG that takes its colours from the page around it."""
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    for stand_in, colour in PAGE_COLOURS.items():
        text = text.replace(stand_in, colour)
    return Markup(text[text.index("<svg") :])
