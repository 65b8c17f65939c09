"""Builds what a case trains: a base with random weights, rows of known length, and the library's own trainer."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from datasets import Dataset
from device.cases import LENGTH, VOCABULARY, Case
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel, BertTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [f"w{number}" for number in range(VOCABULARY - len(SPECIAL))]
CLASSES = {"cross-encoder": BertForSequenceClassification, "sparse": BertForMaskedLM}


def save_base(case: Case, folder: Path) -> Path:
    """Write a base model with random weights, and a tokenizer that makes one token of each of WORDS."""
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join((*SPECIAL, *WORDS)) + "\n")
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=LENGTH).save_pretrained(folder)
    labels = {"num_labels": 1} if case.kind == "cross-encoder" else {}
    config = BertConfig(vocab_size=VOCABULARY, max_position_embeddings=LENGTH, **case.config, **labels)
    CLASSES.get(case.kind, BertModel)(config).save_pretrained(folder)
    return folder


def rows_of(case: Case, steps: int) -> Dataset:
    """Rows of exactly the tokens that the case says, but for a tenth of them, which are padded."""
    draw = random.Random(42)

    def text(tokens: int, number: int) -> str:
        words = tokens - 2 if number % 10 else (tokens - 2) * 3 // 4
        return " ".join(draw.choices(WORDS, k=words))

    count = case.rows * steps
    document = case.document - case.query - 1 if case.kind == "cross-encoder" else case.document
    columns: dict[str, list[Any]] = {
        "anchor": [text(case.query, number) for number in range(count)],
        "positive": [text(document, number) for number in range(count)],
    }
    if case.kind == "cross-encoder":
        columns["label"] = [float(number % 2) for number in range(count)]
    return Dataset.from_dict(columns)


def trainer_of(case: Case, base: Path, rows: Dataset, output: Path, on_gpu: bool) -> Any:
    """The trainer of the case's model type, with the loss that stgen chooses for it."""
    model, loss, trainer, arguments = PARTS[case.kind](case, base)
    given = arguments(
        output_dir=str(output),
        per_device_train_batch_size=case.rows,
        num_train_epochs=1,
        bf16=case.precision == "bf16",
        use_cpu=not on_gpu,
        activation_checkpointing=case.checkpointing,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_strategy="no",
        dataloader_drop_last=True,
        dataloader_num_workers=4 if on_gpu else 0,
    )
    return trainer(model=model, args=given, train_dataset=rows, loss=loss)


def dense(case: Case, base: Path) -> tuple[Any, ...]:
    """MultipleNegativesRankingLoss, or its GradCache variant."""
    import sentence_transformers as library
    from sentence_transformers.sentence_transformer import losses

    model = library.SentenceTransformer(str(base), model_kwargs={"dtype": "float32"})
    loss = losses.MultipleNegativesRankingLoss(model)
    if case.mini_batch:
        loss = losses.CachedMultipleNegativesRankingLoss(model, mini_batch_size=case.mini_batch)
    return model, loss, library.SentenceTransformerTrainer, library.SentenceTransformerTrainingArguments


def cross_encoder(case: Case, base: Path) -> tuple[Any, ...]:
    """BinaryCrossEntropyLoss."""
    import sentence_transformers as library
    from sentence_transformers.cross_encoder import losses

    model = library.CrossEncoder(str(base), num_labels=1, model_kwargs={"dtype": "float32"})
    loss = losses.BinaryCrossEntropyLoss(model)
    return model, loss, library.CrossEncoderTrainer, library.CrossEncoderTrainingArguments


def sparse(case: Case, base: Path) -> tuple[Any, ...]:
    """SpladeLoss around SparseMultipleNegativesRankingLoss."""
    import sentence_transformers as library
    from sentence_transformers.sparse_encoder import losses

    model = library.SparseEncoder(str(base), model_kwargs={"dtype": "float32"})
    inner = losses.SparseMultipleNegativesRankingLoss(model)
    loss = losses.SpladeLoss(model, inner, document_regularizer_weight=3e-5, query_regularizer_weight=5e-5)
    return model, loss, library.SparseEncoderTrainer, library.SparseEncoderTrainingArguments


def multi_vector(case: Case, base: Path) -> tuple[Any, ...]:
    """MultiVectorMultipleNegativesRankingLoss."""
    import sentence_transformers as library
    from sentence_transformers.multi_vector_encoder import losses

    model = library.MultiVectorEncoder(str(base), model_kwargs={"dtype": "float32"})
    loss = losses.MultiVectorMultipleNegativesRankingLoss(model)
    return model, loss, library.MultiVectorEncoderTrainer, library.MultiVectorEncoderTrainingArguments


PARTS = {"dense": dense, "cross-encoder": cross_encoder, "sparse": sparse, "multi-vector": multi_vector}
