"""Says what a training takes in tokens, hours and money: counted lengths, a shape and the table of GPUs -> ranges."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.language.facts import processes
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.lengths import limit_of, max_length_of, padded_tokens
from stgen.plan.memory.peak import Peak
from stgen.plan.memory.shape import Shape
from stgen.plan.plan import Cost, Decision, EffortPlan, Figures, MemoryPlan
from stgen.plan.readers import Readers, unread
from stgen.plan.reading_of_rows import texts_read
from stgen.rules.hardware import GIB, GPUS
from stgen.rules.row import Gpu
from stgen.rules.utilisation import CORE, FORWARD, OVERHEAD, TO_INPUTS, TO_WEIGHTS, utilisation

HOUR = 3600
LISTED = ("documents",)  # roles whose texts are read together, and padded to the longest of all lists
QUERIES = ("anchor", "text_1")  # roles that a router's query side reads
USUAL = ("L4", "A100-80GB", "H100-80GB")  # where the spec names no GPU, or one whose speed no source says


def plan_effort(
    spec: Spec, match: Match, readers: Readers | None, gpu: Gpu | None, steps: int, batch: int, again: int
) -> EffortPlan | None:
    """The tokens of a run and what they take on the GPU that is named and on two others; None where nobody counted the texts."""
    columns = tokens_of_step(spec, match, batch)
    if not columns:
        return None
    total = round(sum(columns.values()) * steps)
    if readers is None:
        return EffortPlan(steps, batch, total, ())
    read = {role: tokens * steps for role, tokens in columns.items()}
    work = sum(
        operations(_reads(role, readers), tokens, spec.model.lora is not None, again) for role, tokens in read.items()
    )
    if not work:
        return EffortPlan(steps, batch, total, ())
    devices = _devices(gpu)
    hidden = max(one.shape.hidden for one in (readers.model, readers.query) if one and one.shape.layers)
    costs = tuple(_cost(one, hidden, work, processes(spec), steps, batch) for one in devices)
    core = _core(work, processes(spec), steps * batch)
    return EffortPlan(steps, batch, total, costs, core, work, _each(spec.model.lora is not None, again), hidden)


def _reads(role: str, readers: Readers) -> Shape:
    """The measures of what reads a column."""
    return (readers.query if readers.query and role in QUERIES else readers.model).shape


def operations(shape: Shape, tokens: float, adapter: bool, again: int) -> float:
    """Floating-point operations of a run: 6 for each weight and token, fewer for frozen weights, more for each time that layers are computed `again`."""
    return _each(adapter, again) * float(shape.linear) * tokens


def _each(adapter: bool, again: int) -> int:
    return FORWARD + TO_INPUTS + (0 if adapter else TO_WEIGHTS) + FORWARD * again


def tokens_of_step(spec: Spec, match: Match, batch: int) -> dict[str, float]:
    """The tokens of a step by role, padding among them: each column is padded to its longest text of the batch."""
    most = max_length_of(spec, match) or limit_of(spec, match) or 512
    found: dict[str, float] = {}
    for one in texts_read(spec, match):
        together = max(1, round(batch * one.times)) if one.role in LISTED else batch
        read = batch * one.times * padded_tokens(one.lengths, together, most)
        found[one.role] = found.get(one.role, 0) + read
    return found


def _devices(gpu: Gpu | None) -> list[Gpu]:
    """The GPU that is named, the next cheaper one and the next faster one whose speed and price are known."""
    known = sorted((one for one in GPUS if one.tflops and one.rent), key=lambda one: one.tflops)
    if gpu is None or not gpu.tflops:
        return [one for one in known if one.name in USUAL]
    slower = [one for one in known if one.tflops < gpu.tflops]
    faster = [one for one in known if one.tflops > gpu.tflops]
    return [one for one in (gpu, *slower[-1:], *faster[:1]) if one.tflops]


def _cost(gpu: Gpu, hidden: int, work: float, devices: int, steps: int, batch: int) -> Cost:
    row = utilisation(hidden)
    fast, slow = (
        work / (gpu.tflops * 1e12 * part * devices) + steps * beside
        for part, beside in zip((row.high, row.low), OVERHEAD, strict=True)
    )
    rows = steps * batch
    rent = gpu.rent
    return Cost(
        device=gpu.name,
        seconds_low=round(fast, 1),
        seconds_high=round(slow, 1),
        rows_low=round(rows / slow, 1),
        rows_high=round(rows / fast, 1),
        dollars_low=round(fast / HOUR * rent.low * devices, 2) if rent else None,
        dollars_high=round(slow / HOUR * rent.high * devices, 2) if rent else None,
        read=rent.read if rent else "",
    )


def _core(work: float, devices: int, rows: int) -> Cost:
    """What a run takes on one core of a CPU for each process."""
    slow, fast = (work / (one * devices) for one in CORE)
    return Cost(
        "one core of a CPU",
        round(fast, 1),
        round(slow, 1),
        round(rows / slow, 1),
        round(rows / fast, 1),
        None,
        None,
        "",
    )


def explain_effort(effort: EffortPlan, several: bool) -> tuple[Decision, ...]:
    """The tokens of the run, and the time on each device; `several` data sets share it."""
    of = ", as if every row were of the set whose loss asks most of a batch" if several else ""
    why = f"{effort.steps:,} steps of {effort.batch} rows, padding among them{of}"
    found = [Decision("tokens", f"{effort.tokens:,}", why)]
    if not effort.costs:
        return tuple(found)
    row = utilisation(effort.width)
    a_token = effort.operations / effort.tokens
    why = (
        f"{a_token / 1e6:,.0f} million operations for each token, {effort.each} for each weight of a layer, at {row.low:.0%} to {row.high:.0%} of the peak "
        f"({row.source}), and {OVERHEAD[0]:g} to {OVERHEAD[1]:g} seconds a step beside; evaluation comes on top"
    )
    found += [
        Decision(f"time on {one.device}", told_seconds(one.seconds_low, one.seconds_high), why)
        for one in effort.costs[:1]
    ]
    return tuple(found)


def figures_of(
    spec: Spec,
    match: Match,
    gpu: Gpu | None,
    effort: EffortPlan | None,
    memory: MemoryPlan | None,
    peaks: Mapping[str, Peak],
) -> Figures:
    """What the report shows as planned: for the device that the spec names, and else an estimate that says for which."""
    costs, note = _shown(spec, match, gpu, effort)
    if not costs:
        return Figures(note, note, _memory(spec, match, memory, peaks))
    seconds = ", ".join(f"{one.seconds_low:,.0f} to {one.seconds_high:,.0f} on {one.device}" for one in costs)
    rows = ", ".join(f"{one.rows_low:,.0f} to {one.rows_high:,.0f} on {one.device}" for one in costs)
    return Figures(seconds + note, rows + note, _memory(spec, match, memory, peaks))


def _shown(spec: Spec, match: Match, gpu: Gpu | None, effort: EffortPlan | None) -> tuple[list[Cost], str]:
    """The costs of the devices that count, and what is to be said of them, or why there are none."""
    if effort is None:
        return [], "not planned: `stgen profile` counts the texts first"
    if not effort.costs or effort.core is None:
        return [], unplanned(spec, match)
    if spec.hardware.accelerator == "cpu":
        return [effort.core], " (an estimate)"
    if gpu is None:
        return [effort.core, effort.costs[0]], " (an estimate: the spec names no device)"
    if not gpu.tflops:
        return [effort.costs[0]], f" (no source says how fast {gpu.name} is)"
    return [effort.costs[0]], ""


def unplanned(spec: Spec, match: Match) -> str:
    """Why there is no figure, though the texts are counted."""
    return f"not planned: {unread(spec, match)}"


def _memory(spec: Spec, match: Match, memory: MemoryPlan | None, peaks: Mapping[str, Peak]) -> str:
    if memory:
        return _range(memory)
    if not peaks:
        return unplanned(spec, match)
    (first, peak), *others = peaks.items()
    found = f"{_range(peak)} of tensors on {first}" + "".join(f", {_range(one)} on {kind}" for kind, one in others)
    on_top = "; there the process itself comes on top" if "a CPU" in peaks else ""
    return f"{found} (an estimate){on_top}"


def _range(memory: MemoryPlan | Peak) -> str:
    return f"{memory.low / GIB:.2f} to {memory.high / GIB:.2f}"


def told_seconds(low: float, high: float) -> str:
    """`20 to 70 seconds`, `3 to 10 minutes`, `1.5 to 6 hours`."""
    for unit, name in ((HOUR, "hours"), (60, "minutes")):
        if high >= 2 * unit:
            return f"{low / unit:,.2g} to {high / unit:,.2g} {name}"
    return f"{low:,.2g} to {high:,.2g} seconds"
