"""A repo on its way to a folder, and what that would change there: the records that all of `disk` passes on."""

from __future__ import annotations

from typing import Literal

from stgen.disk.lock import Lock
from stgen.disk.obstacles import inside
from stgen.disk.reads import Reads
from stgen.render.tree import OURS, File, Tree
from stgen.values.record import Record

Kind = Literal["create", "update", "same", "remove", "edited", "missing", "foreign"]

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

    @property
    def is_ours(self) -> bool:
        """Whether it is a file of stgen's own, which tells nobody what became of the repo."""
        return self.path.startswith(f"{OURS}/")


class Repo(Record):
    """A Tree on its way to a folder, with the lock that will stand beside it, and what it was made from."""

    folder: str
    tree: Tree
    lock: Lock
    reads: Reads = Reads()

    def at(self, path: str) -> str:
        """Where a path of the repo lies, as people write it."""
        return inside(self.folder, path)
