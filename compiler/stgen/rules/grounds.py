"""What decisions follow from: a few facts, each with few values, and the words that stand for ranges of figures."""

from __future__ import annotations

from stgen.rules.row import Buckets, Fact

# fmt: off
SIZES = Buckets((50, 200, 1_000), ("small", "base", "large", "billions"))
"""Parameters of the base model, in millions."""
STEPS = Buckets((40, 10_000, 1_000_000), ("few", "many", "long", "endless"))
"""Optimizer steps of the whole run."""
ROWS = Buckets((600, 2_000, 10_000, 50_000, 500_000), ("handful", "few", "some", "many", "plenty", "masses"))
"""Rows that the training learns from, of all data sets."""
AFFORDED = Buckets((1, 2, 4, 10), ("end", "one", "two", "four", "ten"))
"""Evaluations of a run that take a fifth of it at most, together with that of the base; `end`: the base's would be too much."""

LENGTHS = Buckets((33, 65, 129, 257, 513, 1025, 2049, 4097), ("32", "64", "128", "256", "512", "1024", "2048", "4096", "more"))
"""Tokens that 99 of 100 texts don't go beyond."""
REACHES = Buckets((513,), ("usual", "long"))
"""Tokens that the base can read."""
PADDINGS = Buckets((0.3,), ("little", "much"))
"""Share of the tokens of a random batch that is padding."""
SPREADS = Buckets((64,), ("tight", "wide"))
"""Texts that differ, of the column that has the fewest: a batch without repeats has no more rows."""
BALANCES = Buckets((0.05, 0.35), ("rare", "fewer", "even"))
"""Share of the rows that are positive."""
SKEWS = Buckets((3.0,), ("alike", "apart"))
"""How many times more rows the largest class has than the smallest."""

KIND = Fact("kind", ("dense/transformer", "dense/static", "dense/router", "dense/static-router", "cross-encoder/transformer", "sparse/splade", "sparse/inference-free", "sparse/csr", "multi-vector/transformer"))
ACCELERATOR = Fact("accelerator", ("cpu", "cuda", "rocm", "mps", "xpu"))
BF16 = Fact("bf16", ("yes", "no", "unknown"))  # of the named GPU
LONGEST = Fact("longest", (*LENGTHS.words, "unknown"))
REACH = Fact("reach", (*REACHES.words, "unknown"))
PADDING = Fact("padding", (*PADDINGS.words, "unknown"))
BALANCE = Fact("balance", (*BALANCES.words, "unknown"))
SKEW = Fact("skew", (*SKEWS.words, "unknown"))
STREAMING = Fact("streaming", (True, False))
LOSS_SAMPLER = Fact("loss_sampler", ("batch_sampler", "no_duplicates", "group_by_label"))
DEVICES = Fact("devices", ("one", "many"))  # processes over all nodes
STRATEGY = Fact("strategy", ("single", "ddp", "fsdp"))
COPY = Fact("copy", ("fits", "shared", "unknown"))  # of weights, gradients and optimizer on a device; shared: only its share of them fits
LORA = Fact("lora", (True, False))
START = Fact("start", ("pretrained", "scratch"))  # static embeddings, or the head of a cross-encoder
SIZE = Fact("size", (*SIZES.words, "unknown"))
OBJECTIVE = Fact("objective", ("in-batch", "labels", "classes", "list", "vectors", "teacher", "denoising", "tension"))  # `Loss.objective`
CACHED = Fact("cached", (True, False))
ROW_COUNT = Fact("rows", (*ROWS.words, "unknown"))
EVALUATIONS = Fact("evaluations", (*AFFORDED.words, "unknown"))
STEP_COUNT = Fact("steps", (*STEPS.words, "unknown"))
GATHERS = Fact("gathers", (True, False))
SCHEDULER_NAME = Fact("scheduler", ("linear", "cosine", "constant", "constant_with_warmup"))
TEXTS_ALONE = Fact("texts_alone", (True, False))  # each text is its own positive: nothing but texts to learn from
MARGINS = Fact("margins", (True, False))  # the loss fits a teacher's margins
SCORED = Fact("scored", (True, False))  # pairs with a score of similarity
SYMMETRIC = Fact("symmetric", (True, False))  # pairs of texts that a label judges: neither is a query
BOUNDED = Fact("bounded", (True, False))  # embeddings of length 1, or distances of cosines
TOLD = Fact("told", (True, False))  # spec or tables tell whether the base scales its embeddings
MINER = Fact("miner", ("sbert", "other"))  # what finds hard negatives: of sentence-transformers' own models, or of others
WEIGHTED = Fact("weighted", (True, False))
SIMILARITY = Fact("similarity", ("cosine", "dot", "euclidean", "manhattan", "maxsim", "mean_maxsim", "xtr", "none"))  # that the loss is told to compare by
TRAINED = Fact("trained", ("pair", "triplet", "n-tuple", "pair-binary", "pair-score", "other"))  # the format that the loss gets
SPREAD = Fact("spread", (*SPREADS.words, "unknown"))
ON_CPU = Fact("on_cpu", (True, False))  # the spec says that it is one
ENCODER = Fact("encoder", ("transformer", "static/scratch", "static/pretrained"))  # one side of a router
# fmt: on
