"""Nothing is written or removed through a link, and nothing that stgen didn't write goes, whatever a pull request brings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import contents, stgen
from disks import NEW, OLD, compile, state
from frontend import SHORTEST
from stgen.disk import folder as folder_module
from stgen.disk.folder import Folder, Held, InTheWayError
from stgen.disk.fresh import LOCK_PATH, WRITTEN_PATH, nothing_to_do
from stgen.values.blob import blob_id

NAMED = SHORTEST + '[project]\nname = "questions"\n'
OTHER = NAMED + "[train]\nepochs = 3\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo in the folder of its spec, with data; the spec has changed since it was compiled."""
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "data/notes.txt").write_text("mine\n")
    (folder / "stgen.toml").write_text(NAMED)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/train.py").write_text("mine\n")
    monkeypatch.chdir(folder)
    assert stgen("compile").code == 0
    (folder / "stgen.toml").write_text(OTHER)
    return folder


def swap(path: Path, target: str) -> None:
    """Put a link in place of what is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


COMMANDS = [("compile",), ("update",), ("check",), ("compile", "--dry-run")]

# fmt: off
LINKS = [
    (".stgen/compiled",            "../data"),
    (".stgen/compiled",            ".."),
    (".stgen/written",             "../data/notes.txt"),
    (".stgen/manifest.json",       "../data/notes.txt"),
    (".stgen/journal",             "../data/notes.txt"),
    (".stgen/writer",              "../data/notes.txt"),
    (".stgen/any/thing",           "../../data"),
    (".stgen",                     "data"),
    (".stgen",                     "."),
    (".stgen",                     "../elsewhere"),
    (".stgen",                     "nowhere"),
    ("launch",                     "data"),
    ("launch",                     "../elsewhere"),
    ("launch/accelerate",          "../data"),
    ("tests",                      "../elsewhere"),
    (".github",                    "data"),
    ("train.py",                   "../elsewhere/train.py"),
    ("train.py",                   "data/notes.txt"),
    ("train.py",                   "nowhere"),
    ("train.py",                   "train.py"),
    ("train.py",                   "/dev/zero"),
]
# fmt: on


@pytest.mark.parametrize(("path", "target"), LINKS)
def test_link_anywhere_loses_nothing_and_is_named(path: str, target: str, project: Path) -> None:
    (project / path).parent.mkdir(exist_ok=True)
    swap(project / path, target)
    before = state(project.parent)
    for command in COMMANDS:
        done = stgen(*command)
        assert (done.code, done.err.count("error[")) == (1, 1), done.err
        assert "error[STG303]" in done.err
        assert f"`{path.replace('/any/thing', '/any/thing')}`" in done.err
        assert "= help: " in done.err
        assert state(project.parent) == before


def test_with_all_in_a_repository_nothing_is_lost(project: Path) -> None:
    """The attack as it was: a link to the folder above takes spec, code and history with it."""
    subprocess.run(["git", "init", "-q"], check=True)
    (project / ".stgen/compiled").symlink_to("..")
    before = contents(project)
    assert stgen("update").code == 1
    assert contents(project) == before
    (project / ".stgen/compiled").unlink()
    assert stgen("update").code == 0


@pytest.mark.parametrize("name", ["foo", "foo/"])
def test_folder_that_nobody_named_is_no_link(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "foo.toml").write_text(NAMED)
    (tmp_path / "foo").symlink_to("data")
    for command in ("compile", "update", "check"):
        done = stgen(command, "foo.toml")
        assert (done.code, "STG303" in done.err) == (1, True)
        assert list((tmp_path / "data").iterdir()) == []
    assert stgen("compile", "foo.toml", "-o", name).code == 0  # whoever says so means it
    assert (tmp_path / "data/train.py").exists()


def test_short_cut_sees_links(project: Path) -> None:
    assert stgen("compile").code == 0
    assert nothing_to_do("stgen.toml", ".") > 0
    for path in ("launch", "tests", ".stgen/compiled", ".stgen"):
        if (project / path).exists():
            shutil.move(project / path, project.parent / "moved")
            (project / path).symlink_to(project.parent / "moved")
        else:
            (project / path).symlink_to("../data")
        assert nothing_to_do("stgen.toml", ".") == 0, path
        (project / path).unlink()
        if (project.parent / "moved").exists():
            shutil.move(project.parent / "moved", project / path)
        assert nothing_to_do("stgen.toml", ".") > 0, path


def test_file_with_another_name_keeps_it(tmp_path: Path) -> None:
    """A hard link: the file of the repo is a new one, and what had two names has one."""
    folder = tmp_path / "repo"
    assert compile(folder, OLD) == []
    os.link(folder / "train.py", tmp_path / "other.py")
    assert compile(folder, NEW) == []
    assert (tmp_path / "other.py").read_text() == "old\n"
    assert (folder / "train.py").read_text() == "new\n"


# --- a link that appears at the last moment ---------------------------------------------------------------------------


@pytest.fixture(params=["stepwise", "looked at"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to a file: through folders that are open, and by a path that is looked at before."""
    monkeypatch.setattr(folder_module, "STEPWISE", request.param == "stepwise")


DEEDS: list[Callable[[Folder, str], object]] = [
    lambda folder, path: folder.read(path),
    lambda folder, path: folder.look(path),
    lambda folder, path: folder.create(f"{path}.new", b"stgen's", 0o644),
    lambda folder, path: folder.replace(f"{path}.new", path),
    lambda folder, path: folder.remove(path),
    lambda folder, path: folder.make(f"{path}.folder"),
    lambda folder, path: folder.remove_folder(f"{path}.folder"),
    lambda folder, path: folder.open_shared(path),
]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("deed", range(len(DEEDS)))
@pytest.mark.parametrize("depth", [1, 2])
def test_folder_that_becomes_a_link(deed: int, depth: int, tmp_path: Path) -> None:
    repo, victim = tmp_path / "repo", tmp_path / "victim"
    (repo / "a/b").mkdir(parents=True)
    for name in ("c", "c.new"):
        (victim / "b").mkdir(parents=True, exist_ok=True)
        (victim / "b" / name).write_text("theirs")
        (victim / name).write_text("theirs")
    with Folder(str(repo)) as folder:
        shutil.move(repo / "a", tmp_path / "gone")
        if depth == 1:
            (repo / "a").symlink_to(victim)
        else:
            (repo / "a").mkdir()
            (repo / "a/b").symlink_to(victim)
        before = state(victim)
        with pytest.raises(InTheWayError) as stopped:
            DEEDS[deed](folder, "a/b/c")
        assert (stopped.value.path, stopped.value.what) == (("a", "a/b")[depth - 1], "link")
        assert state(victim) == before


@pytest.mark.usefixtures("way")
def test_file_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("theirs")
    (tmp_path / "link").symlink_to("victim")
    with Folder(str(tmp_path)) as folder:
        for deed in (folder.read, folder.open_shared):
            with pytest.raises(InTheWayError):
                deed("link")
        with pytest.raises(FileExistsError):
            folder.create("link", b"stgen's", 0o644)
        folder.remove("link")
    assert (tmp_path / "victim").read_text() == "theirs"


@pytest.mark.usefixtures("way")
def test_what_is_no_file_is_neither_read_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"12345")
    with Folder(str(tmp_path)) as folder:
        for path in ("pipe", "folder"):
            with pytest.raises(InTheWayError):
                folder.read(path)
        with pytest.raises(InTheWayError):
            folder.read("large", limit=4)
        assert folder.read("large", limit=5) == Held(b"12345", (tmp_path / "large").stat().st_mode & 0o777)
        assert folder.read("nothing") is None
        assert folder.read("nothing/at/all") is None


@pytest.mark.usefixtures("way")
def test_several_files_are_read_as_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    paths = ["top", "none", "a/one", "a/none", "a/b/two", "a/one", "x/none", "x/y/none", "other", "a/b/three"]
    for path in paths:
        if "none" not in path:
            (tmp_path / path).write_text(path)
    before = len(os.listdir("/dev/fd"))
    with Folder(str(tmp_path)) as folder:
        held = list(folder.read_each(paths))
        assert held == [folder.read(path) for path in paths]
        assert [one and one.data.decode() for one in held] == [None if "none" in path else path for path in paths]
        assert next(folder.read_each(["a/b/two", "a/b/three"])) == held[4]  # and no more
        (tmp_path / "a/b/three").unlink()
        (tmp_path / "a/b/three").symlink_to("two")
        with pytest.raises(InTheWayError):
            list(folder.read_each(["a/b/two", "a/b/three"]))
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.usefixtures("way")
def test_compiles_either_way(tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    assert compile(folder, OLD) == []
    assert compile(folder, NEW) == []
    assert (folder / "train.py").read_text() == "new\n"
    assert not (folder / "launch").exists()


# --- what the compile reads -------------------------------------------------------------------------------------------


def test_spec_that_another_compile_wrote_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack as it was: in the repo of foo.toml, its copy called stgen.toml is the spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "foo.toml").write_text(NAMED)
    assert stgen("compile", "foo.toml", "-o", "out").code == 0
    monkeypatch.chdir(tmp_path / "out")
    text = (tmp_path / "out/stgen.toml").read_bytes()
    for command in ("compile", "update", "check", "compile"):
        assert stgen(command).code == 0
        assert (tmp_path / "out/stgen.toml").read_bytes() == text
    assert "stgen.toml" not in json.loads((tmp_path / "out" / LOCK_PATH).read_text())["files"]


def test_spec_that_another_one_extends_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "foo.toml").write_text(NAMED)
    assert stgen("compile", "foo.toml", "-o", "out").code == 0
    text = (tmp_path / "out/stgen.toml").read_bytes()
    (tmp_path / "foo.toml").write_text('extends = "out/stgen.toml"\n[train]\nepochs = 3\n')
    done = stgen("compile", "foo.toml", "-o", "out")
    assert (done.code, "STG314" in done.err) == (1, True)
    assert (tmp_path / "out/stgen.toml").read_bytes() == text
    (tmp_path / "out/more.json").write_text('{"extends": "stgen.toml"}')
    assert stgen("compile", "out/more.json", "-o", "out").code == 0  # its copy is stgen.json
    assert (tmp_path / "out/stgen.toml").read_bytes() == text


@pytest.mark.parametrize(("train", "path"), [("launch/cpu.sh", "launch/cpu.sh"), ("tests", "tests/tiny.py")])
def test_what_the_spec_names_as_data_stays(train: str, path: str, tmp_path: Path) -> None:
    from stgen.disk.reads import Reads

    spec = str(tmp_path / "stgen.toml")
    for named in (train, f"./{train}", str(tmp_path / train), "l*/*.sh" if train != "tests" else "tests/**"):
        reads = Reads((spec,), {"data": [{"train": named}]})
        assert reads.names(str(tmp_path / path), str(tmp_path))
        assert not reads.names(str(tmp_path / "train.py"), str(tmp_path))
    for named in (".", "..", "/", "", "\0", "x" * 5000, "hf://org/name#train", "train"):
        assert not Reads((spec,), {"data": named}).names(str(tmp_path / path), str(tmp_path))


# --- a lock that claims more than stgen wrote -------------------------------------------------------------------------


def claim(project: Path, path: str, **more: object) -> None:
    """Have the lock say that stgen wrote a file, with its right id."""
    lock = json.loads((project / LOCK_PATH).read_text())
    lock["files"][path] = {"id": blob_id((project / path).read_bytes()), "policy": "owned"} | more
    (project / LOCK_PATH).write_text(json.dumps(lock))


@pytest.mark.parametrize(
    "path",
    [
        "data/notes.txt",
        "notes.txt",
        ".env",
        "src/own.py",
        "my_losses.py",
        "models/final/model.safetensors",
        "launch/mine.sh",
        "tests/test_mine.py",
        ".github/workflows/mine.yml",
        "data_loader.py",  # the shape of one of stgen's
        "clean.py",  # the very path of one, which this repo doesn't have
        "launch/slurm.sbatch",
    ],
)
@pytest.mark.parametrize("command", ["compile", "update"])
def test_claim_of_a_lock_removes_nothing(command: str, path: str, project: Path) -> None:
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("mine\n")
    claim(project, path)
    assert stgen("check").code == 1  # the spec has changed, whatever the lock claims
    done = stgen(command)
    assert (done.code, done.err.count("warning[STG309]")) == (0, 1), done.err
    assert f"`{path}`" in done.err
    assert (project / path).read_text() == "mine\n"
    assert path not in json.loads((project / LOCK_PATH).read_text())["files"]
    assert stgen("check").code == 0


@pytest.mark.parametrize("command", ["compile", "update"])
def test_claim_of_a_lock_overwrites_nothing(command: str, project: Path) -> None:
    """A person's own train.py, and a lock that calls it stgen's."""
    (project / "train.py").write_text("mine\n")
    claim(project, "train.py")
    before = contents(project)
    done = stgen(command)
    assert (done.code, done.err.count("error[STG312]"), done.err.count("error[")) == (1, 1, 1)
    assert contents(project) == before
    for arguments in (["init", "-q"], ["add", "train.py"]):
        subprocess.run(["git", *arguments], check=True)
    assert stgen(command).code == 0  # git has it
    assert (project / "train.py").read_text() != "mine\n"
    assert subprocess.run(["git", "show", ":train.py"], check=True, capture_output=True).stdout == b"mine\n"


@pytest.mark.parametrize("input", ["/dev/zero", "/dev/stdin", "../../../../../../dev/zero", "pipe", "data", "large"])
def test_inputs_of_a_lock_are_looked_at_before_they_are_read(input: str, project: Path) -> None:
    """The attack as it was: three GiB and a traceback, or no end at all."""
    os.mkfifo(project / "pipe")
    with (project / "large").open("wb") as file:
        file.truncate(1 << 40)
    lock = json.loads((project / LOCK_PATH).read_text())
    lock["inputs"] = {input: "0" * 40, **lock["inputs"]}
    lock["spec"] = "stgen.toml"
    (project / LOCK_PATH).write_text(json.dumps(lock))
    assert nothing_to_do("stgen.toml", ".") == 0
    done = stgen("compile")
    assert done.code in (0, 1)
    assert "STG305" in done.err or done.code == 0


@pytest.mark.parametrize("size", [1 << 21, 1 << 34])
def test_files_of_ours_are_bounded(size: int, project: Path) -> None:
    for path in (LOCK_PATH, WRITTEN_PATH):
        whole = (project / path).read_bytes()
        with (project / path).open("r+b") as file:
            file.truncate(size)
        assert nothing_to_do("stgen.toml", ".") == 0
        if path == LOCK_PATH or size > folder_module.LARGEST:
            before = state(project) if size < 1 << 30 else None
            done = stgen("update")
            assert (done.code, "STG305" in done.err or "STG302" in done.err) == (1, True)
            assert before is None or state(project) == before
        (project / path).write_bytes(whole)
    assert stgen("update").code == 0
