"""Tiny base models with random weights, whose vocabulary is the words of the samples."""

from __future__ import annotations

from pathlib import Path

from matrix.samples import WORDS

VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS)
WIDTH = 48  # another one than that of the stand-ins in the repos' own tests


def build(folder: Path, kind: str, seed: int = 0, positions: int = 64) -> Path:
    """Write a model of a class of transformers, such as BertModel, with its tokenizer; returns its folder.

    `positions` are the tokens that it can read.
    """
    import torch
    import transformers

    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    tokenizer = transformers.BertTokenizer(str(folder / "vocab.txt"), model_max_length=positions)
    torch.manual_seed(seed)
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
        is_decoder=kind == "BertLMHeadModel",
    )
    getattr(transformers, kind)(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def build_static(folder: Path, seed: int = 0) -> Path:
    """Write static embeddings as a saved model; returns its folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    torch.manual_seed(seed)
    embeddings = modules.StaticEmbedding(tokenizer, embedding_dim=WIDTH)
    SentenceTransformer(modules=[embeddings]).save_pretrained(str(folder))
    return folder
