"""Watches for collapse while training: when all texts get nearly the same embedding, whatever they say.

The loss may fall all the same, so that nothing else would show it.
"""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

EXAMPLES = 256  # of the eval rows, that are looked at
NEAR = 0.99  # cosine from which two embeddings are nearly the same
STOPS = False  # whether a collapse ends the training
FIGURE = "monitor_"  # in front of what is measured, in the log


class CollapseMonitor(TrainerCallback):
    """Measures the model at every evaluation, keeps the figures in the log, and warns when it has collapsed."""

    def __init__(self, encoder: SentenceTransformer, examples: list[dict[str, str]]) -> None:
        """Watch a model on the texts of some examples: the first two of each."""
        self.encoder = encoder
        self.examples = [list(example.values())[:2] for example in examples[:EXAMPLES]]
        self.start: dict[str, float] = {}

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any
    ) -> None:
        """Measure the model as it is before training; a run that goes on has measured it already."""
        if not state.is_world_process_zero:
            return
        if seen := next((entry for entry in state.log_history if f"{FIGURE}spread" in entry), None):
            self.start = {name.removeprefix(FIGURE): value for name, value in seen.items() if name.startswith(FIGURE)}
            return
        self.start = look(self.encoder, self.examples)
        self.log(state, self.start)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Measure the model as it is now."""
        if not state.is_world_process_zero:
            return
        now = look(self.encoder, self.examples)
        self.log(state, now)
        if warning := find_collapse(self.start, now):
            said = f"The model has collapsed: {warning}."
            print(f"{said} Lower the learning rate, and look for wrong pairs in the data.")
            entry: dict[str, Any] = {"step": state.global_step, "warning": said}
            state.log_history.append(entry)
            control.should_training_stop = control.should_training_stop or STOPS

    def log(self, state: TrainerState, figures: dict[str, float]) -> None:
        """Put the figures into the log, which train.py writes to results/training.json."""
        entry = {f"{FIGURE}{name}": value for name, value in figures.items()}
        state.log_history.append({"step": state.global_step, "epoch": state.epoch or 0.0, **entry})


def look(encoder: SentenceTransformer, examples: list[list[str]]) -> dict[str, float]:
    """Embed the texts and describe how the embeddings lie."""
    texts = list(dict.fromkeys(text for example in examples for text in example))
    return describe(encoder.encode(texts, convert_to_tensor=True))


def describe(vectors: torch.Tensor) -> dict[str, float]:
    """Describe how embeddings [texts, dimensions] lie.

    `spread` is the mean cosine distance of two of them, `near_identical` the share of pairs above NEAR, and
    `effective_rank` the number of dimensions that they really use: the exponential of the entropy of their singular
    values (Roy and Vetterli 2007).
    """
    if not vectors.isfinite().all():
        raise SystemExit(
            "train: embeddings hold values that are no numbers: the weights are lost. Lower the learning rate."
        )
    # An embedding of zeros points nowhere: all of them get one direction of their own.
    vectors = torch.cat([vectors, (vectors == 0).all(dim=1, keepdim=True)], dim=1).double()
    unit = torch.nn.functional.normalize(vectors, dim=1)
    pairs = torch.triu_indices(len(unit), len(unit), offset=1)
    cosines = (unit @ unit.T)[pairs[0], pairs[1]]
    values = torch.linalg.svdvals(vectors - vectors.mean(dim=0))
    shares = values / values.sum().clamp(min=1e-12)
    entropy = -(shares * shares.clamp(min=1e-12).log()).sum()
    return {
        "spread": float(1 - cosines.mean()),
        "near_identical": float((cosines > NEAR).double().mean()),
        "effective_rank": float(entropy.exp()),
    }


def find_collapse(start: dict[str, float], now: dict[str, float]) -> str | None:
    """Say how the embeddings have fallen together, or return None."""
    if now["near_identical"] > 0.5 and now["near_identical"] > 2 * start["near_identical"]:
        return f"{now['near_identical']:.0%} of all pairs of texts have nearly the same embedding"
    if now["spread"] < 0.1 * start["spread"]:
        return f"the spread of embeddings fell from {start['spread']:.3f} to {now['spread']:.3f}"
    return None
