"""Rows that stand in lists, in lines with a sign between texts, in files of a language each: what is read of them, and what is said."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from stgen.inspection.inspecting import Inspection, inspect_data
from stgen.language.spec_data import FileFormat
from stgen.reader.files import UnreadableError
from stgen.rows.reading import read

ROWS = 40
MODEL = 'stgen = 1\nmodel = { type = "dense", base = "sentence-transformers/all-MiniLM-L6-v2" }\ntrain = { batch_size = 8 }\n'


def asked(n: int) -> str:
    return f"How do I mend part number {n} of the machine?"


def answer(n: int) -> str:
    return f"Part number {n} is unscrewed, cleaned with a cloth and put back in its place."


def article(n: int) -> dict[str, Any]:
    """An article of SQuAD, with three paragraphs of two questions each."""
    paragraphs = [
        {
            "context": answer(10 * n + k),
            "qas": [{"id": f"{n}-{k}-{i}", "question": asked(100 * n + 10 * k + i), "answers": []} for i in range(2)],
        }
        for k in range(3)
    ]
    return {"title": f"Part {n}", "paragraphs": paragraphs}


def lines(values: list[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


# fmt: off
FILES: dict[str, tuple[str, str, str, int]] = {  # file, its text, the proposed lines, its rows
    "SQuAD": ("train.json", json.dumps({"version": "1.1", "data": [article(n) for n in range(8)]}),
              'file = { rows = "data[].paragraphs[].qas" }\ncolumns = { anchor = "question", positive = "context" }', 48),
    "articles in a list": ("train.json", json.dumps([article(n) for n in range(8)]),
              'file = { rows = "[].paragraphs[].qas" }\ncolumns = { anchor = "question", positive = "context" }', 48),
    "an article a line": ("train.jsonl", lines([article(n) for n in range(8)]),
              'file = { rows = "[].paragraphs[].qas" }\ncolumns = { anchor = "question", positive = "context" }', 48),
    "lists": ("train.jsonl", lines([[asked(n), answer(n)] for n in range(ROWS)]),
              'file = { header = ["anchor", "positive"] }\ncolumns = { anchor = "anchor", positive = "positive" }', ROWS),
    "lists in a list": ("train.json", json.dumps([[asked(n), answer(n), answer(n + 1)] for n in range(ROWS)]),
              'file = { header = ["anchor", "positive", "negative"] }\ncolumns = { anchor = "anchor", positive = "positive", negative = "negative" }', ROWS),
    "lists with a label": ("train.jsonl", lines([[asked(n), answer(n), n % 2] for n in range(ROWS)]),
              'file = { header = ["text_1", "text_2", "binary"] }\ncolumns = { text_1 = "text_1", text_2 = "text_2", binary = "binary" }', ROWS),
    "bars": ("train.txt", "".join(f"{asked(n)} ||| {answer(n)}\n" for n in range(ROWS)),
              'file = { delimiter = " ||| ", header = ["anchor", "positive"] }\ncolumns = { anchor = "anchor", positive = "positive" }', ROWS),
    "tabs in plain text": ("train.txt", "".join(f"{asked(n)}\t{answer(n)}\n" for n in range(ROWS)),
              'file = { delimiter = "\\t", header = ["anchor", "positive"] }\ncolumns = { anchor = "anchor", positive = "positive" }', ROWS),
    "bars below names": ("train.csv", "question|||answer\n" + "".join(f"{asked(n)}|||{answer(n)}\n" for n in range(ROWS)),
              'file = { delimiter = "|||" }\ncolumns = { anchor = "question", positive = "answer" }', ROWS),
}
# fmt: on


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def inspected(file: str, text: str) -> Inspection:
    Path(file).write_text(text)
    return inspect_data(file)


def validated(file: str, more: str) -> list[dict[str, Any]]:
    """What `validate --data` finds in a spec of one file."""
    Path("stgen.toml").write_text(f'{MODEL}[[data]]\ntrain = "{file}"\n{more}\n')
    found: list[dict[str, Any]] = json.loads(stgen("validate", "--data", "--format", "json").out)
    return found


@pytest.mark.parametrize("name", FILES)
def test_what_is_proposed_reads_every_row(name: str) -> None:
    file, text, proposed, rows = FILES[name]
    found = inspected(file, text)
    assert (found.line, found.rows) == (proposed, rows)
    assert [item.code for item in found.remarks if item.severity != "note"] == []
    errors = [item for item in validated(file, proposed) if item["severity"] == "error"]
    assert errors == []
    assert stgen("compile").code == 0
    program = "import data; rows = data.read('train'); print(len(rows)); print(rows[0])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0] == str(rows)
    assert asked(0) in said
    assert answer(0) in said


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("train.jsonl", lines([[asked(n), answer(n)] for n in range(ROWS)])),
        ("train.json", json.dumps([[asked(n), answer(n)] for n in range(ROWS)])),
    ],
)
def test_lists_without_names_are_told_the_line(file: str, text: str) -> None:
    Path(file).write_text(text)
    (found,) = [
        item for item in validated(file, 'columns = { anchor = "q", positive = "a" }') if item["severity"] == "error"
    ]
    assert found["code"] == "STG203"
    assert 'file = { header = ["column_1", "column_2"] }' in found["help"]


def test_a_list_of_another_length_is_no_row() -> None:
    Path("train.jsonl").write_text(lines([[asked(0), answer(0)], [asked(1)], [asked(2), answer(2)]]))
    (batch,) = read("train.jsonl", "train.jsonl", None, FileFormat(header=["q", "a"]))
    assert (batch.places, [broken.place for broken in batch.broken]) == ([1, 3], [2])
    assert "1 item" in batch.broken[0].fault.says


def test_an_article_without_a_list_is_no_row() -> None:
    Path("train.json").write_text(json.dumps({"data": [article(0), {"title": "none"}, article(1)]}))
    (batch,) = read("train.json", "train.json", None, FileFormat(rows="data[].paragraphs[].qas"))
    assert len(batch.places) == 12
    assert [(broken.place, broken.fault.code) for broken in batch.broken] == [(7, "STG203")]


# --- a key twice ---------------------------------------------------------------------------------------------------------

TWICE = '{"question": "%s", "answer": "%s", "answer": "%s"}'


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_key_that_stands_twice_stops_both_alike(suffix: str) -> None:
    rows = [json.dumps({"question": asked(n), "answer": answer(n)}) for n in range(ROWS)]
    rows[20] = TWICE % (asked(20), answer(20), "Another answer that would be kept.")
    text = "\n".join(rows) if suffix == ".jsonl" else f"[{','.join(rows)}]"
    Path(f"train{suffix}").write_text(text)
    columns = 'columns = { anchor = "question", positive = "answer" }'
    (found,) = [item for item in validated(f"train{suffix}", columns) if item["severity"] == "error"]
    unit = "line" if suffix == ".jsonl" else "row"
    assert (found["code"], found["message"]) == ("STG440", f"{unit} 21 of train{suffix}: has 'answer' twice")
    assert stgen("compile").code == 0
    done = subprocess.run([sys.executable, "-c", "import data; data.read('train')"], capture_output=True, text=True)
    assert done.returncode != 0
    assert f"{unit} 21 of train{suffix}: has 'answer' twice" in done.stderr


@pytest.mark.parametrize(
    "row",
    [
        {"question": "question", "answer": '"answer": "answer":'},
        {"question": "q", "answer": "a", "more": {"question": "x", "answer": "y"}},
        {"question": 'he said "answer" : no', "answer": "a", "list": [{"answer": "x"}, {"answer": "y"}]},
    ],
)
def test_a_name_within_texts_and_objects_is_no_key_twice(row: dict[str, Any]) -> None:
    Path("train.jsonl").write_text(lines([row, row]))
    Path("train.json").write_text(json.dumps([row, row]))
    for file in ("train.jsonl", "train.json"):
        (batch,) = read(file, file)
        assert (len(batch.places), list(batch.broken)) == (2, [])
        assert batch.columns["answer"] == [row["answer"]] * 2


# --- rows that are lost, and labels in several places ------------------------------------------------------------------------


def test_objects_of_which_the_first_is_taken_are_counted() -> None:
    rows = [
        {"context": answer(n), "qas": [{"question": asked(3 * n + i)} for i in range(1 + n % 3)]} for n in range(ROWS)
    ]
    Path("train.jsonl").write_text(lines(rows))
    found = validated("train.jsonl", 'columns = { anchor = "qas[0].question", positive = "context" }')
    (lost,) = [item for item in found if item["code"] == "STG441"]
    assert "39 others are left out" in lost["message"]
    line = lost["help"].partition("write ")[2].partition(" beside")[0]
    assert tomllib.loads(line) == {"file": {"rows": "[].qas"}}
    again = validated("train.jsonl", f'{line}\ncolumns = {{ anchor = "question", positive = "context" }}')
    assert [item for item in again if item["severity"] == "error" or item["code"] == "STG441"] == []


def test_texts_behind_the_positions_that_are_read_are_counted() -> None:
    rows = [{"set": [asked(n), answer(n), answer(n + 1)][: 2 + n % 2]} for n in range(ROWS)]
    Path("train.jsonl").write_text(lines(rows))
    found = validated("train.jsonl", 'columns = { anchor = "set[0]", positive = "set[1]" }')
    (lost,) = [item for item in found if item["code"] == "STG441"]
    assert (lost["severity"], lost["message"].split()[0]) == ("note", "20")
    every = [{"set": row["set"][:2]} for row in rows]
    Path("train.jsonl").write_text(lines(every))
    found = validated("train.jsonl", 'columns = { anchor = "set[0]", positive = "set[1]" }')
    assert [item for item in found if item["code"] == "STG441"] == []


def run(hint: str) -> None:
    """Run the command of a finding."""
    command = hint[hint.index("python -c ") :].replace("python", sys.executable, 1)
    subprocess.run(command, shell=True, check=True)


def test_one_hot_columns_are_a_class() -> None:
    text = "text,is_return,is_repair,is_other\n" + "".join(
        f'"{answer(n)}",{int(n % 3 == 0)},{int(n % 3 == 1)},{int(n % 3 == 2)}\n' for n in range(ROWS)
    )
    found = inspected("train.csv", text)
    assert found.line == 'columns = { text = "text" }'
    (item,) = [item for item in found.remarks if item.code == "STG442"]
    run(item.help)
    assert inspect_data("train.jsonl").line == 'columns = { text = "text", class = "class" }'


def test_a_one_hot_list_is_a_class() -> None:
    rows = [{"text": answer(n), "label": [int(n % 3 == k) for k in range(3)]} for n in range(ROWS)]
    found = inspected("train.jsonl", lines(rows))
    (item,) = [item for item in found.remarks if item.code == "STG442"]
    (wrong,) = [
        one
        for one in validated("train.jsonl", 'columns = { text = "text", class = "label" }')
        if one["severity"] == "error"
    ]
    assert wrong["code"] == "STG209"
    assert item.help.partition("python -c")[2] == wrong["help"].partition("python -c")[2]
    run(item.help)
    assert inspect_data("train.classes.jsonl").line == 'columns = { text = "text", class = "class" }'


def test_files_of_two_languages_are_put_side_by_side() -> None:
    Path("train.en").write_text("".join(f"{asked(n)}\n" for n in range(ROWS)))
    Path("train.de").write_text("".join(f"{answer(n)}\n" for n in range(ROWS)))
    with pytest.raises(UnreadableError) as caught:
        inspect_data("train.en")
    assert caught.value.code == "STG443"
    command = caught.value.help.partition(": ")[2].partition(", and name")[0]
    subprocess.run(command, shell=True, check=True)
    line = caught.value.help.partition("with ")[2]
    found = validated("train.tsv", f'{line}\ncolumns = {{ anchor = "en", positive = "de" }}')
    assert [item for item in found if item["severity"] == "error"] == []


def test_a_file_of_a_language_without_another_is_no_format() -> None:
    Path("train.en").write_text(asked(0))
    Path("train.de").write_text("one line\nand another\n")
    with pytest.raises(UnreadableError) as caught:
        inspect_data("train.en")
    assert caught.value.code == "STG201"


# --- judgements alone, and lines of Python ------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["{n} 0 d{n} 1", "{n}\tQ0\td{n}\t2", "{n} d{n} 0"])
def test_judgements_of_trec_have_no_texts(line: str) -> None:
    Path("qrels.tsv").write_text("".join(line.format(n=n) + "\n" for n in range(ROWS)))
    with pytest.raises(UnreadableError) as caught:
        inspect_data("qrels.tsv")
    assert caught.value.code == "STG444"
    assert 'qrels = "qrels.tsv", trec = true' in caught.value.help


def test_judgements_with_names_have_no_texts() -> None:
    found = inspected("qrels.tsv", "query-id\tcorpus-id\tscore\n" + "".join(f"q{n}\td{n}\t1\n" for n in range(ROWS)))
    assert (found.line, [item.code for item in found.remarks]) == ("", ["STG444"])


def test_texts_that_end_with_numbers_are_texts() -> None:
    found = inspected("t.txt", "".join(f"mend part {n}\n" for n in range(ROWS)))
    assert found.line == 'columns = { text = "text" }'


def test_objects_as_python_prints_them_are_told_how_to_become_json() -> None:
    rows = [{"question": asked(n), "answer": answer(n)} for n in range(ROWS)]
    Path("train.jsonl").write_text("".join(f"{row}\n" for row in rows))
    with pytest.raises(UnreadableError) as caught:
        inspect_data("train.jsonl")
    assert "\n" not in caught.value.help  # which a terminal is shown as two characters
    run(caught.value.help)
    assert inspect_data("train.rows.jsonl").line == 'columns = { anchor = "question", positive = "answer" }'
