"""Trains the model; README.md says what, on what, and why.

    bash launch/cpu.sh  # through accelerate, as it is meant
    python train.py --max-steps 2  # a trial run, in trial/
    python train.py --resume  # go on from the last checkpoint

Writes models/, checkpoints/ and results/.
"""

import os

os.environ["TQDM_DISABLE"] = "1"  # bars of libraries would stand between the lines of the run
if "WORLD_SIZE" not in os.environ:  # one process: the trainer would give a whole batch to each GPU that it sees
    os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("with --resume goes on from the last checkpoint")

import argparse
import math
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, Value
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer import losses
from transformers import PrinterCallback, set_seed

import card
import checkpoints
import data
import evaluate
import measure
import model
import provenance
import saving
from monitor import BestCheckpoint, CollapseMonitor, LossMonitor, Progress, delivered, measure_cost
from seed import SEED

ROOT = Path(__file__).parent
STEPS = -1  # all epochs
CHECKPOINTS = 2  # that stay on disk, the newest and the best among them
EPOCHS = 10  # passes over the training rows
LEARNING_RATE = 0.2  # the rate at its peak
WARMUP = 0.1  # until the rate has risen to its peak: below 1 a share of the steps, else their number
# Rows that one step learns from, over all devices together: the same whatever the run is launched on.
BATCH_SIZE = 64
EVALUATIONS = 10  # of a run at most, each with a checkpoint
# That train together: the launcher says how many.
PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))


def main(argv: Sequence[str] | None = None) -> int:
    options = parse(argv)
    if options.max_steps != STEPS:  # a trial: it must not touch a finished model or its checkpoints
        options.output, options.anew = options.output / "trial", not options.resume
    out = sys.stdout if os.environ.get("RANK", "0") == "0" else None  # the first of several processes tells for all
    with saving.hold(options.output / "checkpoints"), redirect_stdout(out):
        run(options)
    return 0


def run(options: argparse.Namespace) -> SentenceTransformer:
    """Train the model, save it under `options.output`, and return it."""
    set_seed(SEED)
    train_rows, eval_rows = data.load("train"), data.load("eval")
    require_apart(train_rows, options.batch_size)
    encoder = model.build(options.base)
    card.describe(encoder)
    loss = losses.MultipleNegativesRankingLoss(encoder)
    evaluator = measure.build_evaluator(eval_rows, documents_afforded(options, len(train_rows), len(eval_rows)))
    trainer = SentenceTransformerTrainer(
        model=encoder,
        args=arguments(
            options,
            len(without_repeats(eval_rows)),
            *evaluate_every(options, len(train_rows), len(eval_rows) + len(evaluator.documents)),
        ),
        train_dataset=train_rows,
        eval_dataset=without_repeats(eval_rows),
        loss=loss,
        evaluator=evaluator,
        callbacks=[
            Progress(f"{len(train_rows):,} rows"),
            BestCheckpoint(),
            CollapseMonitor(encoder, measure.texts(evaluator)),
            LossMonitor(),
        ],
    )
    rows = {"train": train_rows, "eval": eval_rows}
    start = checkpoints.find_start(trainer, options, rows, evaluate.model_folder(options.output))
    if start.finished:
        return evaluate.load_trained(evaluate.model_folder(options.output))
    fit(trainer, start, options.batch_size, options.output)
    if trainer.is_world_process_zero():
        save(encoder, start.run, options)
    return encoder


def fit(trainer: SentenceTransformerTrainer, start: checkpoints.Start, batch_size: int, output: Path) -> None:
    """Train from where the run starts, and write what was measured meanwhile."""
    card.leave_rows_out(trainer.model)
    trainer.remove_callback(PrinterCallback)  # Progress prints in its place
    trainer.add_callback(checkpoints.CheckpointKeeper(start.run, CHECKPOINTS))
    chance = chance_level(batch_size)
    print(f"Chance-level loss: {chance:.2f}")
    trainer.args.eval_on_start &= start.checkpoint is None  # a run that goes on has measured the base
    trainer.train(resume_from_checkpoint=start.checkpoint)
    if trainer.is_world_process_zero():
        trainer.state.log_history.insert(0, delivered(trainer.args, trainer.state) | {"run": start.run})
        print(trainer.state.log_history[0]["delivered"])
        log = [{"step": 0, "chance_level_loss": chance}, *trainer.state.log_history]
        saving.write_json(output / "results" / "training.json", log)
        saving.write_json(output / "results" / "run.json", measure_cost(trainer, batch_size))


def save(encoder: SentenceTransformer, run: dict[str, Any], options: argparse.Namespace) -> None:
    """Save the trained model, which takes the place of an earlier one only now."""
    folder = evaluate.model_folder(options.output)
    unfinished = saving.start_version(folder)
    encoder.model_card_data.eval_results_dict = {}  # of the rows that picked the checkpoint: evaluate.py puts in those of the test rows
    encoder.save_pretrained(str(unfinished))
    saving.write_json(unfinished / provenance.FILE, provenance.made(options.base))
    saving.seal(unfinished, run)
    saving.put_in_place(folder)
    print(f"The trained model is in {folder}")
    if (before := saving.beside(folder, "previous")).exists():
        print(f"The one before it is in {before} until the next is saved")


def arguments(
    options: argparse.Namespace, measured: int, every: int, first: bool
) -> SentenceTransformerTrainingArguments:
    """Return the training arguments; `measured` rows at least are in each set for eval. Precision and devices are up to launch/."""
    rows = whole_batch(options.batch_size)
    return SentenceTransformerTrainingArguments(
        output_dir=str(options.output / "checkpoints"),
        max_steps=options.max_steps,
        disable_tqdm=True,
        per_device_train_batch_size=rows,  # which are split over the processes
        per_device_eval_batch_size=eval_batch(measured, rows),
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        warmup_steps=WARMUP,
        lr_scheduler_type="linear",
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        eval_on_start=first,
        load_best_model_at_end=True,
        metric_for_best_model="eval_cosine_ndcg@10",
        greater_is_better=True,
        logging_steps=0.02,
        report_to="none",
        batch_sampler="no_duplicates",
        accelerator_config={"split_batches": True},
        dataloader_drop_last=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        logging_nan_inf_filter=False,
        seed=SEED,
    )


def whole_batch(rows: int) -> int:
    """Return the rows of a step; stop where the processes can't get as many each."""
    if rows % PROCESSES:
        low = rows // PROCESSES * PROCESSES
        better = f"{low} or {low + PROCESSES}" if low else str(PROCESSES)
        raise SystemExit(f"train: a batch of {rows} rows can't be split over {PROCESSES} processes: {better} rows can")
    return rows


def eval_batch(rows: int, most: int) -> int:
    """Return the size of batches for the eval loss: equal ones, because a smaller last one is left out."""
    size = rows // max(1, math.ceil(rows / most))
    return max(1, size // PROCESSES) * PROCESSES


def chance_level(rows: int) -> float:
    """Return the chance-level loss: the positive is drawn at random from the candidates of a step's rows."""
    rows //= PROCESSES  # a process doesn't see the others' documents
    candidates = rows  # the positive of every row
    return math.log(candidates)


def without_repeats(rows: Dataset) -> Dataset:
    """Return the rows without a text of an earlier one: others fit into no batch of the eval loss."""
    columns = [rows[name] for name, feature in rows.features.items() if feature == Value("string")]
    seen: set[str] = set()
    kept = []
    for number, texts in enumerate(zip(*columns, strict=True)):
        if seen.isdisjoint(texts):
            kept.append(number)
            seen.update(texts)
    return rows.select(kept)


def require_apart(rows: Dataset, batch: int) -> None:
    """Stop where batches without duplicates can't be filled: not a single step would be made."""
    for name in [name for name, feature in rows.features.items() if feature == Value("string")]:
        distinct: set[str] = set()
        for text in rows[name]:
            distinct.add(text)
            if len(distinct) == batch:
                break
        else:
            raise SystemExit(
                f"train: `{name}` has {len(distinct)} distinct texts, and a batch of {batch} needs {batch}"
            )


def documents_afforded(options: argparse.Namespace, trained: int, measured: int) -> int:
    """Return among how many documents is searched while training: as many as 5 evaluations can afford.

    Checkpoints look alike where few documents are searched, and chance picks one. An evaluation reads `measured` rows besides.
    """
    learned = 3 * (trained * options.epochs if options.max_steps < 0 else options.max_steps * options.batch_size)
    rows = int(0.19 / 0.81 * learned / 6) - measured - 64
    return max(measure.DOCUMENTS_WHILE_TRAINING, min(measure.DOCUMENTS, rows))


def evaluate_every(options: argparse.Namespace, trained: int, read: int) -> tuple[int, bool]:
    """Return the steps between two evaluations, of which as many as take a fifth of the run, and whether the base is measured.

    An evaluation reads as much as `read` rows have, and some more to look for a collapse.
    """
    steps = options.max_steps if options.max_steps > 0 else math.ceil(trained // options.batch_size * options.epochs)
    if steps == 0:
        raise SystemExit(
            f"train: {trained:,} training rows don't fill a batch, so nothing would be learned: take a smaller one"
        )
    # A row of training costs three passes, one forward and twice as much backward.
    learned = 3 * steps * options.batch_size
    affordable = int(0.19 / 0.81 * learned / (read + min(read, 64))) - 1  # beside the base
    evaluations = max(1, min(EVALUATIONS if steps >= 40 else 2, affordable))
    print(f"{steps:,} steps, evaluated {evaluations} times")
    if 0 <= steps < 100 and options.max_steps == STEPS:
        print("Fewer than 100 steps: more --epochs or a smaller --batch-size would bring more")
    return max(1, math.ceil(steps / evaluations)), affordable >= 1


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the model.")
    parser.add_argument("--base", default=model.BASE, help="model to start from: hub id or folder")
    parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="rows of a step, over all devices together")
    parser.add_argument("--epochs", type=float, default=EPOCHS, help="passes over the training rows")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE, help="the rate at its peak")
    parser.add_argument("--output", type=Path, default=ROOT, help="folder for models/, checkpoints/ and results/")
    parser.add_argument("--max-steps", type=int, default=STEPS, help="a trial run of so many steps, in trial/ there")
    ways = parser.add_mutually_exclusive_group()
    resume = "go on from the last checkpoint; `anyway`: though data, arguments or programs have changed since"
    ways.add_argument("--resume", nargs="?", choices=["same", "anyway"], const="same", help=resume)
    ways.add_argument("--anew", action="store_true", help="begin anew; an unfinished run's checkpoints are removed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
