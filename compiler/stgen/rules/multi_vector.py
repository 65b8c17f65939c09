"""Losses of late-interaction models (`MultiVectorEncoder`), and for each data format the losses in order of preference."""

from __future__ import annotations

from stgen.rules import parameters as p
from stgen.rules.row import Choice, Loss, Parameter

DOCS = "https://sbert.net/docs/package_reference/multi_vector_encoder/losses.html#"
TRANSFORMER = ("transformer",)
PAIRS_UP = ("pair", "triplet", "n-tuple")
MARGINS = ("triplet-margin", "triplet-scores", "n-tuple-margin", "n-tuple-scores")
SCORES = ("triplet-scores", "n-tuple-scores")
WORDS = ("maxsim", "mean_maxsim", "xtr")
SCORE_MINI_BATCH = Parameter("score_mini_batch_size", "int | None", None, at_least=1)
MEAN_SCALE = "With mean_maxsim, scores shrink by the query's length: raise scale to about that."
TRAINING_ONLY = "xtr scores are for training only; search and evaluation stay with MaxSim."

# fmt: off
IN_BATCH = Parameter("similarity_fct", "choice | None", None, WORDS, ("scoring.colbert_scores", "scoring.mean_colbert_scores", "scoring.XTRScores()"))
DISTILL = Parameter("similarity_fct", "choice | None", None, WORDS, ("scoring.colbert_kd_scores", "scoring.mean_colbert_kd_scores", "scoring.XTRKDScores()"))
PAIRWISE = Parameter("similarity_fct", "choice | None", None, WORDS, ("scoring.colbert_scores_pairwise", "scoring.mean_colbert_scores_pairwise", "scoring.xtr_scores_pairwise"))

LOSSES: tuple[Loss, ...] = (
    Loss("multi-vector", "MultiVectorMultipleNegativesRankingLoss", PAIRS_UP, (p.SCALE_1, IN_BATCH, p.OPTIONAL_MINI_BATCH, SCORE_MINI_BATCH, p.GATHER),
         sampler="no_duplicates", gathers=True, objective="in-batch", source=DOCS + "multivectormultiplenegativesrankingloss", note=MEAN_SCALE + " " + TRAINING_ONLY),
    Loss("multi-vector", "CachedMultiVectorMultipleNegativesRankingLoss", PAIRS_UP,
         (p.SCALE_1, IN_BATCH, p.MINI_BATCH, p.MINI_TOKENS, SCORE_MINI_BATCH, p.GATHER, p.PROGRESS),
         sampler="no_duplicates", cached=True, gathers=True, objective="in-batch", source=DOCS + "cachedmultivectormultiplenegativesrankingloss", note=MEAN_SCALE + " " + TRAINING_ONLY),
    Loss("multi-vector", "MultiVectorDistillKLDivLoss", SCORES,
         (DISTILL, p.TEMPERATURE_1, p.STUDENT_TEMPERATURE, p.TEACHER_TEMPERATURE, p.OPTIONAL_MINI_BATCH), objective="teacher", source=DOCS + "multivectordistillkldivloss",
         note="Match teacher_temperature to the spread of the teacher's scores: above 100 times it, candidates drop out."),
    Loss("multi-vector", "MultiVectorMarginMSELoss", MARGINS, (PAIRWISE, p.OPTIONAL_MINI_BATCH), objective="teacher", source=DOCS + "multivectormarginmseloss"),
)

CHOICES: tuple[Choice, ...] = (
    #      model           architectures  format            loss                                             why
    Choice("multi-vector", TRANSFORMER,   "pair",           "MultiVectorMultipleNegativesRankingLoss",       "Every other document of the batch serves as a negative, compared token by token."),
    Choice("multi-vector", TRANSFORMER,   "pair",           "CachedMultiVectorMultipleNegativesRankingLoss", "The same loss for batches larger than memory, which token vectors fill fast."),
    Choice("multi-vector", TRANSFORMER,   "triplet",        "MultiVectorMultipleNegativesRankingLoss",       "Uses each triplet's own negative and every other document of the batch."),
    Choice("multi-vector", TRANSFORMER,   "triplet",        "CachedMultiVectorMultipleNegativesRankingLoss", "The same loss for batches larger than memory."),
    Choice("multi-vector", TRANSFORMER,   "n-tuple",        "MultiVectorMultipleNegativesRankingLoss",       "Uses each row's own hard negatives and every other document of the batch."),
    Choice("multi-vector", TRANSFORMER,   "n-tuple",        "CachedMultiVectorMultipleNegativesRankingLoss", "The same loss for batches larger than memory."),
    Choice("multi-vector", TRANSFORMER,   "triplet-margin", "MultiVectorMarginMSELoss",                      "Fits the teacher's margin between the two documents."),
    Choice("multi-vector", TRANSFORMER,   "triplet-scores", "MultiVectorDistillKLDivLoss",                   "Fits the teacher's distribution over the documents: how sure it is, and of which; mind the temperature."),
    Choice("multi-vector", TRANSFORMER,   "triplet-scores", "MultiVectorMarginMSELoss",                      "Fits the teacher's margin, computed from its scores."),
    Choice("multi-vector", TRANSFORMER,   "n-tuple-margin", "MultiVectorMarginMSELoss",                      "Fits the teacher's margin to each of the negatives."),
    Choice("multi-vector", TRANSFORMER,   "n-tuple-scores", "MultiVectorDistillKLDivLoss",                   "Fits the teacher's distribution over all documents of a row: how ColBERTv2 and its heirs were trained."),
    Choice("multi-vector", TRANSFORMER,   "n-tuple-scores", "MultiVectorMarginMSELoss",                      "Fits the teacher's margins, computed from its scores."),
)
# fmt: on
