"""Ids in a file of rows, whose texts stand in files beside it: `inspect` proposes both, and what it proposes is sound."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from stgen.examine.examining import examine
from stgen.inspection.inspecting import inspect_data
from stgen.language.spec import Spec
from stgen.profiling.profiling import profile_of

Row = dict[str, Any]


def texts(id: str, of: str, *further: str, start: int = 0) -> list[Row]:
    return [
        {id: number, **dict.fromkeys(further, "heading"), "text": f"{of} number {number} says this"}
        for number in range(start, start + 40)
    ]


FILES: dict[str, tuple[dict[str, list[Row]], str, str]] = {
    "distillation": (
        {
            "train.jsonl": [{"query_id": n, "document_ids": [n, (n + 1) % 40], "scores": [0.9, 0.1]} for n in range(40)],
            "queries.jsonl": texts("query_id", "query"),
            "documents.jsonl": texts("document_id", "document"),
        },
        '{ anchor = "query_id", documents = "document_ids", scores = "scores" }',
        '{ anchor = { file = "queries.jsonl", id = "query_id" }, documents = { file = "documents.jsonl", id = "document_id" } }',
    ),
    "triplets of ids": (
        {
            "triples.jsonl": [{"qid": str(n), "pos_id": str(100 + n), "neg_id": str(100 + (n + 3) % 40)} for n in range(40)],
            "queries.jsonl": texts("_id", "query"),
            "collection.jsonl": texts("id", "passage", start=100),
        },
        '{ anchor = "qid", positive = "pos_id", negative = "neg_id" }',
        '{ anchor = "queries.jsonl", positive = { file = "collection.jsonl", id = "id" }, negative = { file = "collection.jsonl", id = "id" } }',
    ),
    "lists of ids beside a query": (
        {
            "train.jsonl": [{"query": f"what is number {n}?", "positive_ids": [f"d{n}"], "negative_ids": [f"d{(n + i) % 40}" for i in (1, 2)]} for n in range(40)],
            "corpus.jsonl": [row | {"_id": f"d{row['_id']}"} for row in texts("_id", "document", "title")],
        },
        '{ anchor = "query", positive = "positive_ids[]", negative = "negative_ids[]" }',
        '{ positive = { file = "corpus.jsonl", text = ["title", "text"] }, negative = { file = "corpus.jsonl", text = ["title", "text"] } }',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_texts_beside_are_proposed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, columns, beside = FILES[name]
    for file, rows in files.items():
        (tmp_path / file).write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.chdir(tmp_path)
    main = next(iter(files))
    line = inspect_data(main).line
    assert line == f"columns = {columns}\ntexts = {beside}"
    data = {"train": main, **tomllib.loads(line)}
    model = {
        "type": "cross-encoder" if "scores" in columns else "dense",
        "base": "sentence-transformers/all-MiniLM-L6-v2",
    }
    spec = Spec.model_validate({"stgen": 1, "model": model, "data": [data], "train": {"batch_size": 8}})
    assert not [item for item in examine(spec, str(tmp_path)) if item.severity == "error"]
    counted = profile_of(spec, str(tmp_path)).sets[0].splits["train"]
    assert counted.rows == 40
    assert counted.texts[0].words.mean >= 4  # of the texts, and not of their ids


def test_ids_without_files_beside_them_get_no_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = FILES["distillation"][0]["train.jsonl"]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, texts("query_id", "query", start=500))))
    monkeypatch.chdir(tmp_path)
    assert inspect_data("train.jsonl").line == ""


def test_the_column_of_the_ids_is_named_where_it_is_another(tmp_path: Path) -> None:
    for file, rows in FILES["distillation"][0].items():
        (tmp_path / file).write_text("\n".join(map(json.dumps, rows)))
    columns = {"anchor": "query_id", "documents": "document_ids", "scores": "scores"}
    data = {"train": "train.jsonl", "columns": columns, "texts": {"anchor": "queries.jsonl"}}
    model = {"type": "cross-encoder", "base": "cross-encoder/ms-marco-MiniLM-L6-v2"}
    found = examine(Spec.model_validate({"stgen": 1, "model": model, "data": [data]}), str(tmp_path))
    assert [item.help for item in found if item.code == "STG206"] == [
        'its columns are `query_id`, `text`; name them: texts = { anchor = { file = "queries.jsonl", id = "query_id" } }'
    ]
