"""How several devices share a training: copies of the model, or shares of one where no device holds a copy (FSDP)."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml
from compiling import findings_of, plan_of, tree_of
from stgen.plan.plan import Plan
from stgen.rules.layers import LAYERS

QWEN = 'model = { base = "Qwen/Qwen3-Embedding-8B", max_length = 512, prompts = { query = "" } }\n'
BERT = 'model = { base = "google-bert/bert-base-uncased" }\n'
EIGHT = 'hardware = { gpu = "A100-80GB", gpus = 8 }\n'
SHARED = 'hardware = { gpu = "A100-80GB", gpus = 8, strategy = "fsdp" }\n'


def said(plan: Plan, what: str) -> str | None:
    return next((one.value for one in plan.decisions if one.what == what), None)


@pytest.mark.parametrize(
    ("lines", "strategy"),
    [
        (QWEN + EIGHT, "fsdp"),
        (BERT + EIGHT, "ddp"),
        (BERT + SHARED, "fsdp"),
        (BERT + "hardware = { gpus = 8 }\n", "ddp"),
        (BERT + 'hardware = { gpu = "A100-80GB" }\n', None),
        (BERT + EIGHT.replace(" }", ', strategy = "ddp" }'), "ddp"),
    ],
)
def test_weights_are_shared_out_where_no_device_holds_a_copy(lines: str, strategy: str | None) -> None:
    plan = plan_of(lines)
    assert said(plan, "strategy") == strategy
    assert plan.train.sharded == (strategy == "fsdp")


def test_a_model_that_only_shares_of_fit_is_planned_whole() -> None:
    """8 billion weights of 16 bytes each are 113 GiB: an eighth of it is on each device."""
    plan = plan_of(QWEN + EIGHT)
    memory = plan.train.memory
    assert memory is not None
    states = sum(memory.parts[part] for part in ("weights", "gradients", "optimizer"))
    assert states == pytest.approx(16 * 7.568e9 / 8, rel=0.01)
    assert memory.high < memory.memory
    assert "eval_steps" not in plan.train.arguments
    assert plan.train.arguments["save_strategy"] == "steps"


def test_copies_that_do_not_fit_are_an_error_with_the_line_to_write() -> None:
    found = findings_of(QWEN + EIGHT.replace(" }", ', strategy = "ddp" }'))
    assert [one.code for one in found] == ["STG193"]
    assert 'strategy = "fsdp"' in found[0].help


def test_what_no_share_of_fits_is_an_error_too() -> None:
    found = findings_of(QWEN + 'hardware = { gpu = "RTX3080", gpus = 2 }\n')
    assert [one.code for one in found] == ["STG193"]
    assert "fsdp" not in found[0].help


PAIRS = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = "c" } }]\n'


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (BERT + SHARED.replace("gpus = 8", "gpus = 1"), "one device"),
        (BERT + SHARED.replace(" }", ', launcher = "torchrun" }'), "torchrun"),
        ('model = { architecture = "static" }\n' + SHARED, "static"),
        (BERT.replace(" }", ", lora = {} }") + SHARED, "adapter"),
        (BERT + SHARED + '[compare]\nlosses = ["auto", "GISTEmbedLoss"]\n', "compare"),
        (BERT + PAIRS + SHARED, "SoftmaxLoss has weights of its own"),
        (BERT + SHARED + "train = { evaluate_every = 0.1 }\n", "evaluators"),
        (BERT + SHARED + "train = { early_stopping = 3 }\n", "nothing is measured"),
        (BERT + SHARED + 'metrics = { monitor = ["collapse"] }\n', "embedded"),
        ('model = { base = "some/thing" }\n' + SHARED, "the layers of some/thing"),
    ],
)
def test_what_can_not_be_shared_out_is_told(lines: str, why: str) -> None:
    told = [one for one in findings_of(lines) if one.code == "STG430"]
    assert len(told) == 1
    assert why in told[0].message
    assert told[0].help


def test_accelerate_reads_the_configuration_and_knows_each_of_its_keys() -> None:
    launch = pytest.importorskip("accelerate.commands.launch")
    written: dict[str, Any] = yaml.safe_load(tree_of(QWEN + EIGHT)["launch/accelerate/multi_gpu.yaml"].text)
    assert written["distributed_type"] == "FSDP"
    assert written["fsdp_config"]["fsdp_transformer_layer_cls_to_wrap"] == "Qwen3DecoderLayer"
    known = {action.dest for action in launch.launch_command_parser()._actions}
    assert set(written["fsdp_config"]) <= known


@pytest.mark.parametrize("launcher", ["slurm", "kubernetes", "skypilot"])
def test_each_launcher_with_a_configuration_shares_out(launcher: str) -> None:
    own = {
        "slurm": "",
        "kubernetes": ', kubernetes = { image = "me/training:1", claim = "work" }',
        "skypilot": "",
    }[launcher]
    tree = tree_of(QWEN + EIGHT.replace(" }", f', launcher = "{launcher}"{own} }}'))
    assert yaml.safe_load(tree[f"launch/accelerate/{launcher}.yaml"].text)["distributed_type"] == "FSDP"


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_is_called_what_transformers_calls_it(kind: str) -> None:
    pytest.importorskip("transformers")
    module = {"gemma3_text": "gemma3"}.get(kind, kind.replace("-", "_"))
    assert hasattr(importlib.import_module(f"transformers.models.{module}.modeling_{module}"), LAYERS[kind])
