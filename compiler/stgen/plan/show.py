"""Tells what a training will take, for people: Plan -> lines of text; `explain` says why."""

from __future__ import annotations

from math import ceil
from textwrap import fill

from stgen.plan.effort import told_seconds
from stgen.plan.plan import Alternative, Cost, Decision, EffortPlan, MemoryPlan, Plan
from stgen.plan.readers import UNKNOWN
from stgen.rules.hardware import GIB
from stgen.values.wrapping import WIDTH

COUNTED = (
    "steps",
    "warmup",
    "evaluate_every",
    "max_length",
    "mini batch",
    "negatives per anchor",
    "false negatives",
    "gain that",
)  # decisions that are shown beside the memory


def show_plan(plan: Plan) -> str:
    """The model and its loss, the batch, the memory by part, and what the next step up would bring."""
    losses = ", ".join(one.loss.name for one in plan.sets)
    head = f"{plan.project.title}: a {plan.model.type} model trained with {losses}"
    parts = [
        head,
        _steps(plan),
        _effort(plan),
        _memory(plan.train.memory) if plan.train.memory else _estimated(plan.train.figures.memory),
    ]
    if plan.train.memory:
        parts.append(_alternatives(plan.train.memory.alternatives))
    return "\n\n".join((*parts, "`stgen explain` says why; `--format json` prints the whole plan.")) + "\n"


def _steps(plan: Plan) -> str:
    train = plan.train
    passes = train.arguments.get("num_train_epochs")
    length = f"{train.steps:,} steps" if train.steps > 0 else f"{passes} {'epoch' if passes == 1 else 'epochs'}"
    again = "yes" if train.arguments.get("activation_checkpointing") else "no"
    rows = [("batch", f"{train.batch_size} rows a step, over all devices"), ("length", length)]
    rows.append(("gradient checkpointing", again))
    rows.append(("accumulation", "none: a step is one batch"))
    rows += [
        (one.what.replace("_", " "), _in_steps(one, train.effort))
        for one in plan.decisions
        if one.what.startswith(COUNTED)
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(("Training", *(f"  {name:<{width}}  {value}" for name, value in rows)))


def _in_steps(one: Decision, effort: EffortPlan | None) -> str:
    """What was decided, and where that is a share of the run, the steps that it comes to: rounded up, as the trainer does."""
    if one.what not in ("warmup", "evaluate_every") or effort is None or one.value == "none":
        return one.value
    share = float(one.value)
    steps = ceil(effort.steps * share) if share < 1 else int(share)
    if one.what == "warmup":
        return f"{one.value} (the first {steps:,} steps)" if steps else one.value
    times = ceil(effort.steps / steps)  # the end is measured too
    return f"{one.value} (every {steps:,} steps: {times:,} times)" if times > 1 else f"{one.value} (once, at the end)"


def _effort(plan: Plan) -> str:
    effort = plan.train.effort
    if effort is None:
        return fill(
            "Tokens, hours and cost aren't planned: `stgen profile` counts the rows and their tokens first.", WIDTH
        )
    lines = [
        f"Length: {effort.steps:,} steps, {effort.steps * effort.batch:,} rows, {effort.tokens:,} tokens with padding"
    ]
    if len(plan.sets) > 1:
        lines.append("  counted as if every row were of the set whose loss asks most of a batch")
    if not effort.costs:
        lines.append(fill(f"Hours and cost: {plan.train.figures.seconds}.", WIDTH))
    if effort.core and any("cpu" in launch.name for launch in plan.launches):
        lines.append(f"  CPU, a core {_speed(effort.core)}")
    for one in effort.costs:
        price = "price unknown"
        if one.dollars_low is not None:
            price = f"{_dollars(one.dollars_low, one.dollars_high or 0)} at prices of {one.read}"
        lines += [f"  {one.device:<12}{_speed(one)}", f"{'':14}{price}"]
    return "\n".join(lines)


def _speed(one: Cost) -> str:
    rows = f"{_rate(one.rows_low)} to {_rate(one.rows_high)} rows a second"
    return f"{told_seconds(one.seconds_low, one.seconds_high)}; {rows}"


def _rate(rows: float) -> str:
    """Rows a second; those of long lists on a CPU are less than one."""
    return f"{rows:,.0f}" if rows >= 1 else f"{rows:.1g}"


def _dollars(low: float, high: float) -> str:
    return f"{low:,.2f} to {high:,.2f} USD" if high >= 0.01 else "under a cent"


def _memory(memory: MemoryPlan) -> str:
    tokens = " + ".join(map(str, memory.tokens))
    lines = [f"Memory of {memory.device}, {memory.memory / GIB:.1f} GiB, with texts of {tokens} tokens"]
    lines += [f"  {name:<12}{value / GIB:8.2f} GiB" for name, value in memory.parts.items()]
    lines.append(
        f"  {'peak':<12}{memory.low / GIB:8.2f} to {memory.high / GIB:.2f} GiB (not all parts at the same time)"
    )
    largest = f"{memory.largest:,} rows" if memory.largest else "none"
    return "\n".join((*lines, f"  the largest batch that fits: {largest}"))


def _estimated(memory: str) -> str:
    """What is known of memory where no device is named that it could be held against."""
    if memory.startswith("not planned"):
        advice = " Name a base of the table, or one that is here, and count with `stgen profile`."
        return fill(f"Memory: {memory}.{advice if UNKNOWN in memory else ''}", WIDTH)
    advice = 'Write the device, such as gpu = "L4" in [hardware], and what fits into it is planned.'
    return fill(f"Memory: {memory.replace(' of tensors', ' GiB of tensors')}. {advice}", WIDTH)


def _alternatives(alternatives: tuple[Alternative, ...]) -> str:
    lines = ["With the same batch"]
    for one in alternatives:
        fits = "fits" if one.fits else "does not fit"
        most = f"up to {one.largest:,} rows" if one.largest else "no batch fits"
        lines += [f"  {one.what:<24}{one.peak / GIB:8.2f} GiB, {fits}; {most}", f"{'':26}write {one.write}"]
    return "\n".join(lines)
