"""Opens compressed files, as `files` opens others."""

import bz2
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from .files import BLOCK, UnreadableError, unreadable

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@contextmanager
def opened(path: str, shown: str) -> Iterator[io.BufferedReader]:
    """Open a file and unpack it while it is read."""
    with telling(shown), _open(path) as stream:
        yield stream


@contextmanager
def telling(shown: str) -> Iterator[None]:
    """Turn what disks and decompressors raise into an UnreadableError."""
    try:
        yield
    except EOFError:
        raise UnreadableError("STG201", f"{shown} is cut off: its compressed data have no end", "get it anew") from None
    except (OSError, zlib.error, lzma.LZMAError) as error:
        raise unreadable(shown, error) from None


def _open(path: str) -> io.BufferedReader:
    suffix = os.path.splitext(path)[1].lower()
    if suffix == ".zst":
        import pyarrow  # the standard library knows the format from Python 3.14 on only

        raw = pyarrow.CompressedInputStream(pyarrow.OSFile(path), "zstd")
        return io.BufferedReader(cast("io.RawIOBase", raw), BLOCK)
    return cast("io.BufferedReader", OPENERS[suffix](path, "rb"))
