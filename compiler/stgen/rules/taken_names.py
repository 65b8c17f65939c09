"""Names that a file of the user's own, or a class or function in it, can't have beside a generated program."""

from __future__ import annotations

# fmt: off
BEHIND = frozenset((
    "aiohttp", "aiosignal", "alembic", "annotated_doc", "annotated_types", "anyio", "attr", "attrs", "bitsandbytes", "blis", "brotli", "catalogue",
    "certifi", "cffi", "charset_normalizer", "click", "cloudpathlib", "cloudpickle", "colorama", "confection", "contourpy", "cycler", "cymem",
    "dateutil", "deepspeed", "defusedxml", "dill", "distutils", "docker", "einops", "fastapi", "filelock", "flash_attn", "flask", "flatbuffers",
    "frozendict", "frozenlist", "fsspec", "functorch", "git", "google", "gradio", "grpc", "h11", "hf_xet", "httpcore", "httpcore2", "httpx", "httpx2",
    "humanize", "idna", "iniconfig", "isympy", "joblib", "kernels", "loguru", "markdown", "markdown_it", "markupsafe", "matplotlib", "mdurl",
    "ml_dtypes", "mlflow", "model2vec", "mpmath", "multidict", "multiprocess", "murmurhash", "mypy", "mypy_extensions", "mypyc", "narwhals",
    "networkx", "ninja", "onnx_ir", "onnxscript", "opentelemetry", "openvino_telemetry", "optimum", "orjson", "packaging", "pandas", "pathspec",
    "PIL", "pip", "pkg_resources", "pluggy", "polars", "preshed", "propcache", "psutil", "py", "pydantic", "pydantic_core", "pydot", "pygments",
    "pyparsing", "pytrec_eval", "pytrec_eval_ext", "pytz", "pyversity", "regex", "requests", "rich", "ruff", "safetensors", "sentencepiece",
    "sentry_sdk", "setuptools", "shellingham", "six", "smart_open", "sniffio", "spacy_legacy", "spacy_loggers", "sqlalchemy", "srsly", "starlette",
    "sympy", "tabulate", "tensorboard", "thinc", "threadpoolctl", "torchaudio", "torchgen", "torchvision", "trackio", "triton", "truststore", "typer",
    "typing_extensions", "typing_inspection", "tzdata", "tzlocal", "urllib3", "uvicorn", "vicinity", "wandb", "wasabi", "wcwidth", "weasel", "werkzeug", "wheel",
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
    "_", "encoder", "eval_rows", "evaluator", "first_rows", "grades", "log", "loss", "name", "options", "results", "rows", "sets", "some", "split", "splits",
    "start", "train_rows", "trainer",
))
"""Arguments and variables of the functions that call a loss or a metric of the user's own: there they would hide it. What a program has at its top, the
linker tells. A test holds the table against the programs."""

OF_MODULES = frozenset((
    "add_module", "apply", "bfloat16", "buffers", "children", "citation", "compile", "cpu", "cuda", "double", "eval", "extra_repr", "float",
    "forward", "get_buffer", "get_config_dict", "get_parameter", "get_submodule", "half", "load_state_dict", "model", "modules", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_buffer", "register_module", "register_parameter", "requires_grad_",
    "self", "share_memory", "state_dict", "to", "train", "training", "type", "zero_grad",
))
"""What a torch module has: no parameter of a loss can be kept under such a name."""
# fmt: on
