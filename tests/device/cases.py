"""What is measured: the four model types in two sizes each, and what each step is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

MINILM = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 12}
DISTIL = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 6, "num_attention_heads": 12}
BASE = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
TINY = {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
VOCABULARY = 30522
LENGTH = 512


class Case(NamedTuple):
    """One run: a model, and the batches that it is trained on."""

    kind: str
    name: str
    config: dict[str, Any]
    rows: int
    query: int  # tokens of each query, and of each document
    document: int
    precision: str
    checkpointing: bool = False
    mini_batch: int = 0


# fmt: off
ON_GPU = (
    Case("dense",         "MiniLM-L6", MINILM, 256, 32, 128,  "bf16"),
    Case("dense",         "MiniLM-L6", MINILM, 256, 32, 128,  "fp32"),
    Case("dense",         "BERT-base", BASE,   64,  64, 256,  "bf16"),
    Case("dense",         "BERT-base", BASE,   64,  64, 256,  "bf16", checkpointing=True),
    Case("dense",         "BERT-base", BASE,   512, 64, 256,  "bf16", mini_batch=64),
    Case("cross-encoder", "MiniLM-L6", MINILM, 256, 32, 128,  "bf16"),
    Case("cross-encoder", "BERT-base", BASE,   64,  64, 256,  "bf16"),
    Case("sparse",        "DistilBERT-size", DISTIL, 32, 32, 128, "bf16"),
    Case("sparse",        "BERT-base", BASE,   32,  32, 128,  "bf16"),
    Case("sparse",        "BERT-base", BASE,   16,  32, 256,  "fp32"),
    Case("multi-vector",  "MiniLM-L6", MINILM, 64,  32, 128,  "bf16"),
    Case("multi-vector",  "BERT-base", BASE,   32,  32, 256,  "bf16"),
)
ON_CPU = tuple(
    Case(kind, "2 layers of 64", TINY, 8, 16, 32, "fp32") for kind in ("dense", "cross-encoder", "sparse", "multi-vector")
)
# fmt: on
