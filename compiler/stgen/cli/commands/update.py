"""`stgen update`: compiles over a repo that people have edited, and merges their edits with what the spec says now."""

from __future__ import annotations

import argparse

from stgen.cli.commands.compile import VERBS
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.build import build
from stgen.disk.holding import alone, settle
from stgen.disk.jobs import jobs
from stgen.disk.merge import merge
from stgen.disk.output import Change, Repo, blocked, compare, write

SAYS = {**VERBS, "edited": "left as you wrote it"}


def run(options: argparse.Namespace, console: Console) -> int:
    """Merge and write; 0 when nothing is left to do by hand, 1 with conflicts or when nothing could be written."""
    made, found = jobs([options.spec], options.output)
    for job in made:
        found += settle(job.folder)  # first, as the spec may be among what is put back
    if not failed(found):
        repos, wrong = build(made, console.stdin, outside=options.allow_outside)
        found += wrong
    if not failed(found):
        for repo in repos:
            found += _update(repo, console)
    console.findings(found)
    return int(failed(found))


def _update(repo: Repo, console: Console) -> list[Diagnostic]:
    with alone(repo.folder) as found:
        if failed(found):
            return found
        compared, wrong = compare(repo)
        found += wrong
        if failed(found):
            return found
        merged = merge(repo, compared)
        wrong = [*blocked(repo, [change for change in merged.changes if change.kind == "foreign"]), *merged.refused]
        found += wrong or write(repo, merged.changes)
    if failed(found):
        return found
    edited = {change.path for change in compared if change.kind in ("edited", "foreign")}
    _report(repo, merged.changes, edited, console)
    return found + merged.conflicts


def _report(repo: Repo, changes: list[Change], edited: set[str], console: Console) -> None:
    """Say what became of each file that isn't as it was."""
    shown = [change for change in changes if change.kind != "same" and not change.is_ours]
    for change in sorted(shown, key=lambda change: change.path):
        says = "merged with your edits" if change.path in edited and change.kind == "update" else SAYS[change.kind]
        console.say(f"{repo.at(change.path)} {says}")
    if not shown:
        console.say(f"{repo.folder}: as the spec says")
