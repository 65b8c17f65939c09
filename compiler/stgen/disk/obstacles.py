"""What stands in the way of a repo, as findings: links, files for folders, folders for files, and a disk that refuses."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Mapping
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.folder import InTheWayError, Obstacle, file_problem, folder_problem, is_link
from stgen.render.tree import OURS, parents

HELP: Mapping[int, str] = {
    errno.ENOSPC: "free some space on the disk, and run the same command again",
    errno.EDQUOT: "free some space on the disk, and run the same command again",
    errno.EACCES: "allow yourself to write there, or compile into another folder with `-o DIR`",
    errno.EPERM: "allow yourself to write there, or compile into another folder with `-o DIR`",
    errno.EROFS: "compile into a folder that can be written, with `-o DIR`",
}
"""Number of an error of the system -> what to do about it."""

AWAY = "move it out of the way, or compile into another folder with `-o DIR`"

# fmt: off
SAYS: Mapping[Obstacle, str] = {
    "not a folder": "is a file, and a folder must be here",
    "not a file":   "is not a plain file, and a file must be here",
    "too large":    "is larger than any file that stgen writes there",
    "not ours":     "was not written by stgen, and has a name that only stgen's own files have",
}
# fmt: on


def inside(folder: str, path: str) -> str:
    """A path in a folder, without a `./` that tells nobody anything."""
    return path if folder == "." else os.path.join(folder, path)


def in_the_way(folder: str, paths: Collection[str]) -> dict[str, Diagnostic]:
    """For each of `paths` that can't be written as it is: the file, folder or link that is in its way."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        return dict.fromkeys(paths, _blocked_by(folder, SAYS["not a folder"]))
    found: dict[str, Diagnostic] = {}
    for prefix in {prefix for path in paths for prefix in parents(path)}:
        if (seen := _look(folder, prefix)) and (problem := folder_problem(seen)):
            found[prefix] = said(folder, prefix, problem)
    for path in paths:
        inherited = next((found[prefix] for prefix in parents(path) if prefix in found), None)
        if inherited:
            found[path] = inherited
        elif (seen := _look(folder, path)) and (problem := file_problem(seen)):
            found[path] = said(folder, path, problem)
    return {path: found[path] for path in paths if path in found}


def links_of_ours(folder: str) -> list[Diagnostic]:
    """Links in the folder of the lock. stgen makes none, so that one there comes from somebody else."""
    found: list[Diagnostic] = []
    todo = [OURS] if (seen := _look(folder, OURS)) and stat.S_ISDIR(seen.st_mode) and not is_link(seen) else []
    while todo:
        above = todo.pop()
        for name in _names(inside(folder, above)):
            path = f"{above}/{name}"
            seen = _look(folder, path)
            if seen and is_link(seen):
                found.append(said(folder, path, "link"))
            elif seen and stat.S_ISDIR(seen.st_mode):
                todo.append(path)
    return found


def said(folder: str, path: str, what: Obstacle) -> Diagnostic:
    """The finding that something is in the way of a path of the folder."""
    at = inside(folder, path)
    return _link(at, path) if what == "link" else _blocked_by(at, SAYS[what])


def refused(folder: str, path: str, error: OSError | InTheWayError, what: Literal["read", "write"]) -> Diagnostic:
    """The finding that a path could not be read or written."""
    if isinstance(error, InTheWayError):
        return said(folder, error.path, error.what)
    at = inside(folder, path) if path else folder
    return Diagnostic(
        "STG304",
        f"can't {what} `{at}`: {error.strerror or error}",
        help=HELP.get(error.errno or 0, "run the same command again once this is solved"),
        file=at,
    )


def _look(folder: str, path: str) -> os.stat_result | None:
    try:
        return os.lstat(inside(folder, path))
    except OSError:
        return None  # nothing there; or one that may not be looked at, as who opens it will say


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []  # it may not be looked into, so nothing in it is read or written either


def _blocked_by(at: str, what: str) -> Diagnostic:
    return Diagnostic("STG302", f"`{at}` {what}", help=AWAY, file=at)


def _link(at: str, path: str) -> Diagnostic:
    help = "replace the link by what it points to, or compile into another folder with `-o DIR`"
    if path.split("/")[0] == OURS:
        help = (
            "remove the link: nothing under `.stgen` is one when stgen wrote it, and what it points to stays as it is"
        )
    return Diagnostic(
        "STG303",
        f"`{at}` is a symbolic link to `{os.path.realpath(at)}`, and stgen neither writes nor removes through links",
        help=help,
        file=at,
    )
