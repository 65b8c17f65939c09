"""What commands work on, what machines get of them, and what each of them waits for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import stgen
from frontend import SHORTEST
from places import COMPILER, EXAMPLES
from stgen.cli.grammar import COMMANDS
from stgen.values.wrapping import WIDTH

ENVIRONMENT = os.environ | {"PYTHONPATH": str(COMPILER)}


def process(*arguments: str | Path, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stgen", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, **options)


def imported(*arguments: str, cwd: Path) -> set[str]:
    """The top-level modules that a process imports."""
    command = [sys.executable, "-X", "importtime", "-m", "stgen", *arguments]
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in lines} | set(lines)


@pytest.fixture
def spec(tmp_path) -> Path:
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST)
    return path


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("new", "inspect", "completion")])
def test_every_command_has_its_module(name):
    from importlib import import_module

    assert callable(import_module(f"stgen.cli.commands.{name}").run)


# --- which spec -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["validate", "explain", "plan", "compile", "check"])
def test_spec_of_the_folder_is_the_default(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "stgen.toml" in stgen(command).err
    data = {"stgen": 1, "model": {"type": "dense", "base": "a/b"}}
    data |= {"data": [{"train": "t.jsonl", "columns": {"anchor": "a", "positive": "b"}}]}
    (tmp_path / "stgen.json").write_text(json.dumps(data))
    stgen("compile")
    assert (tmp_path / "train.py").is_file()
    assert stgen(command).code == 0


def test_folder_of_the_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(SHORTEST)
    Path("sub").mkdir()
    Path("sub/stgen.toml").write_text(SHORTEST)
    assert stgen("compile", "a.toml", "sub/stgen.toml").code == 0
    assert stgen("compile", "a.toml", "-o", "elsewhere/deep").code == 0
    assert {path.parent.as_posix() for path in Path().rglob("train.py")} == {"a", "sub", "elsewhere/deep"}


def test_stdout_prints_every_file_and_writes_none(spec):
    done = stgen("compile", spec, "--stdout")
    assert done.code == 0
    assert "==> train.py <==\n" in done.out
    assert os.listdir(spec.parent) == ["stgen.toml"]


def test_name_of_the_folder_counts_where_the_spec_gives_none(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = tmp_path / "one" / "stgen.toml"
    one.write_text(SHORTEST)
    stgen("compile", one)
    (tmp_path / "two").rmdir()
    moved = (tmp_path / "one").rename(tmp_path / "two") / "stgen.toml"
    assert stgen("check", moved).code == 1
    assert "updated" in stgen("compile", moved).err


def test_name_of_the_folder_is_nothing_to_a_spec_with_a_name(tmp_path):
    (tmp_path / "one").mkdir()
    one = tmp_path / "one" / "stgen.toml"
    one.write_text(SHORTEST + '[project]\nname = "named"\n')
    stgen("compile", one)
    moved = (tmp_path / "one").rename(tmp_path / "two") / "stgen.toml"
    assert stgen("check", moved).code == 0


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["validate", "compile", "check", "plan", "explain"])
def test_findings_for_machines_are_one_json_document_on_stdout(command, tmp_path):
    (tmp_path / "bad.toml").write_text(SHORTEST.replace("anchor", "ancor"))
    done = stgen(command, tmp_path / "bad.toml", "--format", "json")
    assert done.code == 1
    assert {item["code"] for item in json.loads(done.out)} >= {"STG020"}


def test_check_is_sarif_too(spec):
    done = stgen("check", spec, "--format", "sarif")
    assert done.code == 1
    results = json.loads(done.out)["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == {"STG322"}


def test_losses_as_json_are_the_table():
    records = json.loads(stgen("losses", "--model", "dense", "--data", "pair", "--format", "json").out)
    assert records[0]["loss"] == "MultipleNegativesRankingLoss"
    assert {record["format"] for record in records} == {"pair"}


# --- what a command waits for -----------------------------------------------------------------------------------------


def test_cheap_commands_import_nothing_costly(spec):
    stgen("compile", spec)
    costly = {"argparse", "pydantic", "jinja2", "ruff", "subprocess", "dataclasses", "typing"}
    assert not imported("--version", cwd=spec.parent) & (costly | {"json", "hashlib"})
    assert not imported("compile", cwd=spec.parent) & costly
    assert not imported("compile", "stgen.toml", "-o", ".", cwd=spec.parent) & costly
    assert not imported("validate", cwd=spec.parent) & {
        "jinja2",
        "ruff",
        "subprocess",
        "torch",
        "stgen.render.rendering",
    }
    for command in ("validate", "explain", "plan", "check"):
        assert not imported(command, cwd=spec.parent) & {"torch", "transformers", "datasets", "sentence_transformers"}


def test_short_cut_prints_what_the_whole_way_prints(spec):
    assert process("compile", cwd=spec.parent).returncode == 0
    short, whole = process("compile", cwd=spec.parent), process("compile", "--format", "text", cwd=spec.parent)
    assert (short.returncode, short.stdout, short.stderr) == (whole.returncode, whole.stdout, whole.stderr)
    assert "up to date" in short.stderr
    assert process("compile", "--quiet", cwd=spec.parent).stderr == ""


def test_main_takes_its_streams():
    """Nothing is printed behind the back of who calls it."""
    from stgen.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    main(["explain", "STG300"], io.BytesIO(), out, err)
    assert out.getvalue().startswith("STG300")
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    "command",
    [
        ("explain", str(EXAMPLES / "dense-pairs/stgen.toml"), "--all"),
        ("explain", "STG103"),
        ("explain", "CoSENTLoss"),
        ("losses",),
        ("new", "--recipe", "list"),
        ("plan", str(EXAMPLES / "dense-pairs/stgen.toml")),
    ],
    ids=" ".join,
)
def test_what_is_told_fits_a_terminal(command: tuple[str, ...]) -> None:
    """All but what can't be broken: an address, a name beside its mark."""
    told = stgen(*command).out.splitlines()
    assert [line for line in told if len(line) > WIDTH and len(line.split()) > 2] == []
