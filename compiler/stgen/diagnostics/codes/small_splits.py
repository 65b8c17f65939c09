"""STG414 to STG419: splits that are too small for what shall be made of them, and files that aren't what they seem."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG414", "classes that fill no batch",
         "A group_by_label sampler draws pairs of rows of each class, and stops when a single class is left. Where that makes less than a batch, the epoch has no batch at all, and nothing is trained.",
         "40 rows of one class and 2 of another, in batches of 8: 4 rows are drawn.",
         "Add rows of the smaller classes, or write a smaller batch_size."),
    Code("STG415", "held-out rows of which no two have a class",
         "A model of classes is measured by whether a text finds others of its class among the held-out rows. Where each has a class of its own there is nothing to find, and training stops before its first step.",
         "eval = \"eval.jsonl\" with four rows of four classes.",
         "Add rows of these classes to it."),
    Code("STG416", "eval rows without a loss",
         "The loss of triplets is computed over batches of two classes with two rows each. Of fewer eval rows there is none; the metric that picks the checkpoint is measured all the same.",
         "eval = \"eval.jsonl\" with three rows of one class and one of another.",
         "Add rows of a second class to it.", "note"),
    Code("STG417", "an object where a list of rows should be",
         "Some programs write a table as one object: rows under keys of their own, or columns whose values stand under the numbers of rows. It reads as a single row.",
         'pandas.DataFrame.to_json("train.json") without orient="records"',
         "Write a row on each line; the finding shows the command."),
    Code("STG418", "HTML in the texts",
         "Tags, attributes and entities become tokens: they fill the positions of the model, and texts look alike that share nothing but markup.",
         "Answers of a forum: <p>Use a <code>dict</code>.</p>",
         "Write prepare = { normalize = { html = true } }.", "warning"),
    Code("STG419", "classes inside the texts",
         "fastText writes the class before each text. Read as it is, it is the first word of the text, and no class at all.",
         "__label__return May I send it back?",
         "Write classes and texts as columns; the finding shows the command.", "warning"),
)
# fmt: on
