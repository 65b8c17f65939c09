"""Losses of sparse models (`SparseEncoder`), and for each data format the inner losses in order of preference.

Which wrapper goes around an inner loss follows from the architecture: the first of `wrapped_by` that trains it.
"""

from __future__ import annotations

from stgen.rules import parameters as p
from stgen.rules.row import Choice, Loss, Parameter

DOCS = "https://sbert.net/docs/package_reference/sparse_encoder/losses.html#"
DENSE_DOCS = "https://sbert.net/docs/package_reference/sentence_transformer/losses.html#"
ALL = ("splade", "inference-free", "csr")
SPLADE = ("splade", "inference-free")
REGULARIZED = ("SpladeLoss", "CachedSpladeLoss")  # by weights that rise from 0 over the first third of the steps
WRAPPERS = (*REGULARIZED, "CSRLoss")
PAIRS_UP = ("pair", "triplet", "n-tuple")
MARGINS = ("triplet-margin", "triplet-scores", "n-tuple-margin", "n-tuple-scores")
SCORES = ("triplet-scores", "n-tuple-scores")
THRESHOLDS = (
    Parameter("document_regularizer_threshold", "int | None", None, at_least=0),
    Parameter("query_regularizer_threshold", "int | None", None, at_least=0),
    Parameter("use_document_regularizer_only", "bool", False),
)
COSINE = "Sets the model's similarity from dot product to cosine, and saves it so."
WEIGHTS = "regularize under [loss] gives its weights. They rise from 0 over the first third of the steps: a short run is barely regularised."

# fmt: off
LOSSES: tuple[Loss, ...] = (
    Loss("sparse", "SparseMultipleNegativesRankingLoss", PAIRS_UP, (p.SCALE_1, p.SPARSE_SIMILARITY, p.GATHER, p.DIRECTIONS, p.PARTITION, p.HARDNESS_MODE, p.HARDNESS),
         kind="inner", sampler="no_duplicates", architectures=ALL, wrapped_by=WRAPPERS, gathers=True, objective="in-batch", source=DOCS + "sparsemultiplenegativesrankingloss",
         note="Dot products of sparse vectors are large: keep scale at 1 unless similarity_fct = \"cosine\"."),
    Loss("sparse", "SparseCoSENTLoss", ("pair-score",), (p.SCALE_20, p.PAIRWISE_COSINE), kind="inner", architectures=ALL, wrapped_by=WRAPPERS,
         objective="labels", source=DOCS + "sparsecosentloss", note=COSINE),
    Loss("sparse", "SparseAnglELoss", ("pair-score",), (p.SCALE_20,), kind="inner", architectures=ALL, wrapped_by=WRAPPERS,
         objective="labels", source=DOCS + "sparseangleloss", note=COSINE),
    Loss("sparse", "SparseCosineSimilarityLoss", ("pair-score",), (p.REGRESSION, p.COSINE_TRANSFORM), kind="inner", architectures=ALL, wrapped_by=WRAPPERS,
         objective="labels", source=DOCS + "sparsecosinesimilarityloss", note=COSINE),
    Loss("sparse", "SparseTripletLoss", ("triplet",), (p.SPARSE_TRIPLET_DISTANCE, p.TRIPLET_MARGIN), kind="inner", architectures=ALL, wrapped_by=WRAPPERS,
         objective="labels", source=DOCS + "sparsetripletloss", note="A margin of 5 is for Euclidean distance; with cosine use 0.5 or less."),
    Loss("sparse", "ContrastiveLoss", ("pair-binary",), (p.SPARSE_SIAMESE_DISTANCE, p.CONTRASTIVE_MARGIN, p.SIZE_AVERAGE), kind="inner", architectures=ALL,
         wrapped_by=WRAPPERS, alias="dense_losses", objective="labels", source=DENSE_DOCS + "contrastiveloss"),
    Loss("sparse", "SparseMarginMSELoss", MARGINS, (p.PAIRWISE_DOT,), kind="inner", architectures=ALL, wrapped_by=WRAPPERS,
         objective="teacher", source=DOCS + "sparsemarginmseloss"),
    Loss("sparse", "SparseDistillKLDivLoss", SCORES, (p.PAIRWISE_DOT, p.TEMPERATURE_2, p.STUDENT_TEMPERATURE, p.TEACHER_TEMPERATURE), kind="inner",
         architectures=ALL, wrapped_by=WRAPPERS, objective="teacher", source=DOCS + "sparsedistillkldivloss",
         note="Match teacher_temperature to the spread of the teacher's scores: above 100 times it, candidates drop out."),
    Loss("sparse", "SparseMSELoss", ("text-embedding", "pair-embedding", "n-texts-embedding"), (), architectures=ALL, objective="vectors", source=DOCS + "sparsemseloss",
         note="Stands alone: the teacher's sparse vectors bring their sparsity. Their width must be the student's."),
    # --- around an inner loss ---
    Loss("sparse", "SpladeLoss", (), THRESHOLDS, kind="wrapper", needs=("inner", "weights"), architectures=SPLADE, source=DOCS + "spladeloss", note=WEIGHTS),
    Loss("sparse", "CachedSpladeLoss", (), (*THRESHOLDS, p.MINI_BATCH, p.MINI_TOKENS, p.PROGRESS), kind="wrapper", needs=("inner", "weights"),
         architectures=SPLADE, cached=True, source=DOCS + "cachedspladeloss", note=WEIGHTS),
    Loss("sparse", "CSRLoss", (), (Parameter("beta", "float", 0.1, at_least=0), Parameter("gamma", "float", 1.0, at_least=0)), kind="wrapper",
         needs=("inner",), architectures=("csr",), source=DOCS + "csrloss",
         note="The autoencoder's k keeps so many dimensions; beta and gamma under params weigh its losses."),
    # --- parts of the wrappers ---
    Loss("sparse", "CSRReconstructionLoss", (), (Parameter("beta", "float", 1.0, at_least=0),), kind="component", architectures=("csr",),
         source=DOCS + "csrreconstructionloss", note="Part of CSRLoss; no training loss by itself."),
    Loss("sparse", "FlopsLoss", (), (Parameter("threshold", "float | None", None, at_least=0),), kind="component", architectures=SPLADE,
         source=DOCS + "flopsloss", note="The regularizer inside SpladeLoss; no training loss by itself."),
)

CHOICES: tuple[Choice, ...] = (
    #      model     architectures  format            loss                                  why
    Choice("sparse", ALL,           "pair",           "SparseMultipleNegativesRankingLoss", "Every other positive in the batch serves as a negative: the usual start for sparse retrieval."),
    Choice("sparse", ALL,           "triplet",        "SparseMultipleNegativesRankingLoss", "Uses each triplet's own negative and every other document of the batch."),
    Choice("sparse", ALL,           "triplet",        "SparseTripletLoss",                  "One negative at a time: for data with many false negatives among in-batch negatives."),
    Choice("sparse", ALL,           "n-tuple",        "SparseMultipleNegativesRankingLoss", "Uses each row's own hard negatives and every other document of the batch."),
    Choice("sparse", ALL,           "pair-score",     "SparseCoSENTLoss",                   "Learns the order of the scores, whatever their scale."),
    Choice("sparse", ALL,           "pair-score",     "SparseAnglELoss",                    "CoSENT with angles in complex space, against the vanishing gradient of a cosine near 1."),
    Choice("sparse", ALL,           "pair-score",     "SparseCosineSimilarityLoss",         "Fits the scores themselves: for when the value of the cosine matters."),
    Choice("sparse", ALL,           "pair-binary",    "ContrastiveLoss",                    "The dense loss inside the sparse wrapper: the one way to use 0/1 labels without throwing negatives away."),
    Choice("sparse", ALL,           "triplet-margin", "SparseMarginMSELoss",                "Fits the teacher's margins: how the strongest SPLADE models were trained."),
    Choice("sparse", ALL,           "triplet-scores", "SparseDistillKLDivLoss",             "Fits the teacher's distribution over the documents: how sure it is, and of which; mind the temperature."),
    Choice("sparse", ALL,           "triplet-scores", "SparseMarginMSELoss",                "Fits the teacher's margin, computed from its scores."),
    Choice("sparse", ALL,           "n-tuple-margin", "SparseMarginMSELoss",                "Fits the teacher's margin to each of the negatives."),
    Choice("sparse", ALL,           "n-tuple-scores", "SparseDistillKLDivLoss",             "Fits the teacher's distribution over all documents of a row: the strongest documented recipe."),
    Choice("sparse", ALL,           "n-tuple-scores", "SparseMarginMSELoss",                "Fits the teacher's margins, computed from its scores."),
    Choice("sparse", ALL,           "text-embedding", "SparseMSELoss",                      "Copies the teacher's sparse vectors, sparsity and all: needs no wrapper."),
    Choice("sparse", ALL,           "pair-embedding", "SparseMSELoss",                      "Both texts learn the teacher's sparse vector: needs no wrapper."),
    Choice("sparse", ALL,           "n-texts-embedding", "SparseMSELoss",                   "All texts of a row learn the teacher's sparse vector of each, or of the first: needs no wrapper."),
)
# fmt: on
