"""`stgen compile`: writes the repos of specs, or shows what it would write."""

from __future__ import annotations

import argparse
from collections import Counter

from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.build import build
from stgen.disk.fresh import LOCK_PATH, fingerprint, nothing_to_do, remember
from stgen.disk.holding import alone, settle
from stgen.disk.jobs import Job, jobs
from stgen.disk.output import Change, Repo, blocked, compare, write
from stgen.values.documents import document

VERBS = {"create": "created", "update": "updated", "same": "unchanged", "remove": "removed", "missing": "restored"}


def run(options: argparse.Namespace, console: Console) -> int:
    """Compile; 0 when every repo is as its spec says."""
    made, found = jobs(options.specs, options.output)
    if failed(found):
        console.findings(found)
        return 1
    if options.stdout:
        return _show(made, console, options.allow_outside)
    compiler = fingerprint()
    todo = [job for job in made if options.dry_run or not _is_fresh(job, console)]
    if not todo:
        return 0
    if not options.dry_run:
        for job in todo:
            found += settle(job.folder)  # first, as specs may be among what is put back
        if failed(found):
            console.findings(found)
            return 1
    repos, wrong = build(todo, console.stdin, outside=options.allow_outside)
    planned = [(repo, *_plan(repo)) for repo in repos]
    found += wrong + [item for _, _, wrong in planned for item in wrong]
    # One spec's mistake must not leave the others half done: with an error, nothing is written.
    if not failed(found):
        if options.dry_run:
            _foretell([(repo, changes) for repo, changes, _ in planned], console)
        for repo, changes, _ in [] if options.dry_run else planned:
            wrong = _bring(repo, changes, compiler, console)
            found += [item for item in wrong if item not in found]
    console.findings(found, beside=options.dry_run and not failed(found))
    return int(failed(found))


def _plan(repo: Repo) -> tuple[list[Change], list[Diagnostic]]:
    """What a compile would do, and what is against it."""
    changes, found = compare(repo)
    return changes, found + blocked(repo, changes)


def _bring(repo: Repo, changes: list[Change], compiler: str, console: Console) -> list[Diagnostic]:
    """Bring one folder to what its spec says. Compared again once it is held: somebody may have written meanwhile."""
    found: list[Diagnostic] = []
    if any(change.kind != "same" for change in changes):
        with alone(repo.folder) as found:
            if not failed(found):
                changes, wrong = _plan(repo)
                found += wrong
            if not failed(found):
                found += write(repo, changes)
    if not failed(found):
        lock = next(change.wanted for change in changes if change.path == LOCK_PATH)
        remember(repo.folder, lock.data if lock else b"", compiler)
        _report(repo, changes, console)
    return found


def _is_fresh(job: Job, console: Console) -> bool:
    count = 0 if job.spec == "-" else nothing_to_do(job.spec, job.folder)
    if count:
        console.say(f"{job.folder}: {count} files up to date")
    return bool(count)


def _foretell(planned: list[tuple[Repo, list[Change]]], console: Console) -> None:
    foretold = [
        (change.kind, repo.at(change.path))
        for repo, changes in planned
        for change in changes
        if change.kind != "same" and not change.is_ours
    ]
    if console.format == "json":
        console.result(document([{"change": kind, "path": path} for kind, path in foretold]))
        return
    for kind, path in foretold:
        console.result(f"{kind:<7} {path}\n")


def _report(repo: Repo, changes: list[Change], console: Console) -> None:
    shown = [change for change in changes if not change.is_ours]
    counts = Counter(VERBS[change.kind] for change in shown)
    console.say(f"{repo.folder}: {len(shown)} files, " + ", ".join(f"{n} {verb}" for verb, n in counts.items()))


def _show(made: list[Job], console: Console, outside: bool) -> int:
    """Print the files of the repos, and write nothing."""
    repos, found = build(made, console.stdin, outside=outside)
    console.findings(found, beside=bool(repos))
    for repo in repos:
        _print(repo, console)
    return int(failed(found))


def _print(repo: Repo, console: Console) -> None:
    for path, file in repo.tree.items():
        console.result(f"==> {path} <==\n{file.text}")
        if not file.text.endswith("\n"):
            console.result("\n")
