"""Bad specs and bad data on whole commands: one clear finding, exit code 1, and nothing on disk has changed."""

from __future__ import annotations

import gzip
import json

import pytest
from commandline import contents, stgen
from frontend import SHORTEST

ROWS = "".join(json.dumps({"question": f"What is {n}?", "answer": f"It is number {n}."}) + "\n" for n in range(200))
WRITING = ("compile", "check", "validate", "plan", "explain")

# fmt: off
BAD_SPECS: list[tuple[str, bytes, str]] = [
    ("not TOML",               b"stgen = 1\n[model\n",                                     "STG007"),
    ("prose",                  b"Dear compiler, please train me a model.\n",               "STG007"),
    ("binary",                 bytes(range(256)) * 40,                                     "STG005"),
    ("empty",                  b"",                                                        "STG006"),
    ("blank",                  b" \n\t\n",                                                 "STG006"),
    ("only a mark",            b"\xef\xbb\xbf",                                            "STG006"),
    ("huge",                   SHORTEST.encode() + b"# " + b"x" * 2_000_000,               "STG004"),
    ("deep lists",             b"x = " + b"[" * 5000 + b"]" * 5000,                        "STG010"),
    ("deep tables",            SHORTEST.encode() + b"[" + b".".join([b"a"] * 200) + b"]",  "STG010"),
    ("Latin-1",                SHORTEST.encode() + "# Größe\n".encode("latin-1"),          "STG005"),
    ("UTF-16",                 SHORTEST.encode("utf-16"),                                  "STG005"),
    ("a key twice",            SHORTEST.encode().replace(b"stgen = 1", b"stgen = 1\nstgen = 1"), "STG009"),
    ("a null character",       SHORTEST.replace("question", "que\\u0000stion").encode(),   "STG012"),
    ("open quote",             b'stgen = "1\n',                                            "STG007"),
]
# fmt: on


@pytest.mark.parametrize(("text", "code"), [row[1:] for row in BAD_SPECS], ids=[row[0] for row in BAD_SPECS])
@pytest.mark.parametrize("command", WRITING)
def test_bad_spec(command, text, code, tmp_path):
    path = tmp_path / "spec.toml"
    path.write_bytes(text)
    before = contents(tmp_path)
    done = stgen(command, path)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error[") == 1
    assert f"error[{code}]" in done.err
    assert len(done.err) < 2000
    assert contents(tmp_path) == before


BAD_JSON: list[tuple[str, str, str]] = [
    ("cut off", '{"stgen": 1, "model": {', "STG008"),
    ("a list", "[]", "STG011"),
    ("a key twice", '{"stgen": 1, "stgen": 1}', "STG009"),
    ("deep", "[" * 100_000, "STG010"),
    ("not a number", '{"stgen": 1, "x": NaN}', "STG012"),
]


@pytest.mark.parametrize(("text", "code"), [row[1:] for row in BAD_JSON], ids=[row[0] for row in BAD_JSON])
def test_bad_json_spec(text, code, tmp_path):
    path = tmp_path / "spec.json"
    path.write_text(text)
    before = contents(tmp_path)
    done = stgen("compile", path)
    assert done.code == 1
    assert f"error[{code}]" in done.err
    assert contents(tmp_path) == before


def test_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "stgen.toml").write_bytes(b"\xef\xbb\xbf" + SHORTEST.encode())
    assert stgen("validate", tmp_path / "stgen.toml").code == 0


@pytest.mark.parametrize("name", ["nowhere.toml", "nowhere/spec.toml", "x" * 5000 + ".toml"])
def test_spec_that_is_not_there(name, tmp_path):
    done = stgen("compile", f"{tmp_path}/{name}")
    assert (done.code, done.err.count("error[")) == (1, 1)
    assert contents(tmp_path) == {}


# --- data, where it is looked at ------------------------------------------------------------------------------------------


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "data").mkdir()
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST)
    return path


def test_good_data_is_good(spec):
    (spec.parent / "data" / "train.jsonl").write_text(ROWS)
    done = stgen("validate", "--data", spec)
    assert done.code == 0, done.err


# fmt: off
BAD_DATA: list[tuple[str, bytes | None, str]] = [
    ("missing",                None,                                                    "train.jsonl"),
    ("empty",                  b"",                                                     "train.jsonl"),
    ("blank lines",            b"\n\n\n",                                               "train.jsonl"),
    ("cut off in a row",       ROWS.encode()[:-20],                                     "200"),
    ("without the column",     ROWS.replace("answer", "reply").encode(),                "answer"),
    ("not JSON",               b"question,answer\na,b\n",                               "train.jsonl"),
    ("not UTF-8",              ROWS.encode() + b'{"question": "\xff", "answer": "x"}\n', "201"),
    ("binary",                 bytes(range(256)) * 100,                                 "train.jsonl"),
]
# fmt: on


@pytest.mark.parametrize(("data", "named"), [row[1:] for row in BAD_DATA], ids=[row[0] for row in BAD_DATA])
def test_bad_data(data, named, spec):
    if data is not None:
        (spec.parent / "data" / "train.jsonl").write_bytes(data)
    before = contents(spec.parent)
    done = stgen("validate", "--data", spec)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("error[") == 1, done.err
    assert named in done.err
    assert contents(spec.parent) == before


def test_compressed_data_that_is_cut_off(spec):
    spec.write_text(SHORTEST.replace("train.jsonl", "train.jsonl.gz"))
    whole = gzip.compress(ROWS.encode())
    (spec.parent / "data" / "train.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = stgen("validate", "--data", spec)
    assert (done.code, done.err.count("error[")) == (1, 1), done.err
    assert "train.jsonl.gz" in done.err


def test_compile_does_not_wait_for_data(spec):
    """The data may lie on the machine that trains."""
    assert stgen("compile", spec).code == 0
