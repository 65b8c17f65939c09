"""Pairs of further sources, with the faults of `held_out.py`: to see whether settings hold where all rows are of one field."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from benchmark.noise.held_out import of_pairs
from benchmark.noise.made import NoisySet, read

Found = dict[str, str]


def scifact() -> Found:
    """Claims, and title and beginning of an abstract that says something of them."""
    abstracts = {row["_id"]: f"{row['title']} {row['text']}" for row in read("scifact/corpus.jsonl")}
    claims = {row["_id"]: row["text"] for row in read("scifact/queries.jsonl")}
    judged = [*read("scifact/qrels.train.jsonl"), *read("scifact/qrels.test.jsonl")]
    return {
        claims[row["query-id"]]: " ".join(abstracts[row["corpus-id"]].split()[:80])
        for row in judged
        if row["corpus-id"] in abstracts
    }


def news() -> Found:
    """Sentences of the news, and what another paper made of them."""
    rows = [*read("mrpc/train.jsonl"), *read("mrpc/dev.jsonl"), *read("mrpc/test.jsonl")]
    return {row["sentence1"]: row["sentence2"] for row in rows if row["label"] == 1}


def captions() -> Found:
    """Captions of photographs, and what follows from them."""
    return {row["premise"]: row["hypothesis"] for row in read("snli/train.jsonl") if row["label"] == 0}


def mixed() -> Found:
    """Some of each."""
    return {text: found for some in (scifact(), news(), captions()) for text, found in list(some.items())[:700]}


def noisy_pairs(source: Callable[[], Found], seed: int) -> NoisySet:
    """Make a set of some pairs of a source."""
    draw, found = random.Random(seed), source()
    return of_pairs({text: found[text] for text in draw.sample(sorted(found), min(len(found), 1200))}, draw)


SETS = {source.__name__: partial(noisy_pairs, source) for source in (scifact, news, captions, mixed)}
