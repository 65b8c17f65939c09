"""What the match says of each loss that it looked at."""

from __future__ import annotations

from typing import Literal

from stgen.values.record import Record


class Candidate(Record):
    """A loss that was looked at for the data, and what became of it."""

    loss: str
    outcome: Literal["chosen", "fits", "lacks", "other data"]
    reason: str
