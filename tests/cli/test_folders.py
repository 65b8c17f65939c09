"""Commands on folders: nobody's work is overwritten, a failed compile changes nothing, and the same spec gives the same bytes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from commandline import contents, stgen, texts
from frontend import SHORTEST
from stgen.disk.fresh import LOCK_PATH, nothing_to_do
from stgen.disk.journal import TEMPORARY

NAMED = SHORTEST + '[project]\nname = "a project"\n'  # else it is called after its folder

# --- what stands in the way --------------------------------------------------------------------------------------------


def nothing(folder: Path) -> None:
    """Leave the compiled repo as it is."""


def edited(folder: Path) -> None:
    (folder / "train.py").write_text("mine\n")


def no_lock_and_edited(folder: Path) -> None:
    (folder / LOCK_PATH).unlink()
    edited(folder)


def folder_for_a_file(folder: Path) -> None:
    (folder / "train.py").unlink()
    (folder / "train.py").mkdir()


def file_for_a_folder(folder: Path) -> None:
    (folder / "launch").rename(folder / "elsewhere")
    (folder / "launch").write_text("mine\n")


def link_for_a_file(folder: Path) -> None:
    (folder / "train.py").rename(folder / "elsewhere.py")
    (folder / "train.py").symlink_to(folder / "elsewhere.py")


def link_out_of_the_folder(folder: Path) -> None:
    (folder / "launch").rename(folder.parent / "outside")
    (folder / "launch").symlink_to(folder.parent / "outside")


def broken_lock(folder: Path) -> None:
    (folder / LOCK_PATH).write_text("{")


def deep_lock(folder: Path) -> None:
    (folder / LOCK_PATH).write_text("[" * 100_000)


def lock_of_another_shape(folder: Path) -> None:
    (folder / LOCK_PATH).write_text('{"lock": 1, "stgen": "0", "spec": "-", "inputs": {}, "files": []}')


def lock_that_leaves_the_folder(folder: Path) -> None:
    (folder.parent / "victim").write_text("mine\n")
    text = (folder / LOCK_PATH).read_text()
    (folder / LOCK_PATH).write_text(text.replace('"README.md"', '"../victim"'))


def newer_lock(folder: Path) -> None:
    text = (folder / LOCK_PATH).read_text()
    (folder / LOCK_PATH).write_text(text.replace('"lock": 2', '"lock": 3'))


# fmt: off
IN_THE_WAY = [
    (edited,                      "STG300"),
    (no_lock_and_edited,          "STG301"),
    (folder_for_a_file,           "STG302"),
    (file_for_a_folder,           "STG302"),
    (link_for_a_file,             "STG303"),
    (link_out_of_the_folder,      "STG303"),
    (broken_lock,                 "STG305"),
    (deep_lock,                   "STG305"),
    (lock_of_another_shape,       "STG305"),
    (lock_that_leaves_the_folder, "STG305"),
    (newer_lock,                  "STG306"),
]
# fmt: on


@pytest.mark.parametrize(("disturb", "code"), IN_THE_WAY, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_there_stays_as_it_is(disturb, code, tmp_path):
    spec = tmp_path / "repo.toml"
    spec.write_text(SHORTEST)
    assert stgen("compile", spec).code == 0
    spec.write_text(SHORTEST + "[train]\nepochs = 3\n")
    disturb(tmp_path / "repo")
    before = contents(tmp_path)
    for command in (["compile"], ["compile", "--dry-run"], ["check"]):
        assert stgen(*command, spec).code == 1
        assert contents(tmp_path) == before
    done = stgen("compile", spec)
    assert done.err.count("error[") == 1
    assert f"error[{code}]" in done.err
    assert "= help: " in done.err


def test_folder_of_the_repo_is_a_file(tmp_path):
    (tmp_path / "spec.toml").write_text(SHORTEST)
    (tmp_path / "spec").write_text("mine\n")
    before = contents(tmp_path)
    done = stgen("compile", tmp_path / "spec.toml")
    assert (done.code, done.err.count("error[STG302]"), done.err.count("error[")) == (1, 1, 1)
    assert contents(tmp_path) == before


def test_one_spec_in_trouble_keeps_all_from_being_written(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(SHORTEST)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "train.py").write_text("mine\n")
    before = contents(tmp_path)
    done = stgen("compile", tmp_path / "a.toml", tmp_path / "b.toml")
    assert (done.code, done.err.count("error[STG301]")) == (1, 1)
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX takes")
@pytest.mark.parametrize("name", [b"a\\b", b"new\nline", "größe".encode()])
def test_spec_whose_path_not_every_system_takes(name, tmp_path):
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    spec = os.fsdecode(os.path.join(folder, b"spec.toml"))
    for path in (spec, os.fsdecode(os.path.join(os.fsencode(tmp_path), name + b".toml"))):
        with open(path, "w") as file:
            file.write(NAMED)
        assert stgen("compile", path).code == 0
        assert stgen("check", path).code == 0
        assert stgen("compile", path).code == 0
        with open(path, "a") as file:
            file.write("[train]\nepochs = 3\n")
        assert stgen("check", path).code == 1
        assert stgen("compile", path).code == 0


def test_two_specs_for_one_folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(SHORTEST)
    before = contents(tmp_path)
    done = stgen("compile", tmp_path / "a.toml", tmp_path / "b.toml", "-o", tmp_path / "repo")
    assert (done.code, done.err.count("error[STG321]")) == (1, 1)
    assert contents(tmp_path) == before


def two_specs(folder: Path, first: str, second: str) -> None:
    for number, name in enumerate((first, second)):
        (folder / name).write_text(f"{NAMED}[train]\nepochs = {number + 1}\n")


@pytest.mark.parametrize(
    ("first", "second", "output"),
    [
        ("a.toml", "b.toml", ["-o", "a"]),
        ("a.toml", "b.toml", ["-o", "./b/../a"]),
        ("b/stgen.toml", "c.toml", ["-o", "b"]),
    ],
)
def test_no_repo_is_taken_over_that_another_spec_compiles_to(tmp_path, monkeypatch, first, second, output):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    two_specs(tmp_path, first, second)
    assert stgen("compile", first).code == 0
    (tmp_path / output[1] / "train.py").open("a").write("# by hand\n")
    before = contents(tmp_path)
    for command in ("compile", "update", "check"):
        done = stgen(command, second, *output)
        assert (done.code, "error[STG475]" in done.err, f"`{first}`" in done.err) == (1, True, True), done.err
    assert contents(tmp_path) == before
    (tmp_path / first).unlink()
    assert stgen("update", second, *output).code == 0
    assert "# by hand" in (tmp_path / output[1] / "train.py").read_text()


@pytest.mark.parametrize(("first", "second"), [("stgen.toml", "stgen.json"), ("a.toml", "a.json")])
def test_two_specs_of_one_name_do_not_undo_each_other(tmp_path, monkeypatch, first, second):
    monkeypatch.chdir(tmp_path)
    (tmp_path / first).write_text(SHORTEST)
    assert stgen("compile", first).code == 0
    (tmp_path / second).write_text(json.dumps(tomllib.loads(SHORTEST)))
    assert "error[STG475]" in stgen("compile", second).err
    (tmp_path / first).rename(tmp_path / "old.txt")
    assert stgen("compile", second).code == 0


def test_a_spec_on_standard_input_takes_no_repo_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(NAMED)
    assert stgen("compile", "a.toml").code == 0
    assert "error[STG475]" in stgen("compile", "-", "-o", "a", stdin=NAMED + "[train]\nepochs = 3\n").err


def test_two_specs_that_are_sent_to_one_folder_are_told_of_each_other_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    two_specs(tmp_path, "a.toml", "b.toml")
    assert stgen("compile", "a.toml", "-o", "repo").code == 0
    done = stgen("compile", "b.toml", "-o", "repo")
    assert (done.code, done.err.count("warning[STG476]"), "`a.toml`" in done.err) == (0, 1, True)
    assert "STG476" not in stgen("compile", "b.toml", "-o", "repo").err


def test_a_copy_of_a_repo_goes_to_another_spec_with_its_edits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    two_specs(tmp_path, "a.toml", "b.toml")
    assert stgen("compile", "a.toml").code == 0
    (tmp_path / "a/train.py").open("a").write("# by hand\n")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    done = stgen("update", "b.toml")
    assert (done.code, "warning[STG476]" in done.err) == (0, True)
    text = (tmp_path / "b/train.py").read_text()
    assert "# by hand" in text
    assert "EPOCHS = 2" in text


@pytest.mark.parametrize("moved", ["renamed", "a link", "a copy of both"])
def test_a_spec_that_was_moved_keeps_its_repo_without_a_word(tmp_path, monkeypatch, moved):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(NAMED)
    assert stgen("compile", "a.toml").code == 0
    if moved == "renamed":
        (tmp_path / "a.toml").rename("b.toml")
    elif moved == "a link":
        (tmp_path / "b.toml").symlink_to("a.toml")
    else:
        shutil.copytree(tmp_path / "a", tmp_path / "elsewhere/a")
        shutil.copy(tmp_path / "a.toml", tmp_path / "elsewhere/a.toml")
        monkeypatch.chdir(tmp_path / "elsewhere")
    done = stgen("compile", "a.toml" if moved == "a copy of both" else "b.toml", "-o", "a")
    assert (done.code, "STG47" in done.err) == (0, False), done.err


# --- the disk refuses, or the process dies -----------------------------------------------------------------------------


def failing(monkeypatch, name: str, at: int, error: BaseException) -> list[int]:
    """Let the `at`-th call of a function of os for a file that is being written raise; one element for each call."""
    real, calls = getattr(os, name), []

    def wrapper(*arguments, **options):
        if TEMPORARY in str(arguments[0]):
            calls.append(1)
            if len(calls) == at:
                raise error
        return real(*arguments, **options)

    monkeypatch.setattr(os, name, wrapper)
    return calls


@pytest.fixture
def whole(tmp_path) -> dict[str, bytes]:
    """The files of a repo that was compiled undisturbed, from a spec called repo.toml."""
    folder = tmp_path / "whole"
    folder.mkdir()
    (folder / "repo.toml").write_text(NAMED)
    assert stgen("compile", folder / "repo.toml").code == 0
    return texts(folder)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_full_or_read_only_disk_changes_nothing(number, whole, tmp_path, monkeypatch):
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "repo.toml").write_text(NAMED)
    before = contents(folder)
    for at in (1, 2, len(whole) - 1):
        with monkeypatch.context() as patch:
            failing(patch, "open", at, OSError(number, os.strerror(number)))
            done = stgen("compile", folder / "repo.toml")
        assert (done.code, done.err.count("error[STG304]"), done.err.count("error[")) == (1, 1, 1)
        assert os.strerror(number) in done.err
        assert contents(folder) == before
    assert stgen("compile", folder / "repo.toml").code == 0
    assert texts(folder) == whole


LIMITED = """
import resource, sys
import stgen.cli.commands.compile as command
from stgen.cli.main import main
from stgen.disk.output import write

def write_little(*arguments):
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    return write(*arguments)

command.write = write_little
sys.exit(main(["compile", "spec.toml"], sys.stdin.buffer, sys.stdout, sys.stderr))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_disk_that_is_full_in_the_middle_of_a_file(tmp_path):
    """For real: the system lets no file grow beyond 2000 bytes."""
    (tmp_path / "spec.toml").write_text(SHORTEST)
    before = contents(tmp_path)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", LIMITED]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("error[STG304]") == done.stderr.count("error[") == 1
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path):
    (tmp_path / "spec.toml").write_text(SHORTEST)
    tmp_path.chmod(0o555)
    try:
        done = stgen("compile", tmp_path / "spec.toml")
    finally:
        tmp_path.chmod(0o755)
    assert (done.code, done.err.count("error[STG304]")) == (1, 1)
    assert list(tmp_path.iterdir()) == [tmp_path / "spec.toml"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "no"), KeyboardInterrupt()], ids=["refused", "killed"])
def test_after_a_crash_at_any_file_the_same_command_finishes_the_job(error, whole, tmp_path, monkeypatch):
    for at in range(1, len(whole)):
        folder = tmp_path / f"at-{at}"
        folder.mkdir()
        (folder / "repo.toml").write_text(NAMED)
        with monkeypatch.context() as patch:
            calls = failing(patch, "replace", at, error)
            done = stgen("compile", folder / "repo.toml")
        assert len(calls) == at
        assert done.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
        assert not (folder / "repo" / LOCK_PATH).exists()
        assert stgen("compile", folder / "repo.toml").code == 0
        assert texts(folder) == whole


def test_crash_in_the_middle_of_an_update(tmp_path, monkeypatch):
    """Files of the old spec and of the new one side by side are both stgen's."""
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    stgen("compile", spec)
    spec.write_text(SHORTEST + "[hardware]\naccelerator = 'cpu'\n[train]\nepochs = 3\n")
    with monkeypatch.context() as patch:
        failing(patch, "replace", 3, KeyboardInterrupt())
        assert stgen("compile", spec).code == 130
    assert stgen("check", spec).code == 1
    assert stgen("compile", spec).code == 0
    updated = texts(tmp_path / "spec")
    for path in (tmp_path / "spec").rglob("*"):
        if path.is_file():
            path.unlink()
    assert stgen("compile", spec).code == 0
    assert texts(tmp_path / "spec") == updated


# --- the same bytes ----------------------------------------------------------------------------------------------------


def test_after_a_compile_nothing_is_left_to_do(tmp_path):
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    assert stgen("compile", spec).code == 0
    before = contents(tmp_path)
    for arguments in (["compile"], ["check"], ["compile", "--dry-run"]):
        done = stgen(*arguments, spec)
        assert (done.code, done.out) == (0, "")
        assert contents(tmp_path) == before


def test_without_the_short_cut_nothing_is_written_either(tmp_path, monkeypatch):
    monkeypatch.setattr("stgen.cli.commands.compile.nothing_to_do", lambda spec, folder: 0)
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    stgen("compile", spec)
    before = contents(tmp_path)
    assert stgen("compile", spec).code == 0
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "disturbed", ["spec/train.py", "spec/launch/cpu.sh", f"spec/{LOCK_PATH}", "spec.toml", "base.toml"]
)
def test_short_cut_sees_every_change(disturbed, tmp_path):
    (tmp_path / "base.toml").write_text(SHORTEST)
    spec = tmp_path / "spec.toml"
    spec.write_text('extends = "base.toml"\n')
    stgen("compile", spec)
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) > 0
    with (tmp_path / disturbed).open("a") as file:
        file.write("\n")
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0


def test_short_cut_sees_that_a_file_is_gone(tmp_path):
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    stgen("compile", spec)
    (tmp_path / "spec" / ".gitignore").unlink()
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0


SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu"},
    {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
]
TEXT = SHORTEST + '[project]\ndescription = "Größe ist İstanbul \N{CJK UNIFIED IDEOGRAPH-6F22}"\n'


def test_same_bytes_whatever_the_hash_seed_locale_time_zone_or_folder(tmp_path):
    results = []
    for number, surroundings in enumerate(SURROUNDINGS):
        folder = tmp_path / f"folder {number}" / "project"
        folder.mkdir(parents=True)
        (folder / "stgen.toml").write_text(TEXT, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | surroundings
        command = [sys.executable, "-m", "stgen", "compile"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        results.append(texts(folder))
    assert results[0] == results[1] == results[2]


def test_same_bytes_from_above_as_from_inside(tmp_path, monkeypatch):
    for name in ("one", "two"):
        (tmp_path / name / "project").mkdir(parents=True)
        (tmp_path / name / "project" / "stgen.toml").write_text(SHORTEST)
    monkeypatch.chdir(tmp_path)
    assert stgen("compile", "one/project/stgen.toml").code == 0
    monkeypatch.chdir(tmp_path / "two" / "project")
    assert stgen("compile").code == 0
    assert texts(tmp_path / "one") == texts(tmp_path / "two")
