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


def aside(repo: Path, folder: str = "prepared") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (repo / folder / "train.set-aside.jsonl").read_text().splitlines()]


UNFINISHED = "prepared/unfinished"
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
    assert len(aside(tmp_path, UNFINISHED)) == 3


SOUND = b"".join(
    json.dumps({"first": f"a red house {n}", "second": f"a cold river {n}", "score": n / 30}).encode() + b"\n"
    for n in range(30)
)
LINES: list[tuple[str, bytes, str]] = [  # a line among sound ones, and how each setting names it
    ("UTF-8", b'{"first": "\xff\xfe", "second": "b", "score": 0.5}', "is not UTF-8: invalid start byte at byte 12"),
    ("lone surrogate", b'{"first": "a \\ud800", "second": "b", "score": 0.5}', "has half of a character in it"),
    ("too deep", b'{"first": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is not JSON: "),
    ("no object", b"5", "is not an object"),
    ("a list", b'["a", "b", 0.5]', "is not an object"),
    ("cut off", b'{"first": "a', "is not JSON: "),
    ("no column", b'{"first": "a", "score": 0.5}', ""),
    ("null", b'{"first": null, "second": "b", "score": 0.5}', ""),
    ("number", b'{"first": 5, "second": "b", "score": 0.5}', ""),
]


@pytest.mark.parametrize(("line", "says"), [line[1:] for line in LINES], ids=[line[0] for line in LINES])
def test_a_bad_line_is_named_or_set_aside(tmp_path: Path, line: bytes, says: str) -> None:
    for how in ("fail", "set-aside"):
        repo = tmp_path / how
        write_rows(repo, "score", [])
        (repo / "train.jsonl").write_bytes(SOUND + line + b"\n" + SOUND)
        plan = compile_to(spec_of("score", {"on_bad_row": how, "length": {"min": 1}}), repo)
        if how == "fail":
            named = f"line 31 of .*train.jsonl {re.escape(says)}" if says else "row 31: text_[12] is not a text"
            with pytest.raises(SystemExit, match=named):
                prepare(repo, plan)
            continue
        prepare(repo, plan)
        assert len(read(repo, "train")) == 60
        (found,) = aside(repo)
        assert found["line"] == 31
        assert found["reason"].startswith(says)


PARQUET = "Parquet magic bytes not found"
FILES: list[tuple[str, bytes, str]] = [  # a file that is no data, and what is said of it where bad rows stop the run
    ("train.jsonl", b"", "train.jsonl is empty"),
    ("train.jsonl.gz", gzip.compress(SOUND * 99)[:400], "train.jsonl.gz breaks off after line "),
    ("train.jsonl.gz", SOUND, "train.jsonl.gz breaks off after line 0: Not a gzipped file"),
    ("train.parquet", b"PAR1" + SOUND, PARQUET),
    ("train.csv", b"first,second,score\na,b,0.5\na,\xff,0.5\n", "train.csv can't be read: 'utf-8' codec"),
    ("train.csv", b"first,second,score\na,b,0.5\na,b,0.5,c\n", "Expected 3 fields in line 3, saw 4"),
    ("train.json", b'[{"first": "a", "second": "b", "sco', "train.json can't be read"),
]


@pytest.mark.parametrize(("name", "content", "says"), FILES)
def test_a_file_that_is_no_data_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    for how in ("fail", "set-aside"):
        repo = tmp_path / how
        write_rows(repo, "score", [])
        (repo / name).write_bytes(content)
        compile_to(spec_of("score", {"on_bad_row": how}, train=name), repo)
        with repos.modules(repo) as load:
            if how == "set-aside" and ".jsonl" in name:
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
        data = load("data")
        reads = "judge_line" if how == "set-aside" else "load_dataset"
        whole = getattr(data, reads)

        def writes_meanwhile(*arguments: Any, **options: Any) -> Any:
            monkeypatch.setattr(data, reads, whole)
            with (tmp_path / "train.jsonl").open("ab") as file:
                file.write(SOUND[:90])
            return whole(*arguments, **options)

        monkeypatch.setattr(data, reads, writes_meanwhile)
        with pytest.raises(SystemExit, match=r"train\.jsonl changed while it was read"):
            data.read("train")
    assert not list((tmp_path / "prepared").rglob("train.s*"))
