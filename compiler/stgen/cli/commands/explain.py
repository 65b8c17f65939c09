"""`stgen explain`: why this loss and all else that was decided for a spec; or what a diagnostic or a loss is."""

from __future__ import annotations

import argparse
import re

from stgen.cli.commands.losses import tell_loss
from stgen.compile import plan_source
from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.codes.row import Code
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.suggest import closest
from stgen.disk.jobs import job
from stgen.plan.explain import explain, explanation_data
from stgen.rules.tables import BY_NAME as LOSSES
from stgen.source.source import read
from stgen.values.documents import document
from stgen.values.wrapping import hung


def run(options: argparse.Namespace, console: Console) -> int:
    """Explain a spec, a code such as STG100, or a loss."""
    if re.fullmatch(r"(?i)STG\d+", options.spec):
        return _code(options.spec.upper(), console)
    if any(name == options.spec for _, name in LOSSES):
        return tell_loss(options.spec, console)
    source, found = read(options.spec, console.stdin, outside=options.allow_outside)
    if source is None:
        meant = closest(options.spec, (name for _, name in LOSSES)) if re.fullmatch(r"\w+", options.spec) else None
        console.findings([item.replaced(help=f"did you mean {meant}?") for item in found] if meant else found)
        return 1
    made, found = plan_source(source, job(options.spec).place)
    console.findings(found, beside=made is not None)
    if made is None:
        return 1
    if console.format == "json":
        console.result(document(explanation_data(made)))
    else:
        console.result(explain(made, every=options.all))
    return int(failed(found))


def _code(name: str, console: Console) -> int:
    code = BY_CODE.get(name)
    if code is None:
        console.complain(f"there is no code {name}: a code stands in brackets before its message, as in error[STG100]")
        return 1
    if console.format == "json":
        fields = {name: getattr(code, name) for name in ("code", "title", "severity", "why", "example", "fix")}
        console.result(document(fields))
    else:
        console.result(_text(code))
    return 0


def _text(code: Code) -> str:
    example = "\n".join(f"    {line}" for line in code.example.splitlines())
    why, fix = ("\n".join(hung("", text)) for text in (code.why, code.fix))
    return f"{code.code} ({code.severity}): {code.title}\n\n{why}\n\nFor example:\n\n{example}\n\n{fix}\n"
