"""From a Tree and the folder on disk to Changes, and from Changes to the disk: only what changed, and the lock last.

A compile that is killed needs no journal: each file then equals its old or its new hash, and the same command goes on
where it stopped.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Mapping
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.lock import LOCK_PATH, Lock, LockError, NewerLockError, blob_id
from stgen.render.tree import File, Tree, parents
from stgen.values.record import Record

Kind = Literal["create", "update", "same", "remove", "edited", "missing", "foreign"]

TEMPORARY = ".stgen-tmp"
"""Suffix of a file that is being written. One that a crash left behind is overwritten by the next compile."""

WRITTEN: frozenset[Kind] = frozenset(("create", "update", "missing"))
BLOCKING: frozenset[Kind] = frozenset(("edited", "foreign"))


class Change(Record):
    """What a compile would do with one path.

    `missing` is a file of ours that somebody deleted (it is written again), `edited` one of ours that somebody
    changed, `foreign` one that isn't ours and stands in the way. `on_disk` is None where there is no file, `wanted`
    where there should be none.
    """

    path: str
    kind: Kind
    on_disk: bytes | None
    wanted: File | None


class Repo(Record):
    """A Tree on its way to a folder, with the lock that will stand beside it."""

    folder: str
    tree: Tree
    lock: Lock

    def at(self, path: str) -> str:
        """Where a path of the repo lies, as people write it."""
        return inside(self.folder, path)


def inside(folder: str, path: str) -> str:
    """A path in a folder, without a `./` that tells nobody anything."""
    return path if folder == "." else os.path.join(folder, path)


def compare(repo: Repo) -> tuple[list[Change], list[Diagnostic]]:
    """What a compile would change, by path, the lock included. Reads the folder and writes nothing.

    With an error among the diagnostics the changes are those that could be found; they must not be applied.
    """
    old, found = read_lock(repo.folder)
    if found:
        return [], found  # without the lock, stgen's files can't be told from others
    changes: list[Change] = []
    paths = {*repo.tree, *(path for path, entry in old.files.items() if entry.policy == "owned")}
    problems = in_the_way(repo.folder, paths)
    for path in sorted(paths):
        problem = problems.get(path)
        if problem:
            found += [problem] if problem not in found else []  # a folder is in the way of all files in it
            continue
        try:
            change = _change(repo, path, old)
        except OSError as error:
            found.append(_refused(repo.at(path), error, "read"))
            continue
        if change:
            changes.append(change)
    if not found:
        changes.append(_lock_change(repo))
    return changes, found


def blocked(repo: Repo, changes: list[Change]) -> list[Diagnostic]:
    """One diagnostic for each kind of work of a person's that `changes` would overwrite."""
    edited = [change.path for change in changes if change.kind == "edited"]
    foreign = [change.path for change in changes if change.kind == "foreign"]
    found: list[Diagnostic] = []
    if edited:
        found.append(
            Diagnostic(
                "STG300",
                f"{_count(edited)} changed by hand since stgen wrote {_them(edited)}, so nothing was written",
                notes=tuple(repo.at(path) for path in edited),
                help="keep the changes with `stgen update`, or move them into the spec; give one up by deleting the file, and compile again",
                file=repo.folder,
            )
        )
    if foreign:
        found.append(
            Diagnostic(
                "STG301",
                f"{_count(foreign)} already there and not stgen's, so nothing was written",
                notes=tuple(repo.at(path) for path in foreign),
                help="compile into another folder with `-o DIR`, or move what is there out of the way",
                file=repo.folder,
            )
        )
    return found


def write(repo: Repo, changes: list[Change]) -> list[Diagnostic]:
    """Apply `changes` that `compare` found and `blocked` has nothing against: files, then orphans, the lock last.

    All bytes are on the disk before the first file is replaced, so that a full or read-only disk changes nothing.
    """
    to_write = sorted((c for c in changes if c.kind in WRITTEN), key=lambda c: (c.path == LOCK_PATH, c.path))
    staged: list[tuple[str, str]] = []
    made: list[str] = []
    target = repo.folder
    try:
        _make_folders(repo.folder, made)
        for change in to_write:
            target = repo.at(change.path)
            assert change.wanted is not None  # what is written has bytes
            _make_folders(os.path.dirname(target), made)
            staged.append((_temporary(target), target))
            _stage(staged[-1][0], change.wanted)
        for temporary, target in staged[:-1]:
            os.replace(temporary, target)
        for change in changes:
            if change.kind == "remove":
                target = repo.at(change.path)
                _remove(repo.folder, change.path)
        for temporary, target in staged[-1:]:
            os.replace(temporary, target)
    except OSError as error:
        _clean_up([temporary for temporary, _ in staged], made)
        return [_refused(target, error, "write")]
    return []


def read_lock(folder: str) -> tuple[Lock, list[Diagnostic]]:
    """The lock in `folder`, an empty one where there is none, and what is wrong with it."""
    path = inside(folder, LOCK_PATH)
    if problems := in_the_way(folder, [LOCK_PATH]):
        return Lock({}), list(problems.values())
    try:
        with open(path, "rb") as file:
            return Lock.parse(file.read().decode()), []
    except FileNotFoundError:
        return Lock({}), []
    except OSError as error:
        return Lock({}), [_refused(path, error, "read")]
    except NewerLockError as error:
        return Lock({}), [
            Diagnostic(
                "STG306",
                f"a newer stgen wrote this folder: {error}",
                help="upgrade stgen: `pip install --upgrade stgen`",
                file=path,
            )
        ]
    except (LockError, UnicodeDecodeError) as error:
        return Lock({}), [
            Diagnostic(
                "STG305",
                f"the lock can't be read: {error}",
                help="restore it from version control; or delete it: files that haven't changed are then taken over",
                file=path,
            )
        ]


# --- one path ---------------------------------------------------------------------------------------------------------


def _change(repo: Repo, path: str, old: Lock) -> Change | None:
    """What happens to one path; None where nothing of ours is there and nothing shall be."""
    wanted = repo.tree.get(path)
    entry = old.files.get(path)
    on_disk, executable = _read(repo.at(path))
    if on_disk is None:
        if wanted is None:
            return None
        return Change(path, "missing" if entry else "create", None, wanted)
    if wanted is None:
        assert entry is not None  # paths come from the tree or the lock
        kind: Kind = "remove" if blob_id(on_disk) == entry.id else "edited"
        return Change(path, kind, on_disk, None)
    if wanted.policy == "once":
        return Change(path, "same", on_disk, wanted)
    if on_disk == wanted.data:
        same_mode = os.name != "posix" or executable == (wanted.mode == 0o755)
        return Change(path, "same" if same_mode else "update", on_disk, wanted)
    if entry is None:
        return Change(path, "foreign", on_disk, wanted)
    return Change(path, "update" if blob_id(on_disk) == entry.id else "edited", on_disk, wanted)


def _lock_change(repo: Repo) -> Change:
    wanted = File(repo.lock.dump())
    on_disk, _ = _read(repo.at(LOCK_PATH))
    if on_disk is None:
        return Change(LOCK_PATH, "create", None, wanted)
    return Change(LOCK_PATH, "same" if on_disk == wanted.data else "update", on_disk, wanted)


def _read(path: str) -> tuple[bytes | None, bool]:
    """Bytes of a file, None where there is none, and whether it can be run."""
    try:
        with open(path, "rb") as file:
            return file.read(), bool(os.fstat(file.fileno()).st_mode & stat.S_IXUSR)
    except FileNotFoundError:
        return None, False


def in_the_way(folder: str, paths: Collection[str]) -> dict[str, Diagnostic]:
    """For each of `paths` that can't be written as it is: the file, folder or link that is in its way."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        return dict.fromkeys(paths, _blocked_by(folder, "is a file, and a folder must be here"))
    found: dict[str, Diagnostic] = {}
    for prefix in {prefix for path in paths for prefix in parents(path)}:
        if problem := _folder_in_the_way(folder, prefix):
            found[prefix] = problem
    for path in paths:
        inherited = next((found[prefix] for prefix in parents(path) if prefix in found), None)
        if problem := inherited or _file_in_the_way(inside(folder, path)):
            found[path] = problem
    return {path: found[path] for path in paths if path in found}


def _folder_in_the_way(root: str, prefix: str) -> Diagnostic | None:
    """What is wrong with a folder of the repo, one that isn't there yet being fine."""
    folder = inside(root, prefix)
    if os.path.islink(folder) and not _is_inside(os.path.realpath(folder), os.path.realpath(root)):
        return _link(folder)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        return _blocked_by(folder, "is a file, and a folder must be here")
    return None


def _file_in_the_way(path: str) -> Diagnostic | None:
    """What is wrong with the place of a file, an empty one being fine."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return None  # no file; or one that may not be looked at, as who opens it will say
    if stat.S_ISLNK(mode):
        return _link(path)
    return None if stat.S_ISREG(mode) else _blocked_by(path, "is not a plain file, and a file must be here")


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _blocked_by(path: str, what: str) -> Diagnostic:
    return Diagnostic(
        "STG302",
        f"`{path}` {what}",
        help="move it out of the way, or compile into another folder with `-o DIR`",
        file=path,
    )


def _link(path: str) -> Diagnostic:
    return Diagnostic(
        "STG303",
        f"`{path}` is a symbolic link to `{os.path.realpath(path)}`, and stgen doesn't write through links",
        help="replace the link by what it points to, or compile into another folder with `-o DIR`",
        file=path,
    )


# --- the disk ---------------------------------------------------------------------------------------------------------


def _temporary(target: str) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name}{TEMPORARY}")


def _make_folders(folder: str, made: list[str]) -> None:
    """Make `folder` and those above it that are missing, and add to `made` those that were, outermost first."""
    missing: list[str] = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        os.mkdir(path)
        made.append(path)


def _stage(temporary: str, file: File) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(temporary, flags, 0o666), "wb") as stream:
        stream.write(file.data)
    os.chmod(temporary, file.mode)


def _clean_up(temporaries: list[str], folders: list[str]) -> None:
    """Take away what a failed write left: temporaries, and folders that it made and that are still empty."""
    for remove, paths in ((os.unlink, temporaries), (os.rmdir, reversed(folders))):
        for path in paths:
            try:
                remove(path)
            except OSError:
                continue  # already replaced, or not empty; the first error is the one to report


def _remove(folder: str, path: str) -> None:
    """Remove an orphan, and the folders that it leaves empty."""
    os.unlink(inside(folder, path))
    for parent in reversed(parents(path)):
        try:
            os.rmdir(inside(folder, parent))
        except OSError:
            return


REASONS: Mapping[int, str] = {
    errno.ENOSPC: "free some space on the disk, and run the same command again",
    errno.EDQUOT: "free some space on the disk, and run the same command again",
    errno.EACCES: "allow yourself to write there, or compile into another folder with `-o DIR`",
    errno.EPERM: "allow yourself to write there, or compile into another folder with `-o DIR`",
    errno.EROFS: "compile into a folder that can be written, with `-o DIR`",
}


def _refused(path: str, error: OSError, what: Literal["read", "write"]) -> Diagnostic:
    return Diagnostic(
        "STG304",
        f"can't {what} `{path}`: {error.strerror or error}",
        help=REASONS.get(error.errno or 0, "run the same command again once this is solved: it goes on where it was"),
        file=path,
    )


def _count(paths: list[str]) -> str:
    return f"{len(paths)} files were" if len(paths) > 1 else f"`{paths[0]}` was"


def _them(paths: list[str]) -> str:
    return "them" if len(paths) > 1 else "it"
