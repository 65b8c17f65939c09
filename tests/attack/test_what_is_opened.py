"""What a stranger's spec may make a command open and show: regular files of the spec's own tree, and nothing else."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest
from commandline import stgen
from frontend import SHORTEST

SECRET = "root:$6$Cq1v:19000:0:99999:7:::"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and links as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a spec; beside it lies a file that is nobody's business."""
    (tmp_path / "shadow").write_text(f"{SECRET}\n")
    (tmp_path / "secret.csv").write_text(f"{SECRET},b\n{SECRET},2\n")
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def commands(spec: Path) -> list[list[str]]:
    """Every command that reads a spec, in every format in which it says what is wrong."""
    named = ["validate", "explain", "plan", "compile", "check", "update"]
    return [[name, str(spec), "--format", form] for name in named for form in ("text", "json", "sarif", "github")]


# --- extends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["../shadow", "{top}/shadow", "link.toml", "sub/../../shadow", "linked/shadow"])
def test_extends_outside_of_the_tree_is_refused_unread(folder: Path, named: str) -> None:
    (folder / "link.toml").symlink_to("../shadow")
    (folder / "linked").symlink_to("..")
    (folder / "sub").mkdir()
    spec = folder / "stgen.toml"
    spec.write_text(f'extends = "{named.format(top=folder.parent)}"\n' + SHORTEST)
    for command in commands(spec):
        done = stgen(*command)
        assert done.code == 1
        assert "STG017" in done.out + done.err
        assert "$6$" not in done.out + done.err


def test_whether_a_file_outside_is_there_is_not_told(folder: Path) -> None:
    said = []
    for named in ("../shadow", "../no-such"):
        (folder / "stgen.toml").write_text(f'extends = "{named}"\n' + SHORTEST)
        said.append(stgen("validate", folder / "stgen.toml").err.replace(named, "..."))
    assert "STG017" in said[0]
    assert said[0].split("^")[0] == said[1].split("^")[0]


def test_a_spec_that_is_a_link_out_of_its_tree_is_refused_unread(folder: Path) -> None:
    (folder / "stgen.toml").symlink_to("../shadow")
    for command in commands(folder / "stgen.toml"):
        done = stgen(*command)
        assert done.code == 1
        assert "STG017" in done.out + done.err
        assert "$6$" not in done.out + done.err


def test_a_flag_allows_it_and_the_lines_are_still_not_shown(folder: Path) -> None:
    (folder.parent / "base.toml").write_text(SHORTEST)
    (folder / "stgen.toml").write_text('extends = "../base.toml"\n[train]\nepochs = 2\n')
    assert stgen("validate", folder / "stgen.toml", "--allow-outside").code == 0
    (folder / "stgen.toml").write_text('extends = "../shadow"\n')
    done = stgen("validate", folder / "stgen.toml", "--allow-outside")
    assert "error[STG007]" in done.err
    assert "$6$" not in done.err


def test_a_spec_of_a_repository_extends_what_lies_anywhere_in_it(folder: Path) -> None:
    (folder.parent / ".git").mkdir()
    (folder.parent / "base.toml").write_text(SHORTEST)
    (folder / "stgen.toml").write_text('extends = "../base.toml"\n')
    assert stgen("validate", folder / "stgen.toml").code == 0
    (folder / "stgen.toml").write_text('extends = "/etc/passwd"\n')
    assert "STG017" in stgen("validate", folder / "stgen.toml").err


# --- data ----------------------------------------------------------------------------------------------------------------

# fmt: off
SECRETS: list[tuple[str, bytes]] = [
    ("t.csv",      f"{SECRET},b\n{SECRET},2\n".encode()),                                  # the names of columns
    ("t.csv",      f"a,a\n{SECRET},2\n".encode()),
    ("t.csv",      f"question,answer\n{SECRET}\n".encode()),
    ("t.jsonl",    f'{{"{SECRET}": 1}}\n'.encode()),
    ("t.jsonl",    f"{SECRET}\n".encode()),
    ("t.jsonl",    f"{SECRET}\xff\n".encode("latin-1")),                                   # what stands beside a byte
    ("t.jsonl",    "".join(json.dumps({"question": SECRET[:13].replace(":", "-") + str(n), "answer": f"{SECRET}{n}"}) + "\n" for n in range(60)).encode()),
]
# fmt: on


@pytest.mark.parametrize(("name", "content"), SECRETS)
@pytest.mark.parametrize("how", ["link", "path", "pattern"])
def test_nothing_is_quoted_of_data_outside_of_the_tree(folder: Path, name: str, content: bytes, how: str) -> None:
    (folder.parent / "other").mkdir()
    (folder.parent / "other" / name).write_bytes(content)
    (folder / name).symlink_to(f"../other/{name}")
    named = {"link": name, "path": f"../other/{name}", "pattern": f"../other/*{Path(name).suffix}"}[how]
    spec = folder / "stgen.toml"
    spec.write_text(SHORTEST.replace("data/train.jsonl", named))
    for form in ("text", "json", "sarif", "github"):
        done = stgen("validate", "--data", spec, "--format", form)
        said = done.out + done.err
        assert "--allow-outside" in said
        assert "$6$" not in said
        assert "root" not in said.replace(str(folder), "")
    assert "--allow-outside" not in stgen("validate", "--data", "--allow-outside", spec).err


def test_prompts_of_a_base_model_outside_of_the_tree_are_not_quoted(folder: Path) -> None:
    (folder.parent / "base").mkdir()
    (folder.parent / "base" / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": SECRET}})
    )
    (folder / "t.jsonl").write_text(
        "".join(json.dumps({"question": f"what is {n}?", "answer": f"{n}"}) + "\n" for n in range(99))
    )
    spec = folder / "stgen.toml"
    text = SHORTEST.replace("data/train.jsonl", "t.jsonl")
    spec.write_text(text.replace("sentence-transformers/all-MiniLM-L6-v2", "../base"))
    done = stgen("validate", "--data", spec)
    assert "STG090" in done.err
    assert "$6$" not in done.err
    assert "$6$" in stgen("validate", "--data", "--allow-outside", spec).err


def test_data_of_the_repository_is_quoted(folder: Path) -> None:
    (folder.parent / ".git").mkdir()
    (folder / "stgen.toml").write_text(SHORTEST.replace("data/train.jsonl", "../secret.csv"))
    assert SECRET in stgen("validate", "--data", folder / "stgen.toml").err


# --- what is no regular file ---------------------------------------------------------------------------------------------


def pipe(path: Path) -> str:
    os.mkfifo(path)
    return "a named pipe"


def device(path: Path) -> str:
    path.symlink_to("/dev/zero")
    return "a device"


def listening(path: Path) -> str:
    there = os.getcwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(there)
    return "a socket"


KINDS = [pipe, device, listening]


@pytest.mark.parametrize("make", KINDS)
def test_a_spec_that_is_no_regular_file(folder: Path, make) -> None:
    (folder.parent / ".git").mkdir()
    what = make(folder / "stgen.toml")
    flags = ["--allow-outside"] if make is device else []
    for command in commands(folder / "stgen.toml"):
        done = stgen(*command, *flags)
        assert done.code == 1
        assert f"it is {what}, not a regular file" in done.out + done.err


@pytest.mark.parametrize("make", KINDS)
def test_an_extended_spec_that_is_no_regular_file(folder: Path, make) -> None:
    make(folder / "base.toml")
    (folder / "stgen.toml").write_text('extends = "base.toml"\n' + SHORTEST)
    done = stgen("validate", folder / "stgen.toml", "--allow-outside")
    assert (done.code, done.err.count("error[STG003]")) == (1, 1)


@pytest.mark.parametrize(
    "suffix", ["jsonl", "json", "csv", "tsv", "parquet", "jsonl.gz", "csv.bz2", "json.xz", "jsonl.zst"]
)
@pytest.mark.parametrize("make", [*KINDS, Path.mkdir])
def test_data_that_is_no_regular_file(folder: Path, make, suffix: str) -> None:
    data = folder / f"train.{suffix}"
    make(data)
    (folder / "stgen.toml").write_text(SHORTEST.replace("data/train.jsonl", data.name))
    for command in (
        ["validate", "--data", "--allow-outside", folder / "stgen.toml"],
        ["new", folder / "new", "--from-data", data],
    ):
        done = stgen(*command)
        assert (done.code, done.err.count("error[STG201]")) == (1, 1), done.err
    if make is not Path.mkdir:  # a folder can be inspected: it may be in the BEIR layout
        assert "error[STG201]" in stgen("inspect", data).err
    assert not (folder / "new").exists()


@pytest.mark.parametrize("make", KINDS)
def test_a_base_model_whose_settings_are_no_regular_file(folder: Path, make) -> None:
    (folder / "base").mkdir()
    for name in (
        "config.json",
        "config_sentence_transformers.json",
        "tokenizer_config.json",
        "sentence_bert_config.json",
    ):
        make(folder / "base" / name)
    (folder / "train.jsonl").write_text(
        "".join(json.dumps({"question": f"what is {n}?", "answer": f"{n}"}) + "\n" for n in range(99))
    )
    (folder / "stgen.toml").write_text(
        SHORTEST.replace("data/train.jsonl", "train.jsonl").replace("sentence-transformers/all-MiniLM-L6-v2", "./base")
    )
    assert stgen("validate", "--data", folder / "stgen.toml").code in (0, 1)


# --- names that are no UTF-8 ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system refuses such names")
def test_a_path_that_is_not_utf8(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9"))
    odd.mkdir()
    for spec in (odd / "stgen.toml", Path(os.fsdecode(os.fsencode(folder) + b"/\xff.toml"))):
        spec.write_text(SHORTEST)
        for command in commands(spec):
            done = stgen(*command)
            assert done.code == 1
            assert "STG018" in done.out + done.err
    (folder / "stgen.toml").write_text(SHORTEST)
    for command in ("compile", "check"):
        assert "error[STG018]" in stgen(command, folder / "stgen.toml", "-o", odd / "out").err
    monkeypatch.chdir(odd)
    assert "error[STG018]" in stgen("validate", "-", stdin=SHORTEST).err


def test_a_folder_that_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    folder.rmdir()
    done = stgen("validate", "-", stdin=SHORTEST)
    assert done.code == 2
    assert "is gone" in done.err
