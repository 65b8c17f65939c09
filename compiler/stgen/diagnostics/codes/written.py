"""STG440 to STG449: rows that are written in a way in which some of what they say is lost."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG440", "a key twice in one object",
         "JSON leaves open what that means, and readers keep the last value without a word: the first is lost. Most often a file was joined of two, or a program has written a field under the name of another.",
         '{"question": "May I send it back?", "answer": "Yes.", "answer": "Within thirty days."}',
         "Keep one of them, or give each a name of its own. prepare = { on_bad_row = \"set-aside\" } trains without such rows."),
    Code("STG441", "lists of which the first item alone is used",
         "A position in a path takes one item of a list. Where rows have several objects, each a row of its own, all others are left out of training.",
         'columns = { anchor = "qas[0].question", positive = "context" } over articles with five questions each.',
         'Say where the rows stand: file = { rows = "data[].paragraphs[].qas" }; each is read with what stands beside its list.', "warning"),
    Code("STG442", "a class in several columns",
         "Each class has a column of its own, of which one is 1 in each row (one-hot). A loss for classes takes the class itself; a single one of these columns says of all other classes that they are one.",
         "text,is_return,is_repair,is_other",
         "Write the class in one column; the finding shows the command.", "warning"),
    Code("STG443", "texts and their translations in files of their own",
         "Moses and OPUS write a file for each language, whose lines belong together by their number. Rows have both texts.",
         "train.en beside train.de",
         "Put the lines side by side; the finding shows the command."),
    Code("STG444", "judgements without their texts",
         "A file of judgements has ids of queries and documents. Their texts stand in files of their own, and training needs these.",
         "inspect of qrels/train.tsv that lies apart from its corpus.",
         'Name all three: retrieval = { corpus = "corpus.jsonl", queries = "queries.jsonl", qrels = "qrels/train.tsv" }.'),
    Code("STG445", "names of columns among the rows",
         "Tables that were joined by cat keep the first line of each. Such a line reads like any row: the names are trained on as texts, or make a class of their own.",
         "question,answer in line 1 and again in line 61",
         "Remove these lines. prepare = { on_bad_row = \"set-aside\" } trains without them."),
)
# fmt: on
