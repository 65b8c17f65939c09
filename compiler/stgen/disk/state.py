"""Says whether a repo is what its spec compiles to: the Changes of a compile -> a state for each file and for the repo.

`in-date`: what stands there is what would be generated. `edited`: a person changed it, and what was generated under the
edit (the lock has its blob id) is what would be generated now. `stale`: anything else. A repo is stale if a file of it
is, else edited if one is, else up to date. `stgen check` passes repos that are up to date or edited; with `--strict`, only
those that are up to date.

| a file                                                        | state      | the diff that is shown                       |
| ------------------------------------------------------------- | ---------- | -------------------------------------------- |
| holds what would be generated                                 | up to date | none                                         |
| is written once, and is there, whatever it holds              | up to date | none: it is the person's                     |
| edited, with a merge conflict in it that nobody has resolved  | stale      | none: only the person knows what is right    |
| edited, and the spec has nothing new                          | edited     | none; with `--strict`, the edit              |
| edited, and the spec has something new                        | stale      | what the merge brings, its conflicts marked  |
| edited, something new, and the two can't be merged            | stale      | none: `stgen update` refuses, and says why   |
| edited, and the repo no longer has it                         | stale      | none: `stgen update` leaves it to the person |
| not edited, and the spec has something new                    | stale      | what is new                                  |
| not edited, and the repo no longer has it                     | stale      | its removal                                  |
| not there: not yet, or deleted (one that is written once too) | stale      | the whole file, as it will be written        |
| is right to the byte, and has lost or won the right to run    | stale      | the modes                                    |
| is right but for CRLF at its line ends                        | stale      | none: it would tell every line               |
| isn't stgen's, and stands where a file of the repo goes       | stale      | none: nothing overwrites it                  |
| the lock: not there, other inputs, another stgen              | stale      | none, but a note says what has changed       |
| the lock: other files                                         | stale      | its own, where no other file says as much    |

So no edit makes a repo stale for ever: `stgen update` and a commit end it, once conflicts are resolved.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.difference import difference, mode_difference
from stgen.disk.lock import LOCK_PATH, Lock, blob_id
from stgen.disk.output import Change, Kind, Repo, with_our_line_ends
from stgen.render.tree import OURS
from stgen.values.record import Record

State = Literal["in-date", "edited", "stale"]
WayOut = Literal["", "bring", "merge", "apart", "resolve", "move", "spec"]
"""What ends a state: `bring` it up to date, `merge`, compile it `apart`, `resolve` conflicts, `move` it, edit the `spec`."""


class Case(Record):
    """A row of the table above: the state, what is said after the file's path, and the way out."""

    state: State
    says: str
    way_out: WayOut = ""


# fmt: off
BY_KIND: dict[Kind, Case] = {
    "same":    Case("in-date", "is up to date"),
    "create":  Case("stale",   "is not there yet", "bring"),
    "update":  Case("stale",   "is out of date", "bring"),
    "remove":  Case("stale",   "is no longer part of the repo", "bring"),
    "missing": Case("stale",   "was deleted", "bring"),
}
FOREIGN    = Case("stale",  "isn't stgen's, and stands where a file of the repo goes", "move")
EDITED     = Case("edited", "was edited by hand, and what was generated under the edit is up to date", "spec")
OUTDATED   = Case("stale",  "was edited by hand, and what was generated under the edit is out of date", "merge")
UNMERGED   = Case("stale",  "was edited by hand, what was generated under the edit is out of date, and the two can't be merged", "apart")
UNRESOLVED = Case("stale",  "holds a merge conflict that nobody has resolved", "resolve")
ORPHANED   = Case("stale",  "was edited by hand and is no longer part of the repo: an update leaves it to you", "merge")
NOT_RUN    = Case("stale",  "must be executable, and isn't", "bring")
RUN        = Case("stale",  "is executable, and must not be", "bring")
CRLF       = Case("stale",  "has CRLF at its line ends, as git's core.autocrlf writes them", "bring")
# fmt: on
CONFLICT = (b"\n<<<<<<< ", b"\n=======", b"\n>>>>>>> ")


class FileState(Record):
    """One path of the repo: what a compile sees there, its case, and the diff that an update would bring.

    `edit` is what the person changed, from what the spec compiles to now.
    """

    path: str
    change: Kind
    case: Case
    diff: str = ""
    edit: str = ""
    notes: tuple[str, ...] = ()


class RepoState(Record):
    """A repo with the states of its files, the lock last, and what else would stop an update."""

    repo: Repo
    files: tuple[FileState, ...]
    problems: tuple[Diagnostic, ...] = ()

    @property
    def state(self) -> State:
        """Stale if a file is, else edited if one is."""
        return "stale" if self.of("stale") else "edited" if self.of("edited") else "in-date"

    def of(self, state: State) -> list[FileState]:
        """The files in one state."""
        return [file for file in self.files if file.case.state == state]


def state_of(repo: Repo, changes: list[Change]) -> RepoState:
    """The states of a repo, from the changes that `compare` found without an error. Reads the folder, writes nothing."""
    (of_lock,) = (change for change in changes if change.path == LOCK_PATH)
    before = _lock_before(repo, of_lock)
    files = {change.path: _file_state(repo, change, before) for change in changes if change is not of_lock}
    to_merge = [change for change in changes if change.path in files and files[change.path].case in (OUTDATED, FOREIGN)]
    merged, problems = _merge(repo, changes, to_merge) if to_merge else ({}, [])
    files |= merged
    told = any(file.case.state == "stale" for file in files.values())
    return RepoState(repo, (*files.values(), _lock_state(repo, of_lock, before, told)), tuple(problems))


def _lock_before(repo: Repo, of_lock: Change) -> Lock:
    """The lock that stands there, which `compare` has read and found in order."""
    if of_lock.kind == "same":
        return repo.lock
    return Lock.parse(of_lock.on_disk.decode()) if of_lock.on_disk else Lock({})


def _file_state(repo: Repo, change: Change, before: Lock) -> FileState:
    """The state of one file; what a merge would make of it is left to `_merge`."""
    if change.kind == "edited":
        return _edited_state(repo, change, before)
    if change.kind == "foreign":
        return FileState(change.path, "foreign", FOREIGN)
    if change.kind == "same":
        return _in_date(change.path)
    case = BY_KIND[change.kind]
    if change.path.startswith(f"{OURS}/"):
        return FileState(change.path, change.kind, case)
    if change.wanted is not None and change.on_disk == change.wanted.data:
        run = change.wanted.mode == 0o755
        return FileState(change.path, change.kind, NOT_RUN if run else RUN, mode_difference(run))
    if change.wanted is not None and with_our_line_ends(change.on_disk or b"") == change.wanted.data:
        return FileState(change.path, change.kind, CRLF)  # a diff would tell every line, and show no difference
    return FileState(change.path, change.kind, case, _brings(repo, change, "compiled"))


@cache  # most files of most repos
def _in_date(path: str) -> FileState:
    return FileState(path, "same", BY_KIND["same"])


def _edited_state(repo: Repo, change: Change, before: Lock) -> FileState:
    on_disk, path = change.on_disk or b"", repo.at(change.path)
    if change.wanted is None:
        return FileState(change.path, "edited", ORPHANED)
    if all(mark in b"\n" + on_disk for mark in CONFLICT):
        return FileState(change.path, "edited", UNRESOLVED)
    if before.files[change.path].id != blob_id(change.wanted.data):
        return FileState(change.path, "edited", OUTDATED)
    return FileState(
        change.path, "edited", EDITED, edit=difference(change.wanted.data, on_disk, f"{path} (compiled)", path)
    )


def _lock_state(repo: Repo, change: Change, before: Lock, told: bool) -> FileState:
    """The state of the lock, with its diff unless notes or the diffs of other files have `told` why it differs."""
    if change.kind != "update":
        return FileState(change.path, change.kind, BY_KIND[change.kind])
    now, notes = repo.lock, []
    if before.stgen != now.stgen:
        notes.append(f"stgen {before.stgen} compiled the repo, and this is stgen {now.stgen}")
    changed = [path for path, id in now.inputs.items() if before.inputs.get(path, id) != id]
    notes += [f"{path} has changed since the repo was compiled" for path in changed]
    diff = "" if told or notes else _brings(repo, change, "compiled")
    return FileState(change.path, change.kind, BY_KIND[change.kind], diff, notes=tuple(notes))


def _merge(repo: Repo, changes: list[Change], to_merge: list[Change]) -> tuple[dict[str, FileState], list[Diagnostic]]:
    """The files that `stgen update` would merge or refuse, each with what it would bring; and what else would stop it."""
    from stgen.disk.merge import merge  # here, because most repos have nothing to merge

    made = merge(repo, changes)
    brought = {change.path: change for change in made.changes}
    files: dict[str, FileState] = {}
    for change in to_merge:
        path, after = repo.at(change.path), brought.get(change.path)
        notes = tuple(finding.message for finding in (*made.refused, *made.conflicts) if finding.file == path)
        case = UNMERGED if after is None else FOREIGN if after.kind == "foreign" else OUTDATED
        diff = _brings(repo, after, "merged") if after and after.kind == "update" else ""
        files[change.path] = FileState(change.path, change.kind, case, diff, notes=notes)
    told = {repo.at(path) for path in files}
    return files, [finding for finding in made.refused if finding.file not in told]


def _brings(repo: Repo, change: Change, how: str) -> str:
    path = repo.at(change.path)
    new = change.wanted.data if change.wanted else b""
    return difference(change.on_disk or b"", new, path, f"{path} ({how})")
