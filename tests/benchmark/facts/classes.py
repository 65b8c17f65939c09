"""Which loss for texts with classes: pairs sampled by class against triplets of the batch, on a few public sets.

Run as `python tests/benchmark/facts/classes.py DATA MODEL [SET:CLASSES ...]`, with DATA a folder of sets that hold
train.jsonl and test.jsonl with `text` and `label`; SET:CLASSES keeps the rows of so many classes, drawn with a seed.
The results stand in RESULTS.md.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses

SETS = ("banking77:77", "trec-qc:6", "stackoverflow-titles:20")
ROWS, TESTED, BATCH, RATE, LENGTH = 1600, 600, 32, 2e-5, 32
SEEDS = (1,)

Rows = list[dict[str, Any]]


def main(data: Path, base: str, sets: tuple[str, ...]) -> None:
    print("| set | classes | what | centroid | 1-NN | MAP |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    for name, _, count in (what.partition(":") for what in sets):
        train, test = (read(data / name / f"{split}.jsonl") for split in ("train", "test"))
        chance = random.Random(0)
        labels = sorted({row["label"] for row in train})
        kept = set(chance.sample(labels, int(count)))
        train, test = ([row for row in rows if row["label"] in kept] for rows in (train, test))
        chance.shuffle(train)
        chance.shuffle(test)
        train, test = train[:ROWS], test[:TESTED]
        classes = len(kept)
        show(name, classes, "base", [measure(opened(base), train, test)])
        for method in METHODS:
            found = [measure(trained(base, train, method, seed), train, test) for seed in SEEDS]
            show(name, classes, method, found)


def opened(base: str) -> SentenceTransformer:
    model = SentenceTransformer(base, device="cpu")
    model.max_seq_length = LENGTH
    return model


def read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text().splitlines()]


def show(name: str, classes: int, what: str, found: list[tuple[float, float, float]]) -> None:
    mean = np.mean(found, axis=0)
    print(f"| {name} | {classes} | {what} | " + " | ".join(f"{value:.4f}" for value in mean) + " |", flush=True)


def measure(model: SentenceTransformer, train: Rows, test: Rows) -> tuple[float, float, float]:
    """Accuracy by the nearest centroid and by the nearest training text, and MAP of a class among the test texts."""
    known, asked = (model.encode([row["text"] for row in rows], normalize_embeddings=True) for rows in (train, test))
    labels, wanted = (np.array([row["label"] for row in rows]) for rows in (train, test))
    names = sorted(set(labels))
    centroids = np.stack([known[labels == name].mean(axis=0) for name in names])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    centroid = float(np.mean(np.array(names)[(asked @ centroids.T).argmax(axis=1)] == wanted))
    nearest = float(np.mean(labels[(asked @ known.T).argmax(axis=1)] == wanted))
    scores = asked @ asked.T
    np.fill_diagonal(scores, -np.inf)
    order = np.argsort(-scores, axis=1)[:, :-1]
    hits = wanted[order] == wanted[:, None]
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    right = hits.sum(axis=1)
    mean = (precision * hits).sum(axis=1)[right > 0] / right[right > 0]
    return centroid, nearest, float(mean.mean())


# --- what is tried ---------------------------------------------------------------------------------------------------


def grouped(train: Rows, chance: random.Random) -> Iterator[list[int]]:
    """Batches of several rows of each class, as the library's GROUP_BY_LABEL makes them."""
    members = defaultdict(list)
    for number, row in enumerate(train):
        members[row["label"]].append(number)
    pairs = []
    for numbers in members.values():
        chance.shuffle(numbers)
        pairs += [numbers[start : start + 2] for start in range(0, len(numbers) - 1, 2)]
    chance.shuffle(pairs)
    for start in range(0, len(pairs) - BATCH // 2 + 1, BATCH // 2):
        yield [number for pair in pairs[start : start + BATCH // 2] for number in pair]


def paired(train: Rows, chance: random.Random) -> Iterator[list[tuple[str, str]]]:
    """Batches of pairs of one class."""
    members = defaultdict(list)
    for row in train:
        members[row["label"]].append(row["text"])
    rows = [row for row in train if len(members[row["label"]]) > 1]
    chance.shuffle(rows)
    made = []
    for row in rows:
        others = [text for text in members[row["label"]] if text != row["text"]]
        made.append((row["text"], chance.choice(others)))
    for start in range(0, len(made) - BATCH + 1, BATCH):
        yield made[start : start + BATCH]


def trained(base: str, train: Rows, method: str, seed: int) -> SentenceTransformer:
    """One pass over the rows, with a linear decay after a tenth of warm-up."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = opened(base)
    model.train()
    loss = METHODS[method](model)
    if isinstance(loss, losses.MultipleNegativesRankingLoss):
        batches: list[Any] = list(paired(train, chance))
    else:
        batches = list(grouped(train, chance))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    warm = max(1, len(batches) // 10)
    total = len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (step + 1) / warm if step < warm else (total - step) / max(1, total - warm)
    )
    for batch in batches:
        if isinstance(loss, losses.MultipleNegativesRankingLoss):
            features = [model.preprocess([pair[side] for pair in batch]) for side in (0, 1)]
            value = loss(features, torch.zeros(len(batch)))
        else:
            rows = [train[number] for number in batch]
            value = loss(
                [model.preprocess([row["text"] for row in rows])], torch.tensor([row["label"] for row in rows])
            )
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    model.eval()
    return model


COSINE = losses.BatchHardTripletLossDistanceFunction.cosine_distance
METHODS: dict[str, Any] = {
    "BatchAll, cosine, margin 0.3": lambda model: losses.BatchAllTripletLoss(model, COSINE, 0.3),
    "MNRL on pairs of a class": losses.MultipleNegativesRankingLoss,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:]) or SETS)
