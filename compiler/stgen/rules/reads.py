"""What an evaluation reads while training: by how its input is built, how many texts or pairs, and how many at most.

A run that learns from few rows must not spend its time on measuring: these are the sizes at which checkpoints can still be
told apart. The test of the finished model has sizes of its own, in the templates.
"""

from __future__ import annotations

from typing import Literal

from stgen.values.record import Record

Counted = Literal["documents", "texts", "lists", "fitted", "rows"]


class Read(Record):
    """The reading of an evaluator.

    `documents` of a search beside its queries; `texts` that are searched for and through; `lists` of documents for each
    query; rows that a probe is `fitted` to, and those that it tells; else the eval `rows`, as the loss gets them.
    """

    build: str  # template of what the evaluator is built from
    counted: Counted
    queries: int = 0  # at most
    texts: int = 0  # `documents`: filled up to so many; `texts`: at most; `lists`: of each query; `fitted`: at most


# fmt: off
READS: tuple[Read, ...] = (
    Read("retrieval",      "documents", queries=1000, texts=100),
    Read("damaged",        "texts",     queries=1000, texts=1000),
    Read("classes",        "texts",     queries=1000, texts=5000),
    Read("rerank_others",  "lists",     queries=200,  texts=21),
    Read("rerank_classes", "lists",     queries=200,  texts=10),
    Read("probe",          "fitted",    texts=300),
)
# fmt: on
SEARCHES = 5
"""Evaluations, beside that of the base, which the documents of a search leave time for. Among few documents checkpoints look alike:
static embeddings on 4,079 pairs, nDCG@10 of 500 questions at step 14 and at the end was 0.943 and 0.941 among 499 documents,
0.916 and 0.919 among 800, 0.797 and 0.818 among 4,515; the test among 4,514 others said 0.816 and 0.849."""
WATCHED = 64
"""Examples of the eval rows that are looked at for a collapse, the first two texts of each: 8,128 pairs of texts."""
WATCHED_PAIRS = 32
"""The same of a cross-encoder, which reads two pairs for each."""


def read_of(build: str) -> Read:
    """What an evaluator of that build reads."""
    return next((row for row in READS if row.build == build), Read(build, "rows"))
