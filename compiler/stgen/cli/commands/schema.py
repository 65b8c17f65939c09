"""`stgen schema`: prints the JSON Schema of specs, plans, locks or diagnostics."""

from __future__ import annotations

import argparse
import os

from stgen.diagnostics.console import Console
from stgen.render.datafolder import data_folder


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the published file."""
    with open(os.path.join(data_folder("schemas"), f"{options.of}.json"), encoding="utf-8") as file:
        console.result(file.read())
    return 0
