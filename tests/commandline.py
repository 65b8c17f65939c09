"""What the tests of the command line share: a command run in this process, and what a folder holds before and after."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

from stgen.cli.main import main


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def stgen(*arguments: str | Path, stdin: str | bytes = b"") -> Done:
    """Run a command as the program would, with streams of its own."""
    stdout, stderr = io.StringIO(), io.StringIO()
    data = stdin.encode() if isinstance(stdin, str) else stdin
    code = main([str(argument) for argument in arguments], io.BytesIO(data), stdout, stderr)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def contents(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything in a folder: what each path is, its mode, and its bytes or where it leads. Times of change too."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        held: object = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[path.relative_to(folder).as_posix()] = (status.st_mode, held, status.st_mtime_ns if path.is_file() else 0)
    return found


def texts(folder: Path) -> dict[str, bytes]:
    """Path -> bytes of every file in a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
