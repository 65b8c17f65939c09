"""Watches for collapse while training: when all pairs get nearly the same score, whatever they say.

The loss may fall all the same, so that nothing else would show it.
"""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import CrossEncoder
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

EXAMPLES = 256  # of the eval rows, that are looked at
STOPS = False  # whether a collapse ends the training
FIGURE = "monitor_"  # in front of what is measured, in the log


class CollapseMonitor(TrainerCallback):
    """Measures the model at every evaluation, keeps the figures in the log, and warns when it has collapsed."""

    def __init__(self, encoder: CrossEncoder, examples: list[dict[str, str]]) -> None:
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


def look(encoder: CrossEncoder, examples: list[list[str]]) -> dict[str, float]:
    """Score every first text with its partner and with the next example's, and describe the scores.

    `spread` is their standard deviation before the activation, `saturated` the share that would come out as a sure no
    or a sure yes, where gradients vanish.
    """
    partners = examples[1:] + examples[:1]
    pairs = [(first, second) for first, second in examples]
    pairs += [(first, second) for (first, _), (_, second) in zip(examples, partners, strict=True)]
    scores = encoder.predict(pairs, activation_fn=torch.nn.Identity(), convert_to_tensor=True).double()
    certainty = scores.softmax(dim=-1).amax(dim=-1) if scores.ndim > 1 else (scores.sigmoid() - 0.5).abs() + 0.5
    return {"spread": float(scores.std(dim=0).mean()), "saturated": float((certainty > 0.99).double().mean())}


def find_collapse(start: dict[str, float], now: dict[str, float]) -> str | None:
    """Say how the scores have fallen together, or return None."""
    if now["spread"] < 0.001 or now["spread"] < 0.01 * start["spread"]:
        return f"the spread of scores fell from {start['spread']:.4f} to {now['spread']:.4f}"
    return None
