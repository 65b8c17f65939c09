"""Which fragments README.md is made of: Plan -> ReadmeProgram. Their text stands in `templates/readme/`."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.render.programs.fragments import those
from stgen.render.programs.losses import own_losses_of
from stgen.values.record import Record


class ReadmeProgram(Record):
    """The files that README.md tells of, and what it says of the data."""

    files: tuple[str, ...]
    data: tuple[str, ...]


def readme_program(plan: Plan) -> ReadmeProgram:
    """Choose the fragments of a plan's README.md."""
    prepared = any(one.prepare for one in plan.sets)
    return ReadmeProgram(
        files=_files_of_sets(plan, prepared) if plan.mix else _files(plan, prepared),
        data=those({"prepared": prepared, "streamed": plan.stream}),
    )


def _files(plan: Plan, prepared: bool) -> tuple[str, ...]:
    one, stream = plan.sets[0], plan.stream
    return those(
        {
            "data": True,
            "reading": True,
            "stream": stream,
            "clean_stream": stream and stream.clean,
            "convert": stream and stream.steps,
            "prepare": prepared,
            "stamp": prepared,
            "clean": one.clean,
            "model": True,
            "train": True,
            "candidates": plan.compare,
            "compare": plan.compare,
            "losses": own_losses_of(plan),
            "own_loss": one.loss.custom,
            "evaluate": True,
            "measure": True,
            "inference": True,
            "monitor": True,
            "export": plan.exported,
            "mteb_tasks": plan.mteb,
            "nanobeir": one.evaluation.nanobeir,
            "checkpoints": True,
            "saving": True,
            "seed": True,
            "sharding": plan.train.sharded,
            "card": True,
            "verdict": True,
            "provenance": True,
            "report": True,
            "launch": True,
            "tests": True,
        }
    )


def _files_of_sets(plan: Plan, prepared: bool) -> tuple[str, ...]:
    return those(
        {
            "sets": True,
            "reading": True,
            "data_of_set": True,
            "prepare_sets": prepared,
            "prepare_of_set": prepared,
            "stamp_of_sets": prepared,
            "clean_of_set": plan.sets[0].clean,
            "model": True,
            "train_sets": True,
            "losses": own_losses_of(plan),
            "monitor": True,
            "measure_of_set": True,
            "nanobeir": plan.sets[0].evaluation.nanobeir,
            "checkpoints": True,
            "saving": True,
            "seed": True,
            "card": True,
            "provenance": True,
            "evaluate_sets": True,
            "measure_sets": True,
            "inference": True,
            "mteb_tasks": plan.mteb,
            "export": plan.exported,
            "launch": True,
            "tests": True,
        }
    )
