"""The model before training: one embedding for each token, of which a text's is the mean. It trains in seconds on a CPU."""

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
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]  # words that no text holds
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
    """Train a WordPiece tokenizer on the training texts and write it to a file.

    The trainer numbers letters in an order that is another each time, and by it decides between words that are as
    frequent. So it is run twice: for the letters alone, and for the words after these in order.
    """
    words = train_words(sorted(train_words([], 0)), VOCABULARY)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Each process of a launch may come here; each writes a file of its own, and the last one stays: they are alike.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    BertWordPieceTokenizer(words, strip_accents=False).save(str(unfinished))
    unfinished.replace(path)


def train_words(first: list[str], size: int) -> dict[str, int]:
    """Return the numbers of `size` words that the training texts are made of, and of all letters; of some `first`."""
    tokenizer = BertWordPieceTokenizer(strip_accents=False)
    first = list(dict.fromkeys([*SPECIAL, *first]))
    tokenizer.train_from_iterator(
        training_texts(), size, limit_alphabet=VOCABULARY, special_tokens=first, show_progress=False
    )
    words: dict[str, int] = tokenizer.get_vocab()
    return words


def training_texts() -> Iterator[str]:
    """Yield every text of the training rows."""
    rows = data.load("train")
    for column in rows.column_names:
        for cell in rows[column]:
            yield from (text for text in (cell if isinstance(cell, list) else [cell]) if isinstance(text, str))
