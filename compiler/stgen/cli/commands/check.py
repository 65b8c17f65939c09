"""`stgen check`: says, for CI, whether a compile would change anything, and shows the difference."""

from __future__ import annotations

import argparse
import json
from difflib import unified_diff

from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.build import build
from stgen.disk.jobs import jobs
from stgen.disk.lock import LOCK_PATH
from stgen.disk.output import BLOCKING, Change, Repo, compare

# fmt: off
SAYS = {
    "create":  "is not there yet",
    "update":  "is out of date",
    "remove":  "is no longer part of the repo",
    "edited":  "was changed by hand",
    "missing": "was deleted",
    "foreign": "is not stgen's",
}
# fmt: on


def run(options: argparse.Namespace, console: Console) -> int:
    """Compare; 0 when nothing would change, 1 with the differences otherwise."""
    made, found = jobs(options.specs, options.output)
    if not failed(found):
        repos, wrong = build(made, console.stdin, outside=options.allow_outside)
        found += wrong
    if failed(found):
        console.findings(found)
        return 1
    drifted: list[tuple[Repo, list[Change]]] = []
    for repo in repos:
        changes, wrong = compare(repo)
        found += wrong
        drifted.append((repo, [change for change in changes if change.kind != "same"]))
    if console.format == "text":
        console.findings(found)
        for repo, changes in drifted:
            _show(repo, changes, console)
    elif console.format == "json" and not failed(found):
        records = [_record(repo, change) for repo, changes in drifted for change in changes]
        console.result(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
    else:
        console.findings(found + [_finding(repo, change) for repo, changes in drifted for change in changes])
    return int(failed(found) or any(changes for _, changes in drifted))


def _show(repo: Repo, changes: list[Change], console: Console) -> None:
    for change in changes:
        path = repo.at(change.path)
        console.say(f"{path} {SAYS[change.kind]}")
        if change.path != LOCK_PATH:
            console.result(_difference(change, path))
    if changes:
        count = "1 file differs" if len(changes) == 1 else f"{len(changes)} files differ"
        console.say(f"{repo.folder}: {count} from what the spec compiles to; `stgen compile` {_outlook(changes)}")
    else:
        console.say(f"{repo.folder}: as the spec says")


def _outlook(changes: list[Change]) -> str:
    return "will refuse" if any(change.kind in BLOCKING for change in changes) else "brings it up to date"


def _finding(repo: Repo, change: Change) -> Diagnostic:
    path = repo.at(change.path)
    return Diagnostic("STG322", f"{path} {SAYS[change.kind]}", help=f"`stgen compile` {_outlook([change])}", file=path)


def _difference(change: Change, path: str) -> str:
    old = (change.on_disk or b"").decode(errors="replace")
    new = change.wanted.text if change.wanted else ""
    lines = unified_diff(old.splitlines(True), new.splitlines(True), path, f"{path} (compiled)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _record(repo: Repo, change: Change) -> dict[str, str]:
    path = repo.at(change.path)
    return {"path": path, "change": change.kind, "says": SAYS[change.kind], "diff": _difference(change, path)}
