"""The memory model against the bytes that PyTorch really keeps for the backward pass, on a CPU."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import device.table
import pytest
import torch
import transformers
from device.table import replanned, table
from peft import LoraConfig, get_peft_model
from stgen.plan.memory.activations import Pass, Setting, kept, weight_copies
from stgen.plan.memory.heads import head_of
from stgen.plan.memory.peak import Step, peak_of
from stgen.plan.memory.shape import read_shape, shape_of_base
from stgen.rules.bases import BASES, known_base

MEDIAN, WORST = 0.10, 0.25
SIZES = ((4, 64), (8, 128), (2, 256))  # texts and tokens of a batch
SPECIAL = {"pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
DECODER = {"hidden_size": 512, "intermediate_size": 1536, "num_attention_heads": 8, "num_hidden_layers": 2}

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
# name of the architecture, half precision, rank of LoRA
CASES = (
    *((name, half, 0) for name in CONFIGS for half in (False, True)),
    *((name, half, 8) for name in ("Qwen 3", "Qwen 2", "XLM-R") for half in (False, True)),
)
# fmt: on


def bytes_kept(model: torch.nn.Module, texts: int, tokens: int, half: bool, then: Callable[..., Any]) -> int:
    """Bytes of the tensors that the graph holds after a forward pass: each storage once, weights left out."""
    known = {weights.untyped_storage().data_ptr() for weights in (*model.parameters(), *model.buffers())}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            seen[storage.data_ptr()] = storage  # held, so that no other takes its address
        return tensor.detach()  # an output itself would hold the graph that holds it

    ids = torch.randint(3, 900, (texts, tokens))
    mask = torch.ones_like(ids)
    mask[0, tokens // 2 :] = 0
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", torch.bfloat16, enabled=half):
        alive = then(model, ids, mask)
    assert alive is not None
    return sum(storage.nbytes() for storage in seen.values())


def encode(model: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> Any:
    return model(input_ids=ids, attention_mask=mask)


@cache
def errors_of(name: str, half: bool, rank: int) -> tuple[float, ...]:
    """The model's relative error at each size."""
    torch.manual_seed(0)
    model = transformers.AutoModel.from_config(CONFIGS[name]()).float()
    shape = read_shape(model.config.to_dict())
    assert not isinstance(shape, str), shape
    assert shape.known
    if rank:
        model = get_peft_model(model, LoraConfig(r=rank, lora_dropout=0.05, target_modules="all-linear"))
    model.train()
    setting = Setting(half, gpu=False, rank=rank)
    found = []
    for texts, tokens in SIZES:
        real = bytes_kept(model, texts, tokens, half, encode)
        planned = kept(shape, Pass(texts, tokens), setting) + weight_copies(shape, setting, 1)
        found.append(planned / real - 1)
    return tuple(found)


@pytest.mark.parametrize(("name", "half", "rank"), CASES, ids=str)
def test_no_case_is_far_from_what_pytorch_keeps(name: str, half: bool, rank: int) -> None:
    assert max(map(abs, errors_of(name, half, rank))) <= WORST


def test_the_median_error_is_small() -> None:
    errors = [abs(error) for case in CASES for error in errors_of(*case)]
    assert statistics.median(errors) <= MEDIAN


@pytest.mark.parametrize("half", [False, True])
def test_logits_over_the_vocabulary(half: bool) -> None:
    """SPLADE keeps relu's result for all tokens: its part of the plan is what the head really adds."""
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    config = transformers.BertConfig(
        vocab_size=20_000, hidden_size=128, intermediate_size=512, num_hidden_layers=2, num_attention_heads=4
    )
    model = transformers.BertForMaskedLM(config).train()
    pooling = SpladePooling("max").train()

    def pooled(model: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> Any:
        features = {"token_embeddings": model(input_ids=ids, attention_mask=mask).logits, "attention_mask": mask}
        return pooling(features)

    shape = read_shape(config.to_dict())
    assert not isinstance(shape, str)
    setting = Setting(half, gpu=False)
    for texts, tokens in SIZES:
        one = Pass(texts, tokens)
        real = bytes_kept(model, texts, tokens, half, pooled)
        planned = (
            kept(shape, one, setting)
            + weight_copies(shape, setting, 1)
            + head_of("vocabulary", shape, one, setting).kept
        )
        assert abs(planned / real - 1) <= WORST


def test_the_table_of_bases_agrees_with_itself() -> None:
    """The count of parameters that follows from a row's measures is the one that the row states."""
    for base in BASES:
        shape = shape_of_base(base)
        if shape is None or not base.parameters:
            continue
        counted = shape_of_base(base._replace(parameters=0))
        assert counted is not None
        assert abs(counted.parameters / shape.parameters - 1) <= 0.03, base.pattern


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "it has no `hidden_size`"),
        ({"hidden_size": "768"}, "`hidden_size` is '768', and must be a whole number"),
        ({"hidden_size": True}, "`hidden_size` is True, and must be a whole number"),
        ({"hidden_size": 2**50}, f"`hidden_size` is {2**50}, and must be a whole number"),
        ({"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 0, "vocab_size": 9}, "`num_attention_heads` is 0"),
    ],
)  # fmt: skip
def test_a_configuration_that_is_none(config: dict[str, Any], said: str) -> None:
    assert read_shape(config) == said


CARDS = sorted(Path(device.table.__file__).parent.glob("*.json"))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_no_case_is_far_from_what_a_gpu_needed(card: Path) -> None:
    """The table beside a card's measurements is that of today's model, and its errors are small."""
    read = json.loads(card.read_text())
    cases = [replanned(case) for case in read["cases"]]
    errors = [abs(case["planned"]["total"] / case["peak"] - 1) for case in cases if case.get("peak")]
    assert errors
    assert max(errors) <= MEDIAN
    assert card.with_suffix(".md").read_text() == table(read["machine"], cases)
    assert read["cases"] == cases


def test_documents_go_through_the_model_in_one_pass() -> None:
    """Two columns of documents take what one of twice the rows takes, padding to the longer one included."""
    base = known_base("google-bert/bert-base-uncased")
    assert base is not None
    shape = shape_of_base(base)
    assert shape is not None
    setting = Setting(half=True, gpu=True)
    passes = (Pass(32, 32), Pass(32, 128), Pass(32, 64))
    three = peak_of(Step(shape=shape, head="vocabulary", passes=passes, rows=32, setting=setting))
    merged = peak_of(
        Step(shape=shape, head="vocabulary", passes=(Pass(32, 32), Pass(64, 128)), rows=32, setting=setting)
    )
    assert three.activations == merged.activations
    assert three.passing == pytest.approx(merged.passing, rel=0.01)


def test_checkpointing_and_gradcache_take_less() -> None:
    base = known_base("google-bert/bert-base-uncased")
    assert base is not None
    shape = shape_of_base(base)
    assert shape is not None
    passes = (Pass(512, 64), Pass(512, 256))
    whole = Step(shape=shape, head="pooling", passes=passes, rows=512, setting=Setting(half=True, gpu=True))
    again = whole.replaced(setting=Setting(half=True, gpu=True, checkpointing=True))
    cached = whole.replaced(mini_batch=32)
    assert peak_of(again).total < peak_of(whole).total / 2
    assert peak_of(cached).total < peak_of(again).total
