"""What GradCache costs: CPU seconds of a step of the cached in-batch loss beside the plain one, at the same batch.

Run as `OMP_NUM_THREADS=1 python tests/benchmark/facts/cached_cost.py MODEL`. The paper (Gao et al. 2021, section 4.4)
says 20 %, the library's docstring 2x to 2.4x; a second forward pass makes 4/3 where backward takes twice the forward.
CPU seconds, and not those of a clock, so that other work on the machine doesn't count.
"""

from __future__ import annotations

import statistics
import sys
from time import process_time

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses

BATCH, MINI, WORDS, STEPS = 32, 8, 24, 4


def main(base: str) -> None:
    model = SentenceTransformer(base, device="cpu")
    model.train()
    texts = [" ".join(f"word{number * 31 + place}" for place in range(WORDS // 4)) for number in range(2 * BATCH)]
    plain = losses.MultipleNegativesRankingLoss(model)
    cached = losses.CachedMultipleNegativesRankingLoss(model, mini_batch_size=MINI)
    took = {loss: [] for loss in (plain, cached)}
    for _ in range(STEPS + 1):  # in turn, so that both meet the same machine
        for loss, times in took.items():
            times.append(seconds(model, loss, texts))
    one, other = (statistics.median(times[1:]) for times in (took[plain], took[cached]))
    print(f"batch {BATCH}, mini-batches of {MINI}: {one:.2f} s plain, {other:.2f} s cached, {other / one:.2f} times")


def seconds(model: SentenceTransformer, loss: torch.nn.Module, texts: list[str]) -> float:
    features = [model.preprocess(texts[:BATCH]), model.preprocess(texts[BATCH:])]
    begun = process_time()
    loss(features, torch.zeros(BATCH)).backward()
    model.zero_grad()
    return process_time() - begun


if __name__ == "__main__":
    main(sys.argv[1])
