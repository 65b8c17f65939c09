"""STG100 to STG149: losses, data formats and conversions."""

from __future__ import annotations

from stgen.codes.row import Code

CODES: tuple[Code, ...] = ()
