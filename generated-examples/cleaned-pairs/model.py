"""The model before training: one embedding for each token, of which a text's is the mean. It trains in seconds on a CPU."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import BertWordPieceTokenizer, Tokenizer

import data
from seed import SEED

ROOT = Path(__file__).parent
# Written by the first run and read by all later ones; delete it to train the tokenizer anew.
BASE = str(ROOT.joinpath("prepared", "tokenizer.json"))
VOCABULARY = 30_000
DIMENSIONS = 256


def build(base: str = BASE, seed: int = SEED) -> SentenceTransformer:
    """Read a tokenizer's file, which is made from the training texts if missing, and give each token a random embedding."""
    if not Path(base).exists():
        train_tokenizer(Path(base))
    tokenizer = Tokenizer.from_file(base)
    torch.manual_seed(seed)  # embeddings start the same in train.py and evaluate.py
    return SentenceTransformer(
        modules=[
            modules.StaticEmbedding(tokenizer, embedding_dim=DIMENSIONS),
        ],
    )


def train_tokenizer(path: Path) -> None:
    """Train a WordPiece tokenizer on the training texts and write it to a file."""
    tokenizer = BertWordPieceTokenizer(strip_accents=False)
    tokenizer.train_from_iterator(training_texts(), vocab_size=VOCABULARY)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Each process of a launch may come here; each writes a file of its own, and the last one stays.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    tokenizer.save(str(unfinished))
    unfinished.replace(path)


def training_texts() -> Iterator[str]:
    """Yield every text of the training rows."""
    rows = data.load("train")
    for column in rows.column_names:
        for cell in rows[column]:
            yield from (text for text in (cell if isinstance(cell, list) else [cell]) if isinstance(text, str))
