"""`stgen validate`: all that is wrong with specs, and no output."""

from __future__ import annotations

import argparse

from stgen.compile import plan_source
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.jobs import job
from stgen.source.source import read


def run(options: argparse.Namespace, console: Console) -> int:
    """Check specs; 0 when none has an error, nor with `--strict` a warning."""
    found: list[Diagnostic] = []
    for spec in options.specs:
        source, wrong = read(spec, console.stdin, outside=options.allow_outside)
        found += wrong
        if source is not None:
            found += plan_source(source, job(spec).place)[1]
            if options.data:
                from stgen.examine.examining import examine_source

                found += examine_source(source)
    console.findings(found)
    if not found:
        console.say(f"{', '.join(options.specs)}: nothing is wrong")
    warned = sorted({item.code for item in found if item.severity == "warning"}) if options.strict else []
    if warned and not failed(found):
        codes = ", ".join(f'"{code}"' for code in warned)
        console.complain(f"--strict fails on warnings; accept those that are right with allow = [{codes}] in the spec")
    return int(failed(found) or bool(warned))
