"""STG380 to STG384: lists of texts, and ids in the place of texts."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG380", "a row without a negative",
         "A row that has fewer negatives than others is used, and its own are repeated: that only weighs them more. A row that has none can't be: a negative drawn from other rows may be a right answer, and so a false negative.",
         "{\"query\": \"What is a vector?\", \"pos\": [\"A list of numbers.\"], \"neg\": []}",
         "Give the row a negative, set such rows aside with prepare = { on_bad_row = \"set-aside\" }, or train on them as a data set of pairs."),
    Code("STG381", "lists that can't be expanded into rows",
         "In a path, [] stands for every item of a list. For a text each item makes a row of its own; negatives, documents and scores stay together. What belongs together must follow from the paths.",
         "data = [{ train = \"train.jsonl\", columns = { anchor = \"questions[]\", positive = \"answers[]\" } }]",
         "Let one role alone have a row for each item, or name a position: positive = \"answers[0]\"."),
    Code("STG382", "rows with fewer or more negatives than the loss gets",
         "All rows have as many columns. Where a row has fewer negatives, its own are repeated, which costs time and memory and adds nothing; where it has more, the first are used.",
         "negative = { column = \"neg[]\", count = 8 } over rows of one or two negatives.",
         "Write the count that most rows have.", "note"),
    Code("STG383", "an id without a text",
         "The rows hold ids, and the file that `texts` names has no text under one of them. Ids are compared as text: 007 isn't 7.",
         "{\"query_id\": 12} beside a file of queries that ends at 11.",
         "Add the text, remove the row, or set such rows aside with prepare = { on_bad_row = \"set-aside\" }."),
    Code("STG384", "texts for ids that no column holds",
         "`texts` names for a role the file in which its texts stand under ids; the role's column in `columns` is the one of the ids.",
         "data = [{ train = \"train.jsonl\", columns = { anchor = \"query_id\", positive = \"doc\" }, texts = { negative = \"documents.jsonl\" } }]",
         "Give a column of ids that role, or leave the file out."),
)
# fmt: on
