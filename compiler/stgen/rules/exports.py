"""What can be exported: for each kind of model what its graph returns, or why there is none."""

from __future__ import annotations

from stgen.values.record import Record


class ExportRow(Record):
    """A kind of model: the template of its graph and what that returns; or, in `why_not`, why none is made of it."""

    kind: str
    graph: str = ""
    outputs: tuple[str, ...] = ()
    why_not: str = ""
    instead: str = ""


class Family(Record):
    """What the answers of models are, and how far those of an exported file may be off."""

    name: str  # the template that gets and compares them
    difference: str
    quantized_tolerance: float


# fmt: off
EXPORTS: tuple[ExportRow, ...] = (
    ExportRow("dense/transformer",         "whole",  ("last_hidden_state", "sentence_embedding")),
    ExportRow("cross-encoder/transformer", "whole",  ("logits",)),
    ExportRow("sparse/splade",             "splade", ("logits", "sentence_embedding")),
    ExportRow("multi-vector/transformer",  "whole",  ("token_embeddings",)),
    ExportRow("dense/static",          why_not="a static model is a table of embeddings, with no layers to run",                 instead="leave [export] out: the saved model is as fast as can be"),
    ExportRow("sparse/inference-free", why_not="queries and documents go different ways through it, and a graph has one",        instead='leave [export] out, or write architecture = "splade"'),
    ExportRow("sparse/csr",            why_not="stgen has no tested graph of its autoencoder",          instead='leave [export] out, or write architecture = "splade"'),
    ExportRow("router",                why_not="queries and documents go different ways through it, and a graph has one",        instead="leave [export] out, or `router`"),
)
FEATURES: dict[tuple[str, str], str] = {
    ("dense", "last_hidden_state"): "token_embeddings",
    ("cross-encoder", "logits"):    "scores",
    ("sparse", "logits"):           "token_embeddings",
}
"""Model type and output of its graph -> what the library calls it between its modules, where that differs."""

SHARE = "of an embedding's length: what its difference from the model's own may be"
FAMILIES: dict[str, Family] = {
    "dense":         Family("embeddings", SHARE, 0.3),
    "sparse":        Family("embeddings", SHARE, 0.3),
    "multi-vector":  Family("tokens",     "of the length of a token's embedding: what its difference from the model's own may be", 0.4),
    "cross-encoder": Family("pairs",      "what a score's difference from the model's own may be", 0.1),
}
QUANTIZATIONS = ("int8",)
# fmt: on
BY_KIND: dict[str, ExportRow] = {row.kind: row for row in EXPORTS}
