"""The process's streams as they are found: closed, or on a disk that is full. No command has to ask which."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any, TextIO, cast


class UnprintedError(Exception):
    """What was to be printed could not be; the message says why."""


class _Output:
    """A stream that says what becomes of what it refuses. All but `write` and `flush` is the stream's own."""

    def __init__(self, stream: TextIO, needed: bool) -> None:
        self._stream = stream
        self._needed = needed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or say why not."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._refused(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or say why not."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self._refused(error)

    def _refused(self, error: OSError) -> None:
        discard(self._stream)
        if self._needed:
            raise UnprintedError((error.strerror or str(error)).lower()) from error


def result(stream: TextIO) -> TextIO:
    """Standard output, which holds what was asked for. Raises UnprintedError for what it refuses."""
    return cast(TextIO, _Output(stream, needed=True))


def chatter(stream: TextIO) -> TextIO:
    """Standard error. What it refuses nobody can be told, and the exit code still stands."""
    return cast(TextIO, _Output(stream, needed=False))


def discard(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere: the interpreter, which flushes at its end, must not complain."""
    with suppress(OSError, ValueError):  # a stream in memory has no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def reopen() -> None:
    """Put the null device where the process was started with a stream closed.

    Python has None there, and the next file that is opened would take the stream's number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the process
