"""Checkpoints: each is sealed once it is whole, knows the run that it is of, and is taken up by no other."""

import argparse
import hashlib
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from datasets import Dataset
from transformers import Trainer, TrainerCallback, TrainerState

import provenance
import saving

ROOT = Path(__file__).parent
RUN = "run.json"  # in the folder of checkpoints: the run that they are of
WEIGHTS = "weights.json"  # in a checkpoint: a hash of the model's, by which it is known when it is loaded again
# Programs that prepare, tell or measure afterwards: they may change within a run.
INDIFFERENT = ["card", "checkpoints", "monitor", "prepare", "provenance", "report", "saving", "stamp", "verdict"]
# Options that say where a run starts and writes: they don't change its outcome.
WHERE = {"output", "resume", "anew", "push"}


class Start(NamedTuple):
    """What a run is, and where it starts."""

    run: dict[str, Any]
    checkpoint: str | None = None
    finished: bool = False


def find_start(trainer: Trainer, options: argparse.Namespace, rows: Mapping[str, Dataset], model: Path) -> Start:
    """Decide, in the first process for all, where a run starts; stop where it would take up another run's checkpoint, or lose one."""
    decided: list[Any] = [None]
    if trainer.is_world_process_zero():
        try:
            folder = Path(str(trainer.args.output_dir))
            decided = [choose(folder, identify(trainer, options, rows), model, options)]
        except SystemExit as reason:
            decided = [str(reason)]
    broadcast_object_list(decided)
    if not isinstance(decided[0], Start):
        raise SystemExit(decided[0] if trainer.is_world_process_zero() else 1)
    # The trainer would hold a share of the steps against their number in the checkpoint, and warn each time.
    logging.getLogger("transformers.trainer_utils").setLevel(logging.ERROR)
    return decided[0]


def identify(trainer: Trainer, options: argparse.Namespace, rows: Mapping[str, Dataset]) -> dict[str, Any]:
    """Return what decides on the outcome of a run: options and processes as they are, hashes of rows, weights and programs."""
    base = Path(options.base)
    return {
        **{name: value for name, value in vars(options).items() if name not in WHERE},
        "base": base.name if base.exists() else options.base,
        "seed": trainer.args.seed,
        "processes": trainer.args.world_size,
        "mixed precision": trainer.accelerator.mixed_precision,
        "weights of the base": hash_weights(trainer.accelerator.unwrap_model(trainer.model).state_dict()),
        **{f"{name} rows": saving.CONTENT + provenance.fingerprint(some) for name, some in rows.items()},
        **hash_programs(),
    }


def hash_programs() -> dict[str, str]:
    """Hash the programs of this repo that decide on what is trained, those of the user's own too."""
    programs = [path for path in sorted(ROOT.glob("*.py")) if path.stem not in INDIFFERENT]
    return {path.name: saving.CONTENT + hashlib.sha256(path.read_bytes()).hexdigest() for path in programs}


def hash_weights(weights: Mapping[str, torch.Tensor]) -> str:
    """Hash a thousand values of each weight, which tell models apart: all of them would take long."""
    digest = hashlib.sha256()
    for name, weight in weights.items():
        some = weight.detach().flatten()[:: max(1, weight.numel() // 1000)]
        digest.update(f"{name} {tuple(weight.shape)}".encode() + some.float().cpu().numpy().tobytes())
    return saving.CONTENT + digest.hexdigest()


def trained_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights that learn: beside an adapter a part of the base may be made anew when it is loaded, and isn't used."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def choose(folder: Path, run: dict[str, Any], model: Path, options: argparse.Namespace) -> Start:
    """Choose where a run starts, and clear away what it must not meet again."""
    saving.settle(model)
    trained = None if saving.find_flaw(model) else saving.read_seal(model)["run"]
    whole = find_whole(folder)
    newest = saving.read_seal(whole[0])["run"] if whole else None
    if options.resume and run == trained and newest in (None, trained):
        print(f"The model in {model} is finished: nothing is left to train")
        return Start(run, finished=True)
    before = newest or saving.read_json(folder / RUN) or trained
    if options.resume == "same" and before and (changed := saving.differences(before, run)):
        raise SystemExit(
            f"train: what stands in {folder.parent} is of another run: {changed}. Undo that, begin a new run with --anew, "
            "or go on all the same with `--resume anyway`"
        )
    if not (options.resume or options.anew) and newest not in (None, trained):
        raise SystemExit(
            f"train: {whole[0]} is of a run that is not finished: --resume goes on from it, --anew gives it up"
        )
    clear(folder, whole if options.resume else [], options.anew)
    saving.write_json(folder / RUN, run)
    if options.resume and whole:
        print(f"Training goes on from {whole[0]}")
        return Start(run, str(whole[0]))
    if options.resume:
        print("There is no complete checkpoint: training starts at the beginning")
    return Start(run)


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, newest first, whole or not."""
    steps = {path: path.name.removeprefix("checkpoint-") for path in folder.glob("checkpoint-*")}
    found = [path for path in steps if steps[path].isdecimal() and not path.is_symlink()]
    return sorted(found, key=lambda path: int(steps[path]), reverse=True)


def find_whole(folder: Path) -> list[Path]:
    """Return the checkpoints that a run can go on from, newest first; say of the others why none can."""
    whole = []
    for checkpoint in checkpoints_in(folder):
        fault = saving.find_flaw(checkpoint)
        best = None if fault else saving.read_json(checkpoint / "trainer_state.json")["best_global_step"]
        if best and saving.find_flaw(checkpoint.with_name(f"checkpoint-{best}")):
            fault = f"checkpoint-{best}, the best so far, is incomplete"
        if fault:
            print(f"{checkpoint} is left out: {fault}")
        else:
            whole.append(checkpoint)
    return whole


def clear(folder: Path, kept: list[Path], anew: bool) -> None:
    """Remove the checkpoints that a run must not meet again; stop where they may be somebody else's."""
    if anew or (folder / RUN).exists():
        for checkpoint in set(checkpoints_in(folder)) - set(kept):
            shutil.rmtree(checkpoint)
    elif not kept and any(folder.glob("checkpoint-*/trainer_state.json")):
        raise SystemExit(
            f"train: {folder} holds checkpoints that this program did not save: move them away, or give --anew"
        )


class CheckpointKeeper(TrainerCallback):
    """Seals each checkpoint when all of it is saved, and only then removes older ones but `kept`, the best among them."""

    def __init__(self, run: dict[str, Any], kept: int) -> None:
        self.run, self.kept = run, kept

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Find the best checkpoint where it lies now: a checkpoint remembers where it was saved."""
        if state.best_global_step:
            state.best_model_checkpoint = str(Path(str(args.output_dir), f"checkpoint-{state.best_global_step}"))

    def on_epoch_begin(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Tell each batch sampler its epoch: in several processes the trainer reaches none behind batches that it skips."""
        sampler = getattr(given["train_dataloader"], "batch_sampler", None)
        while sampler is not None:
            if hasattr(sampler, "set_epoch"):
                sampler.set_epoch(int(state.epoch or 0))
            sampler = getattr(sampler, "batch_sampler", None)

    def on_save(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        PartialState().wait_for_everyone()  # each process has saved its random numbers
        if not state.is_world_process_zero:
            return
        folder = Path(str(args.output_dir))
        checkpoint = folder / f"checkpoint-{state.global_step}"
        if state.best_global_step:  # else weights may be shared out over the processes
            saving.write_json(checkpoint / WEIGHTS, hash_weights(trained_weights(given["model"])))
        saving.seal(checkpoint, self.run)
        needed = {f"checkpoint-{step}" for step in (state.global_step, state.best_global_step or state.global_step)}
        others = [checkpoint for checkpoint in checkpoints_in(folder) if checkpoint.name not in needed]
        for other in others[max(0, self.kept - len(needed)) :]:
            shutil.rmtree(other)

    def on_train_end(self, args: Any, state: TrainerState, control: Any, **given: Any) -> None:
        """Stop where the model isn't that of the best checkpoint: the trainer only logs that it couldn't load it."""
        if not (state.is_world_process_zero and state.best_global_step):  # another machine may have no checkpoints
            return
        saved = Path(str(args.output_dir), f"checkpoint-{state.best_global_step}", WEIGHTS)
        if saving.read_json(saved) != hash_weights(trained_weights(given["model"])):
            raise SystemExit(
                f"train: {saved.parent} is the best checkpoint, and its weights can't be read back: the reason stands above. "
                "No model is delivered; once that is mended, --resume loads it again"
            )
