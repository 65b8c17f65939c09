"""`stgen profile`: counts the data of a spec, and writes what decisions may rest on beside it."""

from __future__ import annotations

import argparse

from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.load import check
from stgen.source.source import Source, locate, read
from stgen.values.wrapping import hung


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the profile of a spec; 0 when it stands there and is up to date."""
    source, found = read(options.spec, console.stdin, outside=options.allow_outside)
    if source is not None:
        spec, wrong = check(source)
        found += locate(wrong, source)
        if spec is not None:
            found += write(source, console, languages=options.languages)[1]
    console.findings(found)
    return int(failed(found))


def write(source: Source, console: Console, languages: bool = False) -> tuple[Source, list[Diagnostic]]:
    """Count the data of a spec and write the profile beside it. Returns the spec with what lies beside it now, and what is wrong."""
    from stgen.profile.record import dump
    from stgen.profiling.profiling import profiled
    from stgen.profiling.telling import told
    from stgen.profiling.writing import write_beside

    spec, _ = check(source)
    profile, found = profiled(spec, source, languages) if spec else (None, [])
    if profile is None:
        return source, found
    text = dump(profile)
    if source.path == "<stdin>":
        console.result(text)
        return source, found
    beside, how, wrong = write_beside(source, text)
    if not failed(wrong):
        console.say(f"{beside.path}: {how}")
        for line in told(profile):
            console.say("\n".join(hung("  ", line)))
    return source.replaced(profile=beside), found + wrong
