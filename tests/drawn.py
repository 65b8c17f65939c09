"""Specs drawn at random: each key makes sense by itself, and about one spec in six has no contradiction."""

from __future__ import annotations

import random
from typing import Any

# fmt: off
COLUMNS: tuple[dict[str, Any], ...] = (
    {"anchor": "q", "positive": "a"},
    {"anchor": "q", "positive": "a", "negative": "n"},
    {"anchor": "q", "positive": "a", "negative": ["n", "m"]},
    {"anchor": "q", "documents": "d", "scores": "s"},
    {"text_1": "a", "text_2": "b", "score": {"column": "s", "min": 0, "max": 5}},
    {"text_1": "a", "text_2": "b", "binary": "l"},
    {"text_1": "a", "text_2": "b", "class": {"column": "l", "names": ["entailment", "neutral", "contradiction"]}},
    {"text": "t", "class": "c"},
    {"text": "t"},
)
BASE = "sentence-transformers/all-MiniLM-L6-v2"
MODELS: tuple[dict[str, Any], ...] = (
    {"type": "dense", "base": BASE},
    {"type": "dense", "base": BASE, "dimensions": 128, "prompts": {"query": "q: ", "document": "d: "}},
    {"type": "dense", "base": BASE, "lora": {}},
    {"type": "dense", "base": BASE, "router": True, "query": {"architecture": "static", "base": BASE}},
    {"type": "dense", "architecture": "static"},
    {"type": "cross-encoder", "base": BASE},
    {"type": "sparse", "base": BASE},
    {"type": "sparse", "base": BASE, "architecture": "inference-free"},
    {"type": "sparse", "base": BASE, "architecture": "csr"},
    {"type": "multi-vector", "base": BASE, "query": {"max_length": 32}},
)
TABLES: dict[str, tuple[dict[str, Any], ...]] = {  # table -> what may stand in it; half of the specs leave it out
    "prepare": (
        {"normalize": {"html": True, "whitespace": True}, "length": {"min": 3, "max": 100}, "on_bad_row": "set-aside"},
        {"language": {"keep": ["en"]}, "deduplicate": {"near": 0.8}, "decontaminate": {"near": 0.8, "ngram": 13}},
        {"length": {"max": 100, "unit": "chars"}, "decontaminate": {"against": ["test", "SciFact"]}, "engine": "datatrove"},
        {"stem": {}, "deduplicate": {"semantic": 0.9, "model": BASE}, "decontaminate": {"action": "fail"}},
    ),
    "loss": (
        {"matryoshka": [128, 64]}, {"orthogonal": 0.1}, {"guide": BASE}, {"custom": "my_losses.py:MyLoss"},
        {"convert": [{"to": "n-tuple", "mine": {"negatives": 3, "range_min": 0}}]}, {"convert": ["pair"]}, {"convert": ["triplet"]},
        {"convert": [{"to": "n-tuple", "negatives": 3}]}, {"convert": ["text"]},
    ),
    "train": ({"steps": 100}, {"group_by_length": True}, {"early_stopping": 3, "hub": {"repo": "me/it"}}, {"tracker": "wandb"}),
    "hardware": (
        {"accelerator": "cpu"}, {"accelerator": "cpu", "gpus": 2}, {"gpu": "A100-80GB", "gpus": 8}, {"accelerator": "mps"},
        {"gpus": 8, "nodes": 2, "launcher": "slurm"}, {"gpus": 4, "launcher": "torchrun"},
    ),
    "metrics": (
        {"evaluators": ["nanobeir"]}, {"custom": ["my_metrics.py:coverage"], "monitor": []}, {"mteb": {"tasks": ["SciFact"]}},
        {"mteb": {"local": [{"name": "Mine", "type": "STS", "path": "x.jsonl", "columns": {"sentence1": "a", "sentence2": "b", "score": "s"}}]}},
    ),
    "compare": ({"seeds": [1, 2]}, {"rows": 1000}),
    "export": ({"formats": ["onnx"]}, {"formats": ["onnx", "openvino"]}),
}
# fmt: on


def draw(chance: random.Random) -> dict[str, Any]:
    """A spec of keys that each make sense by themselves."""
    spec: dict[str, Any] = {"stgen": 1, "model": chance.choice(MODELS)}
    names = ("one", "two") if chance.random() < 0.15 else ("one",)
    spec["data"] = [_data(name, chance) for name in names]
    wanted = [table for table in TABLES if chance.random() < 0.35]
    return spec | {table: chance.choice(TABLES[table]) for table in wanted}


def _data(name: str, chance: random.Random) -> dict[str, Any]:
    data = {"name": name, "train": "train.jsonl", "test": "test.jsonl", "columns": chance.choice(COLUMNS)}
    if chance.random() < 0.3:
        data["eval"] = "dev.jsonl"
    if chance.random() < 0.1:
        data["streaming"] = True
    return data
