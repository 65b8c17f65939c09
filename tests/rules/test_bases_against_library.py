"""What the table of base models says, held against transformers and the registry of mteb, as they are installed."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from stgen.rules.bases import BASES, is_unpadded, known_base
from stgen.rules.row import Base

transformers = pytest.importorskip("transformers")

# base -> the configuration whose defaults are its measures
BY_DEFAULT = {
    "google-bert/bert-base-uncased": "BertConfig",
    "distilbert/distilbert-base-uncased": "DistilBertConfig",
    "microsoft/mpnet-base": "MPNetConfig",
    "FacebookAI/roberta-base": "RobertaConfig",
    "answerdotai/ModernBERT-base": "ModernBertConfig",
    "intfloat/e5-mistral-7b-instruct": "MistralConfig",
}


@pytest.mark.parametrize("name", BY_DEFAULT)
def test_the_measures_are_those_of_the_configuration(name: str) -> None:
    row, config = known_base(name), getattr(transformers, BY_DEFAULT[name])()
    assert row is not None
    wide = getattr(config, "intermediate_size", None) or config.hidden_dim
    found = (config.hidden_size, wide, config.num_hidden_layers, config.num_attention_heads, config.vocab_size)
    assert (row.hidden, row.intermediate, row.layers, row.heads, row.vocabulary) == found
    assert (row.kind or "bert") == config.model_type


# --- the registry of mteb ---------------------------------------------------------------------------------------------

# What the registry has otherwise: models of RoBERTa's kind by their 514 positions, of which two are taken; and three by
# what their base could read, where their cards name what they were trained for.
LENGTHS = {
    "intfloat/e5-large-v2": 514,
    "intfloat/multilingual-e5-base": 514,
    "intfloat/multilingual-e5-large": 514,
    "intfloat/multilingual-e5-large-instruct": 514,
    "intfloat/e5-mistral-7b-instruct": 32768,
    "sentence-transformers/all-MiniLM-L12-v2": 256,
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2": 512,
}
UNLISTED = (
    "BERT",
    "DistilBERT",
    "MPNet",
    "RoBERTa",
    "ModernBERT",
    "DeBERTa",
    "SPLADE",
    "Instructor",
)  # no row is in it


@cache
def registry() -> dict[str, Any]:
    pytest.importorskip("mteb")
    from mteb.models.get_model_meta import get_model_metas

    return {meta.name: meta for meta in get_model_metas()}


def listed(row: Base) -> list[Any]:
    return [meta for name, meta in registry().items() if re.fullmatch(row.pattern, name, re.IGNORECASE)]


@pytest.mark.parametrize("row", BASES, ids=lambda row: row.pattern)
def test_the_registry_of_mteb_says_the_same(row: Base) -> None:
    found = listed(row)
    assert found or row.family in UNLISTED, "a row that nothing is held against"
    for meta in found:
        assert not row.hidden or meta.embed_dim == row.hidden
        assert not row.max_length or meta.max_tokens in (None, LENGTHS.get(meta.name, row.max_length))
        if row.parameters and meta.n_parameters:  # EmbeddingGemma's two dense layers are 1.5 %
            assert meta.n_parameters / 1e6 == pytest.approx(row.parameters, rel=0.02)
        prompts = (meta.loader_kwargs or {}).get("model_prompts", {})
        assert prompts.get("query", row.query) == row.query
        assert prompts.get("document", row.document) == row.document


# --- tokens to pad with -----------------------------------------------------------------------------------------------


def test_models_without_a_padding_token_have_none_by_default() -> None:
    """GPT-2's tokenizer, which GPT-Neo and GPT-J share, has none; that of Pythia brings its own."""
    assert transformers.GPT2Tokenizer().pad_token is None
    assert transformers.GPTNeoXTokenizer().pad_token == "<|padding|>"
    assert is_unpadded("openai-community/gpt2")
    assert is_unpadded("EleutherAI/gpt-neo-125m")
    assert not is_unpadded("EleutherAI/pythia-70m")
