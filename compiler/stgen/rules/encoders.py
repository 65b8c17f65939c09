"""What a layer of each family of encoders keeps for its backward pass, counted tensor by tensor.

The accounting is that of Korthikanti et al. 2022 (https://arxiv.org/abs/2205.05198, section 4.1), done again for the
layers of transformers: its `sbh(34 + 5as/h)` is a decoder of Megatron's with dropout everywhere and attention scores
kept. Here attention is PyTorch's `scaled_dot_product_attention`, which keeps the logarithm of a sum for each row in
place of the scores (Dao et al. 2022, https://arxiv.org/abs/2205.14135, section 3.1), except where a family has none.
A test holds the rows against the tensors that PyTorch really keeps.
"""

from __future__ import annotations

from stgen.values.record import Record


class Kept(Record):
    """Bytes for each token of a layer: `width` x the hidden size, `query` x heads x their size, `key` x those of keys.

    `inner` is x the intermediate size, `token` is for norms, `head` x heads (the logarithms that attention keeps),
    `square` is for each token beside each other one (the mask, once for all heads), and `scores` the same for each
    head, where attention keeps its scores.
    """

    width: float
    query: float
    key: float
    inner: float
    token: float
    head: float
    square: float
    scores: float = 0


class Encoder(Record):
    """A family: its layers under fp32 and under autocast to bf16 or fp16, and its shape.

    `masks` counts the dropout masks of a layer, each as wide as the hidden size; `edge_masks` those before the first.
    `edge` is kept outside the layers: bytes a token, x the hidden size. `ids` is what is kept of the token itself. `gated` says that the feed-forward part has
    three matrices and not two. `deep` names keys of the configuration where they differ from those of BERT.
    """

    family: str
    kinds: tuple[str, ...]  # `model_type` of config.json
    full: Kept
    half: Kept
    masks: int
    edge: float
    edge_masks: int = 0
    gated: bool = False
    decoder: bool = False
    math: bool = False  # no fused attention: scores are kept on every device
    ids: float = 24


class Adapter(Record):
    """What LoRA on all linear layers adds, in the same units; `rank` is x the rank, and `masks` x the hidden size."""

    width: float
    query: float
    inner: float
    rank: float


# fmt: off
#                      width query key inner token head square scores
BERT = Kept(            32,   0,   0,   8,    16,   4,   4)
BERT_HALF = Kept(       24,   0,   0,   4,    16,   4,   2)
MPNET = Kept(           32,   0,   0,   8,    16,   0,   0,     4)
MPNET_HALF = Kept(      24,   0,   0,   4,    16,   0,   0,     6)
MODERN = Kept(          40,   0,   0,  16,    16,   4,   4)
MODERN_HALF = Kept(     24,   0,   0,   8,    16,   4,   2)
NOMIC = Kept(           32,   0,   0,  16,    16,   4,   4)
NOMIC_HALF = Kept(      26,   0,   0,   8,    16,   4,   2)
QWEN3 = Kept(           24,  24,   8,  16,     8,  10,   4)
QWEN3_HALF = Kept(      26,  14,   6,   8,     8,  10,   2)
LLAMA = Kept(           24,  16,   0,  16,     8,   4,   4)
LLAMA_HALF = Kept(      24,  10,   0,   8,     8,   4,   2)
GEMMA = Kept(           40,  24,   8,  16,    24,  10,   4)
GEMMA_HALF = Kept(      42,  16,   8,   8,    24,  10,   2)
NO_LAYERS = Kept(        0,   0,   0,   0,     0,   0,   0)

ENCODERS: tuple[Encoder, ...] = (
    #       family         model_type                                       full    half         masks edge edge_masks
    Encoder("BERT",        ("bert", "electra", "ernie"),                    BERT,   BERT_HALF,   2,    4,   1),
    Encoder("RoBERTa",     ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"), BERT, BERT_HALF, 2, 4, 1),
    Encoder("DistilBERT",  ("distilbert",),                                 BERT,   BERT_HALF,   1,    4,   1),
    Encoder("MPNet",       ("mpnet",),                                      MPNET,  MPNET_HALF,  2,    4,   1, math=True),
    Encoder("ModernBERT",  ("modernbert",),                                 MODERN, MODERN_HALF, 0,    4,   0, gated=True),
    Encoder("Nomic BERT",  ("nomic_bert",),                                 NOMIC,  NOMIC_HALF,  0,    4,   0, gated=True),
    Encoder("Qwen 3",      ("qwen3",),                                      QWEN3,  QWEN3_HALF,  0,    8,   0, gated=True, decoder=True),
    Encoder("Llama",       ("llama", "mistral", "qwen2"),                   LLAMA,  LLAMA_HALF,  0,    8,   0, gated=True, decoder=True),
    Encoder("Gemma 3",     ("gemma3_text",),                                GEMMA,  GEMMA_HALF,  0,    8,   0, gated=True),
)
LOOKED_UP = Encoder("looked up", (),                                        NO_LAYERS, NO_LAYERS, 0,   0,   0, ids=16)
"""No layers: a table with a row for each token, as of static embeddings. The id and the text of each token are kept."""

#                           width query inner rank
ADAPTER = Adapter(          12,   4,    1,   24)
ADAPTER_HALF = Adapter(      0,   2,    1,   14)
ADAPTER_MASKS = (5, 1)  # dropout masks of a layer's adapters: x the hidden size, x the intermediate size
# fmt: on

BY_KIND: dict[str, Encoder] = {kind: row for row in ENCODERS for kind in row.kinds}
GENERIC = BY_KIND["bert"]
"""What stands for a family that the table lacks; a plan with it says so."""
