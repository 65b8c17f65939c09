"""Says what was planned of a training run, and what it cost."""

from __future__ import annotations

import sys
from typing import Any

import torch
from sentence_transformers import CrossEncoderTrainer


def measure(trainer: CrossEncoderTrainer, batch_size: int) -> dict[str, dict[str, Any]]:
    """Return each figure as it was planned and as it was measured; None where there is no plan."""
    given, state = trainer.args, trainer.state
    rows = given.train_batch_size * given.gradient_accumulation_steps * given.world_size
    end = next((entry for entry in reversed(state.log_history) if "train_runtime" in entry), {})
    memory = peak_memory()
    return {
        "rows a step": {"planned": batch_size, "measured": rows},
        "steps": {"planned": state.max_steps, "measured": state.global_step},
        "passes over the data": {
            "planned": None if given.max_steps > 0 else given.num_train_epochs,
            "measured": state.epoch,
        },
        "processes": {"planned": None, "measured": given.world_size},
        "precision": {"planned": None, "measured": trainer.accelerator.mixed_precision.replace("no", "fp32")},
        "seconds": {"planned": None, "measured": end.get("train_runtime")},
        "rows a second": {"planned": None, "measured": end.get("train_samples_per_second")},
        "peak memory of one process, GiB": {"planned": None, "measured": memory and round(memory / 2**30, 3)},
    }


def peak_memory() -> int | None:
    """Return the most bytes that this process has held: on its GPU where it has one, else in all; None where nobody counts."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    if sys.platform == "win32":
        return None
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
