"""STG370 to STG389: eval and test rows that aren't apart from each other."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG370", "eval rows that are test rows",
         "The checkpoint is selected on the eval rows. Where they are test rows, it is selected on what it is then measured on, and the test says too much.",
         "eval = the first 100 rows of test.",
         "Name a file of other rows, or remove them from the eval rows: prepare = { decontaminate = {} }.", "warning"),
)
# fmt: on
