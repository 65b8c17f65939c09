"""Holds further training arguments against the library's own: [train] extra -> arguments, and what is wrong with others."""

from __future__ import annotations

from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.diagnostics.suggest import closest
from stgen.language.spec import Spec
from stgen.rules.arguments import ARGUMENTS, WITHOUT_EFFECT
from stgen.values.expressions import Expression

TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,), "int": (int,), "float": (int, float), "str": (str,), "dict": (dict,), "list": (list,),
}  # fmt: skip


def plan_extra(spec: Spec, findings: Findings) -> dict[str, Expression]:
    """Further training arguments, checked against the library's own: STG171 unknown, STG172 of a wrong type, STG173 idle."""
    found: dict[str, Expression] = {}
    for name, value in spec.train.extra.items():
        path = ("train", "extra", name)
        if name not in ARGUMENTS:
            guess = closest(name, ARGUMENTS)
            advice = f"did you mean `{guess}`?" if guess else "leave it out"
            message = f"the library has no training argument `{name}`"
            findings.add(Diagnostic("STG171", message, path, advice, about="key"))
        elif name in WITHOUT_EFFECT:
            message = f"`{name}` has no effect: {WITHOUT_EFFECT[name]}"
            findings.add(Diagnostic("STG173", message, path, "leave it out", severity="warning", about="key"))
        elif not any(_is(value, kind) for kind in ARGUMENTS[name].split(" | ")):
            message = f"`{name}` takes {ARGUMENTS[name].replace(' | ', ' or ')}, and is {value!r}"
            findings.add(Diagnostic("STG172", message, path, "write a value of that type"))
        else:
            found[name] = value
    return found


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))
