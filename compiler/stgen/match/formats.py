"""Data formats: what a data set holds, read off the roles of its columns, in the words of the library's loss tables."""

from __future__ import annotations

from typing import Literal

from stgen.values.record import Record

Inputs = Literal["text", "pair", "triplet", "n-tuple", "list", "retrieval"]
Label = Literal["none", "class", "probabilities", "binary", "score", "scores", "margin", "embedding"]


class Format(Record):
    """A data format: its name in the spec language, its roles, and what the documentation calls it."""

    name: str
    roles: tuple[str, ...]
    label: Label
    documented: str


# fmt: off
FORMATS: tuple[Format, ...] = (
    #      name                 roles                                          label        the documentation's words
    Format("text",              ("text",),                                     "none",      "single sentences"),
    Format("text-class",        ("text", "class"),                             "class",     "single sentences, class"),
    Format("text-embedding",    ("text", "embedding"),                         "embedding", "sentence, model sentence embeddings"),
    Format("texts",             ("text_1", "text_2"),                          "none",      "(sentence_A, sentence_B) pairs"),
    Format("damaged-pair",      ("damaged", "original"),                       "none",      "(damaged_sentence, original_sentence) pairs"),
    Format("duplicated-pair",   ("text_1", "text_2"),                          "none",      "(anchor, anchor) pairs"),
    Format("tension-pair",      ("text_1", "text_2", "binary"),                "binary",    "(anchor, anchor/other) pairs, 1 if the same text"),
    Format("pair-class",        ("text_1", "text_2", "class"),                 "class",     "(sentence_A, sentence_B) pairs, class"),
    Format("pair-probabilities", ("text_1", "text_2", "probabilities"),        "probabilities", "(sentence_A, sentence_B) pairs, class probabilities"),
    Format("pair-binary",       ("text_1", "text_2", "binary"),                "binary",    "(anchor, positive/negative) pairs, 1 if positive, 0 if negative"),
    Format("pair-score",        ("text_1", "text_2", "score"),                 "score",     "(sentence_A, sentence_B) pairs, float similarity score"),
    Format("pair-embedding",    ("text_1", "text_2", "embedding"),             "embedding", "sentence_1, sentence_2, model sentence embeddings"),
    Format("n-texts",           ("text_1", "texts"),                           "none",      "sentence_1, sentence_2, ..., sentence_N"),
    Format("n-texts-embedding", ("text_1", "texts", "embedding"),              "embedding", "sentence_1, sentence_2, ..., sentence_N, model sentence embeddings"),
    Format("pair",              ("anchor", "positive"),                        "none",      "(anchor, positive) pairs"),
    Format("triplet",           ("anchor", "positive", "negative"),            "none",      "(anchor, positive, negative) triplets"),
    Format("triplet-margin",    ("anchor", "positive", "negative", "margin"),  "margin",    "(query, passage_one, passage_two) triplets, gold_sim(query, passage_one) - gold_sim(query, passage_two)"),
    Format("triplet-scores",    ("anchor", "positive", "negative", "scores"),  "scores",    "(query, positive, negative), [gold_sim(query, positive), gold_sim(query, negative)]"),
    Format("n-tuple",           ("anchor", "positive", "negatives"),           "none",      "(anchor, positive, negative_1, ..., negative_n)"),
    Format("n-tuple-margin",    ("anchor", "positive", "negatives", "margin"), "margin",    "(query, positive, negative_1, ..., negative_n), [gold_sim(query, positive) - gold_sim(query, negative_i) for i in 1..n]"),
    Format("n-tuple-scores",    ("anchor", "positive", "negatives", "scores"), "scores",    "(query, positive, negative_1, ..., negative_n), [gold_sim(query, positive), gold_sim(query, negative_i)...]"),
    Format("list",              ("anchor", "documents", "scores"),             "scores",    "(query, [doc1, doc2, ..., docN]), [score1, score2, ..., scoreN]"),
    Format("retrieval",         ("corpus", "queries", "qrels"),                "none",      "the BEIR layout"),
)
# fmt: on

BY_NAME: dict[str, Format] = {format.name: format for format in FORMATS}
