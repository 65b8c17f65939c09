"""Watches the training: how far it is and what it costs, a loss that is NaN or stands still, and whether the model collapses."""

import math
import sys
import time
from datetime import timedelta
from typing import Any

import torch
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from transformers import TrainerCallback, TrainerState

import provenance


class Progress(TrainerCallback):
    """Prints the plan before the first step, a line for each loss of the log, and the main metric at each evaluation."""

    def __init__(self, rows: str) -> None:
        self.rows, self.began, self.first = rows, 0.0, 0

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Say what a step is made of: rows on each device x devices x batches whose gradients are summed."""
        self.began, self.first = time.monotonic(), state.global_step
        parts = f"{args.train_batch_size // args.world_size} x {args.world_size} x {args.gradient_accumulation_steps}"
        print(f"{self.rows}; {state.max_steps:,} steps of {parts} rows (batch x devices x accumulation)", flush=True)

    def on_log(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        logs = given["logs"]
        if "loss" not in logs:
            return
        seconds = (time.monotonic() - self.began) / max(1, state.global_step - self.first)
        rows = args.train_batch_size * args.gradient_accumulation_steps / seconds
        left = timedelta(seconds=round(seconds * (state.max_steps - state.global_step)))
        said = f"loss {logs['loss']:.4f}, learning rate {logs['learning_rate']:.1e}, {rows:.3g} rows/s, {left} left"
        print(f"step {state.global_step}/{state.max_steps}: {said}", flush=True)

    def on_evaluate(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Print the metric that picks the checkpoint; the trainer evaluates several data sets one by one."""
        metric = str(args.metric_for_best_model)
        if metric in given["metrics"]:
            print(f"step {state.global_step}/{state.max_steps}: {metric} {given['metrics'][metric]:.4f}", flush=True)


def warn(state: TrainerState, warning: str) -> None:
    """Print a warning, and keep it in the log, which train.py writes to results/training.json."""
    print(f"warning: {warning}", flush=True)
    entry: dict[str, Any] = {"step": state.global_step, "warning": warning}
    state.log_history.append(entry)


class BestCheckpoint(TrainerCallback):
    """Settles which checkpoint is delivered: that with the best metric, of equals the last, and none of the warm-up.

    While the learning rate still rises, weights have hardly moved.
    It comes before early stopping, whose patience so begins after the warm-up too.
    """

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        self.random = torch.get_rng_state()

    def on_evaluate(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Prepare for the trainer, which takes a checkpoint only where it is better than the best so far."""
        if state.global_step == 0:  # that the base was measured must not change what is trained
            torch.set_rng_state(self.random)
        value = given["metrics"].get(args.metric_for_best_model)
        if value is None:  # the trainer evaluates several data sets one by one
            return
        if (state.best_global_step or 0) <= args.get_warmup_steps(state.max_steps):
            state.best_metric = None
        elif value == state.best_metric:
            state.best_global_step = state.global_step


def delivered(args: Any, state: TrainerState) -> dict[str, Any]:
    """Return which step is delivered and why, for the log."""
    step, metric = state.best_global_step or state.global_step, str(args.metric_for_best_model)
    values = {entry["step"]: entry[metric] for entry in state.log_history if metric in entry}
    if step not in values:
        why = "nothing was measured while training"
    elif step <= args.get_warmup_steps(state.max_steps):
        why = "nothing was measured after the warm-up"
    else:
        same = sum(value == values[step] for at, value in values.items() if at) - 1
        why = f"{metric} is best there, with {values[step]:.4f}" + (f", the last of {same + 1} equals" if same else "")
    said = f"Step {step} of {state.max_steps} is delivered: {why}."
    return {"step": step, "delivered": f"{said} {held_against_base(values, step, args.greater_is_better)}".strip()}


def held_against_base(values: dict[float, float], step: int, greater: bool) -> str:
    """Say whether a step is better than the base, which is measured as step 0 where that is affordable."""
    if 0 not in values or step not in values:
        return ""
    if greater and round(values[0], 4) == 1:
        return "The base has 1.0000, which nothing can beat: these eval rows are too few or too easy to choose by."
    if values[step] == values[0]:
        return "The base has as much: by these eval rows nothing was gained, and what the test rows say may be chance."
    if (values[step] > values[0]) == greater:
        return f"The base has {values[0]:.4f}."
    return (
        f"No checkpoint beats the base, which has {values[0]:.4f}: this training was of no use. Look at the labels, and try "
        "a lower learning rate, more rows, or what README.md says to try next."
    )


SAME = 10  # lines of the log with the same loss, after which nothing seems to be learned
TOLERANCE = 1e-4  # by so small a share losses of the same size differ
NOTHING = 1e-5  # a loss below leaves nothing to learn


class LossMonitor(TrainerCallback):
    """Ends the run when the loss is NaN or infinite, and warns once when it stands still."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.warned = False

    def on_log(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        loss = given["logs"].get("loss")
        if loss is None:  # a line of an evaluation
            return
        if not math.isfinite(loss):
            raise SystemExit(
                f"train: at step {state.global_step} the loss is {loss}, from which no training recovers. "
                f"Lower the learning rate, which is {args.learning_rate:g}; in fp16, train in bf16 or fp32; and look for "
                "NaN among the scores or vectors of the data. Nothing was saved but the checkpoints before."
            )
        self.losses = [*self.losses, loss][-SAME:]
        solved = min(self.losses) >= 0 and max(self.losses) <= NOTHING
        still = solved or max(self.losses) - min(self.losses) <= TOLERANCE * abs(loss)
        if still and len(self.losses) == SAME and not self.warned:
            self.warned = True
            stuck = f"The loss is stuck at {loss:.4g} for {SAME} lines of the log: the model no longer learns."
            advice = (
                "Take harder rows or another loss" if solved else "Look at the labels, and try another learning rate"
            )
            warn(state, f"{stuck} {advice}.")


EXAMPLES = 64  # of the eval rows, that are looked at
NEAR = 0.99  # cosine from which two embeddings are nearly the same
FIGURE = "monitor_"  # in front of what is measured, in the log


class CollapseMonitor(TrainerCallback):
    """Measures the model at every evaluation, keeps the figures in the log, and warns when it has collapsed."""

    def __init__(self, encoder: SentenceTransformer, examples: list[dict[str, str]]) -> None:
        """Watch a model on the texts of some examples: the first two of each."""
        self.encoder = encoder
        self.examples = [list(example.values())[:2] for example in examples[:EXAMPLES]]
        self.start: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Measure the model as it is before training; the log of a run that goes on says it already."""
        seen = next((entry for entry in state.log_history if f"{FIGURE}spread" in entry), {})
        self.start = {name.removeprefix(FIGURE): value for name, value in seen.items() if name.startswith(FIGURE)}
        if not seen and state.is_world_process_zero:
            self.start = self.measure(state)

    def on_evaluate(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        first = state.global_step == 0  # which has been looked at
        if state.is_world_process_zero and not first and (found := find_collapse(self.start, self.measure(state))):
            warn(
                state,
                f"The model has collapsed: {found}. Lower the learning rate, and look for wrong pairs in the data.",
            )

    def measure(self, state: TrainerState) -> dict[str, float]:
        """Measure the model, and keep that in the log, which train.py writes to results/training.json."""
        found = look(self.encoder, self.examples)
        entry = {f"{FIGURE}{name}": value for name, value in found.items()}
        state.log_history.append({"step": state.global_step, "epoch": state.epoch or 0.0, **entry})
        return found


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
        raise SystemExit("train: embeddings hold NaN or infinity: the weights are lost. Lower the learning rate.")
    # An embedding of zeros points nowhere: all of them get one direction of their own. On the CPU: Apple GPUs have no float64.
    vectors = torch.cat([vectors, (vectors == 0).all(dim=1, keepdim=True)], dim=1).cpu().double()
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
    if now["spread"] < 0.1 * start["spread"] and start["spread"] >= 0.001:  # else they never lay apart
        return f"the spread of embeddings fell from {start['spread']:.3f} to {now['spread']:.3f}"
    return None


def measure_cost(trainer: SentenceTransformerTrainer, batch_size: int) -> dict[str, dict[str, Any]]:
    """Return each figure as it was planned, or why it wasn't, and as it was measured."""
    given, state = trainer.args, trainer.state
    rows = given.train_batch_size * given.gradient_accumulation_steps
    end = next((entry for entry in reversed(state.log_history) if "train_runtime" in entry), {})
    launch, memory = "the launch decides", peak_memory()
    figures: dict[str, tuple[Any, Any]] = {
        "rows a step": (batch_size, rows),
        "steps": (state.max_steps, state.global_step),
        "passes over the data": ("the steps decide" if given.max_steps > 0 else given.num_train_epochs, state.epoch),
        "processes": (launch, given.world_size),
        "device": (launch, provenance.device()),
        "precision": (launch, trainer.accelerator.mixed_precision.replace("no", "fp32")),
        "seconds": ("not planned: `stgen profile` counts the texts first", end.get("train_runtime")),
        "rows a second": ("not planned: `stgen profile` counts the texts first", end.get("train_samples_per_second")),
        "peak memory of one process, GiB": (
            "0.13 to 0.16 of tensors on a CPU (an estimate); there the process itself comes on top",
            memory and round(memory / 2**30, 3),
        ),
    }
    return {name: {"planned": planned, "measured": measured} for name, (planned, measured) in figures.items()}


def peak_memory() -> int | None:
    """Return the most bytes that this process has held: on its GPU where it has one, else in all; None where nobody counts."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    if sys.platform == "win32":
        return None
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
