"""What the decision tables look at, of a spec: Spec -> facts."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.diagnostics.suggest import closest
from stgen.language.facts import accelerator_of, architecture, encoders_of, start_of
from stgen.language.spec import Hardware, Spec
from stgen.match.decide import bucket
from stgen.match.matching import Match, texts_alone
from stgen.match.reach import options
from stgen.plan.counts import rows_trained, share_of_positives, skew_of_classes
from stgen.rules import grounds
from stgen.rules.bases import known_base, reads_pairs
from stgen.rules.hardware import GPUS, known_gpu
from stgen.rules.row import Gpu
from stgen.values.once import once


def facts_of(spec: Spec, match: Match, gpu: Gpu | None, launched: int) -> dict[str, object]:
    """All facts that the decision tables look at; `launched` is the number of processes of the largest launch."""
    devices = "many" if launched > 1 else "one"
    return {
        **facts_anywhere(spec, match),
        "accelerator": accelerator_of(spec.hardware),
        "bf16": ("yes" if gpu.bf16 else "no") if gpu else "unknown",
        "devices": devices,
    }


def _start(spec: Spec) -> str:
    """What the training starts from: of static embeddings their vectors, of a cross-encoder its head, as far as its name tells."""
    if architecture(spec) == "static":
        return start_of(spec.model)
    return "scratch" if spec.model.type == "cross-encoder" and not reads_pairs(spec.model.base or "") else "pretrained"


@once
def facts_anywhere(spec: Spec, match: Match) -> Mapping[str, object]:
    """The facts that are the same wherever the training runs, as far as the spec and the profile of its data show them."""
    return {
        "kind": f"{spec.model.type}/{architecture(spec)}",
        "streaming": any(data.streaming for data in spec.data),
        "loss_sampler": match.loss.sampler,
        "lora": spec.model.lora is not None,
        "start": _start(spec),
        "size": max(
            (bucket(grounds.SIZES, _parameters(one.base or "", match)) for one in encoders_of(spec)), key=_order
        ),
        "objective": match.loss.objective,
        "miner": _miner(spec, match),
        "cached": match.loss.cached,
        "texts_alone": texts_alone(match),
        "margins": "MarginMSE" in match.loss.name,
        "scored": match.trained_format.name == "pair-score",
        "symmetric": match.trained_format.roles[0] == "text_1",
        "rows": bucket(grounds.ROWS, rows_trained(spec, match)),
        "steps": bucket(grounds.STEPS, spec.train.steps),
        "evaluations": "unknown",
        "balance": bucket(grounds.BALANCES, share_of_positives(spec, match)),
        "skew": bucket(grounds.SKEWS, skew_of_classes(spec, match)),
        "gathers": match.loss.gathers,
        "scheduler": spec.train.scheduler or "linear",
    }


def find_gpu(hardware: Hardware, findings: Findings) -> Gpu | None:
    """The row of the GPU that the spec names; reports STG170 for a name that the table lacks."""
    if hardware.gpu is None:
        return None
    if row := known_gpu(hardware.gpu):
        return row
    guess = closest(hardware.gpu, [row.name for row in GPUS])
    known = ", ".join(row.name for row in GPUS)
    findings.add(
        Diagnostic(
            code="STG170",
            message=f"the hardware table has no GPU {hardware.gpu!r}",
            path=("hardware", "gpu"),
            help=f"did you mean {guess!r}?" if guess else f'it has {known}; for another, write memory = "24GiB"',
        )
    )
    return None


def _miner(spec: Spec, match: Match) -> str:
    """Whose scores mined negatives are found by."""
    table = spec.data[match.index].loss or spec.loss
    asked = [options(table, row) for row in match.way.rows if row.template == "mine"]
    named = next((one.mine.model for one in asked if one and one.mine and one.mine.model), spec.model.base)
    known = known_base(named or "")
    return "sbert" if known and known.family.startswith("SBERT") else "other"


def _order(size: str) -> int:
    return ("unknown", *grounds.SIZES.words).index(size)


def _parameters(base: str, match: Match) -> float | None:
    """Parameters of a base model, in millions, where its profile has counted them or the table knows it."""
    counted = match.profile.base if match.profile else None
    if counted and counted.name == base and counted.parameters:
        return counted.parameters / 1e6
    row = known_base(base)
    return (row.parameters or None) if row else None
