"""The bytes that PyTorch really keeps for the backward pass, on a CPU, beside those that the plan expects: a table of errors.

`python memory.py` measures all cases, which takes some two minutes, and writes `MEMORY.md`. The weights are random and of real
width; there are few layers and a small vocabulary, so that a laptop can hold them. `tests/plan/test_memory.py` runs the same cases.
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
import transformers
from peft import LoraConfig, get_peft_model
from sentence_transformers.sparse_encoder.modules import SpladePooling
from stgen.plan.memory.activations import Pass, Setting, kept, weight_copies
from stgen.plan.memory.heads import head_of
from stgen.plan.memory.peak import Reader, Step, peak_of
from stgen.plan.memory.shape import Shape, looked_up, read_shape

SIZES = ((4, 64), (8, 128), (2, 256))  # texts and tokens of a batch
MANY = ((64, 32), (512, 64), (2048, 32))  # of one that costs next to nothing a text
SPECIAL = {"pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
DECODER = {"hidden_size": 512, "intermediate_size": 1536, "num_attention_heads": 8, "num_hidden_layers": 2}
NARROW = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4}
SCALE = 20.0
WIDTHS = {"static, 256 dimensions": 256, "static, 1,024 dimensions": 1024}

# fmt: off
CONFIGS: dict[str, Callable[[], Any]] = {
    "BERT":       lambda: transformers.BertConfig(vocab_size=1000, num_hidden_layers=2),
    "MiniLM":     lambda: transformers.BertConfig(vocab_size=1000, hidden_size=384, intermediate_size=1536, num_hidden_layers=6),
    "XLM-R":      lambda: transformers.XLMRobertaConfig(vocab_size=1000, num_hidden_layers=2, max_position_embeddings=514),
    "DistilBERT": lambda: transformers.DistilBertConfig(vocab_size=1000, n_layers=2),
    "MPNet":      lambda: transformers.MPNetConfig(vocab_size=1000, num_hidden_layers=2),
    "ModernBERT": lambda: transformers.ModernBertConfig(vocab_size=1000, num_hidden_layers=3, **SPECIAL),
    "Nomic BERT": lambda: transformers.NomicBertConfig(vocab_size=1000, num_hidden_layers=2),
    "Qwen 3":     lambda: transformers.Qwen3Config(vocab_size=1000, num_key_value_heads=4, head_dim=128, **DECODER),
    "Qwen 2":     lambda: transformers.Qwen2Config(vocab_size=1000, num_key_value_heads=2, **DECODER),
    "Gemma 3":    lambda: transformers.Gemma3TextConfig(vocab_size=1000, hidden_size=768, intermediate_size=1152, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1, head_dim=256),
}
# fmt: on


class Case(NamedTuple):
    """An architecture, in half precision or not, with an adapter of some rank or (0) without."""

    name: str
    half: bool = False
    rank: int = 0


class Found(NamedTuple):
    """The bytes of one batch: `texts` of `tokens` each in a column."""

    texts: int
    tokens: int
    planned: float
    measured: int

    @property
    def error(self) -> float:
        """How far the plan is from the measure, as a share of that; positive where it says more."""
        return self.planned / self.measured - 1


def bytes_kept(model: torch.nn.Module, half: bool, compute: Callable[[], Any]) -> int:
    """Bytes of the tensors that the graph of what is computed holds: each storage once, weights left out."""
    known = {weights.untyped_storage().data_ptr() for weights in (*model.parameters(), *model.buffers())}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            seen[storage.data_ptr()] = storage  # held, so that no other takes its address
        return tensor.detach()  # an output itself would hold the graph that holds it

    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with hooks, half_precision(half):
        alive = compute()
    assert alive is not None
    return sum(storage.nbytes() for storage in seen.values())


def half_precision(half: bool) -> torch.autocast:
    """Autocast to bf16, or to nothing."""
    return torch.autocast("cpu", torch.bfloat16, enabled=half)


def texts_of(texts: int, tokens: int) -> dict[str, torch.Tensor]:
    """A batch of random tokens, one of whose texts is half padding."""
    ids = torch.randint(3, 900, (texts, tokens))
    mask = torch.ones_like(ids)
    mask[0, tokens // 2 :] = 0
    return {"input_ids": ids, "attention_mask": mask}


def shape_of(config: Any) -> Shape:
    """What the compiler reads of a configuration."""
    shape = read_shape(config.to_dict())
    assert not isinstance(shape, str), shape
    assert shape.known
    return shape


def encoder(case: Case) -> Iterator[Found]:
    """A transformer alone."""
    model = transformers.AutoModel.from_config(CONFIGS[case.name]()).float()
    shape = shape_of(model.config)
    if case.rank:
        model = get_peft_model(model, LoraConfig(r=case.rank, lora_dropout=0.05, target_modules="all-linear"))
    model.train()
    setting = Setting(case.half, gpu=False, rank=case.rank)
    for texts, tokens in SIZES:
        batch = texts_of(texts, tokens)
        real = bytes_kept(model, case.half, lambda batch=batch: model(**batch))
        yield Found(texts, tokens, kept(shape, Pass(texts, tokens), setting) + weight_copies(shape, setting, 1), real)


class Splade(torch.nn.Module):
    """A masked language model whose logits over the vocabulary become the weights of words."""

    def __init__(self, vocabulary: int) -> None:
        """Start with random weights."""
        super().__init__()
        self.model = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=vocabulary, **NARROW))
        self.pooling = SpladePooling("max")

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """The vectors of a batch."""
        found = {"token_embeddings": self.model(**batch).logits, "attention_mask": batch["attention_mask"]}
        return self.pooling(found)["sentence_embedding"]


def splade(case: Case) -> Iterator[Found]:
    """SPLADE: relu's result is kept for all tokens."""
    model = Splade(20_000).train()
    shape, setting = shape_of(model.model.config), Setting(case.half, gpu=False)
    for texts, tokens in SIZES:
        one, batch = Pass(texts, tokens), texts_of(texts, tokens)
        planned = kept(shape, one, setting) + weight_copies(shape, setting, 1)
        planned += head_of("vocabulary", shape, one, setting).kept
        yield Found(texts, tokens, planned, bytes_kept(model, case.half, lambda batch=batch: model(batch)))


class Bag(torch.nn.Module):
    """Static embeddings as sentence-transformers has them: the mean of looked-up vectors."""

    def __init__(self, vocabulary: int, width: int) -> None:
        """Start with random weights."""
        super().__init__()
        self.embedding = torch.nn.EmbeddingBag(vocabulary, width)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """The vectors of a batch."""
        texts, tokens = batch["input_ids"].shape
        return self.embedding(batch["input_ids"].flatten(), torch.arange(0, texts * tokens, tokens))


class Words(torch.nn.Module):
    """The query side of an inference-free sparse model: a weight for each word, as `SparseStaticEmbedding` applies it."""

    def __init__(self, vocabulary: int) -> None:
        """Start with a weight of 1 for each word."""
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(vocabulary))

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """The vectors of a batch."""
        ids = batch["input_ids"]
        present = torch.zeros(ids.shape[0], len(self.weight), dtype=torch.int64)
        return present.scatter_(1, ids, batch["attention_mask"]) * self.weight


class Mean(torch.nn.Module):
    """A transformer whose tokens are averaged."""

    def __init__(self, config: Any) -> None:
        """Start with random weights."""
        super().__init__()
        self.model = transformers.AutoModel.from_config(config)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """The vectors of a batch."""
        tokens, mask = self.model(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
        return (tokens * mask).sum(1) / mask.sum(1)


def compared(
    sides: tuple[torch.nn.Module, torch.nn.Module], batch: dict[str, torch.Tensor], half: bool, cosine: bool
) -> Any:
    """The loss over in-batch negatives, of a column of queries and one of documents.

    Accelerate wraps the model's forward pass in autocast, each time it is called, and not what the loss does with it.
    """
    found = []
    for side in sides:
        with half_precision(half):
            found.append(side(batch).float())
    first, second = (torch.nn.functional.normalize(one, dim=-1) if cosine else one for one in found)
    return torch.nn.functional.cross_entropy(SCALE * first @ second.T, torch.arange(len(first)))


def two_sides(
    query: torch.nn.Module,
    document: torch.nn.Module,
    readers: tuple[Reader | None, Reader],
    case: Case,
    cosine: bool = True,
) -> Iterator[Found]:
    """The whole forward pass of a training step: both columns and their comparison."""
    both = torch.nn.ModuleList([query, document]).train()
    setting = Setting(case.half, gpu=False)
    for texts, tokens in SIZES if readers[1].shape.layers else MANY:
        batch = texts_of(texts, tokens)
        one = Pass(texts, tokens)
        step = Step(readers[1].shape, readers[1].head, (one, one), texts, setting, query=readers[0])
        peak = peak_of(step)
        real = bytes_kept(both, False, lambda batch=batch: compared((query, document), batch, case.half, cosine))
        yield Found(texts, tokens, peak.activations + peak.similarity, real)


def static(case: Case) -> Iterator[Found]:
    """Static embeddings, as wide as the case's name says."""
    width = WIDTHS[case.name]
    bag = Bag(1000, width)
    yield from two_sides(bag, bag, (None, Reader(looked_up(1000, width), "vectors")), case)


def static_router(case: Case) -> Iterator[Found]:
    """Static embeddings for queries beside a transformer for documents."""
    document = Mean(CONFIGS["BERT"]())
    readers = Reader(looked_up(1000, 768), "vectors"), Reader(shape_of(document.model.config), "pooling")
    yield from two_sides(Bag(1000, 768), document, readers, case)


def router(case: Case) -> Iterator[Found]:
    """A small transformer for queries beside a larger one for documents, both of one width."""
    query = Mean(transformers.BertConfig(vocab_size=1000, num_hidden_layers=1))
    document = Mean(CONFIGS["ModernBERT"]())
    readers = Reader(shape_of(query.model.config), "pooling"), Reader(shape_of(document.model.config), "pooling")
    yield from two_sides(query, document, readers, case)


def inference_free(case: Case) -> Iterator[Found]:
    """SPLADE for documents, whose queries are looked up."""
    vocabulary = 20_000
    document = Splade(vocabulary)
    readers = Reader(looked_up(vocabulary, 1), "words"), Reader(shape_of(document.model.config), "vocabulary")
    yield from two_sides(Words(vocabulary), document, readers, case, cosine=False)


# fmt: off
WHOLE: dict[str, Callable[[Case], Iterator[Found]]] = {
    "SPLADE, logits over 20,000 words": splade,
    **dict.fromkeys(WIDTHS, static),
    "router, static + BERT": static_router,
    "router, BERT + ModernBERT": router,
    "inference-free SPLADE": inference_free,
}
CASES: tuple[Case, ...] = (
    *(Case(name, half) for name in CONFIGS for half in (False, True)),
    *(Case(name, half, 8) for name in ("Qwen 3", "Qwen 2", "XLM-R") for half in (False, True)),
    *(Case(name, half) for name in WHOLE for half in (False, True)),
)
# fmt: on


@cache
def found_of(case: Case) -> tuple[Found, ...]:
    """What is planned and what is measured of a case, at each size."""
    torch.manual_seed(0)
    return tuple(WHOLE.get(case.name, encoder)(case))


def table(cases: dict[Case, tuple[Found, ...]]) -> str:
    """The measurements as Markdown."""
    errors = [abs(one.error) for found in cases.values() for one in found]
    lines = [
        "# The memory model beside PyTorch",
        "",
        "Bytes that the graph of a forward pass keeps for the backward pass: each storage once, weights left out, dropout as the configuration has it.",
        "Written by `python tests/benchmark/memory.py`; the same cases are tests (`tests/plan/test_memory.py`).",
        "",
        f"- PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}, on a CPU",
        f"- {len(errors)} measurements of {len({case.name for case in cases})} architectures; error: median {statistics.median(errors):.1%}, largest {max(errors):.1%} (held by the tests: 10 % and 25 %)",
        "- positive: the plan says more. Static models, routers and inference-free ones are measured as a whole step: both columns and their comparison",
        "",
        "| architecture | precision | texts x tokens | planned, MiB | measured, MiB | error |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for case, found in cases.items():
        how = ("bf16 autocast" if case.half else "fp32") + (f", LoRA r={case.rank}" if case.rank else "")
        lines += [
            f"| {case.name} | {how} | {one.texts} x {one.tokens} | {one.planned / 2**20:.2f} | {one.measured / 2**20:.2f} | {one.error:+.1%} |"
            for one in found
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("MEMORY.md").write_text(table({case: found_of(case) for case in CASES}))
