"""The rendered repo as a value: `Tree`, relative path -> `File`, sorted. `render` makes it, `output` writes it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, ItemsView, Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal

from stgen.values.once import once
from stgen.values.record import Record

Policy = Literal["owned", "once"]
Mode = Literal[0o644, 0o755]

OURS = ".stgen"
"""Folder of the lock in a generated repo. No template may write there."""

RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)), ".git", OURS]
)
"""Names that no component of a path may have: Windows' devices, git's folder, and ours."""

FORBIDDEN = frozenset('<>:"|?*\\') | {chr(code) for code in range(32)} | {"\x7f"}
LONGEST_NAME = 255  # bytes: the limit of ext4, APFS and NTFS alike


LONG = 2**16
"""Signs of a text that no two repos share, as is what holds all of a repo's: to look for it would take longer than to encode it."""


def encoded(text: str) -> bytes:
    """A text as it stands on disk."""
    return _encoded(text) if len(text) < LONG else _encoded_alone(text)


@lru_cache(maxsize=128)  # the specs of one run share most of their texts
def _encoded(text: str) -> bytes:
    return text.encode()


@once  # for its id, and then to hold it against what stands on disk
def _encoded_alone(text: str) -> bytes:
    return text.encode()


class File(Record):
    """One file of the repo. `owned` is written again by every compile; `once` is the user's from then on."""

    text: str
    policy: Policy = "owned"
    mode: Mode = 0o644

    @property
    def data(self) -> bytes:
        """The bytes that stand on disk."""
        return encoded(self.text)

    def holding(self, text: str) -> File:
        """The file with another text."""
        return self if text == self.text else File(text, self.policy, self.mode)


class Tree(Mapping[str, File]):
    """Relative POSIX path -> File, in sorted order.

    Raises ValueError for a path that not every file system would take, that leaves the folder, or that clashes with
    another one where case doesn't count. Specs are checked long before: such a path is a fault of stgen.
    """

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, File]) -> None:
        """Check the paths of `files` and put them in order."""
        for path in files:
            check_path(path)
        check_paths(files)
        self._files = {path: files[path] for path in sorted(files)}

    def __getitem__(self, path: str) -> File:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def items(self) -> ItemsView[str, File]:
        """Paths and files: those of the mapping itself, as all passes go through them."""
        return self._files.items()

    def __repr__(self) -> str:
        return f"Tree({list(self._files)})"


@cache
def parents(path: str) -> tuple[str, ...]:
    """The folders above `path`, outermost first."""
    names = path.split("/")[:-1]
    return tuple("/".join(names[: end + 1]) for end in range(len(names)))


@cache
def check_path(path: str) -> None:
    """Raise ValueError for a path that not every file system takes, or that leaves the folder."""
    if not path or path.startswith("/"):
        raise ValueError(f"{path!r} is not a relative path")
    for name in path.split("/"):
        if name in ("", ".", ".."):
            raise ValueError(f"{path!r} is not a plain relative path")
        if bad := FORBIDDEN & set(name):
            raise ValueError(f"{path!r} has {min(bad)!r}, which not every file system takes")
        if name[-1] in ". " or len(name.encode()) > LONGEST_NAME:
            raise ValueError(f"{path!r} has a name that not every file system takes")
        if name.casefold() in RESERVED or name.casefold().split(".")[0] in RESERVED:
            raise ValueError(f"{path!r} has a reserved name")


def check_paths(paths: Collection[str]) -> None:
    """Raise ValueError where two of `paths` are one file on some system, or one is a file and a folder."""
    spellings: dict[str, str] = {}
    for path in paths:
        _check_clash(path, spellings)
    for path in paths:
        for folder in parents(path):
            if folder in paths:
                raise ValueError(f"{folder!r} is a file and a folder")


@lru_cache(maxsize=1024)  # the repos of one run share most of their paths
def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _check_clash(path: str, spellings: dict[str, str]) -> None:
    """Hold every prefix of `path` against those seen: two spellings are one file where case doesn't count."""
    for prefix in (*parents(path), path):
        seen = spellings.setdefault(_folded(prefix), prefix)
        if seen != prefix:
            raise ValueError(f"{prefix!r} and {seen!r} are one file where case doesn't count")
