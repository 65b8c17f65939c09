"""`stgen completion`: the script that completes stgen's commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from stgen.cli.grammar import build_parser
from stgen.diagnostics.console import Console
from stgen.rules.recipes import BY_NAME


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the script for a shell."""
    import shtab

    # fmt: off
    by_metavar = {"SPEC": shtab.FILE, "FILE": shtab.FILE, "SPEC|CODE": shtab.FILE, "DIR": shtab.DIRECTORY}
    # fmt: on
    parser = build_parser(console.stdout, console.stderr)
    for action in _actions(parser):
        if isinstance(action.metavar, str) and action.metavar in by_metavar:
            action.complete = by_metavar[action.metavar]  # type: ignore[attr-defined]  # shtab's way to be told
        if action.dest == "recipe":
            action.choices = ["list", *BY_NAME]
    console.result(shtab.complete(parser, shell=options.shell) + "\n")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # argparse has no public way to them
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
