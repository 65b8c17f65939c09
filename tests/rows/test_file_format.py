"""What a spec can say of its files and labels: validate finds nothing wrong, and the repo reads the rows as they are meant."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from compiling import findings_of
from matrix import repos
from stgen.compile import plan_source
from stgen.examine.examining import examine_source
from stgen.language.paths import Place, way_to_read
from stgen.language.spec_data import FileFormat
from stgen.render.rendered import render_text
from stgen.render.rendering import render
from stgen.source.source import read

PAIR = {"anchor": "q", "positive": "a"}
TEXTS = {"text_1": "q", "text_2": "a"}
NUMBERS = range(24)


def table(delimiter: str, header: bool = True, more: str = "") -> str:
    """A table of questions and answers."""
    lines = [delimiter.join(("q", "a"))] if header else []
    return "\n".join([*lines, *(delimiter.join((f"what is {n}?{more}", f"it is {n}{more}")) for n in NUMBERS)]) + "\n"


# fmt: off
CASES: dict[str, tuple[str, bytes, dict[str, Any], dict[str, Any], list[Any]]] = {  # file, content, columns, `file`, the first row
    "semicolons":      ("t.csv", table(";").encode(), PAIR, {"delimiter": ";"}, ["what is 0?", "it is 0"]),
    "bars":            ("t.csv", table("|").encode(), PAIR, {"delimiter": "|"}, ["what is 0?", "it is 0"]),
    "no header":       ("t.tsv", table("\t", header=False).encode(), PAIR, {"header": ["q", "a"]}, ["what is 0?", "it is 0"]),
    "latin-1":         ("t.csv", table(",", more=" café").encode("latin-1"), PAIR, {"encoding": "latin-1"}, ["what is 0? café", "it is 0 café"]),
    "utf-16":          ("t.csv", table(",", more=" café").encode("utf-16"), PAIR, {"encoding": "utf-16"}, ["what is 0? café", "it is 0 café"]),
    "no quoting":      ("t.tsv", table("\t", more=' 5" pipe').replace("what", '"what').encode(), PAIR, {"quoting": "none"}, ['"what is 0? 5" pipe', 'it is 0 5" pipe']),
    "backslashes":     ("t.csv", ("q,a\n" + "".join(f'"what is \\"{n}\\", then?","it is {n}"\n' for n in NUMBERS)).encode(), PAIR, {"quoting": "backslash"}, ['what is "0", then?', "it is 0"]),
    "decimal commas":  ("t.csv", ("q;a;s\n" + "".join(f"what is {n}?;it is {n};{n % 5},5\n" for n in NUMBERS)).encode(), {**TEXTS, "score": {"column": "s", "min": 0, "max": 5}}, {"delimiter": ";", "decimal": ","}, ["what is 0?", "it is 0", 0.1]),
    "rows below":      ("t.json", json.dumps({"version": {"a": [1]}, "data": [{"q": f"what is {n}?", "a": f"it is {n}"} for n in NUMBERS], "more": 1}).encode(), PAIR, {"rows": "data"}, ["what is 0?", "it is 0"]),
    "lists on lines":  ("t.json", "".join(json.dumps([f"what is {n}?", f"it is {n}"]) + "\n" for n in NUMBERS).encode(), PAIR, {"header": ["q", "a"]}, ["what is 0?", "it is 0"]),
    "a list of lists": ("t.json", json.dumps([[f"what is {n}?", f"it is {n}"] for n in NUMBERS]).replace("],", "]\n,").encode(), PAIR, {"header": ["q", "a"]}, ["what is 0?", "it is 0"]),
    "plain text":      ("t.txt", "".join(f"it is {n}, a text\n\n" for n in NUMBERS).encode(), {"text": "text"}, {}, ["it is 0, a text"]),
    "grades":          ("t.jsonl", "".join(json.dumps({"q": f"what is {n}?", "a": f"it is {n}", "g": "ESCI"[n % 4]}) + "\n" for n in NUMBERS).encode(), {**TEXTS, "score": {"column": "g", "values": {"E": 1.0, "S": 0.5, "C": 0.2, "I": 0}}}, {}, ["what is 0?", "it is 0", 1.0]),
    "spellings":       ("t.csv", ("q,a,b\n" + "".join(f"what is {n}?,it is {n},{('Yes', 'no', 'yes ', 'TRUE', 'n')[n % 5]}\n" for n in NUMBERS)).encode(), {**TEXTS, "binary": {"column": "b", "positive": ["Yes", "yes ", "TRUE"], "negative": ["no", "n"]}}, {}, ["what is 0?", "it is 0", 1.0]),
}
REFUSED: list[tuple[str, str]] = [  # over the shortest spec, words of the finding
    ('train = "t.jsonl"\nfile = { delimiter = ";" }',                   "no file of this data set has a use for `file.delimiter`"),
    ('train = "t.csv"\nfile = { delimiter = ";;", quoting = "doubled" }',                    "a delimiter of several characters"),
    ('train = "t.csv"\nfile = { encoding = "klingon" }',                "is not an encoding"),
    ('train = "t.txt"\nfile = { header = ["q"] }',                      "no file of this data set has a use for `file.header`"),
    ('train = "t.csv"\nfile = { header = ["q", "q"] }',                 "each column has a name of its own"),
]
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_the_spec_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    file, content, columns, said, first = CASES[name]
    (tmp_path / file).write_bytes(content)
    data = {"train": file, "columns": columns} | ({"file": said} if said else {})
    model = {"type": "dense", "base": "sentence-transformers/all-MiniLM-L6-v2"}
    spec = {"stgen": 1, "model": model, "data": [data], "train": {"batch_size": 4}}
    (tmp_path / "stgen.json").write_text(json.dumps(spec))
    source, _ = read(str(tmp_path / "stgen.json"))
    assert source is not None
    assert [(item.code, item.message) for item in examine_source(source)[0] if item.severity == "error"] == []
    plan, found = plan_source(source, Place(str(tmp_path), str(tmp_path)))
    assert plan is not None, found
    repos.write_tree(render(plan, render_text), tmp_path)
    with repos.modules(tmp_path) as load, contextlib.redirect_stdout(io.StringIO()):
        rows = load("data").read("train")
    assert len(rows) == len(NUMBERS)
    assert list(rows[0].values()) == first


def test_a_header_for_other_files_names_nothing_in_lines_of_plain_text() -> None:
    assert way_to_read(("plain_text", {}), FileFormat(header=["q", "a"])) == ("plain_text", {})
    assert way_to_read(("cells", {}), FileFormat(header=["q", "a"])) == ("cells", {"header": ["q", "a"]})


@pytest.mark.parametrize(("fragment", "words"), REFUSED)
def test_what_says_nothing_of_a_file_is_refused(fragment: str, words: str) -> None:
    found = findings_of(f'[[data]]\n{fragment}\ncolumns = {{ anchor = "q", positive = "a" }}')
    assert any(item.code == "STG059" and words in item.message for item in found), found
