"""The modules of a generated repo."""

from __future__ import annotations

OWN_MODULES = frozenset(
    {
        "candidates",
        "card",
        "classes",
        "clean",
        "compare",
        "convert",
        "data",
        "evaluate",
        "export",
        "loss_monitor",
        "losses",
        "metrics",
        "model",
        "monitor",
        "mteb_tasks",
        "nanobeir",
        "prepare",
        "reader",
        "reading",
        "report",
        "run_cost",
        "stream",
        "tiny",
        "train",
        "task_texts",
        "verdict",
    }
)
"""Modules of the generated repo itself: they come last, as first-party imports."""
