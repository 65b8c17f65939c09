"""STG340 to STG349: what a file of data may ask for."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG340", "a row that is too long",
         "A line, an object or a row of cells is longer than 16 MiB. No tokenizer reads a thousandth of it: most often line breaks are missing, or a quote is never closed. "
         "It is refused before it fills the memory, here and where the model is trained.",
         "A 50 MB file without a line break.",
         "Write each row on a line of its own; split a text that is longer, or leave its row out."),
    Code("STG341", "a decompression bomb",
         "A compressed file may unpack to 64 MiB, and a larger one to 200 times its own size: texts compress to about a tenth. One that unpacks to more is damaged, or made to exhaust memory. "
         "The same goes for a Parquet file, whose pages may stand for any number of rows, and for each of its pages (128 MiB).",
         "A .gz file of 2 MB that holds a gigabyte of one character.",
         "Where it is right, unpack the file, or write its rows as JSON Lines, and name what comes of it: files that aren't compressed may have any size."),
    Code("STG342", "a glob that matches too much of the disk",
         "To find what fits the pattern, more than 100,000 files and folders would have to be looked at.",
         "train = \"/**/*.jsonl\"",
         "Begin the pattern with the folder of the data: \"data/**/*.jsonl\"."),
)
# fmt: on
