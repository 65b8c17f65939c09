"""The shape of a row of the registry of diagnostics."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Severity
from stgen.values.record import Record


class Code(Record):
    """One kind of finding, as `stgen explain CODE` tells it.

    A code keeps its meaning for ever: one that is given up is not used again. `example` is TOML that produces the
    finding: a whole spec when it begins with `stgen = 1`, else what is laid over the shortest useful spec; where no
    spec can produce it, words that say how.
    """

    code: str
    title: str
    why: str
    example: str
    fix: str
    severity: Severity = "error"
