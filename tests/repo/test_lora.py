"""A LoRA run saves its adapter and, where the spec asks, the model with the adapter in its weights: both are the model that was trained."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from compiling import tree_of
from matrix import bases, repos
from matrix.cases import Case

pytestmark = pytest.mark.trains

KINDS = {
    "dense": Case("dense", "transformer", "auto", "pair"),
    "decoder": Case("dense", "transformer", "auto", "pair"),
    "cross-encoder": Case("cross-encoder", "transformer", "auto", "pair-binary"),
    "sparse": Case("sparse", "splade", "auto", "triplet"),
    "multi-vector": Case("multi-vector", "transformer", "auto", "pair"),
}


def build_decoder(folder: Path) -> Path:
    """Write a tiny decoder, as embedding models of billions of parameters are large ones."""
    import torch
    import transformers

    bases.build(folder, "BertModel")  # for its tokenizer
    (folder / "config.json").unlink()
    torch.manual_seed(0)
    config = transformers.Qwen2Config(
        vocab_size=len(bases.VOCABULARY), hidden_size=bases.WIDTH, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, intermediate_size=64, max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    transformers.Qwen2Model(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=() if k in ("dense", "decoder") else pytest.mark.matrix) for k in KINDS]
)
def test_both_are_the_model_that_was_trained(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    case = KINDS[kind]
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    spec = json.loads((repo / "stgen.json").read_text())
    spec["model"]["lora"] = {"r": 4, "merged": True}
    spec["train"] = {"batch_size": 8, "learning_rate": 0.005, "warmup": 0}
    repos.write_repo(spec, repo)
    base = repo / (repo / "base.txt").read_text()
    if kind == "decoder":
        base = build_decoder(tmp_path / "decoder")
    assert repos.lint(repo) == ""
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        program, evaluate = load("train"), load("evaluate")
        trained = program.run(program.parse(["--base", str(base), "--output", str(repo), "--max-steps", "4"]))
        folder = evaluate.model_folder(repo)
        expected, untrained = repos.answers(trained.eval()), repos.answers(evaluate.build_base(str(base)))
        assert any(not torch.allclose(one, other, atol=1e-3) for one, other in zip(expected, untrained, strict=True))
        adapter = repos.answers(evaluate.load_trained(folder))
    merged = folder.with_name(f"{folder.name}-merged")
    kept, whole_kept = ({path.name for path in one.resolve().rglob("*")} for one in (folder, merged))
    assert {"adapter_model.safetensors", "adapter_config.json"} <= kept
    assert ("model.safetensors" in kept) == (kind == "multi-vector")  # of its projection
    assert "model.safetensors" in whole_kept
    assert not [name for name in whole_kept if name.startswith("adapter")]
    assert f'("models/{folder.name}-merged")' in (merged / "README.md").read_text()
    # What is merged needs neither the base nor peft.
    shutil.move(base, tmp_path / "moved")
    monkeypatch.setitem(sys.modules, "peft", None)
    whole = type(trained)(str(merged))
    assert not [name for name in whole.state_dict() if "lora" in name or "base_layer" in name]
    for one, other, third in zip(expected, adapter, repos.answers(whole), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(one, third, atol=1e-5, rtol=1e-4)


def test_the_adapter_alone_is_the_default() -> None:
    spec: Any = 'stgen = 1\n[model]\ntype = "dense"\nbase = "b"\nlora = {lora}\n[[data]]\ntrain = "t.jsonl"\ncolumns = {{ anchor = "a", positive = "p" }}\n'
    alone, both = (tree_of(spec.format(lora=lora)) for lora in ("{ r = 8 }", "{ r = 8, merged = true }"))
    assert "save_merged" not in alone["train.py"].text
    assert "lora = { merged = true }" in alone["README.md"].text
    assert "-merged` is the same model" in both["README.md"].text
