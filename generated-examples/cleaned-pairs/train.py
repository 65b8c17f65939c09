"""Trains the model; README.md says what, on what, and why with this loss.

bash launch/cpu.sh        # through accelerate, as it is meant
python train.py --max-steps 2    # a trial run
python train.py --resume         # go on from the last checkpoint
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer import losses
from transformers import PrinterCallback, set_seed
from transformers.trainer_utils import get_last_checkpoint

import card
import data
import evaluate
import model
from monitor import CollapseMonitor, LossMonitor, Progress, measure_cost

ROOT = Path(__file__).parent
SEED = 42
# Rows that one step learns from, over all devices together: the same whatever the run is launched on.
BATCH_SIZE = 64


def main(argv: Sequence[str] | None = None) -> int:
    """Train the model; return the exit code."""
    run(parse(argv))
    return 0


def run(options: argparse.Namespace) -> SentenceTransformer:
    """Train the model, save it under `options.output`, and return it."""
    set_seed(SEED)
    train_rows, eval_rows = data.load("train"), data.load("eval")
    encoder = model.build(options.base)
    card.describe(encoder)
    loss = losses.MultipleNegativesRankingLoss(encoder)
    evaluator = evaluate.build_evaluator(eval_rows)
    trainer = SentenceTransformerTrainer(
        model=encoder,
        args=arguments(options),
        train_dataset=train_rows,
        eval_dataset=eval_rows,
        loss=loss,
        evaluator=evaluator,
        callbacks=[
            Progress(f"{len(train_rows):,} rows"),
            CollapseMonitor(encoder, evaluate.texts(evaluator)),
            LossMonitor(),
        ],
    )
    trainer.remove_callback(PrinterCallback)  # Progress prints in its place
    checkpoint = get_last_checkpoint(options.output / "checkpoints") if options.resume else None
    chance = chance_level(trainer.args.per_device_train_batch_size)
    print(f"A loss of {chance:.2f} is chance level")
    trainer.train(resume_from_checkpoint=checkpoint)
    if trainer.is_world_process_zero():
        save(
            encoder,
            [{"step": 0, "chance_level_loss": chance}, *trainer.state.log_history],
            measure_cost(trainer, BATCH_SIZE),
            options.output,
        )
    return encoder


def save(
    encoder: SentenceTransformer, log: list[dict[str, float]], cost: dict[str, dict[str, Any]], output: Path
) -> None:
    """Write the model, what was logged while it trained, and what that cost."""
    folder = evaluate.model_folder(output)
    encoder.save_pretrained(str(folder))
    results = output / "results"
    results.mkdir(exist_ok=True)
    (results / "training.json").write_text(json.dumps(log, indent=1))
    (results / "run.json").write_text(json.dumps(cost, indent=1))
    print(f"The trained model is in {folder}")


def arguments(options: argparse.Namespace) -> SentenceTransformerTrainingArguments:
    """Return the training arguments. Precision and devices are not among them: launch/ decides those."""
    per_device = max(1, BATCH_SIZE // int(os.environ.get("WORLD_SIZE", "1")))
    return SentenceTransformerTrainingArguments(
        output_dir=str(options.output / "checkpoints"),
        max_steps=options.max_steps,
        disable_tqdm=True,
        per_device_train_batch_size=per_device,
        per_device_eval_batch_size=per_device,
        num_train_epochs=10.0,
        learning_rate=0.2,
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        eval_strategy="steps",
        eval_steps=0.1,
        save_strategy="steps",
        save_steps=0.1,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_cosine_ndcg@10",
        greater_is_better=True,
        logging_steps=0.02,
        report_to="none",
        batch_sampler="no_duplicates",
        logging_nan_inf_filter=False,
        seed=SEED,
    )


def chance_level(rows: int) -> float:
    """Return the loss of a model that picks each anchor's positive by chance among its candidates.

    `rows` is what one device gets in a step.
    """
    candidates = rows  # the positive of every row
    return math.log(candidates)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the model.")
    parser.add_argument("--base", default=model.BASE, help="model to start from: hub id or folder")
    parser.add_argument("--output", type=Path, default=ROOT, help="folder for models/, checkpoints/ and results/")
    parser.add_argument("--max-steps", type=int, default=-1, help="stop after so many; -1: all epochs")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
