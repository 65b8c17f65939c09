"""Plans stream.py: a training set with `streaming = true` -> how its rows come by, what is decided, what the trainer is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.match.columns import LABELS
from stgen.match.matching import Match
from stgen.plan.decider import Decider
from stgen.plan.grounds import facts_anywhere
from stgen.plan.parts import Context
from stgen.plan.plan import Contrast, Decision, LaunchPlan, TrainPlan
from stgen.plan.planned_data import CleanPlan, DataPlan, Step, StreamPlan
from stgen.plan.steps import plan_steps
from stgen.rules import streaming as tables
from stgen.values.expressions import Call, Expression, Name

TEXT = Call("Value", ("string",))
NUMBER = Call("Value", ("float64",))
TYPES: dict[str, Expression] = {  # label of a format -> the type of its column, whatever the rows went through
    "class": Call("Value", ("int64",)),
    "binary": NUMBER,
    "score": NUMBER,
    "scores": Call("List", (NUMBER,)),
}
TOLD_APART = ("class", "binary", "score")


def plan_stream(
    spec: Spec, match: Match, place: Place, data: DataPlan, clean: CleanPlan | None, contrast: Contrast | None
) -> tuple[StreamPlan, tuple[Decision, ...]]:
    """Plan the stream of a spec's only data set; return it with what was decided about it."""
    choose = Decider(facts_anywhere(spec, match))
    buffer: int = choose(tables.BUFFER)
    steps = plan_steps(Context(spec, spec.data[0], spec.loss, match, place))
    reads: Literal["files", "hub"] = "hub" if "train" in data.hub else "files"
    aside = spec.prepare is not None and spec.prepare.on_bad_row == "set-aside"
    features = _features(match, data)
    watched, column = _watched(match, data, contrast)
    changes = clean is not None and clean.changes
    converters, measured_by = _converters(steps)
    return StreamPlan(
        reads=reads,
        shard="int" if reads == "hub" else "str",
        piece="piece" if reads == "hub" else "file",
        features=features,
        buffer=buffer,
        looked_at=tables.LOOKED_AT,
        watched=watched,
        column=column,
        sets_aside=aside,
        removes=aside or clean is not None,
        converts=changes or bool(measured_by),
        measured=_measured(changes, bool(measured_by)),
        swapped=spec.model.type == "cross-encoder",
        steps=steps,
        converters=converters,
        measured_by=measured_by,
        clean=clean,
    ), tuple(choose.made)


def arguments_of_streams() -> Mapping[str, Expression]:
    """What the trainer must be told for each process to read rows of its own."""
    return {"accelerator_config": {"dispatch_batches": False}}


def explain_stream(
    spec: Spec, stream: StreamPlan, contrast: Contrast | None, train: TrainPlan, launches: tuple[LaunchPlan, ...]
) -> tuple[Decision, ...]:
    """Say what streaming changes: how rows are shared and shuffled, how a run resumes, and what isn't checked."""
    piece = stream.piece
    found = [
        Decision(row.what, row.value.format(piece=piece), row.why.format(piece=piece), row.set_by)
        for row in tables.CHANGES
        if row.what != "leaked rows" or stream.clean is None or stream.clean.leaks is None
    ]
    if contrast is not None:
        found.append(_repeats(stream, contrast, train, launches))
    if stream.clean or stream.steps:
        found.append(Decision("steps", "on the fly", tables.ON_THE_FLY, "[prepare]"))
    return tuple(found)


def _repeats(stream: StreamPlan, contrast: Contrast, train: TrainPlan, launches: tuple[LaunchPlan, ...]) -> Decision:
    """False negatives of a contrastive loss: duplicates that no batch sampler keeps apart."""
    rows = train.batch_size if contrast.gathers else train.batch_size // (launches[0].processes * launches[0].machines)
    chance = (rows - 1) / (2 * stream.buffer)  # on average a row stays while as many others as the buffer holds go
    why = (
        f"no batch sampler works on a stream: two rows with the same text in the buffer of {stream.buffer} are in the same "
        f"batch of {rows} with a probability of about {chance:.1%}, and are false negatives there"
    )
    return Decision("false negatives from duplicates", f"{chance:.1%} of duplicates", why, "[train] batch_size")


def _features(match: Match, data: DataPlan) -> dict[str, Expression]:
    """Column -> type, for the columns that the loss gets."""
    types = {name: data.features.get(name, TEXT) for name in data.trained_columns}
    label = match.trained_format.label
    if "documents" in types:
        types["documents"] = Call("List", (TEXT,))
    if label in TYPES:
        types[LABELS[label]] = TYPES[label]
    if label == "margin":
        negatives = sum(name.startswith("negative") for name in types)
        types["label"] = NUMBER if negatives == 1 else TYPES["scores"]
    return types


def _watched(match: Match, data: DataPlan, contrast: Contrast | None) -> tuple[Literal["", "label", "repeats"], str]:
    """What the first rows are looked at for, and the column."""
    label = match.trained_format.label
    if label in TOLD_APART:
        return "label", LABELS[label]
    if contrast is not None and len(data.trained_columns) > 1:
        return "repeats", data.trained_columns[1]
    return "", ""


def _converters(steps: tuple[Step, ...]) -> tuple[tuple[tuple[str, str, tuple[Step, ...]], ...], str]:
    """The functions of convert.py, and the one for rows that are measured on: some steps are for training rows alone."""
    trained = ("convert", "Return the rows that come of one.", steps)
    shared = tuple(step for step in steps if step.splits == "all")
    if not shared:
        return ((trained,) if steps else ()), ""
    if len(shared) == len(steps):
        return (trained,), "convert"
    return (
        trained,
        ("convert_measured", "Return what comes of a row that is measured on.", shared),
    ), "convert_measured"


def _measured(changes: bool, converts: bool) -> Expression:
    """The rows of eval and test, with the changes that the rows of the stream go through."""
    rows: Expression = Call("read", (Name("split"),))
    if changes:
        rows = Call("clean.change_all", (rows,))
    return Call("convert.convert_all", (rows,)) if converts else rows
