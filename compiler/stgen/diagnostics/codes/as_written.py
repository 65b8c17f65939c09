"""STG466 to STG469: files that are written otherwise than the spec says."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG466", "another encoding than the file's",
         "Every byte is a letter in many encodings. Read in a wrong one, no row is refused, and the letters with accents, or all of them, are others than those that were written.",
         'file = { encoding = "latin-1" } beside a CSV that was saved as UTF-8: "naïve" is read as "naÃ¯ve".',
         "Name the encoding in which the file was saved, or leave the key out for UTF-8.", "warning"),
    Code("STG467", "names of columns that are read as a row",
         "With `header` the first line of a table is a row. Where it holds the names of the columns, these are trained on as texts.",
         'file = { header = ["question", "answer"] } beside a CSV whose first line is question,answer.',
         "Leave `header` out: the file names its columns itself.", "warning"),
)
# fmt: on
