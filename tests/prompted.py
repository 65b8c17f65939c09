"""Which prompt a model read before which text: noted while it is trained and measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

CLASSES = {
    "dense": "SentenceTransformer",
    "sparse": "SparseEncoder",
    "multi-vector": "MultiVectorEncoder",
    "cross-encoder": "CrossEncoder",
}


def _counting() -> bool:
    """Whether the model card asks, which counts tokens and shows an example: nothing is learned or measured from it."""
    frame = sys._getframe()
    while frame := frame.f_back:
        if frame.f_code.co_filename.endswith("model_card.py"):
            return True
    return False


def record(encoder: Any, seen: dict[str, set[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note each text and its prompt as a model of this type reads them."""
    kind = type(encoder)
    original = kind.preprocess

    def preprocess(self: Any, inputs: Any, prompt: str | None = None, **options: Any) -> Any:
        for item in inputs if not _counting() else []:
            for text in item if isinstance(item, (list, tuple)) else [item]:
                whole = (prompt or "") + text  # some evaluators get texts that begin with their prompt
                before, mark, bare = whole.partition(": ")
                seen[bare or whole].add(before + mark if mark else "")
        return original(self, inputs, prompt=prompt, **options)

    monkeypatch.setattr(kind, "preprocess", preprocess)


def bring(folder: Path, model: str, prompts: dict[str, str], default: str | None = None) -> None:
    """Make a tiny base one that brings prompts: a saved model of its type."""
    import sentence_transformers

    kind = getattr(sentence_transformers, CLASSES[model])
    encoder = kind(str(folder))
    encoder.prompts, encoder.default_prompt_name = dict(prompts), default
    encoder.save_pretrained(str(folder))
