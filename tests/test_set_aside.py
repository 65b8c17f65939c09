"""Rows that break the contract: the run stops and names them, or sets them aside with file, line and reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from cleaning import ELSEWHERE, spec_of, write_rows
from conversions import compile_to, prepare, read, write_lines

GOOD = [{"first": f"a red house {n}", "second": f"a cold river {n}", "score": n / 10} for n in range(6)]
BAD: list[tuple[bytes, str]] = [
    (b'{"first": "a", "second": "\xff\xfe", "score": 0.5}', "is not UTF-8: invalid start byte at byte 27"),
    (b'{"first": "a", "second": ', "is not JSON: "),
    (b'["a", "b", 0.5]', "is not an object"),
    (b'{"first": "a", "score": 0.5}', "has no column ['second']"),
    (b'{"first": null, "second": "b", "score": 0.5}', "text_1 is not a text with something in it: None"),
    (b'{"first": 5, "second": "b", "score": 0.5}', "text_1 is not a text with something in it: 5"),
    (b'{"first": "a", "second": "  ", "score": 0.5}', "text_2 is not a text with something in it: '  '"),
    (b'{"first": "a", "second": "b", "score": "0.5"}', "score is not a number from 0 to 1: '0.5'"),
    (b'{"first": "a", "second": "b", "score": null}', "score is not a number from 0 to 1: None"),
    (b'{"first": "a", "second": "b", "score": 4.5}', "score is not a number from 0 to 1: 4.5"),
]
ASIDE = {"on_bad_row": "set-aside"}


def aside(repo: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (repo / "prepared" / "train.set-aside.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("steps", [ASIDE, ASIDE | {"length": {"min": 2}}], ids=["alone", "with a step"])
def test_bad_lines_are_set_aside_with_their_place_and_nothing_is_lost(tmp_path: Path, steps: dict[str, Any]) -> None:
    write_rows(tmp_path, "score", [])
    lines = [json.dumps(row).encode() for row in GOOD]
    mixed = [line for pair in zip(lines, (raw for raw, _ in BAD), strict=False) for line in pair]
    mixed += [raw for raw, _ in BAD[len(lines) :]]
    (tmp_path / "train.jsonl").write_bytes(b"\n".join(mixed) + b"\n")
    printed = prepare(tmp_path, compile_to(spec_of("score", steps), tmp_path))
    assert read(tmp_path, "train") == [
        {"text_1": row["first"], "text_2": row["second"], "score": row["score"]} for row in GOOD
    ]
    found = aside(tmp_path)
    assert len(found) + len(GOOD) == len(mixed)
    for item, (raw, reason) in zip(found, BAD, strict=True):
        assert item["reason"].startswith(reason)
        assert mixed[item["line"] - 1] == raw
        assert item["file"].endswith("train.jsonl")
    assert "train: 10 of 16 rows are set aside" in printed


def test_a_file_that_breaks_off_gives_the_rows_before(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [])
    whole = gzip.compress(
        "".join(json.dumps(row | {"first": row["first"] * 99}) + "\n" for row in GOOD * 50).encode(), 1
    )
    (tmp_path / "train.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    prepare(tmp_path, compile_to(spec_of("score", ASIDE, train="train.jsonl.gz"), tmp_path))
    assert 0 < len(read(tmp_path, "train")) < 300
    assert "the file breaks off here" in aside(tmp_path)[-1]["raw"]


def test_rows_of_tables_are_set_aside_too(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    write_rows(tmp_path, "score", [])
    rows = [*GOOD, GOOD[0] | {"second": None}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "train.parquet")
    prepare(tmp_path, compile_to(spec_of("score", ASIDE, train="train.parquet"), tmp_path))
    assert len(read(tmp_path, "train")) == len(GOOD)
    assert [(item["row"], item["reason"]) for item in aside(tmp_path)] == [
        (7, "text_2 is not a text with something in it: None")
    ]


def test_without_it_the_run_stops_and_names_the_row(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [*GOOD, GOOD[0] | {"second": None}])
    plan = compile_to(spec_of("score", {"length": {"min": 1}}), tmp_path)
    with pytest.raises(SystemExit, match="row 7: text_2 is not a text"):
        prepare(tmp_path, plan)


def test_no_good_row_at_all(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [])
    write_lines(tmp_path / "train.jsonl", [ELSEWHERE["score"] | {"score": 7}] * 3)
    plan = compile_to(spec_of("score", ASIDE), tmp_path)
    with pytest.raises(SystemExit, match="no row of train keeps the contract"):
        prepare(tmp_path, plan)
    assert len(aside(tmp_path)) == 3
