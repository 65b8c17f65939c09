"""Files of the BEIR layout whose columns have other names, or lie within others: said in the spec, proposed, checked, counted and read."""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from matrix import repos
from stgen.examine.examining import examine
from stgen.inspection.inspecting import inspect_data
from stgen.language.spec import Spec
from stgen.profiling.profiling import profile_of

ROWS = 40
COLUMNS = {
    "corpus": {"id": "docid", "title": "passage.heading", "text": "sections[0].body"},
    "queries": {"id": "qid", "text": "question.text"},
    "qrels": {"query": "query", "document": "doc", "grade": "rel"},
}


def write(folder: Path) -> dict[str, Any]:
    """Write a layout, and return how a spec names it."""
    (folder / "qrels").mkdir()
    documents = [
        {"docid": n, "passage": {"heading": f"part {n}"}, "sections": [{"body": f"it lies on shelf {n}"}, {"body": ""}]}
        for n in range(ROWS)
    ]
    queries = [{"qid": f"{n:04d}", "question": {"text": f"where is part {n}?"}} for n in range(ROWS)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    for split, numbers in (("train", range(30)), ("test", range(30, ROWS))):
        judged = "\n".join(f"{n:04d},{n},1" for n in numbers)
        (folder / f"qrels/{split}.csv").write_text(f"query,doc,rel\n{judged}\n")
    files = {
        "corpus": "corpus.jsonl",
        "queries": "queries.jsonl",
        "qrels": "qrels/train.csv",
        "test_qrels": "qrels/test.csv",
    }
    return {**files, "columns": COLUMNS}


def spec_of(retrieval: dict[str, Any]) -> dict[str, Any]:
    return {
        "stgen": 1,
        "project": {"name": "layout"},
        "model": {"type": "dense", "base": "../bases/tiny"},
        "data": [{"retrieval": retrieval}],
        "train": {"batch_size": 8},
        "hardware": {"accelerator": "cpu"},
    }


def test_columns_are_proposed_checked_counted_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "repo"
    folder.mkdir()
    retrieval = write(folder)
    monkeypatch.chdir(folder)
    proposed = tomllib.loads(inspect_data(".").line)["retrieval"]
    assert proposed == retrieval
    spec = Spec.model_validate(spec_of(retrieval))
    assert not [item for item in examine(spec, str(folder)) if item.severity == "error"]
    counted = profile_of(spec, str(folder)).sets[0].splits
    assert (counted["corpus"].rows, counted["train"].distinct) == (ROWS, 30)
    repos.write_repo(spec_of(retrieval), folder)
    with repos.modules(folder) as load, contextlib.redirect_stdout(io.StringIO()):
        rows = load("data").read("train")
    assert rows[3] == {"anchor": "where is part 3?", "document": "part 3 it lies on shelf 3", "relevance": 1.0}


@pytest.mark.parametrize(
    ("part", "called", "says"),
    [("corpus", "id", "corpus.jsonl has no column `_id`"), ("queries", "text", "queries.jsonl has no column `text`"), ("qrels", "grade", "qrels/train.csv has no column `score`")],
)  # fmt: skip
def test_a_column_that_no_file_has_is_missing(tmp_path: Path, part: str, called: str, says: str) -> None:
    retrieval = write(tmp_path)
    retrieval["columns"] = COLUMNS | {part: COLUMNS[part] | {called: "none"}}
    found = [item for item in examine(Spec.model_validate(spec_of(retrieval)), str(tmp_path)) if item.code == "STG206"]
    assert found[0].message.startswith(says)
    assert f"{part} = {{ {called} = " in found[0].help


def test_a_row_that_breaks_the_contract_is_told_by_its_path(tmp_path: Path) -> None:
    retrieval = write(tmp_path)
    lines = (tmp_path / "queries.jsonl").read_text().splitlines()
    lines[4] = json.dumps({"qid": "0004", "question": {"text": 5}})
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    found = [item.message for item in examine(Spec.model_validate(spec_of(retrieval)), str(tmp_path))]
    assert "line 5 of queries.jsonl: `question.text` is not a text: 5" in found
