"""Aliases under which a generated program knows what the rules tables name, each with its import statement."""

from __future__ import annotations

# fmt: off
SHARED: dict[str, str] = {
    "torch":        "import torch",
    "util":         "from sentence_transformers import util",
    "dense_losses": "from sentence_transformers.sentence_transformer import losses as dense_losses",
    "scoring":      "from sentence_transformers.multi_vector_encoder import scoring",
}

LOSSES: dict[str, str] = {
    "dense":         "from sentence_transformers.sentence_transformer import losses",
    "cross-encoder": "from sentence_transformers.cross_encoder import losses",
    "sparse":        "from sentence_transformers.sparse_encoder import losses",
    "multi-vector":  "from sentence_transformers.multi_vector_encoder import losses",
}

EVALUATION: dict[str, str] = {
    "dense":         "from sentence_transformers.sentence_transformer import evaluation",
    "cross-encoder": "from sentence_transformers.cross_encoder import evaluation",
    "sparse":        "from sentence_transformers.sparse_encoder import evaluation",
    "multi-vector":  "from sentence_transformers.multi_vector_encoder import evaluation",
}
# fmt: on
