"""Files that are something else than their suffix says, and tables with lines that are none of their rows: what is said of them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stgen.inspection.inspecting import inspect_data
from stgen.reader import cells
from stgen.reader.files import UnreadableError
from stgen.rows.other_formats import renamed
from stgen.rows.reading import read

ROWS = 40
PAIRS = [{"question": f"How is part {n} mended?", "answer": f"Part {n} is taken out and cleaned."} for n in range(ROWS)]
LINES = "".join(json.dumps(row) + "\n" for row in PAIRS)
TABLE = "question,answer\n" + "".join(f"{row['question']},{row['answer']}\n" for row in PAIRS)


def said(path: Path) -> UnreadableError:
    with pytest.raises(UnreadableError) as raised:
        list(read(str(path), path.name))
    return raised.value


def run(help: str, folder: Path) -> None:
    """Run the command that a finding shows."""
    command = re.search(r"python -c '[^']*'|tail [^,]*|sed .*", help)
    assert command is not None, help
    line = command[0].replace("python", shlex.quote(sys.executable), 1)
    subprocess.run(line, shell=True, cwd=folder, check=True, capture_output=True)


# fmt: off
@pytest.mark.parametrize(("file", "content", "called", "help"), [
    ("train.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of Git LFS, and not the file itself", "git lfs pull"),
    ("train.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of Git LFS, and not the file itself", "git lfs pull"),
    ("train.jsonl", b"\n<!DOCTYPE HTML>\n<html><body>404</body></html>\n", "a web page", "the raw data"),
    ("train.csv", b"\xef\xbb\xbf<?xml version='1.0'?>\n<rows/>\n", "XML", "JSON Lines"),
    ("train.csv", b"PK\x03\x04\x14\0\x06\0", "a zip archive, as workbooks of Excel are", '.to_csv("train.table.csv"'),
    ("train.xlsx", b"PK\x03\x04\x14\0\x06\0", "a zip archive, as workbooks of Excel are", '.to_csv("train.csv"'),
    ("train.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of old Excel", '.to_csv("train.csv"'),
    ("train.csv", b"PAR1\x15\x04\x15\0", "Parquet", "mv train.csv train.parquet"),
    ("train.jsonl", gzip.compress(LINES.encode()), "compressed with gzip", "mv train.jsonl train.jsonl.gz"),
    ("train.csv", bz2.compress(TABLE.encode()), "compressed with bzip2", "mv train.csv train.csv.bz2"),
    ("train.json", lzma.compress(b"[]"), "compressed with xz", "mv train.json train.json.xz"),
    ("train.jsonl", pickle.dumps(PAIRS), "a pickle of Python", "can run any program"),
    ("train.db", b"SQLite format 3\0\x10\0", "a database of SQLite", "sqlite3 -header -csv"),
])
def test_a_file_is_named_by_its_first_bytes(file: str, content: bytes, called: str, help: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(content)
    error = said(tmp_path / file)
    assert (error.code, error.message) == ("STG201", f"{file} is {called}")
    assert help in error.help
# fmt: on


@pytest.mark.parametrize("text", ["PAR1,answer\n", "version,answer\n", "<b>question</b>,answer\n", "%PDF,answer\n"])
def test_names_of_columns_are_no_first_bytes_of_others(text: str, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(text + "one,two\n")
    assert [batch.columns["answer"] for batch in read(str(tmp_path / "train.csv"), "train.csv")] == [["two"]]


@pytest.mark.parametrize(
    ("file", "way"),
    [
        ("a.ndjson", "rename it: mv a.ndjson a.jsonl"),
        ("a.psv", 'rename it: mv a.psv a.csv, and write file = { delimiter = "|" } beside the path'),
        ("a.doc", ""),
    ],
)
def test_an_unusual_suffix_is_told_the_usual_one(file: str, way: str) -> None:
    assert renamed(file) == way


@pytest.mark.parametrize("splits", [False, True])
def test_a_folder_of_the_library_datasets_is_made_parquet(
    splits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.chdir(tmp_path)
    rows: Any = datasets.Dataset.from_list(PAIRS)
    (datasets.DatasetDict(train=rows, test=rows) if splits else rows).save_to_disk("saved")
    with pytest.raises(UnreadableError) as raised:
        inspect_data("saved")
    run(raised.value.help, tmp_path)
    assert inspect_data("train.parquet").rows == ROWS
    (part,) = [str(path) for path in Path("saved").rglob("*.arrow") if "test" not in path.parts]
    error = said(Path(part))
    assert "a stream of Arrow" in error.message


ABOVE = {
    "train.csv": ("Export of our questions\n\n" + TABLE, 3),
    "train.tsv": ("# made by hand\n# version 2\n" + TABLE.replace(",", "\t"), 3),
    "other.csv": ("Report of May\n" + TABLE.replace("question", "number,question").replace("How", "7,How"), 2),
}


@pytest.mark.parametrize("file", ABOVE)
def test_lines_above_a_table_are_told_with_the_command_that_removes_them(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, line = ABOVE[file]
    monkeypatch.chdir(tmp_path)
    Path(file).write_text(text)
    with pytest.raises(UnreadableError) as raised:
        inspect_data(file)
    assert raised.value.code == "STG204"
    assert f"seem to stand in line {line}" in raised.value.help
    run(raised.value.help, tmp_path)
    made = file.replace(".", ".table.")
    assert inspect_data(made).rows == ROWS
    assert 'anchor = "question"' in inspect_data(made).line


def test_rows_that_end_with_commas_are_told_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.jsonl").write_text(LINES.replace("}\n", "},\n"))
    with pytest.raises(UnreadableError) as raised:
        inspect_data("train.jsonl")
    run(raised.value.help, tmp_path)
    assert Path("train.rows.jsonl").read_text() == LINES


def test_names_of_columns_among_the_rows_are_no_row(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(TABLE + TABLE)
    (batch,) = cells.read(str(tmp_path / "train.csv"), "train.csv")
    assert (len(batch.places), batch.columns["question"][ROWS]) == (2 * ROWS, PAIRS[0]["question"])
    (broken,) = batch.broken
    assert (broken.place, broken.fault.code, broken.says) == (ROWS + 2, "STG445", "repeats the names of the columns")
    assert broken.raw == "question,answer"


def test_a_text_that_is_called_like_its_only_column_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("word\nsun\nword\nmoon\n")
    (batch,) = cells.read(str(tmp_path / "train.csv"), "train.csv")
    assert batch.columns["word"] == ["sun", "word", "moon"]
