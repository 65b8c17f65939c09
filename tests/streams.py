"""What the tests of streams share: a spec that streams its training rows, its repo, and a tiny base beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conversions import compile_to, write_lines
from matrix import bases, samples
from stgen.plan.plan import Plan

KINDS = {  # model type -> class of its tiny base
    "dense": "BertModel", "cross-encoder": "BertForSequenceClassification", "sparse": "BertForMaskedLM", "multi-vector": "BertModel",
}  # fmt: skip
WIDTH = bases.WIDTH
CLASSES = {"column": "c", "names": ["far", "near", "same"]}
COLUMNS = samples.COLUMNS | {"text-class": {"text": "t", "class": CLASSES}}
STEPS, BATCH = 4, 4


def spec_of(format: str = "pair", model: str = "dense", **tables: Any) -> dict[str, Any]:
    """A spec that streams train*.jsonl of its own folder; tables of `data` and `train` are laid over its own."""
    files = {"train": "train*.jsonl", "eval": "eval.jsonl", "test": "test.jsonl"}
    train = {"steps": STEPS, "batch_size": BATCH, "learning_rate": 0.01, "warmup": 0}
    return {
        "stgen": 1,
        "project": {"name": "stream"},
        "model": {"type": model, "base": "../base"},
        "data": [files | {"columns": COLUMNS[format], "streaming": True} | tables.pop("data", {})],
        "train": train | tables.pop("train", {}),
        "hardware": {"accelerator": "cpu"},
        **tables,
    }


def write_rows(repo: Path, format: str = "pair", files: int = 1, rows: int = samples.ROWS) -> None:
    """Write so many training files, and eval and test rows of their own."""
    repo.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        made = [samples.row(format, files * place + number, WIDTH) for place in range(rows // files)]
        write_lines(repo / f"train-{number + 1}.jsonl", made)
    for split, start in (("eval", 120), ("test", 150)):
        write_lines(
            repo / f"{split}.jsonl", [samples.row(format, start + place, WIDTH) for place in range(samples.ROWS)]
        )


def make(
    repo: Path, format: str = "pair", model: str = "dense", files: int = 1, rows: int = samples.ROWS, **tables: Any
) -> Plan:
    """Compile a spec over such rows, beside a tiny base."""
    write_rows(repo, format, files, rows)
    plan = compile_to(spec_of(format, model, **tables), repo)
    if not (repo / "../base").exists():
        bases.build(repo.parent / "base", KINDS[model])
    return plan
