"""How a table is written is told from its first rows: the delimiter, the quoting, a missing line of names, decimal commas."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import name
from stgen.rows.dialect import dialect

ROWS = 40
HEAD = 'stgen = 1\n[model]\ntype = "dense"\nbase = "sentence-transformers/all-MiniLM-L6-v2"\n[train]\nbatch_size = 8\n[[data]]\n'


def asked(n: int) -> str:
    return f"How does the {name(n)} grow?"


def said(n: int) -> str:
    return f"The tree called {name(n)}, as the book says, grows in damp soil."


def table(head: list[str], row: Any, **how: Any) -> str:
    """A table as csv writes it."""
    text = io.StringIO()
    writer = csv.writer(text, **how)
    writer.writerows([head] if head else [])
    writer.writerows(row(n) for n in range(ROWS))
    return text.getvalue()


PAIR = ["Frage", "Antwort"]
# fmt: off
TABLES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("as it should be",    "t.csv", table(PAIR, lambda n: [asked(n), said(n)]), {}),
    ("semicolons",         "t.csv", table(PAIR, lambda n: [asked(n), said(n)], delimiter=";"), {"delimiter": ";"}),
    ("all quoted",         "t.csv", table(PAIR, lambda n: [asked(n), said(n)], delimiter=";", quoting=csv.QUOTE_ALL), {"delimiter": ";"}),
    ("bars",               "t.csv", table(PAIR, lambda n: [asked(n), said(n)], delimiter="|"), {"delimiter": "|"}),
    ("tabs in a .csv",     "t.csv", table(PAIR, lambda n: [asked(n), said(n)], delimiter="\t"), {"delimiter": "\t"}),
    ("commas in a .tsv",   "t.tsv", table(PAIR, lambda n: [asked(n), said(n)]), {"delimiter": ","}),
    ("a byte-order mark",  "t.csv", "\ufeff" + table(PAIR, lambda n: [asked(n), said(n)], delimiter=";"), {"delimiter": ";"}),
    ("decimal commas",     "t.csv", table([*PAIR, "Grad"], lambda n: [asked(n), said(n), f"{n % 5},5"], delimiter=";"), {"delimiter": ";", "decimal": ","}),
    ("thousands",          "t.csv", table([*PAIR, "Grad"], lambda n: [asked(n), said(n), f"{n % 5 + 1},500"], delimiter=";"), {"delimiter": ";"}),
    ("backslashes",        "t.csv", table(PAIR, lambda n: [asked(n), f'He said "{name(n)}", and left'], doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL), {"quoting": "backslash"}),
    ("quotes are letters", "t.tsv", table(PAIR, lambda n: [asked(n), f'"{name(n)}" is its name'], delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None), {"quoting": "none"}),
    ("no names",           "t.tsv", table([], lambda n: [asked(n), said(n), said(n + 9)], delimiter="\t"), {"header": ["column_1", "column_2", "column_3"]}),
    ("no names, scores",   "t.csv", table([], lambda n: [asked(n), said(n), n % 6 / 5]), {"header": ["column_1", "column_2", "column_3"]}),
    ("no names, classes",  "t.csv", table([], lambda n: [said(n), ["rain", "snow"][n % 2]], delimiter=";"), {"delimiter": ";", "header": ["column_1", "column_2"]}),
    ("long names",         "t.csv", table(["What does the person ask?", "answer"], lambda n: [asked(n), said(n)]), {}),
    ("long names, scores", "t.csv", table(["The first of the two sentences", "The second of the two sentences", "How alike are they, from 0 to 5?"], lambda n: [asked(n), said(n), n % 6]), {}),
    ("one column",         "t.csv", table(["text"], lambda n: [f"{name(n)}; and more"]), {}),
    ("JSON Lines",         "t.jsonl", "".join(json.dumps({"a;b": said(n)}) + "\n" for n in range(ROWS)), {}),
)
# fmt: on


@pytest.mark.parametrize(("file", "text", "told"), [row[1:] for row in TABLES], ids=[row[0] for row in TABLES])
def test_a_dialect_is_told(tmp_path: Path, file: str, text: str, told: dict[str, Any]) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8", newline="")
    assert dialect(str(tmp_path / file), file) == told


@pytest.mark.parametrize(("file", "text"), [row[1:3] for row in TABLES[:-1]], ids=[row[0] for row in TABLES[:-1]])
def test_inspect_proposes_lines_under_which_the_rows_are_read(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8", newline="")
    found = json.loads(stgen("inspect", tmp_path / file, "--format", "json").out)
    assert found["rows"] == ROWS
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "{file}"\n{found["line"]}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert done.code == 0, done.err
    assert not any(code in done.err for code in ("STG204", "STG389")), done.err


def test_validate_names_the_whole_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLES[7][2], encoding="utf-8")
    (tmp_path / "stgen.toml").write_text(
        f'{HEAD}train = "t.csv"\ncolumns = {{ anchor = "Frage", positive = "Antwort" }}\n'
    )
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert done.code == 1
    assert 'write file = { delimiter = ";", decimal = "," } beside the path' in done.err


@pytest.mark.parametrize(
    ("roles", "header"),
    [
        ('anchor = "question", positive = "answer"', '["question", "answer"]'),
        (f'anchor = "{asked(0)}", positive = "{said(0)}"', '["anchor", "positive"]'),
    ],
)
def test_a_first_row_in_place_of_names_is_a_finding(tmp_path: Path, roles: str, header: str) -> None:
    text = table([], lambda n: [asked(n), said(n)], delimiter="\t")
    (tmp_path / "t.tsv").write_text(text, encoding="utf-8")
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.tsv"\ncolumns = {{ {roles} }}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert (
        "[STG389] the first line of t.tsv looks like a row" in done.err
        or "[STG389]: the first line of t.tsv" in done.err
    )
    assert f"write file = {{ header = {header} }} beside the path" in done.err
    named = f"file = {{ header = {header} }}\ncolumns = {{ anchor = {header[1:].split(', ')[0]}, positive = {header[:-1].split(', ')[1]} }}"
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.tsv"\n{named}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert (done.code, "STG389" in done.err) == (0, False)


@pytest.mark.parametrize(
    ("held", "rows"),
    [
        ({"version": [1, {"a": [{}]}], "data": [{"question": "q: [{", "answer": "a"}] * 9}, "data"),
        ({'the "rows"': [{"question": "q", "answer": "a"}], "n": 1}, 'the "rows"'),
        ([{"question": "q", "answer": [{"text": "a"}]}] * 9, None),
        ({"question": "q", "answer": ["a"]}, None),
    ],
)
def test_the_key_of_the_rows_is_told(tmp_path: Path, held: Any, rows: str | None) -> None:
    (tmp_path / "t.json").write_text(json.dumps(held, indent=1))
    assert dialect(str(tmp_path / "t.json"), "t.json") == ({"rows": rows} if rows else {})


def test_objects_one_after_another_are_rows(tmp_path: Path) -> None:
    line = json.dumps({"question": "q", "passages": [{"text": "a"}]}) + "\n"
    (tmp_path / "t.json").write_text(line * 9)
    assert dialect(str(tmp_path / "t.json"), "t.json") == {}


def test_validate_names_the_key_of_the_rows(tmp_path: Path) -> None:
    rows = [{"question": asked(n), "answer": said(n)} for n in range(ROWS)]
    (tmp_path / "t.json").write_text(json.dumps({"version": 1, "data": rows}))
    roles = 'columns = { anchor = "question", positive = "answer" }'
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.json"\n{roles}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "it is an object, whose rows stand under `data`" in done.err
    assert 'write file = { rows = "data" } beside the path' in done.err
    found = json.loads(stgen("inspect", tmp_path / "t.json", "--format", "json").out)
    assert found["line"] == f'file = {{ rows = "data" }}\n{roles}'
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.json"\n{found["line"]}\n')
    assert stgen("validate", "--data", tmp_path / "stgen.toml").code == 0


@pytest.mark.parametrize(
    ("file", "encoding", "letters", "told"),
    [
        ("t.csv", "cp1252", "äöü", {"encoding": "cp1252"}),
        ("t.txt", "latin-1", "éèç", {"encoding": "cp1252"}),
        ("t.csv", "utf-16", "äöü", {"encoding": "utf-16"}),
        ("t.csv", "utf-8", "äöü", {}),
        ("t.csv", "cp1251", "как вырастить дерево у дома", {"encoding": "cp1251"}),
        ("t.txt", "utf-16le", "äöü", {"encoding": "utf-16le"}),
    ],
)
def test_an_encoding_is_told(tmp_path: Path, file: str, encoding: str, letters: str, told: dict[str, Any]) -> None:
    rows = [f"{letters} {letters} {asked(n) if letters.isascii() or len(letters) == 3 else n}" for n in range(ROWS)]
    text = "\n".join(["text", *rows]) + "\n"
    (tmp_path / file).write_bytes(text.encode(encoding))
    assert dialect(str(tmp_path / file), file) == told
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "{file}"\ncolumns = {{ text = "text" }}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert (done.code == 0) is (encoding == "utf-8")
    if told:
        line = f'file = {{ encoding = "{told["encoding"]}" }}'
        assert f"write {line} beside the path" in done.err
        (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "{file}"\n{line}\ncolumns = {{ text = "text" }}\n')
        assert stgen("validate", "--data", tmp_path / "stgen.toml").code == 0


def test_quotes_behind_backslashes_are_a_finding(tmp_path: Path) -> None:
    rows = "".join(f'{asked(n)}\tShe called it \\"{name(n)}\\" then\n' for n in range(ROWS))
    (tmp_path / "t.tsv").write_text(f"question\tanswer\n{rows}", encoding="utf-8")
    roles = 'columns = { anchor = "question", positive = "answer" }'
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.tsv"\n{roles}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "warning[STG204]: `answer` has backslash-escaped quotes" in done.err
    (tmp_path / "t.tsv").write_text(f"question\tanswer\n{rows.replace(chr(92), '')}", encoding="utf-8")
    assert "STG204" not in stgen("validate", "--data", tmp_path / "stgen.toml").err


def test_a_table_in_a_text_file_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("".join(f"{asked(n)}\t{said(n)}\n" for n in range(ROWS)), encoding="utf-8")
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.txt"\ncolumns = {{ text = "text" }}\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "warning[STG204]: each text of t.txt has a tab" in done.err
    assert r'write file = { delimiter = "\t", header = ["anchor", "positive"] } beside the path' in done.err
    (tmp_path / "t.txt").write_text("".join(f"{said(n)}\n" for n in range(ROWS)), encoding="utf-8")
    assert "STG204" not in stgen("validate", "--data", tmp_path / "stgen.toml").err


@pytest.mark.parametrize("between", ["\n", "\n,", ",", ",\n"])
def test_lists_on_lines_and_lists_of_lists_have_rows_alike(between: str, tmp_path: Path) -> None:
    """Lists of texts on the lines of a .json file, as of ColBERT's triples, are rows as those of one list are."""
    rows = between.join(json.dumps([f"q{number}", "a text", "another text"]) for number in range(9))
    (tmp_path / "t.json").write_text(rows + "\n" if between == "\n" else f"[{rows}]")
    assert dialect(str(tmp_path / "t.json"), "t.json") == {"header": ["column_1", "column_2", "column_3"]}
