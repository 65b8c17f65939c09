"""Writing a repo: only what changed, a person's work never, and whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import output
from stgen.disk.lock import LOCK_PATH, lock_tree
from stgen.disk.output import Repo, blocked, compare, write
from stgen.render.tree import File, Tree

OLD = Tree(
    {
        "train.py": File("old\n"),
        "README.md": File("same\n"),
        "launch/gpu/local.sh": File("gone\n", mode=0o755),
        "my_losses.py": File("skeleton\n", "once"),
    }
)
NEW = Tree(
    {
        "train.py": File("new\n"),
        "README.md": File("same\n"),
        "tests/gpu/test_smoke.py": File("more\n"),
        "my_losses.py": File("another skeleton\n", "once"),
    }
)


def repo(folder: Path, tree: Tree) -> Repo:
    return Repo(str(folder), tree, lock_tree(tree, spec="stgen.toml"))


def compile(folder: Path, tree: Tree) -> list[Diagnostic]:
    """As the command does it."""
    made = repo(folder, tree)
    changes, found = compare(made)
    found += blocked(made, changes)
    return found or write(made, changes)


def kinds(folder: Path, tree: Tree) -> dict[str, str]:
    return {change.path: change.kind for change in compare(repo(folder, tree))[0] if change.kind != "same"}


def snapshot(folder: Path) -> dict[str, tuple[str, bytes | str, int]]:
    """Everything below a folder: what it is, what it holds, and when it was written."""
    found: dict[str, tuple[str, bytes | str, int]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.readlink(path), 0)
        elif path.is_dir():
            found[name] = ("folder", "", 0)
        elif not path.is_file():
            found[name] = ("other", "", 0)
        else:
            found[name] = ("file", path.read_bytes(), path.stat().st_mtime_ns)
    return found


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def made(tmp_path) -> Path:
    folder = tmp_path / "repo"
    assert compile(folder, OLD) == []
    return folder


def refused(folder: Path, tree: Tree, code: str) -> Diagnostic:
    """Compile, which must change nothing and say one thing."""
    before = snapshot(folder.parent)
    (finding,) = compile(folder, tree)
    assert finding.code == code
    assert finding.help
    assert snapshot(folder.parent) == before
    return finding


# --- what is written --------------------------------------------------------------------------------------------------


def test_writes_all_of_a_new_repo(made):
    assert set(contents(made)) == {*OLD, LOCK_PATH}
    assert (made / "train.py").read_text() == "old\n"
    assert kinds(made, OLD) == {}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_sets_modes_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        compile(tmp_path / "repo", OLD)
    finally:
        os.umask(before)
    assert (tmp_path / "repo/launch/gpu/local.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "repo/train.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_restores_a_mode(made):
    (made / "launch/gpu/local.sh").chmod(0o644)
    assert kinds(made, OLD) == {"launch/gpu/local.sh": "update"}
    compile(made, OLD)
    assert os.access(made / "launch/gpu/local.sh", os.X_OK)


def test_writes_only_what_changed(made):
    before = (made / "README.md").stat()
    assert kinds(made, NEW) == {
        "train.py": "update",
        "tests/gpu/test_smoke.py": "create",
        "launch/gpu/local.sh": "remove",
        LOCK_PATH: "update",
    }
    assert compile(made, NEW) == []
    assert (made / "README.md").stat().st_mtime_ns == before.st_mtime_ns
    assert (made / "README.md").stat().st_ino == before.st_ino
    assert (made / "train.py").read_text() == "new\n"
    assert not (made / "launch").exists()
    assert kinds(made, NEW) == {}


def test_nothing_to_do_touches_nothing(made):
    before = snapshot(made)
    assert compile(made, OLD) == []
    assert snapshot(made) == before


def test_restores_a_file_that_was_deleted(made):
    (made / "train.py").unlink()
    assert kinds(made, OLD) == {"train.py": "missing"}
    compile(made, OLD)
    assert (made / "train.py").read_text() == "old\n"


def test_folder_that_holds_more_than_an_orphan_stays(made):
    (made / "launch/notes.txt").write_text("mine")
    compile(made, NEW)
    assert (made / "launch/notes.txt").read_text() == "mine"
    assert not (made / "launch/gpu").exists()


def test_writes_into_a_folder_of_other_things(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.jsonl").write_text("{}\n")
    (tmp_path / "stgen.toml").write_text("stgen = 1\n")
    (tmp_path / "README.md").write_text("same\n")  # as the compile would write it
    assert compile(tmp_path, OLD) == []
    assert (tmp_path / "data/train.jsonl").read_text() == "{}\n"
    assert (tmp_path / "stgen.toml").read_text() == "stgen = 1\n"


# --- files that are the user's from the start -------------------------------------------------------------------------


def test_skeleton_is_never_written_again(made):
    (made / "my_losses.py").write_text("my work\n")
    assert compile(made, NEW) == []
    assert (made / "my_losses.py").read_text() == "my work\n"
    assert kinds(made, NEW) == {}


def test_skeleton_that_stood_there_before_stgen_is_kept(tmp_path):
    (tmp_path / "my_losses.py").write_text("my work\n")
    assert compile(tmp_path, OLD) == []
    assert (tmp_path / "my_losses.py").read_text() == "my work\n"


def test_skeleton_stays_when_the_spec_drops_it(made):
    assert compile(made, Tree({"train.py": File("new\n")})) == []
    assert (made / "my_losses.py").read_text() == "skeleton\n"


def test_file_that_becomes_the_users_stays_as_it_is(made):
    (made / "train.py").write_text("edited\n")
    assert compile(made, Tree({**OLD, "train.py": File("new\n", "once")})) == []
    assert (made / "train.py").read_text() == "edited\n"


def test_edited_skeleton_that_becomes_stgens_is_not_overwritten(made):
    (made / "my_losses.py").write_text("my work\n")
    assert "my_losses.py" in refused(made, Tree({**OLD, "my_losses.py": File("generated\n")}), "STG300").message


# --- a person's work --------------------------------------------------------------------------------------------------


def test_edit_stops_everything(made):
    (made / "train.py").write_text("edited\n")
    assert "train.py" in refused(made, NEW, "STG300").message


def test_edit_that_equals_the_new_text_is_no_edit(made):
    (made / "train.py").write_text("new\n")
    assert compile(made, NEW) == []


def test_edited_orphan_is_not_removed(made):
    (made / "launch/gpu/local.sh").write_text("edited\n")
    assert "local.sh" in refused(made, NEW, "STG300").message


def test_edit_of_a_mere_line_end_counts(made):
    (made / "train.py").write_bytes(b"old\r\n")
    refused(made, NEW, "STG300")


def test_all_edits_are_named(made):
    (made / "train.py").write_text("edited\n")
    (made / "README.md").write_text("edited\n")
    finding = refused(made, NEW, "STG300")
    assert "2 files" in finding.message
    assert [os.path.basename(note) for note in finding.notes] == ["README.md", "train.py"]


def test_file_of_somebody_else_stops_everything(tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "train.py").write_text("theirs\n")
    assert "train.py" in refused(folder, OLD, "STG301").message


def test_file_of_somebody_else_where_a_new_one_goes(made):
    (made / "tests/gpu").mkdir(parents=True)
    (made / "tests/gpu/test_smoke.py").write_text("theirs\n")
    refused(made, NEW, "STG301")


# --- what stands in the way -------------------------------------------------------------------------------------------


def test_file_where_the_repo_goes(tmp_path):
    (tmp_path / "repo").write_text("a file")
    before = snapshot(tmp_path)
    found = compile(tmp_path / "repo", OLD)
    assert [item.code for item in found] == ["STG302"]
    assert snapshot(tmp_path) == before


def test_file_where_a_folder_goes(made):
    (made / "tests").write_text("a file")
    refused(made, NEW, "STG302")


def test_folder_where_a_file_goes(made):
    (made / "train.py").unlink()
    (made / "train.py").mkdir()
    refused(made, NEW, "STG302")


def test_pipe_where_a_file_goes_is_not_waited_for(made):
    (made / "train.py").unlink()
    os.mkfifo(made / "train.py")
    refused(made, NEW, "STG302")


@pytest.mark.parametrize("target", ["elsewhere.py", "missing.py"])
def test_link_where_a_file_goes(made, tmp_path, target):
    (tmp_path / "elsewhere.py").write_text("old\n")
    (made / "train.py").unlink()
    (made / "train.py").symlink_to(tmp_path / target)
    refused(made, NEW, "STG303")


def test_folder_that_links_out_of_the_repo(made, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (made / "tests").symlink_to(tmp_path / "elsewhere")
    refused(made, NEW, "STG303")


def test_orphan_behind_a_link_is_not_removed(made, tmp_path):
    shutil.move(made / "launch", tmp_path / "elsewhere")
    (made / "launch").symlink_to(tmp_path / "elsewhere")
    refused(made, NEW, "STG303")


def test_lock_behind_a_link(made, tmp_path):
    shutil.move(made / ".stgen", tmp_path / "elsewhere")
    (made / ".stgen").symlink_to(tmp_path / "elsewhere")
    refused(made, NEW, "STG303")


def test_repo_behind_a_link_and_a_folder_that_links_inside_are_fine(made, tmp_path):
    (tmp_path / "link").symlink_to(made)
    (made / "real").mkdir()
    (made / "tests").symlink_to(made / "real")
    assert compile(tmp_path / "link", NEW) == []
    assert (made / "real/gpu/test_smoke.py").read_text() == "more\n"


# --- the lock ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"", "STG305"), (b"<<<<<<< ours\n", "STG305"), (b"\xff\xfe", "STG305"), (b'{"lock": 99}', "STG306")],
)
def test_lock_that_cant_be_read_stops_everything(made, text, code):
    (made / LOCK_PATH).write_bytes(text)
    refused(made, NEW, code)


def test_without_a_lock_equal_files_are_taken_over(made):
    (made / LOCK_PATH).unlink()
    assert kinds(made, OLD) == {LOCK_PATH: "create"}
    assert compile(made, OLD) == []
    (made / LOCK_PATH).unlink()
    refused(made, NEW, "STG301")


# --- crashes and a disk that refuses ----------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process: no handler of the code under test may run on it."""


STEPS = ("mkdir", "open", "chmod", "replace", "unlink", "rmdir")


def stop_at(monkeypatch, number: int, error: BaseException) -> list[str]:
    """Let the process end at the numbered call that changes the disk; the calls so far are recorded."""
    calls: list[str] = []

    def watched(name: str):
        real = getattr(os, name)

        def call(*arguments, **options):
            calls.append(name)
            if len(calls) == number:
                raise error
            return real(*arguments, **options)

        return call

    for name in STEPS:
        monkeypatch.setattr(output.os, name, watched(name))
    return calls


def count_steps(monkeypatch, folder: Path) -> int:
    with monkeypatch.context() as patch:
        calls = stop_at(patch, 0, Killed())
        assert compile(folder, NEW) == []
    return len(calls)


def test_killed_anywhere_the_same_command_finishes(made, tmp_path, monkeypatch):
    steps = count_steps(monkeypatch, shutil.copytree(made, tmp_path / "counted"))
    assert steps >= 13
    wanted = contents(tmp_path / "counted")
    for number in range(1, steps + 1):
        folder = shutil.copytree(made, tmp_path / f"killed{number}")
        with monkeypatch.context() as patch:
            stop_at(patch, number, Killed())
            with pytest.raises(Killed):
                compile(folder, NEW)
        half = {path: text for path, text in contents(folder).items() if not path.endswith(output.TEMPORARY)}
        for path, text in half.items():
            assert text in (contents(made).get(path), wanted.get(path)), (number, path)
        assert compile(folder, NEW) == [], number
        assert contents(folder) == wanted, number


def test_killed_anywhere_in_a_first_compile_the_same_command_finishes(tmp_path, monkeypatch):
    steps = count_steps(monkeypatch, tmp_path / "counted")
    for number in range(1, steps + 1):
        folder = tmp_path / f"killed{number}"
        with monkeypatch.context() as patch:
            stop_at(patch, number, Killed())
            with pytest.raises(Killed):
                compile(folder, NEW)
        assert compile(folder, NEW) == [], number
        assert contents(folder) == contents(tmp_path / "counted"), number


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_disk_that_refuses_before_the_first_file_is_replaced_changes_nothing(made, tmp_path, monkeypatch, number):
    counted = shutil.copytree(made, tmp_path / "counted")
    with monkeypatch.context() as patch:
        calls = stop_at(patch, 0, Killed())
        compile(counted, NEW)
    for step in range(1, calls.index("replace") + 2):
        folder = shutil.copytree(made, tmp_path / f"refused{step}" / "repo")
        with monkeypatch.context() as patch:
            stop_at(patch, step, OSError(number, os.strerror(number)))
            finding = refused(folder, NEW, "STG304")
        assert os.strerror(number) in finding.message


def test_disk_that_refuses_to_remove_is_reported_and_the_same_command_goes_on(made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(output.os, "unlink", lambda path: (_ for _ in ()).throw(PermissionError(errno.EACCES, "no")))
        (finding,) = compile(made, NEW)
    assert finding.code == "STG304"
    assert "local.sh" in finding.message
    assert compile(made, NEW) == []
    assert kinds(made, NEW) == {}
    assert not [path for path in contents(made) if path.endswith(output.TEMPORARY)]


def test_file_that_cant_be_read(made, monkeypatch):
    def no(path, *arguments, **options):
        if str(path).endswith("train.py"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return open(path, *arguments, **options)

    monkeypatch.setattr(output, "open", no, raising=False)
    (finding,) = compile(made, NEW)
    assert finding.code == "STG304"
    assert "can't read" in finding.message


def test_write_doesnt_follow_a_link_that_stands_where_it_stages(made, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (made / f".train.py{output.TEMPORARY}").symlink_to(victim)
    compile(made, NEW)
    assert victim.read_text() == "theirs"
