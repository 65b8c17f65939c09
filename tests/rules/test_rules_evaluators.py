"""Each row of the evaluator table, run on a tiny model: the evaluator takes these arguments and returns this key."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stgen.rules import evaluators
from stgen.rules.modules import PACKAGES
from stgen.rules.mteb import BY_NAME
from stgen.rules.reported import REPORTED
from stgen.rules.row import EvaluatorRow

pytest.importorskip("sentence_transformers")

ANCHORS = ["the cat sat", "a dog ran", "red house", "blue river"]
POSITIVES = ["cat on mat", "dog ran fast", "big red house", "slow blue river"]
NEGATIVES = ["a tree sings", "fish eats", "the river", "cat and dog"]
ROWS = [row for row in evaluators.EVALUATORS if row.evaluator]
CLASSED = ("pair-class", "pair-probabilities")
DISTINCT = list({(r.model, r.evaluator, r.metric, r.arguments): r for r in ROWS}.values())


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One tiny random model for each model type (the cross-encoder also with three outputs), without any hub."""
    import sentence_transformers as st
    import transformers
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    folder = Path(tmp_path_factory.mktemp("tiny"))
    words = sorted({word for text in ANCHORS + POSITIVES + NEGATIVES for word in text.split()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    tokenizer = transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=32)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=34,
    )
    tokenizer.save_pretrained(folder)
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    name = str(folder)
    masked = Transformer(name, transformer_task="fill-mask")
    return {
        "dense": st.SentenceTransformer(modules=[Transformer(name), Pooling(16)], device="cpu"),
        "sparse": st.SparseEncoder(modules=[masked, SpladePooling("max")], device="cpu"),
        "multi-vector": st.MultiVectorEncoder(name, device="cpu"),
        "cross-encoder": st.CrossEncoder(name, num_labels=1, device="cpu"),
        "cross-encoder with classes": st.CrossEncoder(name, num_labels=3, device="cpu"),
    }


def evaluator_class(row: EvaluatorRow) -> type:
    module = importlib.import_module(f"{PACKAGES[row.model]}.evaluation")
    assert row.evaluator in module.__all__
    return getattr(module, row.evaluator)


def sample(row: EvaluatorRow, argument: str, model: Any) -> Any:
    """Something that fits an argument's name, in the shape that the row's `build` makes."""
    import torch
    from sentence_transformers.sentence_transformer import losses

    pairs = list(zip(ANCHORS, POSITIVES, strict=True))
    retrieval = row.evaluator.endswith("RetrievalEvaluator")
    listed = row.build == "lists"
    vectors = torch.Tensor.clone if row.model == "sparse" else torch.Tensor.numpy
    dimension = getattr(model, "get_embedding_dimension", lambda: 16)()
    values = {
        "queries": dict(enumerate(ANCHORS)) if retrieval else ANCHORS,
        "corpus": dict(enumerate(POSITIVES + NEGATIVES)),
        "relevant_docs": {index: {index} for index in range(len(ANCHORS))},
        "anchors": ANCHORS,
        "positives": POSITIVES,
        "negatives": NEGATIVES,
        "samples": [
            {"query": a, "positive": [p], "negative": [n]}
            for a, p, n in zip(ANCHORS, POSITIVES, NEGATIVES, strict=True)
        ],
        "sentences1": ANCHORS,
        "sentences2": POSITIVES,
        "sentence_pairs": [list(pair) for pair in pairs],
        "documents": [list(pair) for pair in zip(POSITIVES, NEGATIVES, strict=True)] if listed else POSITIVES,
        "scores": [[0.9, 0.1]] * len(pairs) if listed else [0.1, 0.4, 0.6, 0.9],
        "labels": [0, 1, 2, 1] if row.format in CLASSED else [0, 1, 0, 1],
        "source_sentences": ANCHORS,
        "target_sentences": POSITIVES,
        # Stored vectors stand in for a teacher: whatever encodes texts to them will do.
        "teacher_model": SimpleNamespace(
            encode=lambda texts, **_: vectors(torch.rand(len(texts), dimension)),
            sparsity=getattr(model, "sparsity", None),
        ),
    }
    if argument in values:
        return values[argument]
    if argument == "dataloader":
        from sentence_transformers import InputExample
        from torch.utils.data import DataLoader

        return DataLoader([InputExample(texts=list(pair), label=i % 3) for i, pair in enumerate(pairs)], batch_size=2)
    assert argument == "softmax_model"
    return losses.SoftmaxLoss(model, embedding_dimension=dimension, num_labels=3)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.model}:{row.format}:{row.evaluator}")
def test_the_evaluator_exists_and_takes_the_arguments(row: EvaluatorRow) -> None:
    parameters = inspect.signature(evaluator_class(row)).parameters
    variable = any(item.kind is inspect.Parameter.VAR_POSITIONAL for item in parameters.values())
    assert variable or set(row.arguments) <= set(parameters)


@pytest.mark.parametrize("row", DISTINCT, ids=lambda row: f"{row.model}:{row.format}:{row.evaluator}")
def test_the_evaluator_returns_the_metric_as_its_primary_one(row: EvaluatorRow, models: dict[str, Any]) -> None:
    classes = row.model == "cross-encoder" and row.format in CLASSED
    model = models[row.model + " with classes" * classes]
    evaluator = evaluator_class(row)(
        **{name: sample(row, name, model) for name in row.arguments}, name="dev", write_csv=False
    )
    results = evaluator(model)
    key = "dev_" + (row.picks or row.metric).format(similarity=evaluators.SIMILARITY.get(row.model, ""))
    assert key in results
    assert row.picks or evaluator.primary_metric in (key, row.metric)
    # Evaluators of cross-encoders say nothing about the direction: the library takes greater for better then.
    assert getattr(evaluator, "greater_is_better", True) == row.greater_is_better


def test_the_similarity_of_a_fresh_model_is_the_tables(models: dict[str, Any]) -> None:
    for model, similarity in evaluators.SIMILARITY.items():
        assert models[model].similarity_fn_name == similarity


def test_losses_that_set_the_similarity_to_cosine_are_the_tables(models: dict[str, Any]) -> None:
    losses = importlib.import_module(f"{PACKAGES['sparse']}.losses")
    found = set()
    for name in losses.__all__:
        model = models["sparse"]
        model.similarity_fn_name = "dot"
        parameters = inspect.signature(getattr(losses, name)).parameters
        required = [n for n, p in parameters.items() if p.default is p.empty and n != "model"]
        if not required:
            getattr(losses, name)(model)
            if model.similarity_fn_name == "cosine":
                found.add(name)
    models["sparse"].similarity_fn_name = "dot"
    assert found == set(evaluators.SETS_COSINE)


def test_local_tasks_of_mteb_report_what_mteb_is_said_to_report() -> None:
    """MAP, which takes every grade for the same, is not the main score of lists with grades."""
    said = {row.mteb for row in REPORTED if row.mteb}
    assert said == {(name, BY_NAME[name].main_score) for name, _ in said}
    assert BY_NAME["InstructionReranking"].main_score == BY_NAME["Reranking"].main_score == "ndcg_at_10"
