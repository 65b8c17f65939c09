"""The ledger of negatives: for contrastive losses, the number of negatives of each anchor on each launch, and the chance-level loss."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.spec_model import Loss
from stgen.match.matching import Match
from stgen.plan.counts import Alike
from stgen.plan.plan import Contrast, Decision, LaunchPlan, LossPlan, TrainPlan
from stgen.rules.negatives import CONTRASTS
from stgen.rules.negatives import Contrast as Row
from stgen.rules.processes import ANCHORED
from stgen.values.expressions import Call

COMPARES_ROWS = ("CoSENTLoss", "AnglELoss", "SparseCoSENTLoss", "SparseAnglELoss")
"""Losses over pairs of rows: which of two pairs is the more similar."""

FEWEST = 4  # rows of a batch that the sampler of classes takes, and it takes even numbers alone
SAMPLED = 4  # the library's default of `num_negatives`


def plan_contrast(match: Match, columns: tuple[str, ...], loss: LossPlan, table: Loss) -> Contrast | None:
    """What the loss contrasts with; None where no row is another's negative.

    `columns` are those that the loss gets. None too where `directions` add candidates of other kinds.
    """
    parameters = arguments_of(loss.expression, loss.name)
    row = _row(match)
    if row is None or "directions" in parameters:
        return None
    return Contrast(
        counted=row.counted,
        texts=1 + sum(column.startswith("negative") for column in columns),
        sampled=drawn_of(match, parameters),
        anchors=row.counted == "guided" and parameters.get("contrast_anchors") is not False,
        positives=row.counted == "guided" and parameters.get("contrast_positives") is not False,
        terms=len(table.matryoshka or [0]),
        # The modifier over layers adds divergences between layers, which have no such bound.
        softmax=row.softmax and not table.adaptive_layers,
        masks=row.masks,
        gathers=bool(parameters.get("gather_across_devices")),
    )


def drawn_of(match: Match, parameters: Mapping[str, Any]) -> int:
    """Texts of other rows that the loss draws for each anchor: as many as its parameters say; 0 where it draws none."""
    row, given = _row(match), parameters.get("num_negatives", SAMPLED)
    return given if row and row.counted == "sampled" and isinstance(given, int) else 0


def _row(match: Match) -> Row | None:
    return next((row for row in CONTRASTS if (row.model, row.loss) == (match.loss.model, match.loss.name)), None)


def check_batch(match: Match, train: TrainPlan, devices: int, findings: Findings) -> None:
    """STG126: too few rows on a device for the loss."""
    wanted = rows_compared(match)
    rows = train.batch_size // devices
    if match.loss.sampler == "group_by_label" and rows >= wanted and (rows % 2 or rows < FEWEST):
        message = f"{match.loss.name} draws classes in pairs of rows, and a device would have {rows}"
        hint = f"write batch_size = {max(FEWEST, rows + rows % 2) * devices}"
        findings.add(Diagnostic("STG196", message, ("train", "batch_size"), hint))
    seen = train.batch_size if match.loss.gathers else rows
    if seen < wanted:
        message = f"{match.loss.name} compares the rows of a batch, and a device would have {rows}: the loss would be 0"
        hint = f"write batch_size = {wanted * devices} or more"
        findings.add(Diagnostic("STG126", message, ("train", "batch_size"), hint))


def smallest_batch(match: Match, devices: int) -> int:
    """The fewest rows of a batch that leave every device as many as the loss and its sampler take."""
    if match.loss.sampler == "group_by_label":
        return FEWEST * devices
    fewest = rows_compared(match)
    return max(fewest, devices) if match.loss.gathers else fewest * devices


def rows_compared(match: Match) -> int:
    """The fewest rows of a batch that a loss can learn from."""
    if match.loss.sampler == "group_by_label":
        return 3  # two of one class and one of another
    if match.loss.objective == "in-batch" and not match.trained_format.name.startswith(("triplet", "n-tuple")):
        return 2
    return 2 if match.loss.name in COMPARES_ROWS else 1


def candidates(contrast: Contrast, rows: int, devices: int) -> int:
    """How many candidates, the positive among them, each anchor has when a device gets `rows` rows."""
    seen = rows * devices if contrast.gathers else rows
    if contrast.counted == "pairs":
        return seen
    everything = seen * contrast.texts
    if contrast.counted == "guided":
        return everything + (contrast.anchors + contrast.positives) * (seen - 1)
    return min(contrast.texts + contrast.sampled, everything) if contrast.counted == "sampled" else everything


def explain_negatives(
    contrast: Contrast,
    train: TrainPlan,
    launches: tuple[LaunchPlan, ...],
    sampler: str,
    alike: Alike | None,
    of: str = "",
) -> tuple[Decision, ...]:
    """One line for each launch, and one on false negatives; `of` names one of several data sets."""
    found = []
    for launch in launches:
        devices = launch.processes * launch.machines
        rows = train.batch_size // devices
        number = candidates(contrast, rows, devices)
        texts = "the positive" if contrast.texts == 1 else f"{contrast.texts} documents"
        why = f"{rows} rows on each device, {texts} of each row"
        if contrast.counted == "sampled":
            why = (
                f"{contrast.texts - 1} of the row itself and up to {contrast.sampled} of the {rows} rows on each device"
            )
        if devices > 1:
            why += ", gathered over all devices" if contrast.gathers else "; rows of other devices aren't among them"
        if contrast.anchors or contrast.positives:
            why += "; other anchors and other positives count too"
        if contrast.masks:
            why += "; the guide masks likely false negatives"
        if contrast.softmax:
            times = f"{contrast.terms} x " if contrast.terms > 1 else ""
            loss = contrast.terms * log(max(number, 1))
            why += f"; chance-level loss is {times}ln {number} = {loss:.2f}"
        found.append(Decision(f"negatives per anchor{of} ({launch.name})", str(number - 1), why, "[train] batch_size"))
    if alike is None:
        return (*found, Decision(f"false negatives{of}", "not counted here", _false_negatives(contrast, sampler)))
    return (*found, _expected(contrast, sampler, alike, train.batch_size, of))


def _expected(contrast: Contrast, sampler: str, alike: Alike, batch: int, of: str) -> Decision:
    """How many of an anchor's negatives can be expected to be false ones."""
    others = min(contrast.sampled, batch - 1) if contrast.counted == "sampled" else batch - 1
    apart = sampler == "no_duplicates"
    repeats = 0.0 if apart else others * alike.texts
    why = (
        "the sampler keeps equal texts out of a batch" if apart else f"of {others} other rows, those with an equal text"
    )
    if alike.classes:
        why += f"; {others * alike.classes:.2g} of {others} other rows are of the anchor's class"
    if contrast.masks:
        why += "; the guide masks likely ones"
    value = f"{repeats + others * alike.classes:.2g} an anchor"
    return Decision(f"false negatives{of}", value, f"{why}; paraphrases aren't counted")


def explain_apart(why: str, train: TrainPlan, launches: tuple[LaunchPlan, ...], of: str = "") -> tuple[Decision, ...]:
    """One line for each launch of several processes, where the loss knows the rows of one process alone, and why that counts."""
    if not why:
        return ()
    counts = {launch.name: launch.processes * launch.machines for launch in launches}
    why = f"{why}, and each process knows its own rows alone"
    return tuple(
        Decision(f"rows compared{of} ({name})", str(train.batch_size // devices), why, "[train] batch_size")
        for name, devices in counts.items()
        if devices > 1
    )


def _false_negatives(contrast: Contrast, sampler: str) -> str:
    """What is known, without the rows, of false negatives."""
    apart = "the sampler keeps duplicates out of a batch; " if sampler == "no_duplicates" else ""
    masked = "the guide masks likely ones; " if contrast.masks else ""
    return (
        f"{apart}{masked}`stgen validate --data` counts those from duplicates and from rows of one class in a batch; "
        "paraphrases aren't counted"
    )


def arguments_of(expression: object, loss: str) -> dict[str, object]:
    """The keyword arguments of a loss inside an expression, however deep modifiers and wrappers put it."""
    if not isinstance(expression, Call):
        return {}
    if expression.function.rpartition(".")[2] in (loss, ANCHORED.get(loss)):
        return dict(expression.kwargs)
    for part in (*expression.args, *expression.kwargs.values()):
        if found := arguments_of(part, loss):
            return found
    return {}
