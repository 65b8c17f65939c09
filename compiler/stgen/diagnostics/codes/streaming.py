"""STG270 to STG289: what a training set with `streaming = true` can't do."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

_ROWS = '\ntrain = "t.jsonl"\neval = "e.jsonl"\nstreaming = true\ncolumns = { anchor = "q", positive = "a" }'
_STEPS = "[train]\nsteps = 100\n"
_DATA = f"[[data]]{_ROWS}"

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG270", "a stream beside other data sets",
         "The library's multi-dataset samplers need random access to rows, which a stream doesn't have.",
         f'{_STEPS}[[data]]\nname = "one"{_ROWS}\n[[data]]\nname = "two"\ntrain = "u.jsonl"\ncolumns = {{ anchor = "q", positive = "a" }}',
         "Leave `streaming` out, or bring all rows into files of one data set."),
    Code("STG271", "rows held out of a stream",
         "Hold-out is decided over all anchors, so that none is in two splits. A stream never has all of them at once.",
         f'{_STEPS}[[data]]\ntrain = "t.jsonl"\neval = {{ rows = 500 }}\nstreaming = true\ncolumns = {{ anchor = "q", positive = "a" }}',
         'Name files: eval = "data/eval.jsonl".'),
    Code("STG272", "a format that can't be streamed",
         "A stream reads one row at a time. A JSON file is parsed as a whole, and qrels of the BEIR layout need the files of texts.",
         f'{_STEPS}[[data]]\ntrain = "t.json"\neval = "e.jsonl"\nstreaming = true\ncolumns = {{ anchor = "q", positive = "a" }}',
         "Write the rows as JSON Lines, CSV or Parquet."),
    Code("STG273", "a stream without a number of steps",
         "Warm-up, scheduler and evaluation interval are fractions of the run, and the length of a stream is unknown.",
         _DATA,
         "Under [train], write steps: rows of the stream times passes over it, by the batch size."),
    Code("STG274", "a tokenizer trained on a stream",
         "Building a vocabulary takes a pass over all texts.",
         f'stgen = 1\n{_STEPS}[model]\ntype = "dense"\narchitecture = "static"\n{_DATA}',
         'Name a model whose tokenizer serves: base = "bert-base-uncased".'),
    Code("STG275", "classes of a stream without names",
         "Class indices must be the same for training, evaluation and the saved model. Without names, they are collected from all rows.",
         f'{_STEPS}[[data]]\ntrain = "t.jsonl"\neval = "e.jsonl"\nstreaming = true\ncolumns = {{ text = "t", class = "c" }}',
         'Name them: class = { column = "label", names = ["no", "yes"] }.'),
    Code("STG276", "leakage monitor on a stream",
         "evaluate.py compares the test rows with all training rows, and would have to read the whole stream.",
         f'{_STEPS}{_DATA}\n[metrics]\nmonitor = ["leakage"]',
         "Take leakage out of the list, and leaked rows out of the stream: decontaminate = { ngram = 13 } under [prepare]."),
    Code("STG277", "a conversion that needs all rows",
         "Mining searches all texts, sampling from classes and grouping by anchor need all rows, and teacher outputs are cached on disk. A stream yields one row at a time.",
         'a (anchor, positive) stream with convert = [{ to = "triplet", mine = { negatives = 5 } }]',
         "Leave `streaming` out, so that prepare.py converts the rows. A stream can then read its prepared/rows/train.parquet."),
    Code("STG278", "too few rows of a class in a batch",
         "The loss needs several rows of a class in a batch, and no batch sampler works on a stream.",
         "a (text, class) stream of 50 named classes with batches of 64 rows",
         "Write a batch size of four times the number of classes or more, or leave `streaming` out."),
    Code("STG279", "a step that needs all rows",
         "Duplicates can be anywhere in the data, and semantic search runs in bulk. A stream keeps no earlier rows.",
         f"{_STEPS}{_DATA}\n[prepare]\ndeduplicate = {{ exact = true }}",
         "Leave the step out, or run it first: a stream can read the prepared/rows/train.parquet that prepare.py writes without `streaming`."),
    Code("STG280", "a comparison on a stream",
         "Losses and seeds are compared on equally many rows sampled from one training set. A stream has no known number of rows.",
         f"{_STEPS}{_DATA}\n[compare]\nseeds = [1, 2]",
         "Leave `streaming` out, or compare on a part of the rows in a spec of its own."),
    Code("STG281", "texts grouped by length in a stream",
         "Grouping by length takes a sampler that knows the length of all rows.",
         f"[train]\nsteps = 100\ngroup_by_length = true\n{_DATA}",
         "Leave it out."),
    Code("STG282", "removed rows that aren't counted",
         "Each process counts the rows that it removes from a stream. Workers of its data loader are processes of their own, whose counts end with them.",
         f"[train]\nsteps = 100\nextra = {{ dataloader_num_workers = 2 }}\n{_DATA}\n[prepare]\nlength = {{ min = 2 }}",
         "Leave dataloader_num_workers out, or count the lines of prepared/train.removed-0.jsonl.",
         "warning"),
)
# fmt: on
