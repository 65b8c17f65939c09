"""STG370 to STG379 and STG385 to STG389: eval and test rows that aren't apart from each other, and specs and rows held against what is known of models and files."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG370", "eval/test leakage",
         "The checkpoint is selected on the eval rows. Where those are test rows too, the checkpoint is selected on what it is then tested on, and the test metric is biased upwards.",
         "eval = the first 100 rows of test.",
         "Name a file of other rows, or remove them from the eval rows: prepare = { decontaminate = {} }.", "warning"),
    Code("STG385", "a max_length beyond the model's positions",
         "A transformer with a table of positions has no embedding for a token beyond the last one. Training stops at the first batch with a text that long, which may be hours into the run.",
         "max_length = 1024 on a BERT, which has 512 positions.",
         "Write at most the number of positions; split longer texts, or name a base model that reads more."),
    Code("STG386", "a base model without a padding token",
         "Texts of a batch are padded to one length. Many decoders were published without a padding token, and their tokenizers refuse to pad.",
         'base = "openai-community/gpt2"',
         "Save the model with a padding token of its own (tokenizer.pad_token = tokenizer.eos_token), and name that folder as base."),
    Code("STG387", "classes that differ only in their spelling",
         "Two spellings of one class train as two: the loss pushes texts apart that belong together.",
         "The classes \"Refund\", \"refund\" and \"refund \"; or 1 and 1.0 in a CSV.",
         "Spell them alike in the rows.", "warning"),
    Code("STG388", "an ordinal rating mapped as a class",
         "Whole numbers from 1 to 5 that stand beside two texts are most often ratings. As classes their order is lost: 4 is then no nearer to 5 than 1 is.",
         "columns = { text_1 = \"a\", text_2 = \"b\", class = \"rating\" } over ratings of 1 to 5.",
         "Declare a score with its range: score = { column = \"rating\", min = 1, max = 5 }.", "warning"),
    Code("STG389", "a missing header",
         "The first line of a CSV or TSV names its columns. Where it is a row like the others, that row is lost, and its texts become the column names.",
         "A TSV of triplets that begins with a question, its answer and a wrong one.",
         "Name the columns in the spec: file = { header = [\"anchor\", \"positive\"] }.", "warning"),
)
# fmt: on
