"""How the model is built: classes, modules, prompts, routes and adapters, read off the spec and the matched loss."""

from __future__ import annotations

from typing import Any

import pytest
from planned import plan_of
from stgen.plan.model import KINDS
from stgen.plan.planned_model import ModelPlan
from stgen.rules.tables import ARCHITECTURES
from stgen.values.expressions import to_python

PAIRS = {"anchor": "a", "positive": "p"}
TRIPLETS = {"anchor": "a", "positive": "p", "negative": "n"}
SCORED = {"text_1": "a", "text_2": "b", "score": "s"}
CLASSES = {"text_1": "a", "text_2": "b", "class": "c"}
LISTS = {"anchor": "a", "documents": "d", "scores": "s"}


def model_of(model: dict[str, Any], columns: dict[str, Any] = PAIRS, loss: dict[str, Any] | None = None) -> ModelPlan:
    plan, found = plan_of(model, columns, loss)
    assert plan is not None, found
    return plan.model


UNKNOWN, LONG, USUAL = "org/reads-a-lot", "answerdotai/ModernBERT-base", "google-bert/bert-base-uncased"


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        ({"base": UNKNOWN}, (None, 512)),
        ({"base": UNKNOWN, "type": "cross-encoder"}, (None, 512)),
        ({"base": UNKNOWN, "type": "sparse"}, (None, 512)),
        ({"base": UNKNOWN, "type": "sparse", "architecture": "csr"}, (None, 512)),
        ({"base": UNKNOWN, "type": "multi-vector"}, (None, 512)),
        ({"base": UNKNOWN, "max_length": 4096}, (4096, None)),
        ({"base": UNKNOWN, "type": "multi-vector", "document": {"max_length": 4096}}, (None, None)),
        ({"base": LONG}, (512, None)),
        ({"base": LONG, "max_length": 4096}, (4096, None)),
        ({"base": USUAL}, (None, None)),
        ({"architecture": "static"}, (None, None)),
    ],
)
def test_no_base_reads_more_than_most_texts_have_unless_the_spec_says_so(model: dict[str, Any], kept: Any) -> None:
    """A base that the tables don't know is held to it when it is loaded, which is when its own limit is known."""
    plan = model_of(model)
    assert (plan.max_length, plan.at_most) == kept


def test_each_encoder_of_a_router_is_held_to_it() -> None:
    plan = model_of({"router": True, "base": LONG, "query": {"base": USUAL}})
    assert plan.router is not None
    assert {one.name: one.at_most for one in plan.router.encoders} == {"query": None, "document": 512}


def test_every_architecture_has_a_kind() -> None:
    assert set(KINDS) == {(type, name) for type, names in ARCHITECTURES.items() for name in names}


@pytest.mark.parametrize(
    ("model", "class_"),
    [
        ({}, "SentenceTransformer"),
        ({"architecture": "static"}, "SentenceTransformer"),
        ({"type": "cross-encoder"}, "CrossEncoder"),
        ({"type": "sparse", "architecture": "csr"}, "SparseEncoder"),
        ({"type": "multi-vector"}, "MultiVectorEncoder"),
    ],
)
def test_trainer_and_arguments_are_named_after_the_class(model: dict[str, Any], class_: str) -> None:
    plan = model_of(model)
    assert (plan.class_, plan.trainer, plan.arguments_class) == (
        class_,
        f"{class_}Trainer",
        f"{class_}TrainingArguments",
    )


@pytest.mark.parametrize(
    ("columns", "loss", "outputs", "activation"),
    [
        (PAIRS, {}, "1", "torch.nn.Sigmoid()"),
        (SCORED, {}, "1", "torch.nn.Sigmoid()"),
        (SCORED, {"name": "MSELoss"}, "1", "torch.nn.Identity()"),
        (LISTS, {}, "1", "torch.nn.Identity()"),
        (CLASSES, {}, "len(data.class_names())", "torch.nn.Identity()"),
    ],
)
def test_the_loss_decides_outputs_and_activation(
    columns: dict[str, Any], loss: dict[str, Any], outputs: str, activation: str
) -> None:
    plan = model_of({"type": "cross-encoder"}, columns, loss)
    assert (to_python(plan.outputs), to_python(plan.activation)) == (outputs, activation)


def test_prompts_reach_each_text_column_in_training_and_the_model() -> None:
    plan = model_of({"prompts": {"query": "q: ", "document": "d: "}}, TRIPLETS)
    assert plan.prompts == {"query": "q: ", "document": "d: "}
    assert plan.arguments["prompts"] == {"anchor": "q: ", "positive": "d: ", "negative": "d: "}


def test_a_prompt_for_one_side_leaves_the_other_alone() -> None:
    assert model_of({"prompts": {"query": "q: "}}, PAIRS).arguments["prompts"] == {"anchor": "q: "}


def test_no_prompt_stands_before_a_label() -> None:
    assert model_of({"prompts": {"document": "d: "}}, SCORED).arguments["prompts"] == {"text_2": "d: "}


def test_a_cross_encoder_has_one_prompt() -> None:
    plan = model_of({"type": "cross-encoder", "prompts": {"query": "q: "}})
    assert plan.arguments["prompts"] == "q: "
    assert plan.default_prompt == "query"
    refused, found = plan_of({"type": "cross-encoder", "prompts": {"document": "d: "}}, PAIRS)
    assert refused is None
    assert found == ["STG120"]


def test_a_router_maps_every_text_column() -> None:
    plan = model_of({"type": "sparse", "architecture": "inference-free"}, TRIPLETS)
    assert plan.arguments["router_mapping"] == {"anchor": "query", "positive": "document", "negative": "document"}


def test_a_static_model_without_a_base_trains_its_tokenizer() -> None:
    plan = model_of({"architecture": "static", "base": None})
    assert to_python(plan.base) == 'str(ROOT.joinpath("prepared", "tokenizer.json"))'
    assert plan.tiny == ""
    assert plan.dimensions == 256
    assert model_of({"architecture": "static", "dimensions": 64}).dimensions == 64


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("org/name", '"org/name"'),
        ("./models/x", 'str(ROOT.joinpath("models/x"))'),
        ("/models/x", '"/models/x"'),
    ],
)
def test_a_folder_is_found_from_the_repo(base: str, expected: str) -> None:
    assert to_python(model_of({"base": base}).base) == expected


def test_an_adapter_of_a_cross_encoder_takes_the_head_along() -> None:
    plan = model_of({"type": "cross-encoder", "lora": {"r": 8, "targets": ["query", "value"]}})
    assert to_python(plan.lora) == (
        'LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules=["query", "value"], modules_to_save=heads(encoder))'
    )


@pytest.mark.parametrize(("said", "alpha"), [({}, 32), ({"r": 64}, 128), ({"r": 4}, 8), ({"r": 4, "alpha": 4}, 4)])
def test_an_adapter_weighs_the_same_whatever_its_rank(said: dict[str, int], alpha: int) -> None:
    assert f"lora_alpha={alpha}," in to_python(model_of({"lora": said}).lora)


def test_an_adapter_needs_peft() -> None:
    plan, _ = plan_of({"lora": {}}, PAIRS)
    assert plan is not None
    assert "peft" in plan.requirements
    plan, _ = plan_of({}, PAIRS)
    assert plan is not None
    assert "peft" not in plan.requirements


def test_a_loss_that_reads_the_base_as_a_language_model_is_tested_on_one() -> None:
    plan = model_of({}, {"text": "t"}, {"name": "DenoisingAutoEncoderLoss"})
    assert plan.tiny == "BertLMHeadModel"
