"""Losses of cross-encoders (`CrossEncoder`), and for each data format the losses in order of preference."""

from __future__ import annotations

from stgen.rules import parameters as p
from stgen.rules.row import Choice, Loss, Parameter

DOCS = "https://sbert.net/docs/package_reference/cross_encoder/losses.html#"
TRANSFORMER = ("transformer",)
PAIRS_UP = ("pair", "triplet", "n-tuple")
MARGINS = ("triplet-margin", "triplet-scores", "n-tuple-margin", "n-tuple-scores")
NUM_NEGATIVES = Parameter("num_negatives", "int | None", 4, at_least=1)
TOP = Parameter("k", "int | None", None, at_least=1)
SIGMA = Parameter("sigma", "float", 1.0, above=0)
EPSILON = Parameter("eps", "float", 1e-10, above=0)
LOGARITHM = Parameter("reduction_log", "choice", "binary", ("natural", "binary"))
KEEP_ORDER = Parameter("respect_input_order", "bool", True)
LIST_MEMORY = (
    "mini_batch_size is the number of (query, document) pairs in one forward pass: lower it when memory runs out."
)
ORDERED = "With respect_input_order = true it learns the order in which the documents stand, whatever their scores."

# fmt: off
LOSSES: tuple[Loss, ...] = (
    Loss("cross-encoder", "BinaryCrossEntropyLoss", ("pair-binary", "pair-score"), (p.IDENTITY, Parameter("pos_weight", "tensor | None", None, above=0)),
         outputs="1", activation="sigmoid", objective="labels", source=DOCS + "binarycrossentropyloss",
         note="With several negatives for each positive set pos_weight to negatives / positives. Scores must lie between 0 and 1."),
    Loss("cross-encoder", "CrossEntropyLoss", ("pair-class", "pair-probabilities"), (p.IDENTITY,), needs=("classes",), outputs="classes", activation="identity",
         lora=False, objective="labels", source=DOCS + "crossentropyloss",
         note="An adapter is saved without the number of classes, so that the library can't load it again."),
    Loss("cross-encoder", "MultipleNegativesRankingLoss", PAIRS_UP, (NUM_NEGATIVES, p.SCALE_10, p.SIGMOID), sampler="no_duplicates",
         outputs="1", activation="sigmoid", objective="in-batch", source=DOCS + "multiplenegativesrankingloss"),
    Loss("cross-encoder", "CachedMultipleNegativesRankingLoss", PAIRS_UP, (NUM_NEGATIVES, p.SCALE_10, p.SIGMOID, p.MINI_BATCH, p.PROGRESS),
         sampler="no_duplicates", cached=True, outputs="1", activation="sigmoid", objective="in-batch", source=DOCS + "cachedmultiplenegativesrankingloss"),
    Loss("cross-encoder", "MSELoss", ("pair-score",), (p.IDENTITY,), outputs="1", activation="identity", objective="teacher", source=DOCS + "mseloss",
         note="Made for a teacher's raw scores (logits)."),
    Loss("cross-encoder", "MarginMSELoss", MARGINS, (p.IDENTITY,), outputs="1", activation="identity", objective="teacher", source=DOCS + "marginmseloss"),
    Loss("cross-encoder", "LambdaLoss", ("list",),
         (Parameter("weighting_scheme", "choice | None", "ndcg_loss2pp", ("ndcg_loss2pp", "ndcg_loss2", "ndcg_loss1", "lambda_rank", "none"),
                    ("losses.NDCGLoss2PPScheme()", "losses.NDCGLoss2Scheme()", "losses.NDCGLoss1Scheme()", "losses.LambdaRankScheme()", "losses.NoWeightingScheme()")),
          TOP, SIGMA, EPSILON, LOGARITHM, p.IDENTITY, p.OPTIONAL_MINI_BATCH),
         outputs="1", activation="identity", objective="list", source=DOCS + "lambdaloss",
         note="Labels must not be negative and stay small (its gain is 2 to the label). " + LIST_MEMORY),
    Loss("cross-encoder", "PListMLELoss", ("list",),
         (Parameter("lambda_weight", "choice | None", "position", ("position",), ("losses.PListMLELambdaWeight()",)), p.IDENTITY, p.OPTIONAL_MINI_BATCH, KEEP_ORDER),
         outputs="1", activation="identity", objective="list", source=DOCS + "plistmleloss", note=ORDERED),
    Loss("cross-encoder", "ListMLELoss", ("list",), (p.IDENTITY, p.OPTIONAL_MINI_BATCH, KEEP_ORDER), outputs="1", activation="identity",
         objective="list", source=DOCS + "listmleloss", note=ORDERED),
    Loss("cross-encoder", "ListNetLoss", ("list",), (p.IDENTITY, p.OPTIONAL_MINI_BATCH), outputs="1", activation="identity",
         objective="list", source=DOCS + "listnetloss", note="Takes a softmax of the labels: labels of 0 to 100 make it a one-hot target. " + LIST_MEMORY),
    Loss("cross-encoder", "RankNetLoss", ("list",), (TOP, SIGMA, EPSILON, LOGARITHM, p.IDENTITY, p.OPTIONAL_MINI_BATCH), outputs="1", activation="identity",
         objective="list", source=DOCS + "ranknetloss", note=LIST_MEMORY),
    Loss("cross-encoder", "ADRMSELoss", ("list",), (Parameter("alpha", "float", 1.0, above=0), p.IDENTITY, p.OPTIONAL_MINI_BATCH), outputs="1",
         activation="identity", objective="list", source=DOCS + "adrmseloss", note=LIST_MEMORY),
)

CHOICES: tuple[Choice, ...] = (
    #      model            architectures  format            loss                                  why
    Choice("cross-encoder", TRANSFORMER,   "pair-binary",    "BinaryCrossEntropyLoss",             "The strongest documented recipe for rerankers: labelled pairs, with negatives that are hard."),
    Choice("cross-encoder", TRANSFORMER,   "pair-score",     "BinaryCrossEntropyLoss",             "Takes scores between 0 and 1 as soft labels, and the trained model answers on the same scale."),
    Choice("cross-encoder", TRANSFORMER,   "pair-score",     "MSELoss",                            "Copies a teacher's scores; of another range than 0 to 1 they are declared, and scaled to that."),
    Choice("cross-encoder", TRANSFORMER,   "pair-class",     "CrossEntropyLoss",                   "A classifier over text pairs, with one output for each class."),
    Choice("cross-encoder", TRANSFORMER,   "pair-probabilities", "CrossEntropyLoss",               "A classifier over text pairs that learns how sure the labels are, such as those of several annotators."),
    Choice("cross-encoder", TRANSFORMER,   "pair",           "MultipleNegativesRankingLoss",       "Draws negatives from the other rows of the batch, since pairs bring none of their own."),
    Choice("cross-encoder", TRANSFORMER,   "pair",           "CachedMultipleNegativesRankingLoss", "The same loss for batches larger than memory."),
    Choice("cross-encoder", TRANSFORMER,   "triplet",        "MultipleNegativesRankingLoss",       "Uses each triplet's own negative and some from the batch."),
    Choice("cross-encoder", TRANSFORMER,   "triplet",        "CachedMultipleNegativesRankingLoss", "The same loss for batches larger than memory."),
    Choice("cross-encoder", TRANSFORMER,   "n-tuple",        "MultipleNegativesRankingLoss",       "Uses each row's own hard negatives and some from the batch."),
    Choice("cross-encoder", TRANSFORMER,   "n-tuple",        "CachedMultipleNegativesRankingLoss", "The same loss for batches larger than memory."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "LambdaLoss",                         "Optimises nDCG itself, and does best of the listwise losses in the library's own experiments."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "PListMLELoss",                       "Learns a given order with more weight on its top; the documents must stand best first."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "ListNetLoss",                        "Fits the distribution that the scores make: for graded scores of a small range."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "RankNetLoss",                        "Orders each pair of a list: steady, without weight on the top."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "ListMLELoss",                        "Learns a given order without weight on its top; PListMLELoss generally does better."),
    Choice("cross-encoder", TRANSFORMER,   "list",           "ADRMSELoss",                         "Fits ranks, as used to distil the rankings of large language models."),
    Choice("cross-encoder", TRANSFORMER,   "triplet-margin", "MarginMSELoss",                      "Fits the teacher's margin between the two documents."),
    Choice("cross-encoder", TRANSFORMER,   "triplet-scores", "MarginMSELoss",                      "Fits the teacher's margin, computed from its scores."),
    Choice("cross-encoder", TRANSFORMER,   "n-tuple-margin", "MarginMSELoss",                      "Fits the teacher's margin to each of the negatives."),
    Choice("cross-encoder", TRANSFORMER,   "n-tuple-scores", "MarginMSELoss",                      "Fits the teacher's margins, computed from its scores."),
)
# fmt: on
