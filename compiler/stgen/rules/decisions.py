"""Decisions: what follows from a few facts, as rows in order of priority. The first row that fits wins.

A fact has few values, so that every combination can be tested. None in a row means: whatever the value.
"""

from __future__ import annotations

from stgen.rules.grounds import (
    ACCELERATOR,
    BALANCE,
    BF16,
    BOUNDED,
    CACHED,
    COPY,
    DEVICES,
    ENCODER,
    EVALUATIONS,
    GATHERS,
    KIND,
    LONGEST,
    LORA,
    LOSS_SAMPLER,
    MARGINS,
    MINER,
    OBJECTIVE,
    ON_CPU,
    PADDING,
    REACH,
    ROW_COUNT,
    SCHEDULER_NAME,
    SCORED,
    SIMILARITY,
    SIZE,
    SKEW,
    SPREAD,
    START,
    STEP_COUNT,
    STRATEGY,
    STREAMING,
    SYMMETRIC,
    TEXTS_ALONE,
    TOLD,
    TRAINED,
    WEIGHTED,
)
from stgen.rules.row import Decision, DecisionTable

# fmt: off
SPARSE = ("sparse/splade", "sparse/inference-free")

LOSS = DecisionTable("loss", (KIND, TRAINED, ROW_COUNT, BALANCE, SPREAD, ON_CPU), (  # of those that fit, where the counts speak for another than the first
    Decision(("dense/transformer", ("pair", "triplet", "n-tuple"), "masses", None, ("wide", "unknown"), False), "CachedMultipleNegativesRankingLoss",
             "Of half a million rows and more a batch of 1,024 leaves some 500 steps, and eight times as many negatives as a batch of 128: more of them do better, up to a point (the library's docstring of MultipleNegativesRankingLoss). GradCache makes room for it, whatever the device. From where on it pays is by the documentation, not measured here: write name under [loss] for the plain loss."),
    Decision((("dense/transformer", "dense/static", "dense/router", "dense/static-router"), "triplet", None, None, "tight", None), "TripletLoss",
             "A column has fewer than 64 texts that differ, so that no larger batch is without repeats, and rows of a smaller one are soon false negatives: one negative at a time needs no such batch."),
    Decision((("dense/transformer", "dense/static", "dense/router", "dense/static-router"), "n-tuple", None, None, "tight", None), "AnglELoss",
             "A column has fewer than 64 texts that differ, so that no larger batch is without repeats, and rows of a smaller one are soon false negatives: here a row's own negatives are all that it is held against."),
    Decision((("dense/transformer", "dense/static", "dense/router", "dense/static-router"), "pair-binary", None, "rare", None, None), "ContrastiveLoss",
             "Under one row in twenty is positive, so that of batches of 16 four in ten and more have none: OnlineContrastiveLoss, which tells hard negatives by the farthest positive, then takes those nearer than their own mean (its compute_loss_from_embeddings). That is read from its code, not measured here: [compare] tells on your rows."),
    Decision((None, None, None, None, None, None), None, "The counts speak for no other."),
))

SAMPLER = DecisionTable("sampler", (LOSS_SAMPLER, STREAMING), (
    Decision((None,             True),  "batch_sampler",        "No batch sampler works on a stream."),
    Decision(("no_duplicates",  False), "no_duplicates",        "No duplicate texts in a batch, where they would be false negatives."),
    Decision(("group_by_label", False), "group_by_label",       "Each batch holds several rows of each of its classes: without two rows of a class there is no positive pair."),
    Decision(("batch_sampler",  False), "batch_sampler",        "No row is another's negative: any shuffled batch will do."),
))

GROUP_BY_LENGTH = DecisionTable("group_by_length", (KIND, LOSS_SAMPLER, STREAMING, ROW_COUNT, PADDING), (
    Decision((("dense/static", "dense/static-router"), None, None, None, None), False, "Static embeddings pad nothing."),
    Decision((None, None,            True,  None,                None),   False, "A stream can't be sorted."),
    Decision((None, "batch_sampler", False, ("handful", "few"),  "much"), False, "Of few rows the time that padding takes is short, and batches of random rows differ more."),
    Decision((None, "batch_sampler", False, None,                "much"), True,  "In random batches over 30 % of the tokens would be padding, and the loss takes any batch."),
    Decision((None, None,            None,  None,                None),   False, "The loss wants a sampler of its own, or padding is under 30 % of the tokens, or they aren't counted."),
))

MAX_LENGTH = DecisionTable("max_length", (LONGEST, REACH), (
    Decision(("32",      None), 64,   "99 of 100 texts have 32 tokens at most; twice that leaves room for longer ones to come."),
    Decision(("64",      None), 64,   "99 of 100 texts have 64 tokens at most."),
    Decision(("128",     None), 128,  "99 of 100 texts have 128 tokens at most."),
    Decision(("256",     None), 256,  "99 of 100 texts have 256 tokens at most."),
    Decision(("512",     None), 512,  "99 of 100 texts have 512 tokens at most."),
    Decision(("1024",    None), 1024, "99 of 100 texts have 1,024 tokens at most; the base may end before."),
    Decision(("2048",    None), 2048, "99 of 100 texts have 2,048 tokens at most; the base may end before."),
    Decision(("4096",    None), 4096, "99 of 100 texts have 4,096 tokens at most; the base may end before."),
    Decision(("more",    None), 8192, "Texts are longer than 4,096 tokens; the base may end before."),
    Decision(("unknown", "long"), 512, "The texts aren't counted, and this base reads far more than most need: memory grows with the longest of a batch. `stgen profile` counts them."),
    Decision(("unknown", "unknown"), 512, "The texts aren't counted, and the base isn't known to the tables: of one that reads more, memory would grow with the longest text of a batch. `stgen profile` counts them."),
    Decision(("unknown", None), None, "What the base brings."),
))

POS_WEIGHT = DecisionTable("pos_weight", (BALANCE,), (
    Decision(("rare",),  20.0, "Under one row in twenty is positive: each counts for twenty, and no more, as wrong labels among them would count as much."),
    Decision(("fewer",), "ratio", "Fewer positives than negatives: each counts for as many as there are negatives to it."),
    Decision((None,),    None, "About as many positives as negatives, or they aren't counted."),
))

CLASS_WEIGHTS = DecisionTable("class_weights", (SKEW,), (
    Decision(("apart",), "balanced", "The largest class has three times the rows of the smallest and more: each counts for its share, so that no class is learnt at the cost of another."),
    Decision((None,),    None,       "The classes are of about one size, or they aren't counted."),
))

INFERENCE_BATCH = DecisionTable("inference_batch", (ACCELERATOR, KIND, SIZE), (  # texts or pairs at once, where nothing is kept for gradients
    Decision(("cpu", None, None),                  32,   "A CPU is busy with 32 texts, and a larger batch is padded to a longer text."),
    Decision((None, ("sparse/splade", "sparse/inference-free"), None), 32, "Each token has a score for every word of the vocabulary: 2 GB for 32 texts of 512 tokens."),
    Decision((None, ("dense/static", "dense/static-router"), None),    2048, "A look-up of vectors and their mean: the tokenizer is what takes time."),
    Decision((None, None, "billions"),             32,   "Of billions of parameters 32 texts keep a GPU busy, and take the room of a few layers beside the weights."),
    Decision((None, None, ("large", "unknown")),   128,  "Nothing is kept for gradients: four times the library's batch of 32, which leaves a GPU waiting."),
    Decision((None, None, None),                   256,  "A small model: its kernels mostly wait with the library's batch of 32, and nothing is kept for gradients."),
))

HELD_OUT = DecisionTable("held_out", (ROW_COUNT,), (  # of the training rows, where the spec names no files: for the test, for eval
    Decision(("handful",),          (0.2, 0.16),  "Few rows: a fifth for the test, as fewer would show no gain but a large one, and a sixth of the others for eval: of 400 rows the 50 that tell checkpoints apart."),
    Decision(("few",),              (0.2, 0.11),  "Few rows: a fifth for the test, as fewer would show no gain but a large one, and a tenth of the others for eval: of 600 rows the 50 that tell checkpoints apart."),
    Decision(("some",),             (0.15, 0.05), "A test that shows smaller gains, at the cost of some rows."),
    Decision((("plenty", "masses"),), (2500, 1000), "2,500 rows tell a gain of one point apart; more would only take time to measure."),
    Decision((None,),               (0.1, 0.05),  "A tenth for the test, a twentieth for eval."),
))

MINING = DecisionTable("mining", (ROW_COUNT, MINER), (  # where the spec is silent
    Decision((("handful", "few"), None), {"relative_margin": 0.05, "range_max": 20}, "The best 20 of few texts, and none above 95 % of the positive's score: those are mostly positives themselves (NV-Retriever, arXiv 2407.15831)."),
    Decision((None, "sbert"),            {"range_min": 10, "range_max": 50, "max_score": 0.8, "relative_margin": 0.05}, "As the library's mine_hard_negatives shows it: the ten nearest, and what comes close to the positive's score or to 1, are mostly positives themselves."),
    Decision((None, None),               {"range_min": 10, "range_max": 50, "relative_margin": 0.05}, "As the library's mine_hard_negatives shows it, but for its highest score of 0.8, as some models give every pair more: the ten nearest, and what comes close to the positive's score, are mostly positives themselves."),
))

MIX = DecisionTable("mix", (WEIGHTED,), (
    Decision((True,),  "interleave",   "The spec gives weights: rows are drawn from each set by its share."),
    Decision((False,), "proportional", "Every row of every set is used once an epoch; round robin would stop at the smallest set."),
))

PRECISION = DecisionTable("precision", (ACCELERATOR, BF16), (
    Decision(("cpu",          None),      "fp32", "A CPU without bfloat16 units is more than ten times slower in bf16, and ignores fp16."),
    Decision(("mps",          None),      "fp32", "Mixed precision on Apple's GPUs saves little and isn't supported throughout."),
    Decision(("xpu",          None),      "bf16", "Intel's data-centre GPUs compute bfloat16 natively."),
    Decision((None,           "no"),      "fp16", "This GPU has no bfloat16; fp16 with loss scaling is its fast format."),
    Decision((None,           "yes"),     "bf16", "As fast as fp16 and with the range of fp32: no loss scaling, no overflow."),
    Decision(("rocm",         "unknown"), "bf16", "AMD's data-centre GPUs since MI100 compute bfloat16 natively."),
    Decision(("cuda",         "unknown"), "bf16", "NVIDIA GPUs since 2020 compute bfloat16 natively; name an older one in [hardware] gpu to get fp16."),
))

STRATEGIES = DecisionTable("strategy", (DEVICES, COPY), (
    Decision(("one",  None),      "single", "One device: nothing to share."),
    Decision(("many", "shared"),  "fsdp",   "Weights, gradients and optimizer state are more than a device holds, and shared out over all of them they fit: by what FSDP says of its shares, which no run here has measured."),
    Decision(("many", "fits"),    "ddp",    "The model fits into each device: copying it is faster than sharing it."),
    Decision(("many", "unknown"), "ddp",    "A copy on each device. Whether it fits is not known: name gpu or memory, and a base whose measures are known."),
))

LEARNING_RATE = DecisionTable("learning_rate", (KIND, OBJECTIVE, LORA, START, SIZE, TEXTS_ALONE, MARGINS), (
    Decision(("dense/static",              None,        None,  "scratch",    None,       None, None), 2e-1, "Static embeddings from a random start learn with rates that would ruin a transformer."),
    Decision(("dense/static",              None,        None,  "pretrained", None,       None, None), 5e-2, "A static model that starts from trained vectors."),
    Decision((None,                        None,        True,  None,         None,       None, None), 1e-4, "A low-rank update takes five times the rate of full training."),
    Decision((None,                        None,        None,  None,         "billions", None, None), 1e-5, "Models of a billion parameters and more need a lower rate."),
    Decision((None,                        "vectors",   None,  None,         None,       None, None), 1e-4, "Distilling embeddings is regression with clean targets: it takes a higher rate (the library's distillation/model_distillation.py)."),
    Decision((None,                        "denoising", None,  None,         None,       None, None), 3e-5, "The rate with which TSDAE was published (the library's TSDAE/train_stsb_tsdae.py)."),
    Decision((None,                        "tension",   None,  None,         None,       None, None), 1e-5, "The rate of contrastive tension (the library's CT/train_stsb_ct.py)."),
    Decision(("cross-encoder/transformer", "teacher",   None,  None,         None,       None, None), 8e-6, "Distilling into a cross-encoder: a low rate avoids catastrophic forgetting (the library's distillation/train_cross_encoder_kd_mse.py)."),
    Decision(("cross-encoder/transformer", "labels",    None,  "scratch",    "small",    None, None), 5e-5, "A small base learns a head anew (the library's sts/training_stsbenchmark.py leaves the trainer's rate). Measured with all-MiniLM-L6-v2 in batches of 16: Spearman on scored pairs 0.71 with 2e-5, 0.74 with 5e-5; average precision on labelled ones 0.85 and 0.89."),
    Decision(("multi-vector/transformer",  None,        None,  None,         None,       None, None), 3e-5, "The usual rate for late-interaction models (the library's msmarco/training_contrastive.py and training_kd.py)."),
    Decision(("sparse/csr",                None,        None,  None,         None,       None, None), 4e-5, "Only a fresh autoencoder is trained (the library's retrievers/train_csr_nq.py)."),
    Decision((("dense/transformer", "dense/router", "dense/static-router"), "teacher", None, None, None, None, True), 5e-5, "A teacher's margins reach further than cosines, and the student has to grow (the library's ms_marco/train_bi_encoder_margin_mse.py)."),
    Decision((("dense/transformer", "dense/router", "dense/static-router"), "teacher", None, None, None, None, False), 4e-5, "The rate of the library's ms_marco/train_kldiv.py."),
    Decision((("dense/transformer", "dense/router", "dense/static-router"), "in-batch", None, None, None, True, None), 5e-5, "From texts alone (the library's SimCSE/train_stsb_simcse.py and CT_In-Batch_Negatives/train_stsb_ct_improved.py)."),
    Decision((None,                        None,        None,  None,         None,       None, None), 2e-5, "The usual rate for fine-tuning an encoder."),
))

QUERY_LEARNING_RATE = DecisionTable("query_learning_rate", (KIND,), (
    Decision(("sparse/inference-free",), 1e-3, "The query side is one weight for each token and learns with a far higher rate than the encoder."),
    Decision((None,),                    None, "One rate for all weights."),
))

ENCODER_LEARNING_RATE = DecisionTable("encoder_learning_rate", (ENCODER,), (
    Decision(("static/scratch",),    2e-1, "Static embeddings from a random start learn with rates that would ruin a transformer."),
    Decision(("static/pretrained",), 5e-2, "Static embeddings that start from trained vectors."),
    Decision((None,),                None, "The rate of the whole model."),
))

BATCH_SIZE = DecisionTable("batch_size", (KIND, OBJECTIVE, CACHED, ACCELERATOR, ROW_COUNT), (
    Decision(("dense/static",              ("in-batch", "classes"), None, None, ("handful", "few")), 64, "Few rows: larger batches would leave too few steps, even for static embeddings."),
    Decision(("dense/static",              "in-batch", None,  None,  "some"),  256,  "A larger batch would leave too few steps of so many rows."),
    Decision(("dense/static",              "in-batch", None,  None,  "many"),  1024, "A larger batch would leave too few steps of so many rows."),
    Decision(("dense/static",              "in-batch", None,  None,  None),  2048, "Static models cost next to nothing a row, and in-batch losses gain from every negative."),
    Decision(("dense/static",              None,       None,  None,  ("handful", "few")), 32, "Few rows: larger batches would leave too few steps."),
    Decision(("dense/static",              None,       None,  None,  None),  256,  "Static models cost next to nothing a row."),
    Decision((("sparse/splade", "sparse/inference-free"), None, None, None, None), 16, "Each text is as wide as the vocabulary: the library's SPLADE examples take 12 to 32 rows."),
    Decision(("multi-vector/transformer",  "teacher",  None,  None,  None),  4,    "Each row brings all its documents, with a vector for each token (the library's msmarco/training_kd.py)."),
    Decision((None,                        "list",     None,  None,  None),  16,   "Each row brings a whole list of documents."),
    Decision((None,                        "teacher",  None,  None,  None),  16,   "Each row brings its documents; the library's distillation examples take 16."),
    Decision((None,                        "tension",  None,  None,  None),  16,   "A second model shares the memory; the loss looks at each pair by itself (the library's CT/train_stsb_ct.py)."),
    Decision((None,                        "denoising", None, None,  None),  8,    "The decoder shares the memory; TSDAE was published with 8 (the library's TSDAE/train_stsb_tsdae.py)."),
    Decision(("cross-encoder/transformer", "labels",   None,  None,  "some"),  16,   "Few rows for a new head: four times the steps of the usual 64. Measured with all-MiniLM-L6-v2: Spearman on 2,017 scored pairs 0.64 with 64, 0.71 with 16; average precision on 2,461 labelled ones 0.70 with 32, 0.85 with 16."),
    Decision((None,                        "classes",  None,  None,  ("handful", "few")), 32, "Few rows: room for two rows of several classes, and more steps than larger batches would leave."),
    Decision((None,                        None,       None,  None,  ("handful", "few")), 16, "Few rows: larger batches would leave too few steps. Measured on 1,201 pairs, one epoch: nDCG@10 0.529 with 128, 0.536 with 16."),
    Decision((None,                        None,       None,  "cpu", None),  32,   "Padding grows with the batch, and a CPU gains nothing from larger ones."),
    Decision((None,                        "in-batch", None,  None,  "some"),  32,   "A larger batch would leave too few steps of so many rows."),
    Decision((None,                        "in-batch", True,  None,  "many"),  256,  "GradCache: the batch may exceed memory; of so many rows a larger one would leave too few steps."),
    Decision((None,                        "in-batch", True,  None,  None),  1024, "GradCache: the batch may exceed memory, and each anchor sees more negatives."),
    Decision(("cross-encoder/transformer", None,       None,  None,  None),  64,   "A cross-encoder reads every pair; in-batch negatives multiply its work."),
    Decision(("sparse/csr",                None,       None,  None,  None),  64,   "The batch of the library's retrievers/train_csr_nq.py."),
    Decision(("multi-vector/transformer",  None,       None,  None,  None),  32,   "Every token has a vector, and every pair of them is compared (the library's msmarco/training_contrastive.py)."),
    Decision((None,                        "in-batch", None,  None,  "many"),  64,   "Large, since every other row of the batch is a negative; a larger one would leave too few steps of so many rows."),
    Decision((None,                        "in-batch", None,  None,  None),  128,  "Every other row of the batch is a negative, so batches should be large."),
    Decision((None,                        "classes",  None,  None,  None),  64,   "Room for several rows of several classes in each batch."),
    Decision((None,                        None,       None,  None,  None),  32,   "No row is another's negative: a larger batch brings speed, not signal."),
))

CLASS_BATCH = Decision((), 32, "Rows are pairs of texts of one class, and others of that class in the batch are false negatives: the fewer rows, the fewer of them. As it was measured.")
"""The most rows of a step where pairs are sampled by class."""

EPOCHS = DecisionTable("epochs", (OBJECTIVE, SCORED, ROW_COUNT), (
    Decision((("denoising", "tension"), None, None), 1, "Texts without labels are damaged or paired anew in each pass, and one was published."),
    Decision((None, True,  ("plenty", "masses")), 1, "So many scored pairs need no second pass."),
    Decision((None, True,  "handful"), 8, "Under 600 rows: eight passes, so that from some 200 rows on a run has a hundred steps. The best checkpoint is kept."),
    Decision((None, True,  None),      4, "Scored pairs are few and dear: the library's sts/training_stsbenchmark.py passes over them four times."),
    Decision((None, False, "handful"), 8, "Under 600 rows: eight passes, so that from some 200 rows on a run has a hundred steps. The best checkpoint is kept."),
    Decision((None, False, "few"),     3, "Under 2,000 rows: three passes, as one would be over before the rate has risen and fallen. The best checkpoint is kept."),
    Decision((None, False, "some"),    2, "Under 10,000 rows: a second pass still teaches. The best checkpoint is kept."),
    Decision((None, False, "unknown"), 1, "The rows aren't counted: one pass. stgen profile counts them; with fewer than some ten thousand it is 2 to 8."),
    Decision((None, False, None),      1, "Enough rows that one pass is a whole run."),
))

OPTIMIZER = DecisionTable("optimizer", (OBJECTIVE,), (
    Decision(("tension",), "rmsprop", "As contrastive tension was published (the library's CT/train_stsb_ct.py)."),
    Decision((None,),      None,      "The library's own: AdamW."),
))

POOLING = DecisionTable("pooling", (KIND, OBJECTIVE), (
    Decision(("dense/transformer", "denoising"), "cls", "TSDAE restores a text from its [CLS] token (the library's TSDAE/train_stsb_tsdae.py)."),
    Decision((None,                None),        None,  "What the base brings."),
))

NORMALIZE = DecisionTable("normalize", (KIND, OBJECTIVE), (
    Decision((("dense/transformer", "dense/router", "dense/static-router"), "teacher"), False,
             "Dot products of vectors of length 1 end at 1: no teacher's margin above 2 is reached, and of four documents none gets more than 0.71."),
    Decision((None, None), None, "What the base brings."),
))

SPARSITY = DecisionTable("sparsity", (KIND, MARGINS, SYMMETRIC), (  # weights of documents and of queries; None: all texts are documents
    Decision((("sparse/splade", "sparse/inference-free"), True,  None), (0.08, 0.1),  "Margins of a teacher make a loss of tens, which small weights can't hold (the library's distillation/train_splade_msmarco_margin_mse.py)."),
    Decision(("sparse/inference-free",                    False, None), (3e-4, 0.0),  "Queries are looked up, and as sparse as their texts (the library's docs/sparse_encoder/training_overview.md)."),
    Decision(("sparse/splade",                            False, True), (3e-3, None), "Neither text of a pair is a query: both are regularised alike (the library's sts/train_splade_stsbenchmark.py)."),
    Decision(("sparse/splade",                            False, False), (3e-5, 5e-5), "Queries are kept sparser than documents (the library's retrievers/train_splade_nq.py)."),
    Decision((None,                                       None,  None), (None, None), "No words to hold down: the autoencoder keeps as many dimensions as it is told to."),
))

PARAMETERS = DecisionTable("parameters", (KIND, OBJECTIVE), (  # of the loss and its wrapper, where the library's own are not the best
    Decision(("sparse/csr", "in-batch"), {"similarity_fct": "cosine", "scale": 20.0, "gamma": 0.1}, "The arguments of the library's retrievers/train_csr_nq.py: a lower gamma favours few dimensions."),
    Decision(("sparse/csr", None),       {"gamma": 0.1}, "A lower gamma favours few dimensions (the library's retrievers/train_csr_nq.py)."),
    Decision(("cross-encoder/transformer", "list"), {"respect_input_order": False}, "The scores say which document comes first; the library's own takes the order in which they happen to stand, and never looks at the scores."),
    Decision((None,         None),       {},             "The library's own."),
))

SCALE = DecisionTable("scale", (KIND, SIMILARITY, BOUNDED), (
    Decision(("sparse/csr",               None,                 None),  None, "Decided with the other arguments of CSRLoss."),
    Decision((SPARSE,                     "cosine",             None),  20.0, "Cosines end at 1: times the library's 1, and with cosines of 0 for all others, the best of 128 gets 2 % of the softmax."),
    Decision((SPARSE,                     None,                 None),  None, "The library's own: dot products of sparse vectors are large."),
    Decision(("multi-vector/transformer", "mean_maxsim",        None),  32.0, "A mean over the tokens of a query, 32 of them in ColBERT, is that much smaller than the sum that the library's 1 is for."),
    Decision((None,                       ("dot", "euclidean", "manhattan"), False), 1.0, "Dot products and distances of unnormalized embeddings run to tens and hundreds: times the library's 20, one candidate takes the whole softmax."),
    Decision((None,                       None,                 None),  None, "The library's own."),
))

MARGIN = DecisionTable("margin", (BOUNDED, TOLD), (
    Decision((True,  None),  0.3,  "Between distances of cosines: no two of these embeddings lie further apart than 2, so the library's margin of 5 can never be satisfied. Measured on banking intents, 60 steps: accuracy by the nearest centroid 0.905 before, 0.9225 with 0.3, 0.8575 with 5."),
    Decision((False, False), 0.3,  "Between distances of cosines: the base isn't known to the tables, and where it scales embeddings to length 1 the library's margin of 5 can never be satisfied."),
    Decision((False, True),  None, "The library's own, for Euclidean distances of embeddings of any length."),
))

SCHEDULER = DecisionTable("scheduler", (OBJECTIVE,), (
    Decision(("denoising",), "constant", "As TSDAE was published."),
    Decision((None,),        "linear",   "Linear decay to 0: the documented default."),
))

WARMUP = DecisionTable("warmup", (SCHEDULER_NAME, KIND, OBJECTIVE, STEP_COUNT), (
    Decision(("constant", None,                       None,      None),      0.0,  "A constant rate has no warm-up."),
    Decision((None,       None,                       "tension", None),      0.0,  "As contrastive tension was published (the library's CT/train_stsb_ct.py)."),
    Decision((None,       None,                       None,      "endless"), 0.01, "A hundredth of so many steps is ten thousand: Adam's moment estimates have settled long before."),
    Decision((None,       None,                       None,      "long"),    0.05, "A twentieth of so many steps is five hundred and more, in which Adam's moment estimates settle."),
    Decision((None,       "multi-vector/transformer", None,      None),      0.05, "A twentieth of the steps (the library's msmarco/training_kd.py)."),
    Decision((None,       None,                       None,      None),      0.1,  "Over a tenth of the steps, while Adam's moment estimates settle."),
))

EVALUATE_EVERY = DecisionTable("evaluate_every", (STRATEGY, STEP_COUNT, EVALUATIONS), (
    Decision(("fsdp",            None,      None),  None, "Evaluators don't run on a sharded model; evaluate.py measures afterwards."),
    Decision((None,              None,      ("end", "one")), 0.9999, "Once, at the end: so many rows are measured on that more would take over a fifth of the run. Fewer for eval would let a best checkpoint be chosen."),
    Decision((None,              "few",     None),  0.5,  "A short run is measured half-way and at its end."),
    Decision((None,              None,      "two"), 0.5,  "Half-way and at the end: more evaluations would take over a fifth of the run."),
    Decision((None,              None,      "four"), 0.25, "Four times, so that the best of four checkpoints is kept: more evaluations would take over a fifth of the run."),
    Decision((None,              "endless", None),  0.02, "A tenth of a run this long is too long between evaluations."),
    Decision((None,              None,      "unknown"), 0.1, "Ten times a run at most: train.py counts what it reads, and evaluates less often where ten would take over a fifth of the run."),
    Decision((None,              None,      None),  0.1,  "Ten times a run, which takes under a fifth of it: enough for the best checkpoint, and for early stopping to wait three times."),
))

BASE_MEASURED = DecisionTable("base_measured", (EVALUATIONS,), (
    Decision(("end",), False, "So many rows are measured on that another evaluation would take over a fifth of the run: evaluate.py measures the base afterwards."),
    Decision((None,),  True,  "Before the first step, so that train.py says when no checkpoint beats the base."),
))

EARLY_STOPPING = DecisionTable("early_stopping", (KIND, ROW_COUNT, EVALUATIONS), (
    Decision((None,                        None,               ("end", "one", "two", "four")), None, "With so few evaluations none can show that the run has stopped improving."),
    Decision(("cross-encoder/transformer", None,               None), 3,    "Cross-encoders overfit fast: three evaluations without improvement end the run."),
    Decision((None,                        ("handful", "few"), "ten"), 3,   "Several passes over few rows end in overfitting: three evaluations without improvement end the run."),
    Decision((None,                        None,               None), None, "The run goes on to its end, and the best checkpoint is kept."),
))

GATHER = DecisionTable("gather_across_devices", (GATHERS, DEVICES), (
    Decision((True, "many"), True,  "Each device also sees the others' documents: as many more negatives as there are devices."),
    Decision((None, None),   False, "Nothing to gather."),
))

FIND_UNUSED = DecisionTable("ddp_find_unused_parameters", (KIND, DEVICES), (
    Decision(("cross-encoder/transformer", "many"), False, "With the default every cross-encoder loss fails under DDP: a parameter is marked ready twice."),
    Decision((None,                        None),   None,  "The library's default."),
))

TABLES: tuple[DecisionTable, ...] = (
    LOSS, SAMPLER, GROUP_BY_LENGTH, MAX_LENGTH, POS_WEIGHT, CLASS_WEIGHTS, HELD_OUT, MINING, MIX, PRECISION, STRATEGIES, LEARNING_RATE, QUERY_LEARNING_RATE, ENCODER_LEARNING_RATE, BATCH_SIZE, EPOCHS, OPTIMIZER, POOLING, NORMALIZE, SPARSITY, PARAMETERS, SCALE, MARGIN, SCHEDULER, WARMUP, EVALUATE_EVERY, BASE_MEASURED,
    EARLY_STOPPING, GATHER, FIND_UNUSED, INFERENCE_BATCH,
)
# fmt: on
