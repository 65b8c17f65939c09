"""Why the main metric of a data format is what it is: what those report who work with such data, and where that is read.

The first row that names the model type (None: any), the format and the metric of an evaluator's row is its reason.
"""

from __future__ import annotations

from typing import NamedTuple


class Reported(NamedTuple):
    """A reason: for which rows of `EVALUATORS`, in one sentence, with its source.

    `mteb` is the type of MTEB's tasks that measure the same, and the main score of most of them in its package (2.26).
    """

    model: str | None
    formats: tuple[str, ...]
    metric: str  # as the row has it, without the similarity
    why: str
    source: str
    mteb: tuple[str, str] | None = None


DOCS = "https://sbert.net/docs/"
LIBRARY = DOCS + "package_reference/"
MTEB = "https://github.com/embeddings-benchmark/mteb/blob/main/docs/overview/available_tasks/"

# fmt: off
SEARCHED = ("pair", "retrieval", "triplet", "n-tuple", "texts")
RANKED = ("pair", "retrieval", "triplet", "triplet-margin", "n-tuple", "n-tuple-margin", "list", "texts")
WORDS_ALONE = ("damaged-pair", "tension-pair", "duplicated-pair", "text")
RERANKED = "the main score of most reranking tasks of MTEB; MAP is that of most others, and MRR@10 that of MS MARCO, which both stand beside it"
RERANKING = ("Reranking", "ndcg_at_10")
REPORTED: tuple[Reported, ...] = (
    Reported("cross-encoder", RANKED, "ndcg@10", RERANKED, MTEB + "reranking.md", RERANKING),
    Reported("cross-encoder", ("text-class",), "ndcg@10", "nothing is usual for rerankers of texts by class: it is what other rerankers report", MTEB + "reranking.md", RERANKING),
    Reported("cross-encoder", ("pair-class", "pair-probabilities"), "f1_macro", "the library's own choice, which counts rare classes like frequent ones; f1_micro beside it is the accuracy that NLI reports", LIBRARY + "cross_encoder/evaluation.html#crossencoderclassificationevaluator"),
    Reported(None, SEARCHED, "ndcg@10", "BEIR and the searches of MTEB report it", MTEB + "retrieval.md", ("Retrieval", "ndcg_at_10")),
    Reported(None, ("list",), "ndcg@10", RERANKED, MTEB + "reranking.md", RERANKING),
    Reported(None, WORDS_ALONE, "ndcg@10", "texts without labels have no usual metric: a damaged text is what TSDAE learns from, and nDCG@10 what searches report", MTEB + "retrieval.md", ("Retrieval", "ndcg_at_10")),
    Reported(None, ("triplet-margin", "n-tuple-margin"), "accuracy", "triplets are reported as the share in the right order, as those of Wikipedia's sections are", DOCS + "pretrained-models/wikipedia-sections-models.html"),
    Reported(None, ("triplet-scores", "n-tuple-scores"), "spearman", "a teacher's scale means nothing, its order does; it is how the library holds similarities against scores", LIBRARY + "sentence_transformer/evaluation.html#embeddingsimilarityevaluator"),
    Reported(None, ("pair-score",), "spearman", "MTEB's STS tasks report it: the order of the scores, whatever their scale", MTEB + "sts.md", ("STS", "cosine_spearman")),
    Reported(None, ("pair-binary",), "ap", "MTEB's pair classification reports it: no threshold has to be chosen", MTEB + "pairclassification.md", ("PairClassification", "max_ap")),
    Reported(None, ("pair-binary",), "average_precision", "MTEB's pair classification reports it: no threshold has to be chosen", MTEB + "pairclassification.md", ("PairClassification", "max_ap")),
    Reported("multi-vector", ("pair-binary",), "spearman", "its library measures pairs by the order of their scores alone", LIBRARY + "multi_vector_encoder/evaluation.html"),
    Reported(None, ("pair-class",), "spearman", "entailment read as nearness, which is what embeddings are trained on NLI for: such models report similarity, by Spearman", DOCS + "pretrained-models/nli-models.html"),
    Reported(None, ("pair-class", "pair-probabilities"), "accuracy", "the share of pairs whose class is found, as the library's evaluator of such labels counts it", LIBRARY + "sentence_transformer/evaluation.html#labelaccuracyevaluator"),
    Reported(None, ("text-class",), "accuracy", "MTEB's classification reports it: a logistic regression on frozen embeddings", MTEB + "classification.md", ("Classification", "accuracy")),
    Reported(None, ("text-class",), "accuracy@1", "token embeddings make no vector for a classifier: the share of texts whose nearest one is of their class, as the library's evaluator of searches counts it", LIBRARY + "multi_vector_encoder/evaluation.html"),
    Reported(None, ("text-embedding",), "negative_mse", "distillation of embeddings reports the distance to the teacher's, as the library's evaluator does", LIBRARY + "sentence_transformer/evaluation.html#mseevaluator"),
    Reported(None, ("texts", "n-texts", "pair-embedding", "n-texts-embedding"), "mean_accuracy", "the share of translations that is found, as the library's evaluator counts it; MTEB's bitext mining reports the F1 of the same search", LIBRARY + "sentence_transformer/evaluation.html#translationevaluator"),
)
# fmt: on


def reason_of(model: str, format: str, metric: str) -> Reported:
    """The reason for the metric of a row of `EVALUATORS`."""
    plain = metric.replace("{similarity}_", "").replace("_{similarity}", "")
    for row in REPORTED:
        if row.model in (None, model) and format in row.formats and row.metric == plain:
            return row
    raise LookupError(f"no reason for {metric} of {model} on {format}")
