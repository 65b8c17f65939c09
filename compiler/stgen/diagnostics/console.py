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

    def findings(self, found: Sequence[Diagnostic]) -> None:
        """Print findings: for people to stderr, as a document for machines to stdout."""
        show(found, self.format, self.stderr if self.format == "text" else self.stdout, quiet=self.quiet)


def failed(found: Sequence[Diagnostic]) -> bool:
    """Whether a command ends with exit code 1."""
    return any(item.severity == "error" for item in found)
