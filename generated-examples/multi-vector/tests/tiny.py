"""Builds a tiny model with random weights and a vocabulary from the training texts: enough to run every line of code."""

from pathlib import Path

from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, BertTokenizer

import data

LENGTH = 512


def build(folder: Path) -> Path:
    """Write the model and its tokenizer to `folder`, and return it."""
    words = BertWordPieceTokenizer()
    words.train_from_iterator(texts(), vocab_size=2000, min_frequency=1, show_progress=False)
    words.save_model(str(folder))
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), model_max_length=LENGTH)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=LENGTH,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def texts() -> list[str]:
    """Return some of the texts of the training rows."""
    rows = data.load("train")
    rows = rows.select(range(min(200, len(rows))))
    cells = [cell for column in rows.column_names for cell in rows[column]]
    return [text for cell in cells for text in (cell if isinstance(cell, list) else [cell]) if isinstance(text, str)]
