"""`stgen compile`: writes the repos of specs, or shows what it would write."""

from __future__ import annotations

import argparse
from collections import Counter

from stgen.diagnostics.console import Console, failed
from stgen.disk.build import build
from stgen.disk.fresh import LOCK_PATH, nothing_to_do, remember
from stgen.disk.jobs import Job, jobs
from stgen.disk.output import Change, Repo, blocked, compare, write

VERBS = {"create": "created", "update": "updated", "same": "unchanged", "remove": "removed", "missing": "restored"}


def run(options: argparse.Namespace, console: Console) -> int:
    """Compile; 0 when every repo is as its spec says."""
    made, found = jobs(options.specs, options.output)
    if failed(found):
        console.findings(found)
        return 1
    plain = not (options.dry_run or options.stdout)
    todo = [job for job in made if not (plain and _is_fresh(job, console))]
    if not todo:
        return 0
    repos, found = build(todo, console.stdin, outside=options.allow_outside)
    if options.stdout:
        console.findings(found)
        for repo in repos:
            _print(repo, console)
        return int(failed(found))
    planned = []
    for repo in repos:
        changes, wrong = compare(repo)
        wrong += blocked(repo, changes)
        found += wrong
        if not failed(wrong):
            planned.append((repo, changes))
    # One spec's mistake must not leave the others half done: with an error, nothing is written.
    if not failed(found):
        for repo, changes in planned:
            wrong = [] if options.dry_run else write(repo, changes)
            if wrong:
                found += wrong
                continue
            if not options.dry_run:
                remember(repo.folder, repo.lock.dump().encode())
            _report(repo, changes, options.dry_run, console)
    console.findings(found)
    return int(failed(found))


def _is_fresh(job: Job, console: Console) -> bool:
    count = 0 if job.spec == "-" else nothing_to_do(job.spec, job.folder)
    if count:
        console.say(f"{job.folder}: {count} files up to date")
    return bool(count)


def _report(repo: Repo, changes: list[Change], dry: bool, console: Console) -> None:
    shown = [change for change in changes if change.path != LOCK_PATH]
    if dry:
        for change in shown:
            if change.kind != "same":
                console.result(f"{change.kind:<7} {repo.at(change.path)}\n")
        return
    counts = Counter(VERBS[change.kind] for change in shown)
    console.say(f"{repo.folder}: {len(shown)} files, " + ", ".join(f"{n} {verb}" for verb, n in counts.items()))


def _print(repo: Repo, console: Console) -> None:
    for path, file in repo.tree.items():
        console.result(f"==> {path} <==\n{file.text}")
        if not file.text.endswith("\n"):
            console.result("\n")
