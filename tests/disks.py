"""What the tests of writing share: repos of a few files, compiled and updated as the commands do it, on a disk that fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from stgen.diagnostics.console import failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import folder as folder_module
from stgen.disk import holding as holding_module
from stgen.disk import journal as journal_module
from stgen.disk.holding import alone, settle
from stgen.disk.lock import lock_tree
from stgen.disk.merge import merge
from stgen.disk.output import Repo, blocked, compare, write
from stgen.disk.reads import Reads
from stgen.render.tree import File, Tree

OLD = Tree(
    {
        "train.py": File("old\n"),
        "README.md": File("same\n"),
        "launch/accelerate/gpu.yaml": File("gone\n", mode=0o755),
        "my_losses.py": File("skeleton\n", "once"),
    }
)
NEW = Tree(
    {
        "train.py": File("new\n"),
        "README.md": File("same\n"),
        "tests/test_smoke.py": File("more\n"),
        "my_losses.py": File("another skeleton\n", "once"),
    }
)


def repo(folder: Path, tree: Tree, reads: Reads | None = None) -> Repo:
    return Repo(str(folder), tree, lock_tree(tree, spec="stgen.toml"), reads or Reads())


def compile(folder: Path, tree: Tree, reads: Reads | None = None) -> list[Diagnostic]:
    """Errors and warnings of a compile, as the command does it: what it has put back is no finding."""
    made = repo(folder, tree, reads)
    found = settle(made.folder)
    if failed(found):
        return found
    changes, wrong = compare(made)
    found += wrong + blocked(made, changes)
    if not failed(found) and any(change.kind != "same" for change in changes):
        with alone(made.folder) as wrong:
            found += wrong
            if not failed(found):
                changes, wrong = compare(made)
                found += wrong + blocked(made, changes)
            if not failed(found):
                found += write(made, changes)
    return [item for item in dict.fromkeys(found) if item.severity != "note"]


def update(folder: Path, tree: Tree) -> list[Diagnostic]:
    """The same of an update."""
    made = repo(folder, tree)
    with alone(made.folder) as found:
        if failed(found):
            return found
        changes, wrong = compare(made)
        found += wrong
        if not failed(found):
            merged = merge(made, changes)
            found += [*blocked(made, [item for item in merged.changes if item.kind == "foreign"]), *merged.refused]
            if not failed(found):
                found += write(made, merged.changes) or merged.conflicts
    return [item for item in found if item.severity != "note"]


def kinds(folder: Path, tree: Tree) -> dict[str, str]:
    """What a compile would do with each file of the repo, those that stay aside."""
    changes = compare(repo(folder, tree))[0]
    return {change.path: change.kind for change in changes if change.kind != "same" and not change.is_ours}


def snapshot(folder: Path) -> dict[str, tuple[str, bytes | str, int]]:
    """Everything below a folder: what it is, what it holds, and when it was written."""
    found: dict[str, tuple[str, bytes | str, int]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.readlink(path), 0)
        elif path.is_dir():
            found[name] = ("folder", "", 0)
        elif not path.is_file():
            found[name] = ("other", "", 0)
        else:
            found[name] = ("file", path.read_bytes(), path.stat().st_mtime_ns)
    return found


def contents(folder: Path) -> dict[str, str]:
    """Path -> text of every file in a folder, those of `.stgen` included."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def state(folder: Path) -> dict[str, tuple[str, bytes | str, int]]:
    """Everything below a folder: what it is, what it holds, and its permissions."""
    held = snapshot(folder)
    return {
        name: (what, data, 0 if what == "link" else (folder / name).stat().st_mode)
        for name, (what, data, _) in held.items()
    }


def refused(
    folder: Path, tree: Tree, code: str, command: Callable[[Path, Tree], list[Diagnostic]] = compile
) -> Diagnostic:
    """Run a command, which must change nothing and say one thing."""
    before = snapshot(folder.parent)
    (finding,) = command(folder, tree)
    assert finding.code == code
    assert finding.help
    assert snapshot(folder.parent) == before
    return finding


# --- a disk that fails, and a process that dies -----------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process: whatever the code under test does on it, the disk takes nothing any more."""


STEPS = ("mkdir", "replace", "unlink", "rmdir", "fchmod", "fsync", "ftruncate", "write")
"""Functions of os that change the disk; `open` is another one, where it creates."""

When = str  # "before" or "after" the call


class Disk(ModuleType):
    """The module os, for the code that writes: it counts what changes the disk, and does `act` at one of these calls."""

    def __init__(self, number: int, act: Callable[[], None], when: When = "before", dead: bool = False) -> None:
        super().__init__("os")
        self.calls: list[str] = []
        self.number, self.act, self.when, self.dead = number, act, when, dead

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        if name not in (*STEPS, "open"):
            return real

        def call(*arguments: object, **options: object) -> object:
            if name == "open" and not arguments[1] & os.O_CREAT:  # type: ignore[operator]
                return real(*arguments, **options)
            self.calls.append(name)
            count = len(self.calls)
            acts = count == self.number or (self.dead and 0 < self.number < count)
            if acts and self.when == "before":
                self.act()
            try:
                return real(*arguments, **options)
            finally:
                if acts and self.when == "after":
                    self.act()

        return call


def on(monkeypatch: pytest.MonkeyPatch, disk: Disk) -> Disk:
    """Let the code that writes see this disk."""
    for module in (folder_module, holding_module, journal_module):
        monkeypatch.setattr(module, "os", disk)
    return disk


def die() -> None:
    raise Killed


def killed(work: Callable[[], object], number: int, when: When) -> bool:
    """Do some work in a process of its own, and kill that at the numbered call; whether it came to that."""
    child = os.fork()
    if not child:
        try:
            with pytest.MonkeyPatch.context() as patch:
                on(patch, Disk(number, lambda: os.kill(os.getpid(), signal.SIGKILL), when))
                work()
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def count(work: Callable[[], object]) -> list[str]:
    """The calls with which some work changes the disk."""
    with pytest.MonkeyPatch.context() as patch:
        disk = on(patch, Disk(0, die))
        work()
    return disk.calls
