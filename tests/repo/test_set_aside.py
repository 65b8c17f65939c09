"""Rows that break the contract: the run stops and names them, or sets them aside with file, line and reason."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cleaning import ELSEWHERE, spec_of, write_rows
from conversions import compile_to, prepare, read, write_lines
from matrix import repos

GOOD = [{"first": f"a red house {n}", "second": f"a cold river {n}", "score": n / 10} for n in range(6)]
BAD: list[tuple[bytes, str]] = [
    (b'{"first": "a", "second": "\xff\xfe", "score": 0.5}', "not UTF-8: invalid start byte at byte 27"),
    (b'{"first": "a", "second": ', "not valid JSON: "),
    (b'["a", "b", 0.5]', "not an object"),
    (b'{"first": "a", "score": 0.5}', "`second` has no value"),
    (b'{"first": null, "second": "b", "score": 0.5}', "`first` has no value"),
    (b'{"first": 5, "second": "b", "score": 0.5}', "`first` is not a text: 5"),
    (b'{"first": "a", "second": "  ", "score": 0.5}', "`second` is empty"),
    (b'{"first": "a", "second": "b", "score": "high"}', "`score` is not a number: 'high'"),
    (b'{"first": "a", "second": "b", "score": null}', "`score` has no value"),
    (b'{"first": "a", "second": "b", "score": 4.5}', "`score` is 4.5, and a score goes from 0 to 1"),
]
ASIDE = {"on_bad_row": "set-aside"}


def aside(repo: Path, folder: str = "prepared/rows") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (repo / folder / "train.set-aside.jsonl").read_text().splitlines()]


UNFINISHED = "prepared/rows.unfinished"
"""Where it stands when prepare.py has not ended."""


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
    assert [(item["row"], item["reason"]) for item in aside(tmp_path)] == [(7, "`second` has no value")]


def test_without_it_the_run_stops_and_names_the_row(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [*GOOD, GOOD[0] | {"second": None}])
    plan = compile_to(spec_of("score", {"length": {"min": 1}}), tmp_path)
    with pytest.raises(SystemExit, match=r"line 7 of train\.jsonl: `second` has no value"):
        prepare(tmp_path, plan)


def test_no_good_row_at_all(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [])
    write_lines(tmp_path / "train.jsonl", [ELSEWHERE["score"] | {"score": 7}] * 3)
    plan = compile_to(spec_of("score", ASIDE), tmp_path)
    with pytest.raises(SystemExit, match="no row of train keeps the contract"):
        prepare(tmp_path, plan)
    assert len(aside(tmp_path, UNFINISHED)) == 3


SOUND = b"".join(
    json.dumps({"first": f"a red house {n}", "second": f"a cold river {n}", "score": n / 30}).encode() + b"\n"
    for n in range(30)
)
LINES: list[tuple[str, bytes, str]] = [  # a line among sound ones, and how each setting names it
    ("UTF-8", b'{"first": "\xff\xfe", "second": "b", "score": 0.5}', "not UTF-8: invalid start byte at byte 12"),
    (
        "lone surrogate",
        b'{"first": "a \\ud800", "second": "b", "score": 0.5}',
        "`first` has a lone surrogate: \\ud800",
    ),
    ("too deep", b'{"first": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "has lists or objects nested too deeply"),
    ("no object", b"5", "not an object"),
    ("a list", b'["a", "b", 0.5]', "not an object"),
    ("cut off", b'{"first": "a', "not valid JSON: "),
    ("no column", b'{"first": "a", "score": 0.5}', "`second` has no value"),
    ("null", b'{"first": null, "second": "b", "score": 0.5}', "`first` has no value"),
    ("number", b'{"first": 5, "second": "b", "score": 0.5}', "`first` is not a text: 5"),
]


@pytest.mark.parametrize(("line", "says"), [line[1:] for line in LINES], ids=[line[0] for line in LINES])
def test_a_bad_line_is_named_or_set_aside(tmp_path: Path, line: bytes, says: str) -> None:
    for how in ("fail", "set-aside"):
        repo = tmp_path / how
        write_rows(repo, "score", [])
        (repo / "train.jsonl").write_bytes(SOUND + line + b"\n" + SOUND)
        plan = compile_to(spec_of("score", {"on_bad_row": how, "length": {"min": 1}}), repo)
        if how == "fail":
            with pytest.raises(SystemExit, match=re.escape(f"line 31 of train.jsonl: {says}")):
                prepare(repo, plan)
            continue
        prepare(repo, plan)
        assert len(read(repo, "train")) == 60
        (found,) = aside(repo)
        assert found["line"] == 31
        assert found["reason"].startswith(says)


PARQUET = "Parquet magic bytes not found"
FILES: list[tuple[str, bytes, str]] = [  # a file that is no data, and what is said of it where bad rows stop the run
    ("train.jsonl", b"", "train.jsonl has no rows"),
    ("train.jsonl.gz", gzip.compress(SOUND * 99)[:400], "train.jsonl.gz is cut off"),
    ("train.jsonl.gz", SOUND, "train.jsonl.gz can't be read: Not a gzipped file"),
    ("train.parquet", b"PAR1" + SOUND, PARQUET),
    (
        "train.csv",
        b"first,second,score\na,b,0.5\na,\xff,0.5\n",
        "line 3 of train.csv: `second` is not UTF-8: byte 0xff",
    ),
    (
        "train.csv",
        b"first,second,score\na,b,0.5\na,b,0.5,c\n",
        "line 3 of train.csv: 4 cells, and the first line names 3 columns",
    ),
    ("train.json", b'[{"first": "a", "second": "b", "sco', "line 1 of train.json: row 1 is not valid JSON"),
]


@pytest.mark.parametrize(("name", "content", "says"), FILES)
def test_a_file_that_is_no_data_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    for how in ("fail", "set-aside"):
        repo = tmp_path / how
        write_rows(repo, "score", [])
        (repo / name).write_bytes(content)
        compile_to(spec_of("score", {"on_bad_row": how}, train=name), repo)
        with repos.modules(repo) as load:
            if how == "set-aside" and name.startswith(("train.jsonl", "train.csv")):
                with contextlib.suppress(SystemExit):
                    load("data").read("train")
                assert aside(repo, UNFINISHED) or not content  # what stands before the fault is read
                continue
            with pytest.raises(SystemExit, match=re.escape(says)):
                load("data").read("train")


def test_a_byte_order_mark_is_no_part_of_a_row(tmp_path: Path) -> None:
    write_rows(tmp_path, "score", [])
    (tmp_path / "train.jsonl").write_bytes(b"\xef\xbb\xbf" + SOUND)
    prepare(tmp_path, compile_to(spec_of("score", ASIDE), tmp_path))
    assert len(read(tmp_path, "train")) == 30


@pytest.mark.parametrize("how", ["fail", "set-aside"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(tmp_path, "score", [])
    (tmp_path / "train.jsonl").write_bytes(SOUND)
    compile_to(spec_of("score", {"on_bad_row": how, "length": {"min": 1}}), tmp_path)
    with repos.modules(tmp_path) as load:
        prepare, reading = load("prepare"), load("reading")
        whole = reading.write

        def writes_meanwhile(*arguments: Any) -> Any:
            with (tmp_path / "train.jsonl").open("ab") as file:
                file.write(SOUND[:90])
            return whole(*arguments)

        monkeypatch.setattr(reading, "write", writes_meanwhile)
        with pytest.raises(SystemExit, match=r"prepare: train\.jsonl changed while the rows were read"):
            prepare.main([])
    assert not list((tmp_path / "prepared").rglob("train.s*"))
