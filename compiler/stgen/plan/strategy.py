"""Decides how several devices share a training: spec, match and what fits -> a copy of the model on each, or shares of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import architecture, own_weights, processes
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.fitting import copy_of
from stgen.plan.memory.shape import layer_class
from stgen.rules import decisions as tables
from stgen.rules.row import DecisionTable, Gpu


def plan_strategy(
    spec: Spec,
    match: Match,
    gpu: Gpu | None,
    precision: str,
    choose: Callable[[DecisionTable, Any, str], Any],
    facts: dict[str, object],
    findings: Findings,
) -> str:
    """`single`, `ddp` or `fsdp`; reports STG430 for a training that the spec shares out and that can't be."""
    asked = spec.hardware.strategy if spec.hardware.strategy != "auto" else None
    obstacle = _obstacle(spec, match)
    if asked == "fsdp" and obstacle:
        message = f"FSDP shares out weights, and {obstacle[0]}"
        findings.add(Diagnostic("STG430", message, ("hardware", "strategy"), obstacle[1]))
    facts["copy"] = "fits" if asked == "ddp" else copy_of(spec, match, gpu, precision)
    if facts["copy"] == "shared" and obstacle:
        facts["copy"] = "unknown"  # nothing but a copy can be had: whether it fits is told with the memory
    single = facts["devices"] == "one"
    strategy: str = choose(tables.STRATEGIES, None if single else asked, "" if single else "[hardware] strategy")
    facts["strategy"] = strategy
    return strategy


def sharded_arguments(sharded: bool) -> dict[str, Any]:
    """When a sharded training saves: nothing is measured meanwhile, and a checkpoint holds 12 bytes for each weight."""
    return {"save_strategy": "steps", "save_steps": SAVED} if sharded else {}


SAVED = 0.25  # of the run, between two checkpoints


def _obstacle(spec: Spec, match: Match) -> tuple[str, str] | None:
    """Why a training can't be shared out, and what to write."""
    leave_out = 'write strategy = "ddp", or leave it out'
    table = spec.data[match.index].loss or spec.loss
    found: Sequence[tuple[bool, str, str]] = (
        (processes(spec) < 2, "there is one device", "write gpus = 8, or as many as there are"),
        (spec.hardware.launcher == "torchrun", "torchrun doesn't set it up", 'write launcher = "local" or "slurm"'),
        (architecture(spec) not in SHARED, f"a {architecture(spec)} model has no layers to gather", leave_out),
        (spec.model.lora is not None, "an adapter trains so few that a copy of the rest is faster", leave_out),
        (spec.compare is not None, "compare measures each model as it trains it", "compile a spec without [compare]"),
        (len(spec.data) > 1, "several data sets are each measured meanwhile", "compile a spec for one data set"),
        (own_weights(match.loss, table), f"{match.loss.name} has weights of its own", leave_out),
        (spec.train.early_stopping is not None, "nothing is measured while it trains", "leave early_stopping out"),
        (spec.train.evaluate_every is not None, "evaluators don't run on shares", "leave evaluate_every out: evaluate.py measures afterwards"),
        (spec.metrics.monitor is not None and "collapse" in spec.metrics.monitor, "texts can't be embedded while it trains", 'write monitor = ["loss"] under [metrics]'),
        (layer_class(spec.model.base or "", match.profile) is None, f"the layers of {spec.model.base} are not known", "name a base whose kind is known, or read it with `stgen profile`"),
    )  # fmt: skip
    return next(((what, help) for holds, what, help in found if holds), None)


SHARED = ("transformer", "splade")
