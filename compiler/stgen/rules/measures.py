"""What the evaluators return, and how a value for each example is had: what the verdict's intervals are made of."""

from __future__ import annotations

from typing import Literal

from stgen.values.record import Record

Statistic = Literal["mean", "correlation", "separation", "agreement", "probe", "classes"]
"""How a metric follows from values for each example.

`mean`: the metrics are means over examples; `correlation`: Pearson and Spearman with the labels; `separation`: average
precision of a binary label; `agreement`: F1 of predicted classes; `probe`: accuracy and macro F1 of those that a
classifier on frozen embeddings finds; `classes`: the same, beside means.
"""


class Measure(Record):
    """For some evaluators: what they return, what an example is, and the templates that measure each example.

    `metrics` are those that can pick a checkpoint, `{similarity}` standing for the similarity; those in `lower` are better when
    small. `builds` narrows an evaluator that returns something else where its input is built another way. `own` is the
    program's class that stands in for the evaluator, where the library's can't tell grades or counts a query as its own
    find. What is `judged` is measured for the verdict alone.
    """

    evaluators: tuple[str, ...]
    template: str
    statistic: Statistic
    unit: str
    metrics: tuple[str, ...]
    lower: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    own: str = ""
    judged: tuple[str, ...] = ()


class Build(Record):
    """How the input of an evaluator is made; empty `evaluators` or `formats` stand for all.

    `by_words` where BM25 has a part in it.
    """

    build: str
    evaluators: tuple[str, ...]
    formats: tuple[str, ...]
    template: str
    by_words: bool = False


# fmt: off
DISTILLATION = "MultiVectorDistillationEvaluator"
PAIR_RERANKING = "CrossEncoderRerankingEvaluator"
AT_K = tuple(f"{{similarity}}_{metric}@{k}" for metric in ("accuracy", "precision", "recall") for k in (1, 3, 5, 10))
RANKING = ("map", "mrr@10", "ndcg@10")
THRESHOLDS = ("{similarity}_ap", "{similarity}_accuracy", "{similarity}_f1", "{similarity}_precision", "{similarity}_recall", "{similarity}_mcc")

SEARCHES = ("InformationRetrievalEvaluator", "SparseInformationRetrievalEvaluator", "MultiVectorInformationRetrievalEvaluator")
RANKINGS = ("RerankingEvaluator", "SparseRerankingEvaluator", "MultiVectorRerankingEvaluator", "CrossEncoderRerankingEvaluator")
FOUND = (*AT_K, "{similarity}_ndcg@10", "{similarity}_mrr@10", "{similarity}_map@100")

MEASURES: tuple[Measure, ...] = (
    Measure(SEARCHES, "classes", "classes", "texts", FOUND, judged=("accuracy", "f1_macro"), builds=("classes",), own="Search"),
    Measure(SEARCHES, "search", "mean", "queries", FOUND, own="Search"),
    Measure(RANKINGS, "ranking", "mean", "queries", RANKING, own="Ranking"),
    Measure(("TripletEvaluator", "SparseTripletEvaluator", "MultiVectorTripletEvaluator"), "triplet", "mean", "triplets", ("{similarity}_accuracy",)),
    Measure(("EmbeddingSimilarityEvaluator", "SparseEmbeddingSimilarityEvaluator"), "similarity", "correlation", "pairs", ("spearman_{similarity}", "pearson_{similarity}")),
    Measure(("BinaryClassificationEvaluator", "SparseBinaryClassificationEvaluator"), "similarity", "separation", "pairs", THRESHOLDS),
    Measure(("TranslationEvaluator", "SparseTranslationEvaluator"), "translation", "mean", "pairs", ("mean_accuracy", "src2trg_accuracy", "trg2src_accuracy")),
    Measure(("MSEEvaluator", "SparseMSEEvaluator"), "vectors", "mean", "texts", ("negative_mse",)),
    Measure(("MultiVectorDistillationEvaluator",), "distillation", "mean", "queries", ("spearman", "kl_divergence"),
            lower=("kl_divergence",), builds=("lists",)),
    Measure(("MultiVectorDistillationEvaluator",), "token_similarity", "correlation", "pairs", ("spearman",)),
    Measure(("CrossEncoderCorrelationEvaluator",), "prediction", "correlation", "pairs", ("spearman", "pearson")),
    Measure(("CrossEncoderClassificationEvaluator",), "prediction", "separation", "pairs", ("average_precision", "accuracy", "f1", "precision", "recall")),
    Measure(("CrossEncoderClassificationEvaluator",), "predicted_class", "agreement", "pairs", ("f1_macro", "f1_micro", "f1_weighted")),
    Measure(("",), "probe", "probe", "pairs", ("accuracy", "f1_macro"), builds=("classifier",)),
)

BUILDS: tuple[Build, ...] = (
    #     build         evaluators            formats                            template
    Build("as-is",      (),                   (),                                "as_is"),
    Build("in-turn",    (),                   (),                                "in_turn"),
    Build("zip",        (),                   (),                                "zip"),
    Build("retrieval",  (),                   (),                                "retrieval"),
    Build("damaged",    (),                   (),                                "damaged"),
    Build("rerank",     (),                   ("pair", "retrieval", "texts"),    "rerank_others",    by_words=True),
    Build("rerank",     (),                   (),                                "rerank"),
    Build("lists",      (DISTILLATION,),      (),                                "candidates"),
    Build("lists",      (),                   (),                                "lists"),
    Build("unroll",     (),                   (),                                "unroll"),
    Build("by-margin",  (PAIR_RERANKING,),    (),                                "best_by_margin"),
    Build("by-margin",  (),                   (),                                "by_margin"),
    Build("classes",    (PAIR_RERANKING,),    (),                                "rerank_classes"),
    Build("neighbours", (),                   (),                                "classes"),
    Build("classes",    (),                   (),                                "classes"),
    Build("entailment", (),                   (),                                "entailment"),
    Build("vectors",    (),                   (),                                "vectors"),
    Build("classifier", (),                   (),                                "probe"),
)
"""The first row that fits makes the evaluator's input."""

SPACELESS = ("ja", "lo", "km", "my", "th", "zh")
"""Languages written without spaces between words: BM25 can't tokenize their texts."""
# fmt: on


def measure_of(evaluator: str, build: str, metric: str) -> Measure:
    """The row for an evaluator whose input is built in that way and whose main metric is that one (with `{similarity}`)."""
    for row in MEASURES:
        if (
            evaluator in row.evaluators
            and (not row.builds or build in row.builds)
            and metric in row.metrics + row.judged
        ):
            return row
    raise LookupError(f"no measure for {evaluator or build} and {metric}")


def build_of(build: str, evaluator: str, format: str) -> Build:
    """The row that makes an evaluator's input of data in a format."""
    for row in BUILDS:
        fits = (not row.evaluators or evaluator in row.evaluators) and (not row.formats or format in row.formats)
        if row.build == build and fits:
            return row
    raise LookupError(f"no template for {build} and {evaluator}")
