"""`stgen update`: a name that is kept for compiling over a repo that people have edited."""

from __future__ import annotations

import argparse

from stgen.console import Console


def run(options: argparse.Namespace, console: Console) -> int:
    """Say what to do meanwhile."""
    console.complain(
        "stgen update isn't built yet. `stgen compile` never overwrites an edit; to bring a new spec to an edited repo:\n"
        f"compile it elsewhere (`stgen compile {options.spec} -o DIR`), commit that on a branch, and merge the branch"
    )
    return 2
