"""Decisions: what follows from a few facts, as rows in order of priority. The first row that fits wins.

A fact has few values, so that every combination can be tested. None in a row means: whatever the value.
"""

from __future__ import annotations

from stgen.rules.row import Buckets, Decision, DecisionTable, Fact

# fmt: off
ROWS = Buckets((1_000, 10_000, 100_000, 500_000), ("tiny", "small", "medium", "large", "huge"))
"""Training rows, all data sets together."""
SIZES = Buckets((50, 200, 1_000), ("small", "base", "large", "billions"))
"""Parameters of the base model, in millions."""
STEPS = Buckets((40, 1_000_000), ("few", "many", "endless"))
"""Optimizer steps of the whole run."""

KIND = Fact("kind", ("dense/transformer", "dense/static", "dense/router", "dense/static-router", "cross-encoder/transformer", "sparse/splade", "sparse/inference-free", "sparse/csr", "multi-vector/transformer"))
ACCELERATOR = Fact("accelerator", ("cpu", "cuda", "rocm", "mps", "xpu"))
BF16 = Fact("bf16", ("yes", "no", "unknown"))  # of the named GPU
STREAMING = Fact("streaming", (True, False))
ROW_COUNT = Fact("rows", (*ROWS.words, "unknown"))
LOSS_SAMPLER = Fact("loss_sampler", ("batch_sampler", "no_duplicates", "group_by_label"))
DEVICES = Fact("devices", ("one", "many"))  # processes over all nodes
NODES = Fact("nodes", ("one", "many"))
FITS = Fact("fits", (True, False))  # weights, gradients and optimizer state of the whole model in one device
STRATEGY = Fact("strategy", ("single", "ddp", "fsdp", "zero2", "zero3"))
LORA = Fact("lora", (True, False))
START = Fact("start", ("pretrained", "scratch"))
SIZE = Fact("size", (*SIZES.words, "unknown"))
OBJECTIVE = Fact("objective", ("in-batch", "labels", "classes", "list", "vectors", "teacher", "denoising", "tension"))  # `Loss.objective`
CACHED = Fact("cached", (True, False))
EVALUATION = Fact("evaluation", (True, False))  # there are rows to evaluate on
STEP_COUNT = Fact("steps", (*STEPS.words, "unknown"))
GATHERS = Fact("gathers", (True, False))
SCHEDULER_NAME = Fact("scheduler", ("linear", "cosine", "constant", "constant_with_warmup"))
WEIGHTED = Fact("weighted", (True, False))
ENCODER = Fact("encoder", ("transformer", "static/scratch", "static/pretrained"))  # one side of a router

SAMPLER = DecisionTable("sampler", (LOSS_SAMPLER, STREAMING, ROW_COUNT), (
    Decision((None,             True,  None),   "batch_sampler",        "No batch sampler works on a stream."),
    Decision(("no_duplicates",  False, "huge"), "no_duplicates_hashed", "No duplicate texts in a batch, found by hashes: the plain check is slow above half a million rows."),
    Decision(("no_duplicates",  False, None),   "no_duplicates",        "No duplicate texts in a batch, where they would be false negatives."),
    Decision(("group_by_label", False, None),   "group_by_label",       "Each batch holds several rows of each of its classes: without two rows of a class there is no positive pair."),
    Decision(("batch_sampler",  False, None),   "batch_sampler",        "A pointwise loss: any shuffled batch will do."),
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

STRATEGIES = DecisionTable("strategy", (DEVICES, ACCELERATOR, FITS), (
    Decision(("one",  None,  None),  "single", "One device: nothing to share."),
    Decision(("many", "cpu", None),  "ddp",    "Processes on CPUs exchange gradients over gloo."),
    Decision(("many", None,  False), "fsdp",   "The optimizer state doesn't fit into one device, so all devices share it; no evaluation while training."),
    Decision(("many", None,  True),  "ddp",    "The model fits into each device: copying it is faster than sharing it."),
))

LAUNCH = DecisionTable("launch", (ACCELERATOR, STRATEGY, NODES), (
    Decision(("mps",            None,     None),   "mps",               "Apple's GPU, one process."),
    Decision(("cpu",            "single", None),   "cpu_single",        "One process on the CPU."),
    Decision(("cpu",            None,     None),   "cpu_multi_gloo",    "Several processes on CPUs, over gloo."),
    Decision((None,             "fsdp",   None),   "fsdp2",             "Sharded training with PyTorch's FSDP."),
    Decision((None,             "zero2",  None),   "deepspeed_zero2",   "DeepSpeed shares gradients and optimizer state."),
    Decision((None,             "zero3",  None),   "deepspeed_zero3",   "DeepSpeed shares weights too."),
    Decision(("xpu",            "single", None),   "xpu_single",        "One Intel GPU."),
    Decision(("xpu",            "ddp",    None),   "xpu_ddp",           "Several Intel GPUs, a copy of the model on each."),
    Decision((("cuda", "rocm"), "single", None),   "gpu_single",        "One GPU."),
    Decision((("cuda", "rocm"), "ddp",    "many"), "gpu_ddp_multinode", "Several machines, a copy of the model on each GPU."),
    Decision((("cuda", "rocm"), "ddp",    "one"),  "gpu_ddp",           "Several GPUs, a copy of the model on each."),
))

LEARNING_RATE = DecisionTable("learning_rate", (KIND, OBJECTIVE, LORA, START, SIZE), (
    Decision(("dense/static",              None,        None,  "scratch",    None),       2e-1, "Static embeddings from a random start learn with rates that would ruin a transformer."),
    Decision(("dense/static",              None,        None,  "pretrained", None),       5e-2, "A static model that starts from trained vectors."),
    Decision((None,                        None,        True,  None,         None),       1e-4, "A low-rank update takes five times the rate of full training."),
    Decision((None,                        None,        False, "scratch",    None),       1e-4, "Randomly initialised weights take a higher rate."),
    Decision((None,                        None,        None,  None,         "billions"), 1e-5, "Models of a billion parameters and more need a lower rate."),
    Decision((None,                        "vectors",   None,  None,         None),       1e-4, "Distilling embeddings is regression with clean targets: it takes a higher rate."),
    Decision((None,                        "denoising", None,  None,         None),       3e-5, "The rate with which TSDAE was published."),
    Decision(("cross-encoder/transformer", "teacher",   None,  None,         None),       8e-6, "Distilling into a cross-encoder: a low rate avoids catastrophic forgetting."),
    Decision(("multi-vector/transformer",  None,        None,  None,         None),       3e-5, "The usual rate for late-interaction models."),
    Decision((None,                        None,        None,  None,         None),       2e-5, "The usual rate for fine-tuning an encoder."),
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
    Decision((None,                        None,       None,  None,  "tiny"), 16,   "Under a thousand rows, larger batches would leave too few steps."),
    Decision(("dense/static",              "in-batch", None,  None,  ("large", "huge")), 2048, "Static models cost next to nothing a row, and in-batch losses gain from every negative."),
    Decision(("dense/static",              None,       None,  None,  None),   256,  "Static models cost next to nothing a row."),
    Decision((None,                        "list",     None,  None,  None),   16,   "Each row brings a whole list of documents."),
    Decision((None,                        None,       None,  "cpu", None),   32,   "Padding grows with the batch, and a CPU gains nothing from larger ones."),
    Decision((None,                        "in-batch", True,  None,  ("large", "huge", "unknown")), 1024, "GradCache: the batch may exceed memory, and each anchor sees more negatives."),
    Decision((None,                        "in-batch", True,  None,  None),   256,  "GradCache: the batch may exceed memory; more would leave too few steps on this data."),
    Decision(("cross-encoder/transformer", None,       None,  None,  None),   64,   "A cross-encoder reads every pair; in-batch negatives multiply its work."),
    Decision((None,                        "in-batch", None,  None,  None),   128,  "Every other row of the batch is a negative, so batches should be large."),
    Decision((None,                        "tension",  None,  None,  None),   64,   "Every other text of the batch is a negative; a second model shares the memory."),
    Decision((None,                        "classes",  None,  None,  None),   64,   "Room for several rows of several classes in each batch."),
    Decision((None,                        "denoising", None, None,  None),   16,   "The decoder shares the memory; TSDAE was published with batches of 8."),
    Decision((None,                        None,       None,  None,  None),   32,   "A pointwise loss: a larger batch brings speed, not signal."),
))

EPOCHS = DecisionTable("epochs", (ROW_COUNT,), (
    Decision(("tiny",),   10, "Under a thousand rows, one pass is a handful of steps."),
    Decision(("small",),  4,  "A few passes over a few thousand rows."),
    Decision(("medium",), 2,  "Two passes; more mostly overfit."),
    Decision(("unknown",), 1, "A spec doesn't say how many rows its files have: one pass. With fewer than some ten thousand, try 2 to 4."),
    Decision((None,),     1,  "With this many rows one pass does most of the work."),
))

SCHEDULER = DecisionTable("scheduler", (OBJECTIVE,), (
    Decision(("denoising",), "constant", "As TSDAE was published."),
    Decision((None,),        "linear",   "Linear decay to 0: the documented default."),
))

WARMUP = DecisionTable("warmup", (SCHEDULER_NAME,), (
    Decision(("constant",), 0.0, "A constant rate has no warm-up."),
    Decision((None,),       0.1, "Over a tenth of the steps, while Adam's moment estimates settle."),
))

EVALUATE_EVERY = DecisionTable("evaluate_every", (EVALUATION, STRATEGY, STEP_COUNT), (
    Decision((False, None,              None),      None, "There are no rows to evaluate on."),
    Decision((True,  ("fsdp", "zero3"), None),      None, "Evaluators don't run on a sharded model; evaluate.py measures afterwards."),
    Decision((True,  None,              "few"),     0.5,  "A short run is measured half-way and at its end."),
    Decision((True,  None,              "endless"), 0.02, "A tenth of a run this long is too long between evaluations."),
    Decision((True,  None,              None),      0.1,  "Ten times a run, whatever its length."),
))

EARLY_STOPPING = DecisionTable("early_stopping", (KIND, EVALUATION), (
    Decision(("cross-encoder/transformer", True), 3,    "Cross-encoders overfit fast: three evaluations without improvement end the run."),
    Decision((None,                        None), None, "The run goes on to its end, and the best checkpoint is kept."),
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
    SAMPLER, MIX, PRECISION, STRATEGIES, LAUNCH, LEARNING_RATE, QUERY_LEARNING_RATE, ENCODER_LEARNING_RATE, BATCH_SIZE, EPOCHS, SCHEDULER, WARMUP, EVALUATE_EVERY,
    EARLY_STOPPING, GATHER, FIND_UNUSED,
)
# fmt: on
