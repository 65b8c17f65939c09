"""Measures of base models that are the defaults of their configuration in transformers, held against the installed one."""

from __future__ import annotations

import pytest
from stgen.rules.bases import known_base

transformers = pytest.importorskip("transformers")

# base -> the configuration whose defaults are its measures
BY_DEFAULT = {
    "google-bert/bert-base-uncased": "BertConfig",
    "distilbert/distilbert-base-uncased": "DistilBertConfig",
    "microsoft/mpnet-base": "MPNetConfig",
    "FacebookAI/roberta-base": "RobertaConfig",
    "answerdotai/ModernBERT-base": "ModernBertConfig",
}


@pytest.mark.parametrize("name", BY_DEFAULT)
def test_the_measures_are_those_of_the_configuration(name: str) -> None:
    row, config = known_base(name), getattr(transformers, BY_DEFAULT[name])()
    assert row is not None
    wide = getattr(config, "intermediate_size", None) or config.hidden_dim
    found = (config.hidden_size, wide, config.num_hidden_layers, config.num_attention_heads, config.vocab_size)
    assert (row.hidden, row.intermediate, row.layers, row.heads, row.vocabulary) == found
    assert (row.kind or "bert") == config.model_type
