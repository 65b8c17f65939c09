"""Reading: whatever a file holds, there is a Source or one finding that says what to do."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest
from frontend import SHORTEST, codes, load_text
from hypothesis import given, settings
from hypothesis import strategies as st
from stgen.source.source import MAX_BYTES, read

AS_JSON = {
    "stgen": 1,
    "model": {"type": "dense", "base": "sentence-transformers/all-MiniLM-L6-v2"},
    "data": [{"train": "data/train.jsonl", "columns": {"anchor": "question", "positive": "answer"}}],
}


def read_bytes(data: bytes, name: str = "-"):
    return read(name, io.BytesIO(data))


def test_toml_and_json_carry_the_same_tree():
    toml, json_ = read_bytes(SHORTEST.encode())[0], read_bytes(json.dumps(AS_JSON).encode())[0]
    assert toml.data == json_.data == AS_JSON
    assert (toml.kind, json_.kind) == ("toml", "json")
    assert toml.digest != json_.digest
    assert len(toml.digest) == 64


def test_standard_input_is_sniffed():
    assert read_bytes(b'\n  {"stgen": 1}')[0].kind == "json"
    assert read_bytes(b"stgen = 1")[0].kind == "toml"


@pytest.mark.parametrize(
    ("data", "code", "place", "message"),
    [
        (b"", "STG006", (1, 1), "empty"),
        (b" \n\t\r\n", "STG006", (1, 1), "empty"),
        (b"\xef\xbb\xbf", "STG006", (1, 1), "empty"),
        (SHORTEST.encode("utf-16"), "STG005", (1, 1), "UTF-16"),
        (b"\xfe\xff" + SHORTEST.encode("utf-16-be"), "STG005", (1, 1), "UTF-16"),
        (SHORTEST.encode("utf-32"), "STG005", (1, 1), "UTF-32"),
        (b"stgen = 1\nname = 'caf\xe9'\n", "STG005", (2, 12), "byte 0xe9 at offset 21"),
        (b"\xef\xbb\xbfa = '\xff'\n", "STG005", (1, 6), "byte 0xff at offset 8"),
        (b"stgen = 1\n[model]\ntype = dense\n", "STG007", (3, 8), "a value is expected here"),
        (b"stgen 1\n", "STG007", (1, 7), "an = is missing"),
        (b"a = 'x\nb = 1\n", "STG007", (1, 5), "quote"),
        (b"a = [1, 2\n", "STG007", (1, 10), "list is not closed"),
        (b"a = {b = 1\n", "STG007", (1, 11), "{ is not closed"),
        (b"[model\n", "STG007", (1, 7), "header is not closed"),
        (b'a = "C:\\data"\n', "STG007", (1, 8), "backslash"),
        (b"a = 1 b = 2\n", "STG007", (1, 7), "follows the value"),
        (b"a = 'x\x01'\n", "STG007", (1, 7), "control character"),
        (b'b = 1\na = """x\n', "STG007", (2, 5), "quote"),
        (b"b = 1\na = '''x\n", "STG007", (2, 5), "triple quote"),
        (b'a = "x\nb = 1\n', "STG007", (1, 5), "quote"),
        (b"a = 'x\nb = 'y'\n", "STG007", (1, 5), "quote"),
        (b'a = "x\x01"\n', "STG007", (1, 7), "control character"),
        (b'a = "\\u12"\n', "STG007", None, "escape"),
        (b'a = "\\ud800"\n', "STG007", (1, 1), "escape"),
        (b"a = 2026-13-01\n", "STG007", None, "quotes"),
        (b"a = [1 2]\n", "STG007", None, "comma"),
        (b"[]\n", "STG007", (1, 2), "a key is expected"),
        (b"b.c = 1\n[b]\nd = 1\n", "STG009", (2, 1), "second time"),
        (b"?\n", "STG007", (1, 1), "a key or a [table]"),
        (b"stgen = 1\nb = 2\nstgen = 2\n", "STG009", (3, 1), "second time"),
        (b"[a]\nb = 1\n[c]\n[a]\n", "STG009", (4, 1), "second time"),
        (b"a = { b = 1, b = 2 }\n", "STG009", (1, 1), "twice"),
        (b"a = { b = 1 }\n[a]\nc = 1\n", "STG009", (2, 1), "second time"),
        (b'{"stgen": 1,\n "model": {"type": 1,\n  "type": 2}}', "STG009", (3, 3), "`type` is defined"),
        (b'{"stgen": 1,}', "STG008", (1, 13), "key"),
        (b'{"stgen": 1\n "b": 2}', "STG008", (2, 2), "comma is missing"),
        (b'{"stgen" 1}', "STG008", (1, 10), "colon is missing"),
        (b'{"stgen": 1} x', "STG008", (1, 14), "ends before this"),
        (b'{"a": "x\ty"}', "STG008", (1, 9), "control character"),
        (b'{"a": "\\x"}', "STG008", (1, 8), "escape"),
        (b"{'a': 1}", "STG008", (1, 2), "single quote"),
        (b'{"a": {"b": NaN}}', "STG012", (1, 13), "infinite"),
        (b'{"a": -Infinity}', "STG012", (1, 7), "infinite"),
        (b'{"a": "NaN", "b": [1, 1e999]}', "STG012", (1, 23), "infinite"),
        (b'{"a": null}', "STG012", (1, 7), "leave the key out"),
        (b'{"a": "\\ud800"}', "STG012", (1, 7), "surrogate"),
        (b'{"a\\u0000": 1}', "STG012", (1, 2), "null character"),
        (b"a = inf\n", "STG012", (1, 5), "infinite"),
        (b"[b]\na = 2026-01-01\n", "STG012", (2, 5), "date"),
        (b'a = "\\u0000"\n', "STG012", (1, 5), "null character"),
        (b"a = 9223372036854775808\n", "STG012", (1, 5), "64 bits"),
        (b"b = 1\na = " + b"9" * 5000, "STG012", (2, 5), "thousands of digits"),
        (b'{"a": ' + b"9" * 5000 + b"}", "STG012", (1, 7), "thousands of digits"),
        (b"a = " + b"[" * 500 + b"]" * 500, "STG010", None, "deep"),
        (b"a = " + b"[" * 100_000, "STG010", None, "deep"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "STG010", None, "deep"),
        (b'{"a":' * 100_000, "STG010", None, "deep"),
        (b".".join([b"a"] * 3000) + b" = 1", "STG010", None, "deep"),
        (b"#" * (MAX_BYTES + 1), "STG004", None, "larger than 1024 KiB"),
    ],
)
def test_one_clear_finding(data, code, place, message):
    source, findings = read_bytes(data)
    assert source is None
    (finding,) = findings
    assert (finding.code, finding.file, finding.severity) == (code, "<stdin>", "error")
    assert message in finding.message + finding.help
    if place:
        assert (finding.span.line, finding.span.column) == place
        assert finding.line == "" or "\n" not in finding.line


@pytest.mark.parametrize("text", ["[1]", '"x"', "3", "true", "null"])
def test_the_top_of_json_is_an_object(tmp_path, text):
    path = tmp_path / "spec.json"
    path.write_text(text)
    source, findings = read(str(path))
    assert (source, codes(findings)) == (None, ["STG011"])


def test_a_byte_order_mark_of_utf8_does_no_harm():
    source, findings = read_bytes(b"\xef\xbb\xbf" + SHORTEST.encode())
    assert not findings
    assert source.data == AS_JSON


def test_windows_line_ends_do_no_harm():
    spec, source, findings = load_text(SHORTEST.replace("\n", "\r\n"))
    assert not findings
    assert source.data == AS_JSON
    assert spec


def test_the_largest_file_is_read():
    text = SHORTEST + "#" * (MAX_BYTES - len(SHORTEST))
    assert read_bytes(text.encode())[0].data == AS_JSON


def test_no_such_file(tmp_path):
    (tmp_path / "stgen.toml").write_text(SHORTEST)
    (finding,) = read(str(tmp_path / "stgn.toml"))[1]
    assert (finding.code, finding.span) == ("STG001", None)
    assert finding.help == f"did you mean {tmp_path / 'stgen.toml'}?"
    (finding,) = read(str(tmp_path / "nowhere" / "stgen.toml"))[1]
    assert "the folder" in finding.help


def test_a_folder(tmp_path):
    (finding,) = read(str(tmp_path))[1]
    assert (finding.code, finding.file) == ("STG002", str(tmp_path))
    (tmp_path / "stgen.toml").write_text(SHORTEST)
    assert str(tmp_path / "stgen.toml") in read(str(tmp_path))[1][0].help


@pytest.mark.parametrize("path", ["a\x00b", "a" * 5000, "/dev/null/x"])
def test_what_the_system_refuses(path):
    assert codes(read(path)[1])[0] in ("STG001", "STG003")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything is readable here")
def test_not_readable(tmp_path):
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST)
    path.chmod(0)
    assert codes(read(str(path))[1]) == ["STG003"]


def test_an_error_of_the_system_is_one_finding(tmp_path, monkeypatch):
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    (finding,) = read(str(path))[1]
    assert (finding.code, finding.message) == ("STG003", "the file can't be read: permission denied")


def test_other_formats(tmp_path):
    path = tmp_path / "stgen.yaml"
    path.write_text("stgen: 1\n")
    assert codes(read(str(path))[1]) == ["STG016"]


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data):
    source, findings = read_bytes(data)
    assert (source is None) == bool(findings)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text(text):
    source, findings = read_bytes(text.encode("utf-8", "surrogatepass"))
    assert (source is None) == bool(findings)
    assert len(findings) == 1 or all(item.code == "STG012" for item in findings)


# --- extends ---------------------------------------------------------------------------------------------------------


def put(folder, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)


def test_extends_merges_key_by_key_and_the_nearer_wins(tmp_path):
    (tmp_path / ".git").mkdir()  # what a spec may extend lies in its repository
    (tmp_path / "below").mkdir()
    put(tmp_path, base=SHORTEST + "[train]\nepochs = 1\nkeep = 2\n[loss.params]\nscale = 1\n")
    path = tmp_path / "below" / "spec.toml"
    path.write_text('extends = "../base.toml"\n[train]\nepochs = 3\n[[data]]\ntrain = "other.csv"\n')
    source, findings = read(str(path))
    assert not findings
    assert source.data["train"] == {"epochs": 3, "keep": 2}
    assert source.data["data"] == [{"train": "other.csv"}]  # lists are replaced
    assert source.data["model"] == AS_JSON["model"]
    assert "extends" not in source.data
    assert source.own["extends"] == "../base.toml"
    assert source.holder(("train", "keep")).path.endswith("base.toml")
    assert source.holder(("train", "epochs")).path == str(path)


def test_digest_covers_what_is_extended(tmp_path):
    put(tmp_path, base=SHORTEST, spec='extends = "base.toml"')
    before = read(str(tmp_path / "spec.toml"))[0].digest
    put(tmp_path, base=SHORTEST + "# more\n")
    assert read(str(tmp_path / "spec.toml"))[0].digest != before


def test_json_extends_toml(tmp_path):
    put(tmp_path, base=SHORTEST)
    (tmp_path / "spec.json").write_text('{"extends": "base.toml", "train": {"epochs": 2}}')
    assert read(str(tmp_path / "spec.json"))[0].data["train"] == {"epochs": 2}


def test_a_finding_points_at_the_file_that_says_it(tmp_path):
    from stgen.language.load import load

    put(tmp_path, base=SHORTEST + "[train]\nepochs = -1\n", spec='extends = "base.toml"\n[train]\nkeep = "x"\n')
    spec, _, findings = load(str(tmp_path / "spec.toml"))
    assert spec is None
    assert {(item.code, os.path.basename(item.file), item.span.line) for item in findings} == {
        ("STG024", "base.toml", 11),
        ("STG021", "spec.toml", 3),
    }


def test_extends_what_is_missing(tmp_path):
    put(tmp_path, spec='stgen = 1\nextends = "base.toml"')
    (finding,) = read(str(tmp_path / "spec.toml"))[1]
    assert (finding.code, finding.span.line, finding.span.column) == ("STG013", 2, 11)


def test_extends_what_is_broken(tmp_path):
    put(tmp_path, base="stgen = \n", spec='extends = "base.toml"')
    (finding,) = read(str(tmp_path / "spec.toml"))[1]
    assert (finding.code, os.path.basename(finding.file)) == ("STG007", "base.toml")
    assert "spec.toml extends it" in finding.notes[0]


def test_extends_in_a_circle(tmp_path):
    put(tmp_path, a='extends = "b.toml"', b='extends = "a.toml"', c='extends = "c.toml"')
    (finding,) = read(str(tmp_path / "a.toml"))[1]
    assert finding.code == "STG014"
    assert "a.toml -> b.toml -> a.toml" in finding.message
    assert codes(read(str(tmp_path / "c.toml"))[1]) == ["STG014"]


def test_extends_without_end(tmp_path):
    put(tmp_path, **{f"s{n}": f'extends = "s{n + 1}.toml"' for n in range(20)})
    assert codes(read(str(tmp_path / "s0.toml"))[1]) == ["STG015"]


def test_extends_of_the_wrong_type_is_told_with_the_rest(tmp_path):
    spec, _, findings = load_text("extends = 3\n" + SHORTEST)
    assert (spec, codes(findings)) == (None, ["STG021"])
