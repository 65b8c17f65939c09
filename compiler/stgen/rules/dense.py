"""Losses of dense models (`SentenceTransformer`), and for each data format the losses in order of preference."""

from __future__ import annotations

from stgen.rules import parameters as p
from stgen.rules.conversions import ENTAILMENT
from stgen.rules.row import Choice, Loss, Modifier, Parameter

DOCS = "https://sbert.net/docs/package_reference/sentence_transformer/losses.html#"
BOTH = ("transformer", "static")
EVERY = ("transformer", "static", "router", "static-router")
TRANSFORMER = ("transformer",)
LAYERED = ("transformer", "router")  # no static embeddings in it
STATIC = ("static",)
PAIRS_UP = ("pair", "triplet", "n-tuple")
VECTORS = ("text-embedding", "pair-embedding", "n-texts-embedding")
MARGINS = ("triplet-margin", "triplet-scores", "n-tuple-margin", "n-tuple-scores")
SCORES = ("triplet-scores", "n-tuple-scores")
ALL: tuple[Modifier, ...] = ("matryoshka", "adaptive_layers", "matryoshka_2d")
CACHED: tuple[Modifier, ...] = ("matryoshka",)
LAYERS: tuple[Modifier, ...] = ("adaptive_layers",)
UNREACHABLE = "A margin of 5 is for Euclidean distances of unnormalised embeddings; for cosine or a normalised model use 0.5 or less."

# fmt: off
LOSSES: tuple[Loss, ...] = (
    # --- in-batch negatives ---
    Loss("dense", "MultipleNegativesRankingLoss", ("pair", "triplet", "n-tuple", "duplicated-pair"), p.MNRL, sampler="no_duplicates", modifiers=ALL,
         architectures=EVERY, gathers=True, objective="in-batch", source=DOCS + "multiplenegativesrankingloss",
         note="With similarity_fct = \"dot\" and unnormalised embeddings use scale = 1."),
    Loss("dense", "CachedMultipleNegativesRankingLoss", ("pair", "triplet", "n-tuple", "duplicated-pair"), p.CACHED_MNRL, sampler="no_duplicates", modifiers=CACHED,
         architectures=LAYERED, cached=True, gathers=True, objective="in-batch", source=DOCS + "cachedmultiplenegativesrankingloss",
         note="mini_batch_size costs memory, not quality: as large as fits. Each text is embedded twice: 1.5 times the time of the plain loss where it was measured (all-MiniLM-L6-v2 on a CPU, 32 rows in mini-batches of 8), 2 to 2.4 times by the docstring, 20 % more by the GradCache paper."),
    Loss("dense", "MultipleNegativesSymmetricRankingLoss", PAIRS_UP, (p.SCALE_20, p.SIMILARITY, p.GATHER), sampler="no_duplicates", modifiers=ALL,
         architectures=BOTH, gathers=True, successor="MultipleNegativesRankingLoss", successor_parameters=p.SYMMETRIC,
         objective="in-batch", source=DOCS + "multiplenegativessymmetricrankingloss"),
    Loss("dense", "CachedMultipleNegativesSymmetricRankingLoss", PAIRS_UP, (p.SCALE_20, p.SIMILARITY, p.MINI_BATCH, p.MINI_TOKENS, p.GATHER, p.PROGRESS),
         sampler="no_duplicates", modifiers=CACHED, cached=True, gathers=True, successor="CachedMultipleNegativesRankingLoss",
         successor_parameters=p.SYMMETRIC, objective="in-batch", source=DOCS + "cachedmultiplenegativessymmetricrankingloss"),
    Loss("dense", "GISTEmbedLoss", ("pair", "triplet"), p.GIST, needs=("guide",), sampler="no_duplicates", modifiers=ALL, gathers=True,
         objective="in-batch", source=DOCS + "gistembedloss", note="The guide must be another model than the one in training."),
    Loss("dense", "CachedGISTEmbedLoss", PAIRS_UP, (*p.GIST, p.MINI_BATCH, p.MINI_TOKENS, p.PROGRESS), needs=("guide",), sampler="no_duplicates",
         modifiers=CACHED, cached=True, gathers=True, objective="in-batch", source=DOCS + "cachedgistembedloss",
         note="The guide must be another model than the one in training."),
    Loss("dense", "MegaBatchMarginLoss", ("pair",),
         (Parameter("positive_margin", "float", 0.8), Parameter("negative_margin", "float", 0.3), Parameter("use_mini_batched_version", "bool", True),
          Parameter("mini_batch_size", "int", 50, at_least=1), p.MINI_TOKENS, p.PROGRESS),
         sampler="no_duplicates", modifiers=CACHED, architectures=LAYERED, cached=True, objective="in-batch", source=DOCS + "megabatchmarginloss",
         note="Wants batches of 250 and more. With use_mini_batched_version = false it also takes adaptive_layers."),
    # --- pairs and triplets ---
    Loss("dense", "TripletLoss", ("triplet",), (p.TRIPLET_DISTANCE, p.TRIPLET_MARGIN), modifiers=ALL, architectures=EVERY, objective="labels", source=DOCS + "tripletloss",
         note=UNREACHABLE),
    Loss("dense", "CoSENTLoss", ("pair-score",), (p.SCALE_20, p.PAIRWISE_COSINE), modifiers=ALL, architectures=EVERY, objective="labels", source=DOCS + "cosentloss"),
    Loss("dense", "AnglELoss", ("pair-score", "triplet", "n-tuple"), (p.SCALE_20,), modifiers=ALL, architectures=EVERY, objective="labels", source=DOCS + "angleloss"),
    Loss("dense", "CosineSimilarityLoss", ("pair-score",), (p.REGRESSION, p.COSINE_TRANSFORM), modifiers=ALL, architectures=EVERY,
         objective="labels", source=DOCS + "cosinesimilarityloss", note="Scores must lie between 0 and 1 (or -1 and 1): no cosine reaches anything else. Measured from all-MiniLM-L6-v2, one pass over 640 rows, Spearman on 400 others: STS-B 0.858 before, 0.864 with it, 0.857 with CoSENT; the same in Turkish 0.546, 0.732, 0.665."),
    Loss("dense", "ContrastiveLoss", ("pair-binary",), (p.SIAMESE_DISTANCE, p.CONTRASTIVE_MARGIN, p.SIZE_AVERAGE), modifiers=ALL, architectures=EVERY,
         objective="labels", source=DOCS + "contrastiveloss"),
    Loss("dense", "OnlineContrastiveLoss", ("pair-binary",), (p.SIAMESE_DISTANCE, p.CONTRASTIVE_MARGIN), modifiers=ALL, architectures=EVERY,
         objective="labels", source=DOCS + "onlinecontrastiveloss"),
    # --- classes ---
    Loss("dense", "SoftmaxLoss", ("pair-class", "pair-probabilities"),
         (Parameter("concatenation_sent_rep", "bool", True), Parameter("concatenation_sent_difference", "bool", True),
          Parameter("concatenation_sent_multiplication", "bool", False)),
         needs=("classes",), modifiers=LAYERS, architectures=EVERY, ddp="head-not-synced", objective="labels", source=DOCS + "softmaxloss",
         note=f"The classifier belongs to the loss and isn't saved with the model. Where entailment was measured, {ENTAILMENT}"),
    Loss("dense", "BatchAllTripletLoss", ("text-class",), (p.BATCH_DISTANCE, p.BATCH_MARGIN), sampler="group_by_label", modifiers=ALL, architectures=BOTH,
         ddp="diverges", objective="classes", source=DOCS + "batchalltripletloss", note=UNREACHABLE),
    Loss("dense", "BatchHardSoftMarginTripletLoss", ("text-class",), (p.BATCH_DISTANCE,), sampler="group_by_label", modifiers=ALL, architectures=BOTH,
         ddp="diverges", objective="classes", source=DOCS + "batchhardsoftmargintripletloss"),
    Loss("dense", "BatchHardTripletLoss", ("text-class",), (p.BATCH_DISTANCE, p.BATCH_MARGIN), sampler="group_by_label", modifiers=ALL, architectures=BOTH,
         ddp="diverges", objective="classes", source=DOCS + "batchhardtripletloss", note=UNREACHABLE),
    Loss("dense", "BatchSemiHardTripletLoss", ("text-class",), (p.BATCH_DISTANCE, p.BATCH_MARGIN), sampler="group_by_label", modifiers=ALL,
         architectures=BOTH, ddp="diverges", objective="classes", source=DOCS + "batchsemihardtripletloss", note=UNREACHABLE),
    # --- without labels ---
    Loss("dense", "ContrastiveTensionLoss", ("tension-pair", "pair-binary"), (), modifiers=LAYERS, ddp="diverges", objective="tension", source=DOCS + "contrastivetensionloss",
         note="Keeps a second copy of the model. Needs both kinds of rows: equal texts and different ones."),
    Loss("dense", "ContrastiveTensionLossInBatchNegatives", ("text", "duplicated-pair"), (p.SCALE_20, p.SIMILARITY), sampler="no_duplicates",
         modifiers=LAYERS, architectures=BOTH, ddp="diverges", objective="in-batch", source=DOCS + "contrastivetensionlossinbatchnegatives",
         note="Keeps a second copy of the model. Its paper and the library's examples take dot products with scale = 1."),
    Loss("dense", "DenoisingAutoEncoderLoss", ("damaged-pair",),
         (Parameter("decoder_name_or_path", "str | None", None), Parameter("tie_encoder_decoder", "bool", True)),
         needs=("lm-head",), modifiers=LAYERS, ddp="diverges", lora=False, objective="denoising", source=DOCS + "denoisingautoencoderloss",
         note="The decoder is the base model read as a causal language model, unless decoder_name_or_path names another."),
    # --- distillation ---
    Loss("dense", "MSELoss", VECTORS, (p.PROJECTION,), modifiers=ALL, architectures=EVERY, objective="vectors", source=DOCS + "mseloss",
         note="projection_dim is for a teacher of another width; the projection belongs to the loss, isn't saved and rules out Matryoshka."),
    Loss("dense", "EmbedDistillLoss", VECTORS, (Parameter("distance_metric", "choice", "cosine", ("cosine", "mse", "l2")), p.PROJECTION), modifiers=ALL,
         architectures=EVERY, objective="vectors", source=DOCS + "embeddistillloss",
         note="projection_dim is for a teacher of another width; the projection belongs to the loss, isn't saved and rules out Matryoshka."),
    Loss("dense", "MarginMSELoss", MARGINS, (p.PAIRWISE_DOT,), modifiers=ALL, architectures=EVERY, objective="teacher", source=DOCS + "marginmseloss"),
    Loss("dense", "DistillKLDivLoss", SCORES, p.KL_DIVERGENCE, modifiers=ALL, architectures=EVERY, objective="teacher", source=DOCS + "distillkldivloss",
         note="Embeddings of length 1 have dot products up to 1: of four documents the best then gets 0.71 at most, unless student_temperature is 0.05 or so. Match teacher_temperature to the spread of the teacher's scores: above 100 times it, candidates drop out."),
    # --- on top of another loss ---
    Loss("dense", "MatryoshkaLoss", (), (p.MATRYOSHKA_WEIGHTS, Parameter("n_dims_per_step", "int", -1, at_least=-1)), kind="modifier", needs=("inner",),
         architectures=EVERY, source=DOCS + "matryoshkaloss", note="Normalises every cut, also the full one: with absolute targets (MSELoss) prefer EmbedDistillLoss."),
    Loss("dense", "AdaptiveLayerLoss", (), p.LAYERS, kind="modifier", needs=("inner",), source=DOCS + "adaptivelayerloss"),
    Loss("dense", "Matryoshka2dLoss", (), (p.MATRYOSHKA_WEIGHTS, Parameter("n_dims_per_step", "int", 1, at_least=-1), *p.LAYERS), kind="modifier",
         needs=("inner",), source=DOCS + "matryoshka2dloss"),
    Loss("dense", "GlobalOrthogonalRegularizationLoss", (),
         (p.SIMILARITY, Parameter("mean_weight", "float | None", 1.0, at_least=0), Parameter("second_moment_weight", "float | None", 1.0, at_least=0),
          Parameter("aggregation", "choice", "mean", ("mean", "sum"))),
         kind="regularizer", architectures=EVERY, source=DOCS + "globalorthogonalregularizationloss",
         note="Has no attracting term: only for use beside another loss."),
)

CHOICES: tuple[Choice, ...] = (
    #      model    architectures  format             loss                                      why
    Choice("dense", EVERY,       "pair",            "MultipleNegativesRankingLoss",           "Every other positive in the batch serves as a negative: the strongest signal that pairs alone can give."),
    Choice("dense", LAYERED,     "pair",            "CachedMultipleNegativesRankingLoss",     "The same loss for batches beyond memory, in 1.5 times the time as measured (1.2 by its paper, 2 to 2.4 by its docstring)."),
    Choice("dense", TRANSFORMER, "pair",            "CachedGISTEmbedLoss",                    "A guide model masks likely false negatives in the batch: worth its cost where texts resemble each other."),
    Choice("dense", TRANSFORMER, "pair",            "GISTEmbedLoss",                          "A guide model masks false negatives; for batches that fit into memory."),
    Choice("dense", LAYERED,     "pair",            "MegaBatchMarginLoss",                    "Trains on the hardest negative of a batch of several hundred pairs; sensitive to false negatives."),
    Choice("dense", EVERY,       "triplet",         "MultipleNegativesRankingLoss",           "Uses each triplet's own negative and every other positive and negative of the batch."),
    Choice("dense", LAYERED,     "triplet",         "CachedMultipleNegativesRankingLoss",     "The same loss for batches larger than memory: more negatives for each anchor."),
    Choice("dense", EVERY,       "triplet",         "TripletLoss",                            "One negative at a time: for data with many false negatives among in-batch negatives."),
    Choice("dense", TRANSFORMER, "triplet",         "CachedGISTEmbedLoss",                    "A guide model masks likely false negatives, mined or in-batch."),
    Choice("dense", TRANSFORMER, "triplet",         "GISTEmbedLoss",                          "A guide model masks false negatives; for batches that fit into memory."),
    Choice("dense", EVERY,       "triplet",         "AnglELoss",                              "Ranks positives above negatives by angle; no in-batch negatives, so duplicates do no harm."),
    Choice("dense", EVERY,       "n-tuple",         "MultipleNegativesRankingLoss",           "Uses each row's own hard negatives and every other document of the batch."),
    Choice("dense", LAYERED,     "n-tuple",         "CachedMultipleNegativesRankingLoss",     "The same loss for batches larger than memory; rows with many negatives fill memory fast."),
    Choice("dense", TRANSFORMER, "n-tuple",         "CachedGISTEmbedLoss",                    "A guide model masks likely false negatives, mined or in-batch."),
    Choice("dense", EVERY,       "n-tuple",         "AnglELoss",                              "Ranks the positive above its own negatives by angle, without in-batch negatives."),
    Choice("dense", EVERY,       "pair-score",      "CosineSimilarityLoss",                   "Fits the scores themselves: where it was measured, a trained model gained more with it than with CoSENT."),
    Choice("dense", EVERY,       "pair-score",      "CoSENTLoss",                             "Learns the order of the scores alone: for those whose values mean nothing. The library's documentation prefers it."),
    Choice("dense", EVERY,       "pair-score",      "AnglELoss",                              "CoSENT with angles in complex space, against the vanishing gradient of a cosine near 1."),
    Choice("dense", EVERY,       "pair-binary",     "OnlineContrastiveLoss",                  "Looks at the hard pairs of each batch only, which often does better by the library's own word."),
    Choice("dense", EVERY,       "pair-binary",     "ContrastiveLoss",                        "Pulls positive pairs together and pushes negative ones beyond a margin, all pairs alike."),
    Choice("dense", TRANSFORMER, "pair-binary",     "ContrastiveTensionLoss",                 "Two copies of the model, one for each text, by the dot product: for pairs of equal or nearly equal texts."),
    Choice("dense", EVERY,       "pair-class",      "SoftmaxLoss",                            "The one dense loss for classes as they are; entailment gains more as scores."),
    Choice("dense", EVERY,       "pair-probabilities", "SoftmaxLoss",                          "Learns how sure the labels are: a classifier on both embeddings, with probabilities as its target."),
    Choice("dense", BOTH,        "text-class",      "BatchAllTripletLoss",                    "Every valid triplet of a batch, built from the classes: nothing to sample, and the steadiest of its kind."),
    Choice("dense", BOTH,        "text-class",      "BatchHardSoftMarginTripletLoss",         "The hardest triplet for each text, without a margin to choose."),
    Choice("dense", BOTH,        "text-class",      "BatchHardTripletLoss",                   "The hardest triplet for each text: fast, and sensitive to wrong labels."),
    Choice("dense", BOTH,        "text-class",      "BatchSemiHardTripletLoss",               "Negatives that are farther than the positive but within the margin: between all and hardest."),
    Choice("dense", BOTH,        "text",            "ContrastiveTensionLossInBatchNegatives", "Learns from texts alone: two copies of the model must agree on a text and differ on all others of the batch."),
    Choice("dense", BOTH,        "duplicated-pair", "ContrastiveTensionLossInBatchNegatives", "Two copies of the model must agree on a text and differ on all others of the batch."),
    Choice("dense", TRANSFORMER, "duplicated-pair", "MultipleNegativesRankingLoss",           "SimCSE: dropout makes the two copies of a text differ, and the rest of the batch is negative."),
    Choice("dense", TRANSFORMER, "duplicated-pair", "CachedMultipleNegativesRankingLoss",     "SimCSE for batches larger than memory."),
    Choice("dense", STATIC,      "duplicated-pair", "MultipleNegativesRankingLoss",           "Only spreads embeddings out: a static model has no dropout that would make the two copies differ."),
    Choice("dense", TRANSFORMER, "tension-pair",    "ContrastiveTensionLoss",                 "Contrastive tension on sampled pairs of equal and different texts; weaker than its in-batch variant."),
    Choice("dense", TRANSFORMER, "damaged-pair",    "DenoisingAutoEncoderLoss",               "TSDAE: the embedding must suffice to restore the text; for plain language models, which it gives a [CLS] embedding."),
    Choice("dense", BOTH,        "text-embedding",  "MSELoss",                                "Copies the teacher's vectors: the documented way to a smaller or a multilingual model."),
    Choice("dense", BOTH,        "text-embedding",  "EmbedDistillLoss",                       "Copies the direction of the teacher's vectors only; works with Matryoshka and with unnormalised teachers."),
    Choice("dense", EVERY,       "pair-embedding",  "MSELoss",                                "Both texts, such as a sentence and its translation, learn the teacher's vector."),
    Choice("dense", EVERY,       "pair-embedding",  "EmbedDistillLoss",                       "Both texts learn the direction of the teacher's vector; works with Matryoshka."),
    Choice("dense", BOTH,        "n-texts-embedding", "MSELoss",                             "All texts of a row, such as a sentence in several languages, learn the teacher's vector of each, or of the first."),
    Choice("dense", BOTH,        "n-texts-embedding", "EmbedDistillLoss",                    "All texts of a row learn the direction of the teacher's vectors; works with Matryoshka."),
    Choice("dense", EVERY,       "triplet-margin",  "MarginMSELoss",                          "Fits the teacher's margins, which hold more than the order of two documents."),
    Choice("dense", EVERY,       "triplet-scores",  "DistillKLDivLoss",                       "Fits the teacher's distribution over the documents: how sure it is, and of which; mind the temperature."),
    Choice("dense", EVERY,       "triplet-scores",  "MarginMSELoss",                          "Fits the teacher's margin, computed from its scores; needs a student that can reach their scale."),
    Choice("dense", EVERY,       "n-tuple-margin",  "MarginMSELoss",                          "Fits the teacher's margin to each of the negatives."),
    Choice("dense", EVERY,       "n-tuple-scores",  "DistillKLDivLoss",                       "Fits the teacher's distribution over all documents of a row: uses every negative at once."),
    Choice("dense", EVERY,       "n-tuple-scores",  "MarginMSELoss",                          "Fits the teacher's margins, computed from its scores."),
)
# fmt: on
