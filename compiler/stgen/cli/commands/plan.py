"""`stgen plan`: what the training will take, for people; everything that was decided, as JSON."""

from __future__ import annotations

import argparse

from stgen.compile import plan_source
from stgen.diagnostics.console import Console, failed
from stgen.disk.jobs import job
from stgen.plan.plan import plan_json
from stgen.plan.show import show_plan
from stgen.source.source import read
from stgen.values.documents import document


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the plan of a spec."""
    source, found = read(options.spec, console.stdin, outside=options.allow_outside)
    made = None
    if source is not None:
        made, found = plan_source(source, job(options.spec).place)
    console.findings(found, beside=made is not None)
    if made is None:
        return 1
    console.result(document(plan_json(made)) if console.format == "json" else show_plan(made))
    return int(failed(found))
