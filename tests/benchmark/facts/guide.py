"""What a guide masks where it reads a prompt that it wasn't trained with: of the other texts of a batch, the share that it finds nearer than the positive.

python tests/benchmark/facts/guide.py GUIDE MEDQUAD
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from stgen.rules.bases import QWEN3, RETRIEVE

BATCH, ROWS = 32, 320
PROMPTS = (("", ""), ("query: ", "passage: "), (RETRIEVE, ""), (QWEN3, ""))


def main() -> None:
    guide = SentenceTransformer(sys.argv[1], device="cpu")
    guide.max_seq_length = 128
    lines = (Path(sys.argv[2]) / "train.jsonl").read_text().splitlines()[:ROWS]
    rows = [json.loads(line) for line in lines]
    for before in PROMPTS:
        queries, documents = (
            guide.encode(
                [prompt + row[name] for row in rows], prompt="", convert_to_tensor=True, normalize_embeddings=True
            )
            for prompt, name in zip(before, ("anchor", "positive"), strict=True)
        )
        found = [
            masked(queries[start : start + BATCH], documents[start : start + BATCH]) for start in range(0, ROWS, BATCH)
        ]
        print(before, *(f"{float(share):.4f}" for share in torch.tensor(found).mean(dim=0)), flush=True)


def masked(queries: torch.Tensor, documents: torch.Tensor) -> list[float]:
    """The share of other documents for a query, of other queries for a query, and of other documents for a document."""
    own = (queries * documents).sum(dim=1, keepdim=True)
    others = ~torch.eye(len(queries), dtype=torch.bool)
    pairs = ((queries, documents), (queries, queries), (documents, documents))
    return [float(((one @ other.T) > own)[others].float().mean()) for one, other in pairs]


if __name__ == "__main__":
    main()
