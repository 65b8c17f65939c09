"""STG330 to STG339: scaffolding a project."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG330", "a folder that is in use",
         "A new project is written into a folder of its own, so that nothing of anybody's is overwritten or mixed with it.",
         "stgen new a-folder-with-files",
         "Name a folder that is empty or not there yet, or move away what is in it. A .git folder may be there."),
    Code("STG331", "no text column",
         "A schema is proposed from the names and the values of the columns, and none of them looks like a text.",
         "stgen new demo --from-data numbers.csv, where numbers.csv holds numbers alone.",
         "Start from a recipe, name the file in its spec, and say which column has which role."),
)
# fmt: on
