"""Why the main metric of a data format is what it is: what those report who work with such data, and where that is read.

The first row that names the model type (None: any), the format and the metric of an evaluator's row is its reason.
"""

from __future__ import annotations

from typing import NamedTuple


class Reported(NamedTuple):
    """A reason: for which rows of `EVALUATORS`, in one sentence, with its source."""

    model: str | None
    formats: tuple[str, ...]
    metric: str  # as the row has it, without the similarity
    why: str
    source: str


PAPER = "https://arxiv.org/abs/"
DOCS = "https://sbert.net/docs/package_reference/"

# fmt: off
SEARCHED = ("pair", "retrieval", "triplet", "texts")
RANKED = ("pair", "retrieval", "triplet", "triplet-margin", "n-tuple", "n-tuple-margin", "list", "texts")
WORDS_ALONE = ("damaged-pair", "tension-pair", "duplicated-pair", "text")
REPORTED: tuple[Reported, ...] = (
    Reported("cross-encoder", RANKED, "ndcg@10", "TREC's Deep Learning track ranks rerankers by it", PAPER + "2003.07820"),
    Reported("cross-encoder", ("text-class",), "ndcg@10", "nothing is usual for rerankers of texts by class: it is what other rerankers report", PAPER + "2003.07820"),
    Reported("cross-encoder", ("pair-class", "pair-probabilities"), "f1_macro", "the library's own choice, which counts rare classes like frequent ones; f1_micro beside it is the accuracy that NLI reports", DOCS + "cross_encoder/evaluation.html#crossencoderclassificationevaluator"),
    Reported(None, SEARCHED, "ndcg@10", "BEIR and the searches of MTEB report it", PAPER + "2104.08663"),
    Reported(None, ("n-tuple", "list"), "ndcg@10", "TREC's Deep Learning track ranks rerankers by it", PAPER + "2003.07820"),
    Reported(None, WORDS_ALONE, "ndcg@10", "texts without labels have no usual metric: a damaged text is what TSDAE learns from, and nDCG@10 what searches report", PAPER + "2104.06979"),
    Reported(None, ("triplet-margin", "n-tuple-margin"), "accuracy", "triplets are reported as the share in the right order, as Sentence-BERT does", PAPER + "1908.10084"),
    Reported(None, ("triplet-scores", "n-tuple-scores"), "spearman", "a teacher's scale means nothing, its order does; it is how the library holds similarities against scores", DOCS + "sentence_transformer/evaluation.html#embeddingsimilarityevaluator"),
    Reported(None, ("pair-score",), "spearman", "MTEB's STS tasks report it: the order of the scores, whatever their scale", PAPER + "2210.07316"),
    Reported(None, ("pair-binary",), "ap", "MTEB's pair classification reports it: no threshold has to be chosen", PAPER + "2210.07316"),
    Reported(None, ("pair-binary",), "average_precision", "MTEB's pair classification reports it: no threshold has to be chosen", PAPER + "2210.07316"),
    Reported("multi-vector", ("pair-binary",), "spearman", "its library measures pairs by the order of their scores alone", DOCS + "multi_vector_encoder/evaluation.html"),
    Reported(None, ("pair-class",), "spearman", "entailment read as nearness, which is what NLI is trained on for: its users report similarity, by Spearman", PAPER + "1908.10084"),
    Reported(None, ("pair-class", "pair-probabilities"), "accuracy", "SNLI and its successors report it", PAPER + "1508.05326"),
    Reported(None, ("text-class",), "accuracy", "MTEB's classification reports it: a logistic regression on frozen embeddings", PAPER + "2210.07316"),
    Reported(None, ("text-class",), "accuracy@1", "token embeddings make no vector for a classifier: the class of the nearest text, as few-shot classification reports it", PAPER + "1703.05175"),
    Reported(None, ("text-embedding",), "negative_mse", "distillation of embeddings reports the distance to the teacher's", PAPER + "2004.09813"),
    Reported(None, ("texts", "n-texts", "pair-embedding", "n-texts-embedding"), "mean_accuracy", "searches for translations, such as Tatoeba's, report the share that is found", PAPER + "1812.10464"),
)
# fmt: on


def reason_of(model: str, format: str, metric: str) -> Reported:
    """The reason for the metric of a row of `EVALUATORS`."""
    plain = metric.replace("{similarity}_", "").replace("_{similarity}", "")
    for row in REPORTED:
        if row.model in (None, model) and format in row.formats and row.metric == plain:
            return row
    raise LookupError(f"no reason for {metric} of {model} on {format}")
