"""Names that a file of the user's own, or a class or function in it, can't have beside a generated program."""

from __future__ import annotations

# fmt: off
BEHIND = frozenset((
    "aiohttp", "aiosignal", "alembic", "annotated_doc", "annotated_types", "anyio", "attr", "attrs", "bitsandbytes", "blis", "brotli", "catalogue",
    "certifi", "cffi", "charset_normalizer", "click", "cloudpathlib", "cloudpickle", "colorama", "confection", "contourpy", "cycler", "cymem",
    "dateutil", "deepspeed", "defusedxml", "dill", "distutils", "docker", "einops", "fastapi", "filelock", "flash_attn", "flask", "flatbuffers",
    "frozendict", "frozenlist", "functorch", "git", "google", "gradio", "grpc", "h11", "hf_xet", "httpcore", "httpcore2", "httpx", "httpx2",
    "humanize", "idna", "iniconfig", "isympy", "joblib", "kernels", "loguru", "markdown", "markdown_it", "markupsafe", "matplotlib", "mdurl",
    "ml_dtypes", "mlflow", "model2vec", "mpmath", "multidict", "multiprocess", "murmurhash", "mypy", "mypy_extensions", "mypyc", "narwhals",
    "networkx", "ninja", "onnx_ir", "onnxscript", "opentelemetry", "openvino_telemetry", "optimum", "orjson", "packaging", "pandas", "pathspec",
    "PIL", "pip", "pkg_resources", "pluggy", "polars", "preshed", "propcache", "psutil", "py", "pydantic", "pydantic_core", "pydot", "pygments",
    "pyparsing", "pytrec_eval", "pytrec_eval_ext", "pytz", "pyversity", "regex", "requests", "rich", "ruff", "safetensors", "sentencepiece",
    "sentry_sdk", "setuptools", "shellingham", "six", "smart_open", "sniffio", "spacy_legacy", "spacy_loggers", "sqlalchemy", "srsly", "starlette",
    "sympy", "tabulate", "tensorboard", "thinc", "threadpoolctl", "torchaudio", "torchgen", "torchvision", "trackio", "triton", "truststore", "typer",
    "typing_extensions", "typing_inspection", "tzdata", "tzlocal", "urllib3", "uvicorn", "vicinity", "wandb", "wasabi", "weasel", "werkzeug", "wheel",
    "wrapt", "xxhash", "yaml", "yarl",
))
"""What the packages that generated programs import, import in turn, and what they take where it is there. A test holds it against what is installed."""

STDLIB_OF_SOME = frozenset((
    "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk", "compression", "crypt", "distutils", "imghdr",
    "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
))
"""Modules that the standard library of some version of Python has: a spec means the same under each."""

LOADED: dict[str, str] = {
    "__init__":       "would make a package of the repo, whose programs import each other by their names alone",
    "__main__":       "is what Python runs in a folder",
    "conftest":       "is loaded by pytest before the tests",
    "setup":          "is what pip takes for the recipe of a package",
    "sitecustomize":  "is loaded by Python at every start",
    "usercustomize":  "is loaded by Python at every start",
    "tests":          "would hide the folder of the repo's tests",
}
"""Modules that some program loads by their name."""

BOUND = frozenset((
    "Any", "BinaryClassificationEvaluator", "Callable", "Candidate", "CollapseMonitor", "CrossEncoder", "CrossEncoderClassificationEvaluator",
    "CrossEncoderCorrelationEvaluator", "CrossEncoderRerankingEvaluator", "CrossEncoderTrainer", "CrossEncoderTrainingArguments", "Dataset",
    "DatasetDict", "DefaultBatchSampler", "EarlyStoppingCallback", "EmbeddingSimilarityEvaluator", "Examples", "GroupByLabelBatchSampler",
    "InformationRetrievalEvaluator", "Iterable", "Iterator", "LengthBatchSampler", "LogisticRegression", "LossMonitor", "MSEEvaluator", "Mapping",
    "Measured", "ModuleType", "MultiDatasetDefaultBatchSampler", "MultiVectorDistillationEvaluator", "MultiVectorEncoder",
    "MultiVectorEncoderTrainer", "MultiVectorEncoderTrainingArguments", "MultiVectorInformationRetrievalEvaluator", "MultiVectorRerankingEvaluator",
    "MultiVectorTripletEvaluator", "NamedTuple", "NoDuplicatesBatchSampler", "PartialState", "Path", "PrinterCallback", "Progress", "Query",
    "RandomSampler", "RegularizedLoss", "RerankingEvaluator", "RoutedEvaluator", "SentenceEvaluator", "SentenceTransformer",
    "SentenceTransformerTrainer", "SentenceTransformerTrainingArguments", "Sequence", "SequentialEvaluator", "SparseBinaryClassificationEvaluator",
    "SparseEmbeddingSimilarityEvaluator", "SparseEncoder", "SparseEncoderTrainer", "SparseEncoderTrainingArguments",
    "SparseInformationRetrievalEvaluator", "SparseMSEEvaluator", "SparseRerankingEvaluator", "SparseTranslationEvaluator", "SparseTripletEvaluator",
    "Tensor", "TranslationEvaluator", "TripletEvaluator", "TypeVar", "Value", "BATCH_SIZE", "BY_WORDS", "CANDIDATES", "CHECKPOINTS", "COLUMNS",
    "DAMAGE", "DIMENSIONS", "DOCUMENTS", "DOCUMENTS_WHILE_TRAINING", "EPOCHS", "EVALUATE_EVERY", "LEARNING_RATE", "LOSS", "LOSSES", "MAIN_METRIC",
    "NEARNESS", "NEGATIVES", "QUERIES", "ROOT", "ROWS", "SEED", "SEEDS", "SETS", "SHOWN", "STEPS", "TEXTS", "WARMUP", "annotations", "argparse",
    "arguments", "average_precision_score", "batch_to_device", "build_base", "build_evaluator", "build_search", "build_test", "cache", "card", "cast",
    "chain", "characters", "checkpoints", "citation", "column", "compare", "contextmanager", "cos_sim", "damage", "data", "dense_losses",
    "embeddings", "encoder", "eval_rows", "evaluate", "evaluator", "f1_score", "features", "figure", "fingerprint", "fingerprints", "first",
    "forward", "gc", "get_config_dict", "get_length_grouped_indices", "hashlib", "hold_against_best", "inputs", "islice", "json", "judge", "keys",
    "labels", "leaks", "load_trained", "log", "loss", "losses", "main", "math", "measure", "measure_bm25", "measure_cost", "model", "model_folder",
    "most_changed", "name", "named", "nanobeir", "ndcg_score", "nn", "np", "number", "numbers", "options", "os", "other", "other_documents", "others",
    "over_dimensions", "own_metrics", "pairs", "parse", "pearsonr", "product", "prompt", "pytest", "random", "rankdata", "report", "resample",
    "results", "rows", "run", "run_folder", "run_lock", "save", "saving", "scoring", "self", "sentence_features", "set_seed", "sets", "shutil",
    "similarities", "some", "spearmanr", "split", "splits", "start", "stream", "summary", "table", "task", "tell", "tempfile", "text", "texts",
    "torch", "train", "train_once", "train_rows", "trainer", "untrained_weights", "util", "verdict",
))
"""What the programs that import a loss or a metric of the user's own call something else by, and so the skeleton of its file. A test holds it against them."""

OF_MODULES = frozenset((
    "add_module", "apply", "bfloat16", "buffers", "children", "citation", "compile", "cpu", "cuda", "double", "eval", "extra_repr", "float",
    "forward", "get_buffer", "get_config_dict", "get_parameter", "get_submodule", "half", "load_state_dict", "model", "modules", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_buffer", "register_module", "register_parameter", "requires_grad_",
    "self", "share_memory", "state_dict", "to", "train", "training", "type", "zero_grad",
))
"""What a torch module has: no parameter of a loss can be kept under such a name."""
# fmt: on
