"""Tiny base models with random weights, whose vocabulary is the words of the samples."""

from __future__ import annotations

from pathlib import Path

from matrix.samples import WORDS

VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS)
WIDTH = 32


def build(folder: Path, kind: str, seed: int = 0) -> Path:
    """Write a model of a class of transformers, such as BertModel, with its tokenizer; returns its folder."""
    import torch
    import transformers

    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    tokenizer = transformers.BertTokenizer(str(folder / "vocab.txt"), model_max_length=64)
    torch.manual_seed(seed)
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        is_decoder=kind == "BertLMHeadModel",
    )
    getattr(transformers, kind)(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
