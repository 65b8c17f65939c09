"""STG270 to STG289: what a training set with `streaming = true` can't do."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

_ROWS = '\ntrain = "t.jsonl"\neval = "e.jsonl"\nstreaming = true\ncolumns = { anchor = "q", positive = "a" }'
_STEPS = "[train]\nsteps = 100\n"
_DATA = f"[[data]]{_ROWS}"

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG270", "a stream beside other data sets",
         "The library builds its batches of several data sets from rows that it can reach by number. A stream has none, so it refuses it among others.",
         f'{_STEPS}[[data]]\nname = "one"{_ROWS}\n[[data]]\nname = "two"\ntrain = "u.jsonl"\ncolumns = {{ anchor = "q", positive = "a" }}',
         "Leave `streaming` out, or bring all rows into files of one data set."),
    Code("STG271", "rows held out of a stream",
         "Which rows are held out is decided over all anchors, so that none stands on two sides. A stream never shows all of them.",
         f'{_STEPS}[[data]]\ntrain = "t.jsonl"\neval = {{ rows = 500 }}\nstreaming = true\ncolumns = {{ anchor = "q", positive = "a" }}',
         'Name files: eval = "data/eval.jsonl".'),
    Code("STG272", "rows that can't be read one by one",
         "A stream takes one row after the other. A JSON file is one value, and a judgement of the BEIR layout is nothing without the files of texts.",
         f'{_STEPS}[[data]]\ntrain = "t.json"\neval = "e.jsonl"\nstreaming = true\ncolumns = {{ anchor = "q", positive = "a" }}',
         "Write the rows as JSON Lines, CSV or Parquet."),
    Code("STG273", "a stream without a number of steps",
         "Warm-up, schedule and the cadence of evaluation are shares of the run, and nobody knows how long a stream is before it has been read.",
         _DATA,
         "Under [train], write steps: rows of the stream times passes over it, by the batch size."),
    Code("STG274", "a tokenizer trained on a stream",
         "Which words a vocabulary needs shows in all texts.",
         f'stgen = 1\n{_STEPS}[model]\ntype = "dense"\narchitecture = "static"\n{_DATA}',
         'Name a model whose tokenizer serves: base = "bert-base-uncased".'),
    Code("STG275", "classes of a stream without names",
         "Classes are numbered in one order for training, evaluation and the saved model. Without names, that order comes from all rows.",
         f'{_STEPS}[[data]]\ntrain = "t.jsonl"\neval = "e.jsonl"\nstreaming = true\ncolumns = {{ text = "t", class = "c" }}',
         'Name them: class = { column = "label", names = ["no", "yes"] }.'),
    Code("STG276", "leakage of a stream",
         "evaluate.py compares the test rows with all training rows, and would have to read the whole stream.",
         f'{_STEPS}{_DATA}\n[metrics]\nmonitor = ["leakage"]',
         "Take leakage out of the list, and leaked rows out of the stream: decontaminate = { ngram = 13 } under [prepare]."),
    Code("STG277", "a conversion that takes all rows",
         "Mining searches all texts, sampling from classes and grouping by anchor look at all rows, and a teacher's answers are kept on disk. A stream shows one row at a time.",
         'a (anchor, positive) stream with convert = [{ to = "triplet", mine = { negatives = 5 } }]',
         "Leave `streaming` out, so that prepare.py converts the rows. A stream can then read its prepared/train.parquet."),
    Code("STG278", "classes that seldom meet in a batch",
         "The loss compares rows of one class with those of another within a batch, and no sampler can put batches of a stream together.",
         "a (text, class) stream of 50 named classes with batches of 64 rows",
         "Write a batch size of four times the number of classes or more, or leave `streaming` out."),
    Code("STG279", "a step that looks at all rows",
         "Repeated rows can stand anywhere in the data, and searches by meaning run in bulk. What a stream has shown is gone.",
         f"{_STEPS}{_DATA}\n[prepare]\ndeduplicate = {{ exact = true }}",
         "Leave the step out, or run it first: a stream can read the prepared/train.parquet that prepare.py writes without `streaming`."),
    Code("STG280", "a comparison on a stream",
         "Losses and seeds are told apart on as many rows of one training set, of which each run draws its share. A stream has no number of rows.",
         f"{_STEPS}{_DATA}\n[compare]\nseeds = [1, 2]",
         "Leave `streaming` out, or compare on a part of the rows in a spec of its own."),
    Code("STG281", "texts grouped by length in a stream",
         "Texts of like length are brought together by a sampler that has seen all rows.",
         f"[train]\nsteps = 100\ngroup_by_length = true\n{_DATA}",
         "Leave it out."),
    Code("STG282", "removed rows that nobody counts",
         "Each process counts the rows that it removes from a stream. Workers of its data loader are processes of their own, whose counts end with them.",
         f"[train]\nsteps = 100\nextra = {{ dataloader_num_workers = 2 }}\n{_DATA}\n[prepare]\nlength = {{ min = 2 }}",
         "Leave dataloader_num_workers out, or count the lines of prepared/train.removed-0.jsonl.",
         "warning"),
)
# fmt: on
