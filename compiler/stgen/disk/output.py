"""From a Tree and the folder on disk to Changes, and from Changes to the disk: only what changed, all of it or nothing.

What may be written over or removed, `claims.py` settles. Whoever writes holds the folder (`holding.py`), and a write that
fails or is killed is undone (`journal.py`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from stgen.diagnostics.console import failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import journal, written
from stgen.disk.change import BLOCKING, WRITTEN, Change, Kind, Repo
from stgen.disk.claims import orphans, provable, taken_over, them
from stgen.disk.folder import Folder, Held, InTheWayError, opened
from stgen.disk.fresh import JOURNAL_PATH, WRITTEN_PATH
from stgen.disk.holding import unfinished
from stgen.disk.journal import MovedError, Step, WriteError
from stgen.disk.lock import LOCK_PATH, Lock
from stgen.disk.lockfile import read_lock
from stgen.disk.obstacles import in_the_way, inside, links_of_ours, refused
from stgen.render.tree import File
from stgen.values.blob import blob_id

__all__ = ["BLOCKING", "Change", "Kind", "Repo", "blocked", "compare", "read_lock", "write"]


def compare(repo: Repo) -> tuple[list[Change], list[Diagnostic]]:
    """What a compile would change, by path, the files of `.stgen` at the end. Reads the folder and writes nothing.

    With an error among the diagnostics the changes are those that could be found; they must not be applied.
    """
    while True:
        if found := links_of_ours(repo.folder) or unfinished(repo.folder):
            return [], found
        before = _moment(repo.folder)
        compared = _compare(repo)
        if _moment(repo.folder) == before:
            return compared  # else another stgen has written meanwhile, and half of each was seen


def _moment(root: str) -> tuple[object, ...]:
    """What is another after a write, or while there is one."""
    try:
        lock = os.lstat(inside(root, LOCK_PATH))
    except OSError:
        return (os.path.lexists(inside(root, JOURNAL_PATH)),)
    return lock.st_ino, lock.st_mtime_ns, os.path.lexists(inside(root, JOURNAL_PATH))


def _compare(repo: Repo) -> tuple[list[Change], list[Diagnostic]]:
    if os.path.lexists(inside(repo.folder, LOCK_PATH)) and (changes := _in_date(repo)):
        return changes, []
    old, found = read_lock(repo.folder)
    if found:
        return [], found  # without the lock, stgen's files can't be told from others
    if failed(others := taken_over(repo, old)):
        return [], others
    paths = {*repo.tree, *orphans(repo, old)}
    problems = in_the_way(repo.folder, {*paths, WRITTEN_PATH})
    found += dict.fromkeys(problems.values())  # a folder is in the way of all files in it
    with opened(repo.folder) as folder:
        changes = _changes(repo, sorted(paths - problems.keys()), old, folder, found)
        if found:
            return changes, found
        try:
            texts = written.read(folder) if folder else {}
            changes, found = provable(repo, changes, old, texts)
            return [*changes, *_changes_of_ours(repo, folder, texts)], found + others
        except (OSError, InTheWayError) as error:
            return changes, [refused(repo.folder, WRITTEN_PATH, error, "read")]


def blocked(repo: Repo, changes: list[Change]) -> list[Diagnostic]:
    """One diagnostic for each kind of work of a person's that `changes` would overwrite."""
    edited = [change.path for change in changes if change.kind == "edited"]
    foreign = [change.path for change in changes if change.kind == "foreign"]
    found: list[Diagnostic] = []
    if edited:
        found.append(
            Diagnostic(
                "STG300",
                f"{_count(edited)} changed by hand since stgen wrote {them(edited)}, so nothing was written",
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
    """Apply `changes` that `compare` found and `blocked` has nothing against: all of them, or none. The folder is held."""
    steps = [_step(change) for change in changes if change.kind in WRITTEN or change.kind == "remove"]
    if not steps:
        return []
    # Without its journal, a write that was cut off is still as good as it can be when what tells the old state goes last.
    last = (WRITTEN_PATH, LOCK_PATH)
    steps.sort(key=lambda step: (last.index(step.path) if step.path in last else -1, step.new is None, step.path))
    try:
        with Folder(repo.folder) as folder:
            journal.apply(folder, steps)
    except MovedError as error:
        return [_moved(repo.at(error.path))]
    except WriteError as error:
        return [refused(repo.folder, error.path, error.error, "write")]
    except OSError as error:
        return [refused(repo.folder, "", error, "write")]
    return []


def _step(change: Change) -> Step:
    wanted = change.wanted
    return Step(change.path, change.on_disk, Held(wanted.data, wanted.mode) if wanted else None)


def _in_date(repo: Repo) -> list[Change]:
    """The changes of a repo where nothing differs, the lock and what is kept included, so that nothing is to be proved; else none."""
    kept = File(written.dump(written.texts_of(repo.tree)))
    lock = File(_lock_beside(repo, kept).dump())
    wanted = {LOCK_PATH: lock, WRITTEN_PATH: kept, **repo.tree}  # where anything differs, the lock most often does
    changes: list[Change] = []
    try:
        with Folder(repo.folder) as folder:
            for (path, file), held in zip(wanted.items(), folder.read_each(wanted), strict=True):
                if held is None or not _holds(held, file):
                    return []
                changes.append(Change(path, "same", held.data, file))
    except (OSError, InTheWayError):
        return []  # as who looks for what differs will say
    of_lock, of_texts, *of_files = changes
    return [*of_files, of_texts, of_lock]


# --- one path ---------------------------------------------------------------------------------------------------------


def _changes(
    repo: Repo, paths: Collection[str], old: Lock, folder: Folder | None, found: list[Diagnostic]
) -> list[Change]:
    """What happens to each path, and in `found` what can't be read."""
    changes: list[Change] = []
    for path in paths:
        try:
            change = _change(repo, path, old, folder.read(path) if folder else None)
        except (OSError, InTheWayError) as error:
            found.append(refused(repo.folder, path, error, "read"))
            continue
        if change:
            changes.append(change)
    return changes


def _change(repo: Repo, path: str, old: Lock, held: Held | None) -> Change | None:
    """What happens to one path; None where nothing of ours is there and nothing shall be."""
    wanted = repo.tree.get(path)
    entry = old.files.get(path)
    if held is None:
        if wanted is None:
            return None
        return Change(path, "missing" if entry else "create", None, wanted)
    on_disk = held.data
    if wanted is None:
        assert entry is not None  # paths come from the tree or the lock
        kind: Kind = "remove" if blob_id(on_disk) == entry.id else "edited"
        return Change(path, kind, on_disk, None)
    if _holds(held, wanted):
        return Change(path, "same", on_disk, wanted)
    if on_disk == wanted.data:  # it has lost or won the right to run
        return Change(path, "update", on_disk, wanted)
    if entry is None:
        return Change(path, "foreign", on_disk, wanted)
    as_written = entry.id in (blob_id(on_disk), blob_id(with_our_line_ends(on_disk)))
    return Change(path, "update" if as_written else "edited", on_disk, wanted)


def with_our_line_ends(data: bytes) -> bytes:
    """A text as it was written. Where git is set to, it checks files out with CRLF: nobody has edited those."""
    return data.replace(b"\r\n", b"\n")


def _holds(held: Held, wanted: File) -> bool:
    """Whether a file is as it shall be; one that is written once may hold anything."""
    if wanted.policy == "once":
        return True
    same_mode = os.name != "posix" or held.executable == (wanted.mode == 0o755)
    return same_mode and held.data == wanted.data


def _lock_beside(repo: Repo, kept: File) -> Lock:
    """The lock as it stands beside the texts that are kept."""
    return repo.lock.replaced(written=blob_id(kept.data))


def _changes_of_ours(repo: Repo, folder: Folder | None, texts: Mapping[str, str]) -> list[Change]:
    """What happens to the texts that are kept, and to the lock."""
    kept = File(written.dump(_texts_to_keep(repo, folder, texts)))
    lock = File(_lock_beside(repo, kept).dump())
    made = []
    for path, wanted in ((WRITTEN_PATH, kept), (LOCK_PATH, lock)):
        held = folder.read(path) if folder else None
        kind: Kind = "create" if held is None else "same" if held.data == wanted.data else "update"
        made.append(Change(path, kind, held.data if held else None, wanted))
    return made


def _texts_to_keep(repo: Repo, folder: Folder | None, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of the repo; and of files that it no longer has and a person edited: should they come back, the edit is merged."""
    now = written.texts_of(repo.tree)
    gone = {path: text for path, text in texts.items() if path not in repo.tree}
    if not folder or not gone or now | gone == texts:
        return now | gone  # what a person does with such a file makes no repo stale
    blocked = in_the_way(repo.folder, gone)
    held = {path: folder.read(path) for path in gone if path not in blocked}
    return now | {path: gone[path] for path, file in held.items() if file and file.data != gone[path].encode()}


# --- what there is to say ---------------------------------------------------------------------------------------------


def _moved(at: str) -> Diagnostic:
    return Diagnostic(
        "STG313",
        f"`{at}` changed while stgen was about to write it, so nothing was written",
        help="run the same command again, once nobody else writes there",
        file=at,
    )


def _count(paths: list[str]) -> str:
    return f"{len(paths)} files were" if len(paths) > 1 else f"`{paths[0]}` was"
