"""Aliases under which a generated program knows what the rules tables name: alias -> (module, name in it)."""

from __future__ import annotations

# fmt: off
SHARED: dict[str, tuple[str, str]] = {
    "torch":        ("torch", ""),
    "cast":         ("typing", "cast"),
    "util":         ("sentence_transformers", "util"),
    "dense_losses": ("sentence_transformers.sentence_transformer", "losses"),
    "scoring":      ("sentence_transformers.multi_vector_encoder", "scoring"),
}

PACKAGES: dict[str, str] = {  # each has `losses` and `evaluation`
    "dense":         "sentence_transformers.sentence_transformer",
    "cross-encoder": "sentence_transformers.cross_encoder",
    "sparse":        "sentence_transformers.sparse_encoder",
    "multi-vector":  "sentence_transformers.multi_vector_encoder",
}
# fmt: on
