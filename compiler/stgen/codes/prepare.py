"""STG250 to STG269: what [prepare] asks for against the model, the language and itself."""

from __future__ import annotations

from stgen.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG250", "stems or lemmas for a pretrained transformer",
         "Such a model has read whole words in sentences. Its tokenizer cuts stems into pieces that it knows from nowhere, and what endings told it is gone; so is it, in production, unless queries are treated alike.",
         'prepare = { stem = { language = "en" } }',
         'Leave the step out, or train a static model: architecture = "static".',
         severity="warning"),
    Code("STG251", "lower case for a cased model",
         "A cased model tells Apple from apple and has learned most words as sentences write them; lower case throws that away.",
         'model = { type = "dense", base = "google-bert/bert-base-cased" }\nprepare = { normalize = { case = "lower" } }',
         "Leave the step out, or take the uncased model.",
         severity="warning"),
    Code("STG252", "a language that the detector doesn't know",
         "It would never find a text in that language, and the filter would remove every row.",
         'prepare = { language = { keep = ["br"] } }',
         "Take the other detector, or leave the filter out."),
    Code("STG253", "a language that the stemmer doesn't know",
         "Each stemmer is a set of rules for the endings of one language. Porter and Lancaster know those of English.",
         'model = { architecture = "static" }\nprepare = { stem = { language = "tr" } }',
         "Lemmatize, or leave the step out."),
    Code("STG254", "a language that the lemmatizer doesn't know",
         "spaCy has neither lookup tables nor a trained pipeline that lemmatizes it.",
         'model = { architecture = "static" }\nprepare = { lemmatize = { language = "fy" } }',
         "Leave the step out."),
    Code("STG255", "a lemmatizer that has to be installed",
         "spaCy has no lookup tables for the language, only trained pipelines, which are not on PyPI.",
         'model = { architecture = "static" }\nprepare = { lemmatize = { language = "ja" } }',
         "Install the pipeline where prepare.py runs: python -m spacy download ja_core_news_sm.",
         severity="warning"),
    Code("STG256", "meanings without a model",
         "What means the same is found with embeddings. A dense base makes them; any other model needs one that does.",
         'model = { type = "cross-encoder", base = "b" }\nprepare = { deduplicate = { semantic = 0.9 } }',
         'Name one: deduplicate = { semantic = 0.9, model = "sentence-transformers/all-MiniLM-L6-v2" }.'),
    Code("STG257", "words in a language without blanks",
         "Words are what stands between blanks. In a language that writes none, a whole text is one word.",
         'project = { languages = ["ja"] }\nprepare = { length = { min = 3 } }',
         'Write unit = "chars".',
         severity="warning"),
    Code("STG258", "a step that does nothing",
         "A step without settings leaves every text and every row as it is.",
         "prepare = { normalize = {} }",
         "Say what it does, or remove the table."),
    Code("STG259", "tokens without a tokenizer",
         "Tokens are counted with the tokenizer of the base, and the spec names none.",
         'stgen = 1\nmodel = { type = "dense", architecture = "static" }\nprepare = { length = { max = 100, unit = "tokens" } }\n[[data]]\ntrain = "t.jsonl"\ncolumns = { anchor = "q", positive = "a" }',
         'Write unit = "words".'),
)
# fmt: on
