"""`stgen validate`: all that is wrong with specs, and no output."""

from __future__ import annotations

import argparse

from stgen.compile import plan_source
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.jobs import job
from stgen.source.source import Source, read


def run(options: argparse.Namespace, console: Console) -> int:
    """Check specs; 0 when none has an error, nor with `--strict` a warning."""
    found: list[Diagnostic] = []
    lengths: list[str] = []
    for spec in options.specs:
        source, wrong = read(spec, console.stdin, outside=options.allow_outside)
        found += wrong
        if source is None:
            continue
        if options.profile:
            from stgen.cli.commands.profile import write

            source, wrong = write(source, console)
            found += wrong
        found += plan_source(source, job(spec).place)[1]
        if options.data or options.profile:
            wrong, length = _rows(source)
            found += wrong
            lengths += [f"{spec}: {length}"] if length else []
    console.findings(found)
    if not found:
        console.say(f"{', '.join(options.specs)}: nothing is wrong")
    for line in lengths:
        console.say(line)
    warned = sorted({item.code for item in found if item.severity == "warning"}) if options.strict else []
    if warned and not failed(found):
        codes = ", ".join(f'"{code}"' for code in warned)
        console.complain(f"--strict fails on warnings; accept those that are right with allow = [{codes}] in the spec")
    return int(failed(found) or bool(warned))


def _rows(source: Source) -> tuple[list[Diagnostic], str]:
    """What is wrong with the rows, and how long the run will be."""
    from stgen.examine.examining import examine_source
    from stgen.profiling.parted import parted_source

    found, length = examine_source(source)
    return [*found, *parted_source(source)], length
