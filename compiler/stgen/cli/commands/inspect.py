"""`stgen inspect`: what is in a data file, the roles that its columns seem to play, and the losses that it can feed."""

from __future__ import annotations

import argparse

from stgen.diagnostics.console import Console
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.inspection.inspecting import inspect_data
from stgen.inspection.showing import inspection_data, inspection_text
from stgen.rows.batches import UnreadableError
from stgen.values.documents import document


def run(options: argparse.Namespace, console: Console) -> int:
    """Look into a file or a BEIR folder; 1 when it can't be read."""
    try:
        found = inspect_data(options.file)
    except UnreadableError as error:
        console.findings([Diagnostic(error.code, error.message, help=error.help, notes=error.notes)])
        return 1
    if console.format == "json":
        console.result(document(inspection_data(found)))
    else:
        console.result(inspection_text(found))
    return 0
