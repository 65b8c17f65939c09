"""What may be written over or removed: the lock's claims, held against what proves them.

The lock can come from anybody. A file goes where stgen can have written one of its path, it is as the lock says, no spec
names it, and a copy of its bytes is kept, so that nothing is lost even where the lock lies.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import written
from stgen.disk.change import Change, Repo
from stgen.disk.fresh import WRITTEN_PATH, output_folder
from stgen.disk.lock import Lock
from stgen.render.shapes import can_be_owned

SHOWN = 10  # paths that a finding about several lists


def orphans(repo: Repo, old: Lock) -> set[str]:
    """What the lock claims to be stgen's and the repo no longer has: only what stgen can have written, and no input."""
    claimed = {path for path, entry in old.files.items() if entry.policy == "owned" and path not in repo.tree}
    return {path for path in claimed if can_be_owned(path) and not repo.reads.names(repo.at(path), repo.folder)}


def taken_over(repo: Repo, old: Lock) -> list[Diagnostic]:
    """What there is to say where the folder holds the repo of another spec, which is still there.

    By default that one compiles to here, or both were sent here with `-o`; a spec that was renamed has left nothing.
    """
    before = os.path.normpath(repo.at(old.spec))
    if old.spec in ("-", repo.lock.spec) or not os.path.isfile(before):
        return []
    spec = repo.reads.specs[0] if repo.reads.specs else "-"
    if spec != "-" and os.path.samefile(spec, before):
        return []
    is_home = os.path.realpath(output_folder(before)) == os.path.realpath(repo.folder)
    return [_home_of(repo, before, spec) if is_home else _from_another(repo, before, spec)]


def provable(
    repo: Repo, changes: list[Change], old: Lock, texts: Mapping[str, str]
) -> tuple[list[Change], list[Diagnostic]]:
    """The changes that lose nothing, and what is wrong with the others: the lock alone proves nothing."""
    over = {change.path: old.files[change.path].id for change in changes if _loses(change)}
    lost = written.not_kept(repo.folder, texts, over)
    found = [
        _over_a_spec(repo.at(change.path))
        for change in changes
        if change.kind != "same" and repo.reads.is_spec(repo.at(change.path))
    ]
    if unproved := [change.path for change in changes if change.path in lost and change.wanted]:
        found.append(_unproved(repo, unproved))
    left = [change.path for change in changes if change.path in lost and not change.wanted]
    left += [path for path in old.files if _is_mere_claim(repo, old, path)]
    if left:
        found.append(_left(repo, sorted(left)))
    return [change for change in changes if change.path not in left], found


def _loses(change: Change) -> bool:
    """Whether bytes go with a change that are not those of the file that takes their place."""
    if change.kind not in ("update", "remove") or change.on_disk is None:
        return False
    return change.wanted is None or change.on_disk != change.wanted.data


def _is_mere_claim(repo: Repo, old: Lock, path: str) -> bool:
    """Whether the lock claims a file that stgen can't have written, and that is there."""
    if path in repo.tree or old.files[path].policy != "owned" or can_be_owned(path):
        return False
    return os.path.lexists(repo.at(path)) and not repo.reads.names(repo.at(path), repo.folder)


# --- what there is to say ---------------------------------------------------------------------------------------------


def _left(repo: Repo, paths: list[str]) -> Diagnostic:
    return Diagnostic(
        "STG309",
        f"{_stand(paths)} in the lock as stgen's, nothing proves that stgen wrote {them(paths)}, and so nothing was removed",
        notes=tuple(repo.at(path) for path in paths[:SHOWN]),
        help=f"remove {them(paths)} yourself where nobody needs {them(paths)}",
        severity="warning",
        file=repo.folder,
    )


def _unproved(repo: Repo, paths: list[str]) -> Diagnostic:
    return Diagnostic(
        "STG312",
        f"{_stand(paths)} in the lock as stgen's, but neither `{WRITTEN_PATH}` nor git has a copy, so nothing was written over",
        notes=tuple(repo.at(path) for path in paths[:SHOWN]),
        help=f"add {them(paths)} to git, so that nothing can be lost; or delete {them(paths)}; and compile again",
        file=repo.folder,
    )


def _over_a_spec(at: str) -> Diagnostic:
    return Diagnostic(
        "STG314",
        f"`{at}` is a spec that this compile reads, and the repo has a file of that name",
        help="compile into another folder with `-o DIR`, or give the spec another name",
        file=at,
    )


def _home_of(repo: Repo, before: str, spec: str) -> Diagnostic:
    return Diagnostic(
        "STG475",
        f"`{repo.folder}` is the repo of `{before}`, and that of `{spec}` would take its place, so nothing is written",
        help=f"compile into another folder with `-o DIR`; if `{before}` is no longer needed, remove it and compile again",
        file=repo.folder,
    )


def _from_another(repo: Repo, before: str, spec: str) -> Diagnostic:
    return Diagnostic(
        "STG476",
        f"`{repo.folder}` was compiled from `{before}`, which is still there, and not from `{spec}`",
        help="where both are wanted, give each a folder of its own with `-o DIR`; compiling the first again brings it back",
        severity="warning",
        file=repo.folder,
    )


def _stand(paths: list[str]) -> str:
    return f"{len(paths)} files stand" if len(paths) > 1 else f"`{paths[0]}` stands"


def them(paths: list[str]) -> str:
    """What a sentence calls some files that it has named."""
    return "them" if len(paths) > 1 else "it"
