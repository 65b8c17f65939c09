"""Makes a step of clean.py, with what its result depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.plan.planned_data import CleanStep, CommandOption
from stgen.rules.clean import PINS
from stgen.values.expressions import Call, Expression, Name


def made(
    name: str,
    template: str,
    kind: Literal["change", "judge", "find", "leak"],
    function: str,
    says: str,
    options: Mapping[str, Expression],
    settings: tuple[Expression, ...] = (),
    packages: tuple[str, ...] = (),
    command: tuple[CommandOption, ...] = (),
) -> CleanStep:
    """Make a step; the versions of its packages and the models that it runs decide its result too."""
    versions = tuple(Call("version", (distribution,)) for group in packages for distribution in PINS[group])
    models = tuple(Name(option.name) for option in command)
    call = Call("partial", (Name(function), *models)) if command and kind != "leak" else Name(function)
    return CleanStep(
        name, template, kind, says, options, function, call, (*settings, *models, *versions), packages, command
    )
