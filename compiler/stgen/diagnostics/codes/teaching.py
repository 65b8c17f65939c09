"""STG450 and STG451: what a teacher labels."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG450", "labels that a teacher's take the place of",
         "A teacher that the spec names always labels the rows that are trained on. Labels that the data have of their own are not learned then; where eval and test rows keep them, they measure what is learned.",
         'loss = { teacher = "cross-encoder/ms-marco-MiniLM-L6-v2" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]',
         "Nothing is to be done, if that is meant. To train on the data's own labels, leave the teacher out.", "note"),
    Code("STG451", "a teacher that could give vectors or scores",
         "An embedding model can teach its vectors or how similar it finds two texts, and the spec doesn't say which. A dense student learns the vectors, each text its own; a sparse one learns scores, unless its teacher is sparse too.",
         'loss = { teacher = "BAAI/bge-small-en-v1.5" }',
         "Nothing is to be done, if that is meant. Otherwise write the line that the finding shows.", "note"),
)
# fmt: on
