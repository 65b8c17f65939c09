"""What an evaluation takes: the memory model against what PyTorch allocates on a CPU, and batches that are capped by it."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
import torch
import transformers
from benchmark.memory import CONFIGS, MANY, SIZES, Bag, Splade, Words, half_precision, shape_of, texts_of
from planned import plan_of
from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.embedding import alive
from stgen.plan.memory.heads import HeadKind
from stgen.plan.memory.shape import Shape, looked_up
from stgen.plan.plan import Plan
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

WORST = 0.25
PAIR = {"anchor": "question", "positive": "answer"}
BERT = {"base": "google-bert/bert-base-uncased", "max_length": 512}


class Alive(TorchDispatchMode):
    """Counts the bytes of all storages that operations make, as long as they live."""

    def __init__(self, known: set[int]) -> None:
        """Begin with none; `known` are those of weights."""
        super().__init__()
        self.known, self.seen, self.now, self.peak = known, dict[int, int](), 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, torch.Tensor):
                self.note(tensor.untyped_storage())
        return found

    def note(self, storage: torch.UntypedStorage) -> None:
        """Count a storage, until nothing holds it any more."""
        key, size = storage.data_ptr(), storage.nbytes()
        if not size or key in self.known or key in self.seen:
            return
        self.seen[key] = size
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self.forget, key)

    def forget(self, key: int) -> None:
        """Take a storage off, which is no more."""
        self.now -= self.seen.pop(key, 0)


def most_alive(model: torch.nn.Module, batch: dict[str, torch.Tensor], half: bool) -> int:
    """The bytes that are alive at once while a batch is embedded."""
    known = {one.untyped_storage().data_ptr() for one in (*model.parameters(), *model.buffers(), *batch.values())}
    takes_batch = isinstance(model, Splade | Bag | Words)
    with torch.no_grad(), half_precision(half), Alive(known) as counted:
        model(batch) if takes_batch else model(**batch)
    return counted.peak


def worst(model: torch.nn.Module, head: HeadKind, shape: Shape, half: bool, sizes: Any = SIZES) -> float:
    """The largest error of the plan, as a share of what was measured."""
    torch.manual_seed(0)
    model.eval()
    setting = Setting(half, gpu=False)
    return max(
        abs(alive(head, shape, Pass(*size), setting) / most_alive(model, texts_of(*size), half) - 1) for size in sizes
    )


@pytest.mark.parametrize("half", [False, True], ids=["fp32", "bf16"])
@pytest.mark.parametrize("name", CONFIGS)
def test_what_embedding_takes(name: str, half: bool) -> None:
    model = transformers.AutoModel.from_config(CONFIGS[name]())
    model.config.use_cache = False  # as sentence-transformers sets it
    assert worst(model, "pooling", shape_of(model.config), half) <= WORST


@pytest.mark.parametrize("half", [False, True], ids=["fp32", "bf16"])
def test_what_the_logits_of_a_vocabulary_take(half: bool) -> None:
    model = Splade(20_000)
    assert worst(model, "vocabulary", shape_of(model.model.config), half) <= WORST


def test_what_looking_up_takes() -> None:
    assert worst(Bag(1000, 256), "vectors", looked_up(1000, 256), False, MANY) <= WORST
    assert worst(Words(20_000), "words", looked_up(20_000, 1), False) <= WORST


def measured_at_once(plan: Plan | None) -> int:
    assert plan is not None
    return plan.inference.batch


@pytest.mark.parametrize("gpu", ["RTX3060", "L4", "H100-80GB"])
@pytest.mark.parametrize("kind", ["dense", "cross-encoder", "sparse", "multi-vector"])
def test_an_evaluation_stays_within_the_device(kind: str, gpu: str) -> None:
    columns = {"text_1": "a", "text_2": "b", "binary": "same"} if kind == "cross-encoder" else PAIR
    plan, _ = plan_of({**BERT, "type": kind}, columns, hardware={"gpu": gpu})
    assert plan is not None
    memory = plan.train.memory
    assert memory is not None
    assert plan.inference.batch == memory.measured
    assert memory.parts["weights"] + memory.parts["optimizer"] + memory.parts["evaluation"] <= memory.memory


def test_the_batch_of_evaluations_shrinks_to_what_fits() -> None:
    small, _ = plan_of({**BERT, "type": "sparse"}, PAIR, hardware={"memory": "4GiB"}, train={"batch_size": 2})
    large, _ = plan_of({**BERT, "type": "sparse"}, PAIR, hardware={"gpu": "H100-80GB"})
    assert measured_at_once(small) < measured_at_once(large) == 32
    assert small is not None
    (said,) = [one for one in small.decisions if one.what == "measured in"]
    assert "The most that fit into the device beside the weights and the optimizer's state" in said.why
