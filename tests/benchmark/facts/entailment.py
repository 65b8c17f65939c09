"""What a dense model learns of entailment from its classes, from scores, and from triplets: Spearman on held-out rows of SNLI.

python tests/benchmark/facts/entailment.py BASE SNLI
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses

SCORES = (1.0, 0.5, 0.0)  # entailment, neutral, contradiction
BATCH, STEPS, WARMUP, RATE = 16, 40, 4, 2e-5
SEEDS = (1, 2, 3)
TRAINED, TESTED = 420, 1000

Row = tuple[tuple[str, ...], float]


def read(file: Path, most: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()[:most]]


def rows_of(name: str, train: list[dict[str, Any]]) -> list[Row]:
    """The texts and labels that a loss takes."""
    if name == "triplets":
        premises: dict[str, dict[int, list[str]]] = {}
        for row in train:
            premises.setdefault(row["premise"], {}).setdefault(row["label"], []).append(row["hypothesis"])
        found = (
            (text, near, far)
            for text, by in premises.items()
            for near, far in zip(by.get(0, []), by.get(2, []), strict=False)
        )
        return [(texts, 0.0) for texts in found]
    return [
        ((row["premise"], row["hypothesis"]), row["label"] if name == "classes" else SCORES[row["label"]])
        for row in train
    ]


def loss_of(name: str, encoder: SentenceTransformer) -> torch.nn.Module:
    if name == "classes":
        return losses.SoftmaxLoss(encoder, encoder.get_embedding_dimension(), len(SCORES))
    return (losses.CosineSimilarityLoss if name == "scores" else losses.MultipleNegativesRankingLoss)(encoder)


def batches(rows: list[Row], seed: int) -> Iterator[list[Row]]:
    draw = random.Random(seed)
    while True:
        order = rows[:]
        draw.shuffle(order)
        yield from (order[start : start + BATCH] for start in range(0, len(order) - BATCH + 1, BATCH))


def train(encoder: SentenceTransformer, name: str, rows: list[Row], seed: int) -> None:
    loss, drawn = loss_of(name, encoder), batches(rows, seed)
    optimizer = torch.optim.AdamW(loss.parameters(), lr=RATE)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / WARMUP) * (1 - step / STEPS))
    encoder.train()
    for _ in range(STEPS):
        batch = next(drawn)
        features = [encoder.preprocess(list(column)) for column in zip(*(texts for texts, _ in batch), strict=True)]
        loss(features, torch.tensor([label for _, label in batch])).backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        rate.step()
        optimizer.zero_grad()


def measure(encoder: SentenceTransformer, test: list[dict[str, Any]]) -> float:
    first, second = (encoder.encode([row[name] for row in test]) for name in ("premise", "hypothesis"))
    found = encoder.similarity_pairwise(first, second)
    return float(spearmanr([SCORES[row["label"]] for row in test], found).statistic)


def main() -> None:
    base, folder = sys.argv[1], Path(sys.argv[2])
    rows, test = read(folder / "train.jsonl", TRAINED), read(folder / "test.jsonl", TESTED)
    for name in ("", "classes", "scores", "triplets"):
        found = [measured(base, name, rows, test, seed) for seed in (SEEDS if name else SEEDS[:1])]
        print(name or "before", *(f"{one:.3f}" for one in found), f"mean {sum(found) / len(found):.3f}", flush=True)


def measured(base: str, name: str, rows: list[dict[str, Any]], test: list[dict[str, Any]], seed: int) -> float:
    torch.manual_seed(seed)
    encoder = SentenceTransformer(base, device="cpu")
    encoder.max_seq_length = 40
    if name:
        train(encoder, name, rows_of(name, rows), seed)
    return measure(encoder, test)


if __name__ == "__main__":
    main()
