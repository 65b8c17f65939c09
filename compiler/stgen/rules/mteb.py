"""What MTEB measures: types of tasks, which models they run with, and what a file of one's own must hold for each."""

from __future__ import annotations

from typing import Literal, NamedTuple

Files = Literal["rows", "fitted", "search", "lists"]
"""What a task is made of.

`rows`: one file; `fitted`: one file to measure on and one to fit a classifier to; `search`: corpus, queries and qrels;
`lists`: one file, each row of which holds a query with its candidates.
"""


class TaskType(NamedTuple):
    """One type of task on texts. `columns` are those of the task, which a spec maps to those of the file."""

    name: str
    base: str  # class of mteb.abstasks
    main_score: str
    files: Files
    columns: tuple[str, ...]
    models: tuple[str, ...]
    needs: tuple[str, ...] = ("path",)  # keys of a local task


# fmt: off
DENSE = ("dense",)
PAIRS = ("dense", "sparse")
SEARCH = ("dense", "sparse", "multi-vector")
ALL = ("dense", "sparse", "multi-vector", "cross-encoder")
BEIR = ("corpus", "queries", "qrels")

# Most rerankings of MTEB take nDCG@10, which counts grades; MAP, that of many others, takes all but the lowest for the same.
# Sparse models run the other types too, but every embedding is widened to the vocabulary: that takes hours.
TYPES: tuple[TaskType, ...] = (
    TaskType("STS",                      "AbsTaskSTS",                      "cosine_spearman", "rows",   ("sentence1", "sentence2", "score"),                              PAIRS),
    TaskType("PairClassification",       "AbsTaskPairClassification",       "max_ap",          "rows",   ("sentence1", "sentence2", "labels"),                             PAIRS),
    TaskType("BitextMining",             "AbsTaskBitextMining",             "f1",              "rows",   ("sentence1", "sentence2"),                                       DENSE),
    TaskType("Summarization",            "AbsTaskSummarization",            "cosine_spearman", "rows",   ("text", "human_summaries", "machine_summaries", "relevance"),    DENSE),
    TaskType("Clustering",               "AbsTaskClustering",               "v_measure",       "rows",   ("sentences", "labels"),                                          DENSE),
    TaskType("ZeroShotClassification",   "AbsTaskZeroShotClassification",   "accuracy",        "rows",   ("text", "label"),                                                DENSE),
    TaskType("Classification",           "AbsTaskClassification",           "accuracy",        "fitted", ("text", "label"),                                                DENSE,  ("path", "train")),
    TaskType("MultilabelClassification", "AbsTaskMultilabelClassification", "accuracy",        "fitted", ("text", "label"),                                                DENSE,  ("path", "train")),
    TaskType("Regression",               "AbsTaskRegression",               "kendalltau",      "fitted", ("text", "value"),                                                DENSE,  ("path", "train")),
    TaskType("Retrieval",                "AbsTaskRetrieval",                "ndcg_at_10",      "search", ("id", "text"),                                                           SEARCH, BEIR),
    TaskType("InstructionRetrieval",     "AbsTaskRetrieval",                "ndcg_at_10",      "search", ("id", "text", "instruction"),                                                 SEARCH, BEIR),
    TaskType("Reranking",                "AbsTaskRetrieval",                "ndcg_at_10",      "lists",  ("query", "documents", "scores"),                                 ALL),
    TaskType("InstructionReranking",     "AbsTaskRetrieval",                "ndcg_at_10",      "lists",  ("query", "documents", "scores", "instruction"),                  ALL),
)

WRAPPERS: dict[str, str] = {  # model type -> class of mteb.models
    "dense": "SentenceTransformerEncoderWrapper", "sparse": "SparseEncoderWrapper", "multi-vector": "MultiVectorWrapper", "cross-encoder": "CrossEncoderWrapper",
}

LANGUAGES: dict[str, str] = {  # ISO 639-1 -> ISO 639-3 and ISO 15924, which is how MTEB names languages
    "ar": "ara-Arab", "bg": "bul-Cyrl", "bn": "ben-Beng", "ca": "cat-Latn", "cs": "ces-Latn", "da": "dan-Latn", "de": "deu-Latn", "el": "ell-Grek",
    "en": "eng-Latn", "es": "spa-Latn", "et": "est-Latn", "eu": "eus-Latn", "fa": "fas-Arab", "fi": "fin-Latn", "fr": "fra-Latn", "gl": "glg-Latn",
    "he": "heb-Hebr", "hi": "hin-Deva", "hr": "hrv-Latn", "hu": "hun-Latn", "id": "ind-Latn", "is": "isl-Latn", "it": "ita-Latn", "ja": "jpn-Jpan",
    "ko": "kor-Hang", "lt": "lit-Latn", "lv": "lav-Latn", "ms": "msa-Latn", "nb": "nob-Latn", "nl": "nld-Latn", "nn": "nno-Latn", "no": "nor-Latn",
    "pl": "pol-Latn", "pt": "por-Latn", "ro": "ron-Latn", "ru": "rus-Cyrl", "sk": "slk-Latn", "sl": "slv-Latn", "sr": "srp-Cyrl", "sv": "swe-Latn",
    "sw": "swa-Latn", "ta": "tam-Taml", "te": "tel-Telu", "th": "tha-Thai", "tr": "tur-Latn", "uk": "ukr-Cyrl", "ur": "urd-Arab", "vi": "vie-Latn",
    "zh": "zho-Hans",
}
# fmt: on

SMALL: frozenset[str] = frozenset({"indonli"})
"""Tasks of MTEB whose names have no capital letter: all others have one."""

BY_NAME: dict[str, TaskType] = {row.name: row for row in TYPES}
