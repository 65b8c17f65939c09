"""Watches the loss while training: it must be a number, and it must move."""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

SAME = 10  # lines of the log with the same loss, after which nothing seems to be learned
TOLERANCE = 1e-4  # by so small a share losses of the same size differ


class LossMonitor(TrainerCallback):
    """Ends the run when the loss is no number, and warns once when it stands still."""

    def __init__(self) -> None:
        """Start with no losses seen."""
        self.losses: list[float] = []
        self.warned = False

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **given: Any,
    ) -> None:
        """Look at the loss of a line of the log; lines of evaluations have none."""
        if logs is None or "loss" not in logs:
            return
        loss = logs["loss"]
        if not math.isfinite(loss):
            raise SystemExit(
                f"train: at step {state.global_step} the loss is {loss}, and weights that follow it are lost. "
                f"Lower the learning rate, which is {args.learning_rate:g}; in fp16, train in bf16 or fp32; and look for "
                "scores or vectors in the data that are no numbers. Nothing was saved but the checkpoints before."
            )
        self.losses = [*self.losses, loss][-SAME:]
        still = max(self.losses) - min(self.losses) <= TOLERANCE * abs(loss)
        if still and len(self.losses) == SAME and not self.warned:
            self.warned = True
            self.warn(
                state, f"The loss has stood at {loss:.4g} for {SAME} lines of the log: nothing is learned any more."
            )

    def warn(self, state: TrainerState, warning: str) -> None:
        """Say so, and keep it in the log, which train.py writes to results/training.json."""
        if state.is_world_process_zero:
            print(f"warning: {warning} Look at the labels, and try another learning rate.")
            entry: dict[str, Any] = {"step": state.global_step, "warning": warning}
            state.log_history.append(entry)
