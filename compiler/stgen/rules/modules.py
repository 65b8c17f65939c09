"""The modules of a generated repo, and those of the library that it imports."""

from __future__ import annotations

OWN_MODULES = frozenset(
    {
        "candidates",
        "card",
        "checkpoints",
        "clean",
        "compare",
        "convert",
        "data",
        "evaluate",
        "export",
        "inference",
        "losses",
        "measure",
        "model",
        "monitor",
        "mteb_tasks",
        "nanobeir",
        "prepare",
        "provenance",
        "reader",
        "reading",
        "report",
        "stamp",
        "saving",
        "seed",
        "sharding",
        "stream",
        "tiny",
        "train",
        "task_texts",
        "verdict",
    }
)
"""Modules of the generated repo itself: they come last, as first-party imports."""

SET_MODULES = ("data", "measure", "prepare", "clean")
"""Each of several data sets has modules of its own: data_NAME.py and so on."""

IMPORTED = frozenset(
    {
        "accelerate",
        "bm25s",
        "datasets",
        "datatrove",
        "ftfy",
        "huggingface_hub",
        "jinja2",
        "langdetect",
        "lingua",
        "mteb",
        "nltk",
        "nncf",
        "numpy",
        "onnx",
        "onnxruntime",
        "openvino",
        "peft",
        "py3langid",
        "pyarrow",
        "pytest",
        "rensa",
        "scipy",
        "semhash",
        "sentence_transformers",
        "sklearn",
        "spacy",
        "tokenizers",
        "torch",
        "tqdm",
        "transformers",
    }
)
"""What generated programs import from elsewhere, beside the standard library. A test holds the templates against it."""

PACKAGES: dict[str, str] = {
    "dense": "sentence_transformers.sentence_transformer",
    "cross-encoder": "sentence_transformers.cross_encoder",
    "sparse": "sentence_transformers.sparse_encoder",
    "multi-vector": "sentence_transformers.multi_vector_encoder",
}
"""Model type -> the library's package for it, which has `losses` and `evaluation`."""
