"""STG460 to STG461: languages that were counted, and what the spec says of them."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG460", "a base that was trained on English, for texts in other languages",
         "A model of English splits words of other languages into letters and has learnt nothing of them: it stays behind a multilingual one, however long it is trained. It is held against the languages that `stgen profile --languages` counted; without these against those of the project, and `validate --data` tells them by letters and common words.",
         'model = { type = "dense", base = "BAAI/bge-base-en-v1.5" }  # and a profile in which half the texts are German',
         'Name a multilingual base, such as "intfloat/multilingual-e5-base".', "warning"),
    Code("STG461", "languages of the texts that the project doesn't name",
         "The project's languages decide how words are split for BM25, stemming, lemmas and duplicates, which tasks of MTEB are measured, and what the model card says.",
         'project = { languages = ["en"] }  # and a profile in which half the texts are German',
         "Name them under [project] languages.", "warning"),
)
# fmt: on
