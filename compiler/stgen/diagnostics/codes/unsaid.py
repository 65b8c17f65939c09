"""STG470 to STG474: rows that no role takes as they are, and columns beside the roles that matter to them."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG470", "preferences that no column names",
         "A loss of triplets takes the better and the worse answer, each in a column of its own, and the question. Where a score of each answer says which is better, or the question is the beginning of both, the columns must be written first.",
         "question,answer_0,score_0,answer_1,score_1",
         'Write columns for them, and anchor = "question", positive = "chosen", negative = "rejected"; the finding shows the command.'),
    Code("STG471", "choices of which one is right",
         "Each row has several texts, of which a number or a letter names the right one. A role takes the same column, or the same position of a list, in all rows: most of what it took would be wrong.",
         '{"question": "Where is the fuse?", "choices": ["in the lid", "below"], "answer": 1}',
         'Write the right one and the others apart, positive = "positive" and negative = "negatives[]"; the finding shows the command.'),
    Code("STG472", "one rating of several",
         "Several people rated each pair, and the score is what one of them says. Their mean has less noise, and more steps.",
         "text_1,text_2,rater1,rater2,rater3",
         "Write the mean into a column, and name that; the finding shows the command.", "warning"),
    Code("STG473", "the rows of all splits in one file",
         "A column says which split a row is of, or an object has a list for each. Of a table all is read: rows that were meant for the test would be trained on, and the results on them mean nothing. Of an object one list is, and the model isn't measured on the rows that others are.",
         "text_1,text_2,label,split with train, dev and test in the last column.",
         "Write a file for each split, and name them as train, eval and test; the finding shows the command.", "warning"),
    Code("STG474", "ids without their texts",
         "A row of ids trains nothing by itself. Their texts stand in other files, which a spec names for each role.",
         "qid, pid, pid in each line of triples.tsv",
         'Name the files: texts = { anchor = { file = "queries.tsv", id = "qid", text = "query" }, positive = "corpus.jsonl" }.'),
)
# fmt: on
