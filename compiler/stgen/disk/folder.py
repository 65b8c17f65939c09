"""A folder on the disk, its files reached by relative path and never through a link.

Where the system can (`dir_fd`), each step of a path is opened from the one above it and no link is followed, so that one
which appears between a look and a deed isn't followed either. Elsewhere each step is looked at right before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Literal, Self

from stgen.render.tree import parents
from stgen.values.record import Record

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read. What stgen writes has a few hundred thousand at most."""

STEPWISE = {os.open, os.stat, os.mkdir, os.unlink, os.rmdir, os.rename} <= os.supports_dir_fd
"""Whether a path can be walked step by step, each from the one before."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
AS_IT_IS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
TO_READ = os.O_RDONLY | NO_LINK | AS_IT_IS | getattr(os, "O_NONBLOCK", 0)  # a pipe is not waited for
TO_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | AS_IT_IS
TO_WALK = os.O_RDONLY | NO_LINK | AS_IT_IS | getattr(os, "O_DIRECTORY", 0)

NEW_FILE, READ, RUN = 0o666, 0o444, 0o111
"""Permissions: a new file's before the umask, and those to read and to run one."""

JUNCTIONS = frozenset(
    getattr(stat, name) for name in ("IO_REPARSE_TAG_SYMLINK", "IO_REPARSE_TAG_MOUNT_POINT") if hasattr(stat, name)
)

Obstacle = Literal["link", "not a folder", "not a file", "too large", "not ours"]


class InTheWayError(Exception):
    """What stands at `path`, a path of the folder, is not what must be there."""

    def __init__(self, path: str, what: Obstacle) -> None:
        """Keep both, for whoever says so to a person."""
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what: Obstacle = what


class Held(Record):
    """What a file holds, and its permissions."""

    data: bytes
    mode: int

    @property
    def executable(self) -> bool:
        """Whether its owner may run it."""
        return bool(self.mode & stat.S_IXUSR)


class Folder:
    """An existing folder; paths of its methods are relative, in POSIX spelling, and checked by `check_path`.

    Every method raises InTheWayError for a link, or a file, in place of a folder above the path, and OSError where the
    disk refuses.
    """

    def __init__(self, root: str) -> None:
        """Open the folder. `root` may lead through links: whoever runs stgen named it."""
        self.root = root or "."
        self._at = os.open(self.root, TO_WALK & ~NO_LINK) if STEPWISE else None
        if self._at is None and not os.path.isdir(self.root):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), self.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._at is not None:
            os.close(self._at)

    def look(self, path: str) -> os.stat_result | None:
        """What is at a path, a link being a link; None where nothing is."""
        try:
            with self._above(path) as (name, at):
                return os.stat(name, dir_fd=at, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def read(self, path: str, limit: int = LARGEST) -> Held | None:
        """A plain file; None where nothing is. Raises InTheWayError for all else, and for more than `limit` bytes."""
        (held,) = self.read_each([path], limit)
        return held

    def read_each(self, paths: Iterable[str], limit: int = LARGEST) -> Iterator[Held | None]:
        """Each of several plain files as `read` has it; the way to a folder is walked once for those that lie side by side."""
        side_by_side = _folder_of if self._at is not None else None  # else each is looked at on its own
        for _, found in groupby(paths, side_by_side):
            beside = list(found)
            above = _folder_of(beside[0])
            try:
                with self._above(f"{above}/." if above else ".") as (here, at):
                    for path in beside:
                        name = path.rpartition("/")[2]
                        yield self._plain(path, name if at is not None else os.path.join(here, name), at, limit)
            except FileNotFoundError:  # there is no such folder
                yield from [None] * len(beside)

    def _plain(self, path: str, name: str, at: int | None, limit: int) -> Held | None:
        """The plain file of a name in an open folder, or at a whole path; `path` is what it is called in the repo."""
        try:
            seen = os.stat(name, dir_fd=at, follow_symlinks=False)
            if problem := file_problem(seen):
                raise InTheWayError(path, problem)
            return self._read(path, name, at, seen, limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link took its place this very moment
                raise InTheWayError(path, "link") from None
            raise

    def _read(self, path: str, name: str, at: int | None, seen: os.stat_result, limit: int) -> Held:
        descriptor = os.open(name, TO_READ, dir_fd=at)
        try:
            opened = os.fstat(descriptor)
            if not os.path.samestat(seen, opened):
                raise InTheWayError(path, "not a file")  # something else took its place this very moment
            data = _bytes(descriptor, opened.st_size) if opened.st_size <= limit else b""
            if opened.st_size > limit or len(data) > opened.st_size:
                raise InTheWayError(path, "too large")
            return Held(data, stat.S_IMODE(opened.st_mode))
        finally:
            os.close(descriptor)

    def create(self, path: str, data: bytes | Callable[[int], bytes], mode: int, *, masked: bool = True) -> None:
        """Write a file that isn't there yet, and have it on the disk for good. Its folder exists.

        A function makes the bytes of the number (inode) that the file has. Of `mode` the umask is taken off where it is
        `masked`, but for what its owner may do.
        """
        with self._above(path) as (name, at), open(os.open(name, TO_CREATE, mode, dir_fd=at), "wb") as file:
            status = os.fstat(file.fileno())
            file.write(data if isinstance(data, bytes) else data(status.st_ino))
            file.flush()
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode) | mode & stat.S_IRWXU if masked else mode)
            os.fsync(file.fileno())

    def open_shared(self, path: str) -> int:
        """Open a plain file to read and write, made where it isn't there; for a lock, which others open too."""
        if (seen := self.look(path)) and (problem := file_problem(seen)):
            raise InTheWayError(path, problem)
        with self._above(path) as (name, at):
            flags = os.O_RDWR | os.O_CREAT | NO_LINK | AS_IT_IS | getattr(os, "O_NONBLOCK", 0)
            descriptor = os.open(name, flags, 0o644, dir_fd=at)
            if problem := file_problem(os.fstat(descriptor)):
                os.close(descriptor)
                raise InTheWayError(path, problem)
            return descriptor

    def replace(self, source: str, target: str) -> None:
        """Put a file in place of another one in the same folder, in one step."""
        with self._above(source) as (name, at), self._above(target) as (onto, there):
            os.replace(name, onto, src_dir_fd=at, dst_dir_fd=there)

    def remove(self, path: str) -> None:
        """Remove a file; a link goes itself, and what it leads to stays."""
        with self._above(path) as (name, at):
            os.unlink(name, dir_fd=at)

    def make(self, path: str) -> None:
        """Make a folder."""
        with self._above(path) as (name, at):
            os.mkdir(name, dir_fd=at)

    def remove_folder(self, path: str) -> None:
        """Remove a folder that is empty."""
        with self._above(path) as (name, at):
            os.rmdir(name, dir_fd=at)

    def sync(self, path: str) -> None:
        """Have the names in a folder on the disk for good, where the system can ("" is the folder itself)."""
        if self._at is None:
            return
        with self._above(f"{path}/." if path else ".") as (_, at):
            assert at is not None  # as the walk is stepwise
            os.fsync(at)

    @contextmanager
    def _above(self, path: str) -> Iterator[tuple[str, int | None]]:
        """The name of a path in the folder above it, with that folder open; the whole path where no folder can be open."""
        name = path.rpartition("/")[2]
        if self._at is None:
            for above in parents(path):
                self._step(above, None, os.path.join(self.root, above))
            yield os.path.join(self.root, path), None
            return
        opened: list[int] = []
        at = self._at
        try:
            for above in parents(path):
                at = self._step(above, at, above.rpartition("/")[2])
                opened.append(at)
            yield name, at
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _step(self, path: str, at: int | None, name: str) -> int:
        """Open one folder on the way to a file; where none can be opened, look that it is one."""
        if problem := folder_problem(os.stat(name, dir_fd=at, follow_symlinks=False)):
            raise InTheWayError(path, problem)
        if at is None:
            return -1
        try:
            return os.open(name, TO_WALK, dir_fd=at)
        except OSError:
            # What the look found is gone: a link or a file has taken its place, or nothing has.
            if problem := folder_problem(os.stat(name, dir_fd=at, follow_symlinks=False)):
                raise InTheWayError(path, problem) from None
            raise


def mode_of(new: Held, old: Held | None) -> int:
    """The permissions of a file that is written: those that it has, with the right to run it given or taken away."""
    if old is None:
        return NEW_FILE | RUN if new.executable else NEW_FILE
    return old.mode | (old.mode & READ) >> 2 if new.executable else old.mode & ~RUN


@contextmanager
def opened(root: str) -> Iterator[Folder | None]:
    """A folder; None where there is none yet."""
    if not os.path.lexists(root):
        yield None
        return
    with Folder(root) as folder:
        yield folder


def _bytes(descriptor: int, size: int) -> bytes:
    """The bytes of a file that has so many, and one more where it has grown. A file object of Python's would ask the system four times as much."""
    data = os.read(descriptor, size + 1)
    while len(data) < size and (more := os.read(descriptor, size + 1 - len(data))):
        data += more
    return data


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def is_link(seen: os.stat_result) -> bool:
    """Whether a path leads elsewhere: a symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(seen.st_mode) or getattr(seen, "st_reparse_tag", 0) in JUNCTIONS


def folder_problem(seen: os.stat_result) -> Obstacle | None:
    """Why what is there is no folder to go through."""
    if is_link(seen):
        return "link"
    return None if stat.S_ISDIR(seen.st_mode) else "not a folder"


def file_problem(seen: os.stat_result) -> Obstacle | None:
    """Why what is there is no file to read or to write over."""
    if is_link(seen):
        return "link"
    return None if stat.S_ISREG(seen.st_mode) else "not a file"
