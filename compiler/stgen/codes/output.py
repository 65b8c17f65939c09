"""STG300 to STG329: writing the generated repo."""

from __future__ import annotations

from stgen.codes.row import Code

CODES: tuple[Code, ...] = ()
