"""No input reaches exit code 3: what once did, or ended the process, ends in a finding, and in strict JSON for machines."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from commandline import stgen
from frontend import SHORTEST
from fuzzing import not_strict
from stgen.values.documents import document

HUGE = "9" * 400
# fmt: off
ROWS: list[tuple[str, str, str]] = [  # what the rows hold, a file of 40 of them, the roles of its columns
    ("a score of 400 digits",       '{{"a": "x {n}", "b": "y {n}", "s": HUGE}}',            'text_1 = "a", text_2 = "b", score = "s"'),
    ("a score below all floats",    '{{"a": "x {n}", "b": "y {n}", "s": -HUGE}}',           'text_1 = "a", text_2 = "b", score = { column = "s", min = 0, max = 5 }'),
    ("a number of 5000 digits",     '{{"a": "x {n}", "b": "y {n}", "s": %s}}' % ("9" * 5000),    'text_1 = "a", text_2 = "b", score = "s"'),
    ("infinite scores",             '{{"a": "x {n}", "b": "y {n}", "s": Infinity}}',             'text_1 = "a", text_2 = "b", score = "s"'),
    ("infinite and other scores",   '{{"a": "x {n}", "b": "y {n}", "s": [{n}, NaN, -Infinity]}}', 'anchor = "a", positive = "b"'),
    ("a huge label",                '{{"a": "x {n}", "b": "y {n}", "s": HUGE}}',            'text_1 = "a", text_2 = "b", binary = "s"'),
    ("a huge class",                '{{"a": "x {n}", "s": HUGE}}',                          'text = "a", class = "s"'),
    ("lists as classes",            '{{"a": "x {n}", "s": [{n}]}}',                              'text = "a", class = "s"'),
    ("objects as classes",          '{{"a": "x {n}", "s": {{"k": {n}}}}}',                       'text = "a", class = "s"'),
    ("no classes",                  '{{"a": "x {n}", "s": null}}',                               'text = "a", class = "s"'),
    ("empty classes",               '{{"a": "x {n}", "s": ""}}',                                 'text = "a", class = "s"'),
    ("classes that are NaN",        '{{"a": "x {n}", "s": NaN}}',                                'text = "a", class = { column = "s", names = ["a", "b"] }'),
    ("huge scores in lists",        '{{"a": "x {n}", "b": ["p", "q"], "s": [HUGE, 1]}}',    'anchor = "a", documents = "b", scores = "s"'),
    ("huge vectors",                '{{"a": "x {n}", "s": [HUGE, 1]}}',                     'text = "a", embedding = "s"'),
    ("half of a character",         '{{"a": "x \\ud800 {n}", "b": "y {n}"}}',                  'anchor = "a", positive = "b"'),
    ("half of one in a name",       '{{"\\ud800": "x {n}", "b": "y {n}"}}',                    'anchor = "a", positive = "b"'),
    ("a name with a control code",  '{{"\\u001b[31m": "x {n}", "b": "y {n}"}}',                'anchor = "a", positive = "b"'),
    ("a deep list",                 '{{"a": %s, "b": "y {n}"}}' % ("[" * 3000 + "]" * 3000),     'anchor = "a", positive = "b"'),
]
# fmt: on


@pytest.mark.parametrize(("row", "roles"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("suffix", ["jsonl", "json"])
def test_odd_rows(tmp_path: Path, row: str, roles: str, suffix: str) -> None:
    lines = [row.format(n=n).replace("HUGE", HUGE) for n in range(40)]
    data = tmp_path / f"t.{suffix}"
    data.write_text("\n".join(lines) if suffix == "jsonl" else f"[{','.join(lines)}]")
    spec = tmp_path / "stgen.toml"
    spec.write_text(SHORTEST.partition("[[data]]")[0] + f'[[data]]\ntrain = "t.{suffix}"\ncolumns = {{ {roles} }}\n')
    for command in (
        ["inspect", data],
        ["validate", "--data", spec],
        ["new", tmp_path / "new", "--from-data", data],
    ):
        for form in ("text", "json"):
            done = stgen(*command, "--format", form)
            assert done.code in (0, 1), done.err
            assert form == "text" or not_strict(done.out) == ""


# --- Parquet -------------------------------------------------------------------------------------------------------------

# Metadata of a column that pyarrow's own accessor can't be asked for: it ends the process.
ENDS_THE_PROCESS = (
    "c-oCrK~EDw6rPz*Yi%k4bT+$YW11%2)CdSDM2Qe*p{+{6wh1DH#4Ke~3tL)ti-ns94;(yr@W8>N2M-=R_#^ls9zAgIXux^1-BKtTU)q_s?|tuk"
    "-@IwJz)NF{vYYHyUTkO(p=+ZdgwVe25wRtc46#9`42fhvi?E13iP9mFR7o;9Fdz_D6M&-_hX{KmFgNmyNS>&Uk#9W|BpnTMYRBth3t>!<fa@#~"
    "u=U-KiA2NlJgZ_)CH8iEWyQ|2YL|arB?Vr}q5&_VXy&3mm7p2;DkR<ZF43kkJ(yU02ok3!u-3OO85lV|QAvHPXI@luCXgEO%CGI3#bSuXQ$&r_"
    "EVokKPNBRGv!khbl~gxUdj9M6$Ab_7P}nQiT|2<^iDn|!tTr9n`5j=cG+et@^=zb2P1n{8q_em-fg=4{(1Q_$DhF8kfDO}#UbtEfj(`|}>+2WW"
    "BPFIqGy_q=4_vg(CB#Xdk68JHjU#Lv;=kW;59w_|Nl2SAkmsLHvVOtJH*6de<2(8H9rwyjpOf1caLXx4?zdPR-Z-GfkI?0J{(owNIZMuWSb2|)"
    "&tc;yJ%97P`l20u%28OMMpQWtBTZN1yi|I=Jmvo?)WgtSu>Fe3IWKbG<~eV1v%<5SSNLp2#!LZN0B4r-r!sK13tJN3Ihn7*l5N4->g2PVqR9i{"
    "WHK2Ul%yHnu`&c(<=Ts;^>WeS8NlD+AWc&2Nzlq!KWSN5HgeABdTvS91AeC<7U*1DlIO`uXt7gdg8O7~bN${k2cBzye>fNDoAvdzF6e`!nvGTe"
    "AqR6Y+tkIjsH_C7K<PreIB05`rOqL{^~?J8<?R0IxU(CS`1$E+q$V1cyR&OIhs%w|u;se-R^pBAde!=NVtjIBbYx6h6aUZd5Beout_AVV{R1#a"
    "_tO"
)


def test_parquet_whose_footer_ends_a_process_that_asks_pyarrow(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    data = tmp_path / "t.parquet"
    data.write_bytes(zlib.decompress(base64.b85decode(ENDS_THE_PROCESS)))
    done = subprocess.run([sys.executable, "-m", "stgen", "inspect", data], capture_output=True, text=True, check=False)
    assert (done.returncode, "error[STG201]" in done.stderr) == (1, True)


def test_parquet_whose_texts_are_no_utf8(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    made = arrow.array([b"good", b"b\xffd"])
    texts = arrow.Array.from_buffers(arrow.string(), 2, made.buffers())
    parquet.write_table(arrow.table({"question": texts, "answer": texts}), tmp_path / "t.parquet")
    done = stgen("inspect", tmp_path / "t.parquet")
    assert done.code == 0
    assert "error[STG202] row 2 of" in done.out
    assert "t.parquet: `question` is not UTF-8: byte 0xff at character 2" in " ".join(done.out.split())


def odd_types(arrow: Any) -> dict[str, Any]:
    return {
        "date out of range": arrow.array([2**62]).cast(arrow.timestamp("us")),
        "binary": arrow.array([b"\xff"]),
        "half": arrow.array([1.5], arrow.float16()),
        "map": arrow.array([[("k", 1)]], arrow.map_(arrow.string(), arrow.int64())),
        "list of dates": arrow.array([[2**62]]).cast(arrow.list_(arrow.timestamp("us"))),
        "unsigned": arrow.array([2**64 - 1], arrow.uint64()),
        "nothing": arrow.nulls(1),
    }


def test_parquet_of_odd_types(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for name, array in odd_types(arrow).items():
        parquet.write_table(arrow.table({name: array, "text": ["a b c"]}), tmp_path / "t.parquet")
        done = stgen("inspect", tmp_path / "t.parquet", "--format", "json")
        assert done.code in (0, 1), (name, done.err)
        assert not_strict(done.out) == ""


# --- specs ---------------------------------------------------------------------------------------------------------------

# fmt: off
SPECS: list[tuple[str, str]] = [
    ("a column whose name is half a character", '{"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "\\ud800", "positive": "b"}}]}'),
    ("memory beyond all floats",                json.dumps({"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}], "hardware": {"memory": HUGE + "GB"}})),
    ("weights that add up to infinity",         json.dumps({"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"name": name, "train": "t.jsonl", "weight": 1.7e308, "columns": {"anchor": "a", "positive": "b"}} for name in ("a", "b")]})),
    ("a range beyond all floats",               json.dumps({"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"text_1": "a", "text_2": "b", "score": {"column": "s", "min": -1.7e308, "max": 1.7e308}}}]})),
    ("processes beyond all numbers",            json.dumps({"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}], "hardware": {"gpus": 2**62, "nodes": 2**62, "launcher": "torchrun"}})),
    ("a hundred thousand unknown keys",         json.dumps({"stgen": 1, **{f"k{n}": 1 for n in range(60_000)}})),
    ("a hundred thousand unknown codes",        json.dumps({"stgen": 1, "allow": ["x"] * 100_000, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}]})),
    ("as many classes of one name",             json.dumps({"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"text": "a", "class": {"column": "c", "names": ["x"] * 100_000}}}]})),
    ("as many arguments of a loss",             json.dumps({"stgen": 1, "loss": {"params": {f"k{n}": 1 for n in range(60_000)}}, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}]})),
    ("as many training arguments",              json.dumps({"stgen": 1, "train": {"extra": {f"k{n}": 1 for n in range(60_000)}}, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}]})),
    ("deep and wide",                           '{"stgen": 1, "a": ' + "[" * 500 + "0," * 400_000 + "0" + "]" * 500 + "}"),
    ("a rule without end on no text",           json.dumps({"stgen": 1, "prepare": {"normalize": {"rules": [{"pattern": "(?:(?:(?:){900}){900}){900}", "replace": ""}]}}, "model": {"type": "dense", "base": "b"}, "data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}]})),
]
TOMLS: list[tuple[str, str]] = [
    ("a key of half a million parts",           ".".join(["a"] * 500_000) + " = 1\n"),
    ("a header of half a million parts",        "[" + ".".join(["a"] * 500_000) + "]\n"),
    ("a key of parts in quotes",                ".".join(['"a"'] * 200_000) + " = 1\n"),
    ("runs of digits",                          "a = [" + ("9" * 3999 + ",") * 250 + "9" * 5000 + "]\n"),
]
# fmt: on


@pytest.mark.parametrize(("name", "text"), [*SPECS, *TOMLS], ids=[row[0] for row in (*SPECS, *TOMLS)])
def test_odd_specs(tmp_path: Path, name: str, text: str) -> None:
    """Each ends, in a process that would be stopped if it didn't: the largest takes some seconds."""
    path = tmp_path / ("spec.json" if text.startswith("{") else "spec.toml")
    path.write_text(text)
    for command in ("validate", "explain", "plan"):
        arguments = [sys.executable, "-m", "stgen", command, path, "--format", "json"]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode in (0, 1), done.stderr[-2000:]
        assert not_strict(done.stdout) == ""
        assert len(done.stdout) < 10_000_000


# --- documents for machines ----------------------------------------------------------------------------------------------


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A spec about which there is something to say."""
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST.replace("sentence-transformers/all-MiniLM-L6-v2", "intfloat/e5-small-v2"))
    return path


@pytest.mark.parametrize("command", [["plan"], ["explain"], ["compile", "--dry-run"], ["compile", "--stdout"]])
def test_a_result_has_stdout_to_itself(spec: Path, command: list[str]) -> None:
    done = stgen(*command, spec, "--format", "json")
    assert done.code == 0
    assert [item["code"] for item in json.loads(done.err)] == ["STG090"]
    assert "--stdout" in command or json.loads(done.out)


def test_sarif_is_not_in_front_of_an_explanation(spec: Path) -> None:
    done = stgen("explain", spec, "--format", "sarif")
    assert json.loads(done.err)["version"] == "2.1.0"
    assert done.out == stgen("explain", spec).out


def test_documents_are_strict() -> None:
    odd = {
        "a": float("inf"),
        "b": [float("-inf"), float("nan"), 1.5],
        "\ud800": "x\udfff",
        1: (None, True, 10**30),
        "o": object,
    }
    text = document(odd)
    assert not_strict(text) == ""
    read = json.loads(text)
    assert (read["a"], read["b"], read["1"]) == ("Infinity", ["-Infinity", "NaN", 1.5], [None, True, 10**30])
    assert read["\\ud800"] == "x\\udfff"


def test_what_is_inspected_is_strict(tmp_path: Path) -> None:
    data = tmp_path / "t.jsonl"
    data.write_text('{"a": "x", "s": Infinity}\n{"a": "y", "s": -Infinity}\n{"a": "z", "s": NaN}\n' * 9)
    done = stgen("inspect", data, "--format", "json")
    assert done.code == 0
    assert not_strict(done.out) == ""


def test_several_specs_in_one_document(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(tomli_w.dumps({"stgen": 1, "modle": {}}))
    done = stgen("validate", tmp_path / "a.toml", tmp_path / "b.toml", "--format", "json")
    assert len({item["file"] for item in json.loads(done.out)}) == 2
