"""A spec is held against what its local base model says of itself: positions, width, padding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import WORDS, pairs, write

BERT = {
    "model_type": "bert", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
    "vocab_size": 100, "max_position_embeddings": 128, "type_vocab_size": 2,
}  # fmt: skip
ROBERTA = BERT | {"model_type": "roberta", "max_position_embeddings": 130, "pad_token_id": 1}
DISTILBERT = {
    "model_type": "distilbert", "dim": 64, "hidden_dim": 128, "n_layers": 2, "n_heads": 2, "vocab_size": 100, "max_position_embeddings": 128,
}  # fmt: skip
LLAMA = {
    "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 100, "max_position_embeddings": 128,
}  # fmt: skip
PADDED = {"tokenizer_config.json": {"pad_token": "<pad>"}}
UNPADDED = {"tokenizer_config.json": {"eos_token": "</s>"}}


def validated(folder: Path, config: dict[str, Any], model: str, loss: str = "", files: dict[str, Any] = PADDED) -> str:
    """What `validate --data` says of a spec on a local base with this configuration."""
    (folder / "base").mkdir(exist_ok=True)
    for name, held in {"config.json": config, **files}.items():
        (folder / "base" / name).write_text(json.dumps(held))
    write(folder, {"train.jsonl": pairs()})
    (folder / "stgen.toml").write_text(
        f'stgen = 1\nmodel = {{ type = "dense", base = "./base"{model} }}\nloss = {{ {loss} }}\ntrain = {{ batch_size = 8 }}\n'
        '[[data]]\ntrain = "train.jsonl"\ncolumns = { anchor = "question", positive = "answer" }\n'
    )
    return stgen("validate", "--data", folder / "stgen.toml").err


@pytest.mark.parametrize(
    ("config", "length", "told"),
    [
        (BERT, 129, "max_length is 129, and ./base has 128 positions"),
        (BERT, 128, ""),
        (ROBERTA, 129, "max_length is 129, and ./base has 128 positions"),  # of 130 two stand for padding
        (ROBERTA, 128, ""),
        (DISTILBERT, 200, "has 128 positions"),
        (LLAMA, 4096, ""),  # rotary
        (BERT | {"model_type": "deberta-v2"}, 4096, ""),  # relative
        ({"model_type": "bert", "max_position_embeddings": "many"}, 4096, ""),
    ],
)
def test_no_more_tokens_than_positions(tmp_path: Path, config: dict[str, Any], length: int, told: str) -> None:
    said = validated(tmp_path, config, f", max_length = {length}")
    assert ("error[STG385]" in said, told in said) == (bool(told), True)


@pytest.mark.parametrize(
    ("config", "model", "cuts", "told"),
    [
        (BERT, "", "[128, 32]", "embeddings have 64 dimensions, and can't be cut to 128"),
        (DISTILBERT, "", "[128, 32]", "embeddings have 64 dimensions"),
        (BERT, "", "[64, 32]", ""),
        (BERT, ", dimensions = 256", "[128, 32]", ""),
    ],
)
def test_no_wider_than_the_base(tmp_path: Path, config: dict[str, Any], model: str, cuts: str, told: str) -> None:
    said = validated(tmp_path, config, model, f"matryoshka = {cuts}")
    assert ("error[STG133]" in said, told in said) == (bool(told), True)
    assert not told or "write matryoshka = [64, 32]" in said


@pytest.mark.parametrize(
    ("config", "files", "told"),
    [
        (LLAMA, UNPADDED, True),
        (LLAMA, PADDED, False),
        (LLAMA, {**UNPADDED, "special_tokens_map.json": {"pad_token": {"content": "<pad>"}}}, False),
        (LLAMA, {}, False),  # nothing is known of a tokenizer that isn't there
        (BERT, UNPADDED, False),
    ],
)
def test_a_decoder_has_a_token_to_pad_with(
    tmp_path: Path, config: dict[str, Any], files: dict[str, Any], told: bool
) -> None:
    said = validated(tmp_path, config, "", files=files)
    assert ("error[STG386]: ./base has no padding token" in said) is told


def test_no_advice_beyond_the_positions_of_a_local_base(tmp_path: Path) -> None:
    validated(tmp_path, BERT, "")
    rows = [row | {"answer": " ".join(WORDS * 20) + str(n)} for n, row in enumerate(pairs())]
    write(tmp_path, {"train.jsonl": rows})
    said = stgen("validate", "--data", tmp_path / "stgen.toml").err
    assert "truncated at 128 tokens" in said
    assert "split the texts: the base has 128 positions" in said
    assert "max_length =" not in said


def test_nothing_is_quoted_of_a_base_outside_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    validated(tmp_path, BERT, "")
    spec = (tmp_path / "stgen.toml").read_text().replace('"./base"', '"../base", max_length = 4096')
    (tmp_path / "inside/stgen.toml").write_text(spec)
    write(tmp_path / "inside", {"train.jsonl": pairs()})
    said = stgen("validate", "--data", tmp_path / "inside/stgen.toml").err
    assert "STG385" in said
    assert "128" not in said


@pytest.mark.parametrize(
    ("heads", "model", "told"),
    [
        (["BertModel"], "", True),
        (["BertModel"], ', architecture = "csr"', False),
        (["BertForMaskedLM"], "", False),
        (None, "", False),  # nothing is known
    ],
)
def test_splade_has_a_head_that_guesses_words(tmp_path: Path, heads: list[str] | None, model: str, told: bool) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text(json.dumps(BERT | ({"architectures": heads} if heads else {})))
    write(tmp_path, {"train.jsonl": pairs()})
    (tmp_path / "stgen.toml").write_text(
        f'stgen = 1\nmodel = {{ type = "sparse", base = "./base"{model} }}\ntrain = {{ batch_size = 8 }}\n'
        '[[data]]\ntrain = "train.jsonl"\ncolumns = { anchor = "question", positive = "answer" }\n'
    )
    said = stgen("validate", "--data", tmp_path / "stgen.toml").err
    assert ("error[STG477]: ./base has no masked-language-modelling head" in said) is told
