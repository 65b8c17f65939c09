"""The BEIR layout with ids as people have them, and judgements as TREC writes them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from conversions import compile_to, write_lines
from matrix import repos
from stgen.examine.examining import examine
from stgen.language.spec import Spec

COUNT = 24
DAYS = [datetime.date(2021, 3, day) for day in range(1, COUNT + 1)]
# fmt: off
IDS: dict[str, tuple[list[Any], list[Any]]] = {  # what they are -> in the corpus and the queries, in the judgements
    "zeros before them": ([f"{n:05d}" for n in range(COUNT)],       [f"{n:05d}" for n in range(COUNT)]),
    "numbers":           (list(range(COUNT)),                       list(range(COUNT))),
    "19 digits":         ([10**18 + n for n in range(COUNT)],       [10**18 + n for n in range(COUNT)]),
    "floats":            (list(range(COUNT)),                       [float(n) for n in range(COUNT)]),
    "dates":             ([str(day) for day in DAYS],               DAYS),
    "dates as text":     ([str(day) for day in DAYS],               [str(day) for day in DAYS]),
}
# fmt: on
HALVES = {"qrels": range(COUNT // 2), "eval_qrels": range(COUNT // 2, COUNT)}


def spec_of(suffix: str, trec: bool = False) -> dict[str, Any]:
    files = {"corpus": "corpus.jsonl", "queries": "queries.jsonl"} | {name: f"{name}.{suffix}" for name in HALVES}
    return {
        "stgen": 1,
        "model": {"type": "dense", "base": "../bases/dense"},
        "data": [{"retrieval": files | {"trec": trec}}],
        "train": {"batch_size": 4},
    }


def write_texts(folder: Path, ids: list[Any]) -> None:
    write_lines(folder / "corpus.jsonl", [{"_id": one, "text": f"text {n}"} for n, one in enumerate(ids)])
    write_lines(folder / "queries.jsonl", [{"_id": one, "text": f"query {n}"} for n, one in enumerate(ids)])


def errors(folder: Path, spec: dict[str, Any]) -> list[str]:
    return [item.message for item in examine(Spec.model_validate(spec), str(folder)) if item.severity != "note"]


def joined(folder: Path, spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that data.py makes of the judgements."""
    compile_to(spec, folder)
    with repos.modules(folder) as load:
        return [row for split in ("train", "eval") for row in load("data").read(split)]


WANTED = [{"anchor": f"query {n}", "document": f"text {n}", "relevance": 1.0} for n in range(COUNT)]


@pytest.mark.parametrize("suffix", ["tsv", "parquet", "jsonl"])
@pytest.mark.parametrize("ids", IDS)
def test_ids_are_text_whatever_they_look_like(tmp_path: Path, ids: str, suffix: str) -> None:
    import pyarrow
    import pyarrow.parquet

    texts, judged = IDS[ids]
    write_texts(tmp_path, texts)
    for name, half in HALVES.items():
        path = tmp_path / f"{name}.{suffix}"
        chosen = [judged[n] for n in half]
        if suffix == "parquet":
            table = pyarrow.table({"query-id": chosen, "corpus-id": chosen, "score": [1] * len(chosen)})
            pyarrow.parquet.write_table(table, path)
        elif suffix == "tsv":
            chosen = texts if ids == "floats" else judged  # a table of cells holds no floats of its own
            lines = [f"{chosen[n]}\t{chosen[n]}\t1" for n in half]
            path.write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]))
        else:
            rows = [{"query-id": one, "corpus-id": one, "score": 1} for one in chosen]
            path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
    spec = spec_of(suffix)
    assert errors(tmp_path, spec) == []
    assert joined(tmp_path, spec) == WANTED


def write_trec(folder: Path, line: str) -> None:
    for name, half in HALVES.items():
        (folder / f"{name}.txt").write_text("".join(line.format(n=n) for n in half))


@pytest.mark.parametrize("line", ["q{n} 0 q{n} 1\n", "q{n}\tQ0\tq{n}\t1\r\n", " q{n}  0 q{n}   1 \n\n"])
def test_judgements_of_trec(tmp_path: Path, line: str) -> None:
    write_texts(tmp_path, [f"q{n}" for n in range(COUNT)])
    write_trec(tmp_path, line)
    spec = spec_of("txt", trec=True)
    assert errors(tmp_path, spec) == []
    assert joined(tmp_path, spec) == WANTED


def test_a_line_that_is_no_judgement_is_named(tmp_path: Path) -> None:
    write_texts(tmp_path, [f"q{n}" for n in range(COUNT)])
    write_trec(tmp_path, "q{n} 0 q{n} 1\n")
    with (tmp_path / "qrels.txt").open("a") as file:
        file.write("q1 q1 1\n")
    words = "line 13 of qrels.txt: 3 fields, and a judgement has four: query 0 document grade"
    assert errors(tmp_path, spec_of("txt", trec=True)) == [words]
    with pytest.raises(SystemExit, match="1 of 13 rows of train break the contract") as stopped:
        joined(tmp_path, spec_of("txt", trec=True))
    assert words in str(stopped.value)


def test_a_file_that_looks_like_trec_is_told_so(tmp_path: Path) -> None:
    write_texts(tmp_path, [f"q{n}" for n in range(COUNT)])
    for name, half in HALVES.items():
        (tmp_path / f"{name}.tsv").write_text("".join(f"q{n}\t0\tq{n}\t1\n" for n in half))
    (tmp_path / "stgen.json").write_text(json.dumps(spec_of("tsv") | {"model": {"type": "dense", "base": "a/b"}}))
    done = stgen("validate", "--data", tmp_path / "stgen.json")
    assert "write trec = true beside it" in done.err
