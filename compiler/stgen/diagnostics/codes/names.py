"""STG410 and STG411: names of a person's own files, functions and classes beside those of generated programs."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG410", "a loss or metric whose name is taken",
         "The program that calls it imports it by its name, and has something else that is called so: one would hide the other.",
         'metrics = { custom = ["my_metrics.py:main"] }',
         "Give it another name: the finding lists those that are taken."),
)
# fmt: on
