"""Writes what the library can't know into the model card, the README.md of the trained model: name, language, licence, figures."""

from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard
from sentence_transformers import SentenceTransformer

import verdict

NAME = "inference"
TITLE = "Before and after training"  # of the section that evaluate.py puts in
FOLDER = "models/inference"  # of the trained model, in what a run writes
MODEL = FOLDER  # by which the card's own code loads it
EXAMPLE: dict[str, Any] = {
    "source_sentence": "The weather is lovely today.",
    "sentences": ["It's so sunny outside!", "He drove to the stadium."],
}
TEST = "test"  # what the metadata calls the rows that the figures are of


def describe(encoder: SentenceTransformer) -> None:
    """Say what the model is, before the trainer adds how it was trained. Nothing is asked of the hub."""
    card = encoder.model_card_data
    card.local_files_only = True
    card.model_name = NAME
    card.language = ["en"]
    card.base_model = card.base_model or "microsoft/MiniLM-L12-H384-uncased"
    card.train_datasets = [{"name": "train.jsonl"}]
    card.model_id = MODEL
    # The library would draw an example from the rows.
    card.widget = [EXAMPLE]


def leave_rows_out(encoder: SentenceTransformer) -> None:
    """Take out the rows that the trainer has put in as samples: a card is often read by more people than the data."""
    card = encoder.model_card_data
    for rows in (*card.train_datasets, *card.eval_datasets):
        for samples in ("examples", "examples_table"):
            rows.pop(samples, None)


def add_results(file: Path, results: dict[str, Any]) -> None:
    """Put the figures on the test rows into a card, in place of those of an earlier run: in its metadata and as a table."""
    if not file.exists():  # the library could not write one, and said so
        return
    card = ModelCard.load(file)
    others = [result for result in card.data.eval_results or [] if result.dataset_type != TEST]
    card.data.model_name = NAME
    card.data.eval_results = others + [
        EvalResult(
            task_type=card.data.pipeline_tag or "feature-extraction",
            dataset_type=TEST,
            dataset_name="held-out test rows",
            metric_type=name,
            metric_value=after,
            metric_name=name,
            metric_args={"before training": results["before"][name]},
        )
        for name, after in results["after"].items()
    ]
    card.text = put_in(card.text, section(results))
    card.save(file)


def section(results: dict[str, Any]) -> str:
    """Return the verdict and every metric before and after, in Markdown."""
    head, *rows = verdict.metric_rows(results)
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *([f"`{name}`", *cells] for name, *cells in rows)]
    figures = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = "\n".join(f"- {line}" for line in results["says"])
    return f"{TITLE}\n\nOn the held-out test rows: **{results['verdict']}**.\n\n{said}\n\n{figures}\n"


def put_in(text: str, own: str) -> str:
    """Return the card's text with our own section before the training details, in place of an earlier one."""
    sections = [one for one in text.split("\n## ") if not one.startswith(TITLE)]
    place = next((number for number, one in enumerate(sections) if one.startswith("Training Details")), len(sections))
    return "\n## ".join([*sections[:place], own, *sections[place:]])
