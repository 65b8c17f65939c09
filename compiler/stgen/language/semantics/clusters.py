"""Checks the tables of [hardware] skypilot and kubernetes: keys, values, and what can't be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.language.spec import Hardware
from stgen.rules.clusters import KEYS, SKYPILOT_NAMES


def check_clusters(hardware: Hardware) -> Iterator[Diagnostic]:
    """STG188: keys of a launcher that it doesn't take, that it can't read, or that it lacks."""
    launcher = hardware.launcher
    rows = {row.key: row for row in KEYS if row.launcher == launcher}
    path: KeyPath = ("hardware", launcher)
    given: dict[str, str | int] = getattr(hardware, launcher) or {}
    for key, value in given.items():
        if key not in rows:
            near = closest(key, rows)
            hint = f"did you mean `{near}`?" if near else f"the keys are {', '.join(rows)}"
            yield Diagnostic("STG188", f"`hardware.{launcher}` has no key `{key}`", (*path, key), hint, about="key")
        elif not re.fullmatch(rows[key].pattern, str(value)):
            message = f"`hardware.{launcher}.{key}` can't be read by {launcher} as it is"
            yield Diagnostic("STG188", message, (*path, key), f"it looks like {rows[key].looks}")
    for row in rows.values():
        if row.needed and row.key not in given:
            hint = f'add {row.key} = "{row.looks}" under hardware.{launcher}'
            where: KeyPath = path if given else ("hardware", "launcher")
            yield Diagnostic(
                "STG188", f"`hardware.{launcher}.{row.key}` is missing: {row.needed}", where, hint, about="key"
            )
    named = "accelerators" in given or (hardware.gpu or "").upper() in SKYPILOT_NAMES
    if launcher == "skypilot" and hardware.accelerator != "cpu" and not named:
        message = "SkyPilot must know which accelerator to rent, under its own name"
        hint = f'add accelerators = "H100:{hardware.gpus or 1}" under hardware.skypilot; `sky show-gpus` lists them'
        yield Diagnostic("STG188", message, ("hardware", "launcher"), hint)
    if hardware.accelerator == "mps":
        message = f"{launcher} has no machines with Apple chips"
        yield Diagnostic("STG188", message, ("hardware", "accelerator"), 'write launcher = "local"')
