"""What the parts of a model are called that a base may lack, by a word in the names of their weights."""

from __future__ import annotations

# fmt: off
SHARED: dict[str, str] = {"layer": "some of its layers", "pooler": "the pooler"}
MASKED_WORDS: dict[str, str] = dict.fromkeys(("cls", "lm_head", "head", "vocab_transform", "vocab_projector"), "the masked-language-modelling head")
HEAD: dict[str, str] = dict.fromkeys(("classifier", "pre_classifier", "score", "head"), "the classification head")

PARTS: dict[str, dict[str, str]] = {  # kind of model -> word of a weight's name -> what people call that part
    "dense/transformer":         SHARED | {"linear": "the projection"},
    "dense/static":              {"embedding": "the embeddings of its tokens"},
    "dense/static/pretrained":   {"linear": "the projection"},
    "dense/router":              SHARED | {"linear": "the projection"},
    "dense/static-router":       SHARED | {"linear": "the projection", "embedding": "the embeddings of tokens"},
    "cross-encoder/transformer": SHARED | HEAD,
    "sparse/splade":             SHARED | MASKED_WORDS,
    "sparse/inference-free":     SHARED | MASKED_WORDS | {"query": "the weights of words in queries"},
    "sparse/csr":                SHARED | dict.fromkeys(("encoder", "decoder", "pre_bias", "latent_bias"), "the autoencoder"),
    "multi-vector/transformer":  SHARED | {"linear": "the projection"},
}
"""The first word that stands in a name decides; a weight whose name holds none belongs to some other part."""
# fmt: on
