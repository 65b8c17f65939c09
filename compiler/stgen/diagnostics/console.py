"""What a command talks to: its streams, and how findings are to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, TextIO

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.diagnostics.show import Format, show
from stgen.values.record import Record


class Console(Record):
    """Results go to `stdout`, all else to `stderr`."""

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    format: Format = "text"
    quiet: bool = False

    def result(self, text: str) -> None:
        """Print what was asked for."""
        self.stdout.write(text)

    def say(self, text: str) -> None:
        """Print a line that only a person wants."""
        if not self.quiet:
            self.stderr.write(f"{text}\n")

    def complain(self, text: str) -> None:
        """Print why there is no result."""
        self.stderr.write(f"{text}\n")

    def findings(self, found: Sequence[Diagnostic], *, beside: bool = False) -> None:
        """Print findings: for people to stderr, as a document for machines to stdout.

        `beside` a result, which has stdout to itself, they go to stderr in any format: a document is read as a whole.
        """
        stream = self.stderr if beside or self.format == "text" else self.stdout
        show(found, self.format, stream, quiet=self.quiet)


def failed(found: Sequence[Diagnostic]) -> bool:
    """Whether a command ends with exit code 1."""
    return any(item.severity == "error" for item in found)
