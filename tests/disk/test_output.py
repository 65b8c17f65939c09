"""Writing a repo: only what changed, a person's work never, and whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
from disks import NEW, OLD, Disk, compile, contents, die, kinds, on, refused, snapshot, state
from stgen.disk import folder as folder_module
from stgen.disk.fresh import JOURNAL_PATH, WRITTEN_PATH
from stgen.disk.journal import TEMPORARY
from stgen.disk.lock import LOCK_PATH
from stgen.render.tree import File, Tree


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power goes off here; the calls are counted all the same."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def made(tmp_path) -> Path:
    folder = tmp_path / "repo"
    assert compile(folder, OLD) == []
    return folder


# --- what is written --------------------------------------------------------------------------------------------------


def test_writes_all_of_a_new_repo(made):
    assert set(contents(made)) == {*OLD, LOCK_PATH, WRITTEN_PATH}
    assert (made / "train.py").read_text() == "old\n"
    assert kinds(made, OLD) == {}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(
    ("umask", "program", "text"), [(0o077, 0o700, 0o600), (0o002, 0o775, 0o664), (0o177, 0o700, 0o600)]
)
def test_new_files_are_for_whom_the_umask_says_and_their_owner_can_always_run_them(tmp_path, umask, program, text):
    before = os.umask(umask)
    try:
        (tmp_path / "repo").mkdir(0o700)
        for name in ("launch", "launch/accelerate", ".stgen"):
            (tmp_path / "repo" / name).mkdir(0o700)
            (tmp_path / "repo" / name).chmod(0o700)  # which a umask of files alone would close
        assert compile(tmp_path / "repo", OLD) == []
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "repo/launch/accelerate/gpu.yaml").stat().st_mode) == program
    assert {stat.S_IMODE((tmp_path / "repo" / name).stat().st_mode) for name in ("train.py", LOCK_PATH)} == {text}
    assert kinds(tmp_path / "repo", OLD) == {}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o444, 0o640])
def test_a_file_that_is_written_again_stays_open_to_whom_it_was(made, mode):
    paths = ("train.py", LOCK_PATH, WRITTEN_PATH)
    for path in paths:
        (made / path).chmod(mode)
    assert compile(made, NEW) == []
    assert (made / "train.py").read_text() == "new\n"
    assert {stat.S_IMODE((made / path).stat().st_mode) for path in paths} == {mode}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_who_may_read_a_file_may_run_it_once_it_is_a_program(made):
    (made / "launch/accelerate/gpu.yaml").chmod(0o640)
    assert compile(made, OLD) == []
    assert stat.S_IMODE((made / "launch/accelerate/gpu.yaml").stat().st_mode) == 0o750


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_restores_a_mode(made):
    (made / "launch/accelerate/gpu.yaml").chmod(0o644)
    assert kinds(made, OLD) == {"launch/accelerate/gpu.yaml": "update"}
    compile(made, OLD)
    assert os.access(made / "launch/accelerate/gpu.yaml", os.X_OK)


def test_writes_only_what_changed(made):
    before = (made / "README.md").stat()
    assert kinds(made, NEW) == {
        "train.py": "update",
        "tests/test_smoke.py": "create",
        "launch/accelerate/gpu.yaml": "remove",
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
    assert not (made / "launch/accelerate").exists()


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
    (made / "launch/accelerate/gpu.yaml").write_text("edited\n")
    assert "gpu.yaml" in refused(made, NEW, "STG300").message


def test_line_ends_that_git_has_changed_are_no_edit(made):
    (made / "train.py").write_bytes(b"old\r\n")
    assert compile(made, NEW) == []
    assert (made / "train.py").read_bytes() == b"new\n"


def test_some_line_ends_that_were_changed_are_an_edit(made):
    (made / "train.py").write_bytes(b"old\r\n\n")
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
    (made / "tests").mkdir(parents=True)
    (made / "tests/test_smoke.py").write_text("theirs\n")
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


def test_repo_behind_a_link_is_fine(made, tmp_path):
    (tmp_path / "link").symlink_to(made)
    assert compile(tmp_path / "link", NEW) == []
    assert (made / "tests/test_smoke.py").read_text() == "more\n"


def test_folder_that_links_inside_the_repo(made):
    (made / "real").mkdir()
    (made / "tests").symlink_to(made / "real")
    refused(made, NEW, "STG303")


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
    assert kinds(made, OLD) == {}
    assert compile(made, OLD) == []
    (made / LOCK_PATH).unlink()
    refused(made, NEW, "STG301")


# --- a disk that refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("tree", [NEW, OLD], ids=["over another", "into nothing"])
def test_disk_that_refuses_anything_changes_nothing(tree, made, tmp_path, number):
    """Once, at any call: what was written by then is taken back."""

    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    with pytest.MonkeyPatch.context() as patch:
        folder = shutil.copytree(made, tmp_path / "counted") if tree is NEW else tmp_path / "counted"
        disk = on(patch, Disk(0, die))
        assert compile(folder, tree) == []
        calls = len(disk.calls)
    assert calls > 15
    told = 0
    for step in range(1, calls + 1):
        folder = tmp_path / f"refused{step}" / "repo"
        folder.parent.mkdir()
        if tree is NEW:
            shutil.copytree(made, folder)
        before = state(folder.parent)
        with pytest.MonkeyPatch.context() as patch:
            on(patch, Disk(step, refuse))
            found = compile(folder, tree)
        if found:
            told += 1
            assert [item.code for item in found] == ["STG304"]
            assert os.strerror(number) in found[0].message
            assert state(folder.parent) == before, step
        assert compile(folder, tree) == []
        assert contents(folder) == contents(tmp_path / "counted")
    assert told > calls - 8  # all but those that clean up when everything is written


def test_disk_that_refuses_to_undo_is_reported_and_the_next_command_goes_on(made, monkeypatch):
    def refuse() -> None:
        raise PermissionError(errno.EACCES, "no")

    with pytest.MonkeyPatch.context() as patch:
        at = on(patch, Disk(0, die))
        compile(shutil.copytree(made, made.parent / "counted"), NEW)
    with monkeypatch.context() as patch:
        on(patch, Disk(at.calls.index("unlink") + 1, refuse, dead=True))
        (finding,) = compile(made, NEW)
    assert finding.code == "STG304"
    assert (made / JOURNAL_PATH).exists()
    assert compile(made, NEW) == []
    assert kinds(made, NEW) == {}
    assert not [path for path in contents(made) if path.endswith(TEMPORARY)]


def test_file_that_cant_be_read(made, monkeypatch):
    real = os.open

    def no(path, *arguments, **options):
        if str(path).endswith("train.py"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(folder_module.os, "open", no)
    (finding,) = compile(made, NEW)
    assert finding.code == "STG304"
    assert "can't read" in finding.message
    assert "train.py" in finding.message


def test_file_that_is_larger_than_any_of_stgens(made):
    with open(made / "train.py", "r+b") as file:
        file.truncate(folder_module.LARGEST + 1)
    assert "larger than any file" in refused(made, NEW, "STG302").message


def test_file_that_changes_while_stgen_writes(made, monkeypatch):
    """An edit that comes between the comparison and the write is kept."""

    def edit() -> None:
        (made / "train.py").write_text("edited at the last moment\n")

    with pytest.MonkeyPatch.context() as patch:
        calls = on(patch, Disk(0, die)).calls
        compile(shutil.copytree(made, made.parent / "counted"), NEW)
        first = calls.index("replace", calls.index("replace") + 1) + 1  # that of the journal comes before
    before = contents(made)
    for step in range(1, first):
        (made / "train.py").write_text("old\n")
        with monkeypatch.context() as patch:
            on(patch, Disk(step, edit, "after" if step < first - 1 else "before"))
            found = compile(made, NEW)
        assert [item.code for item in found] in (["STG313"], ["STG300"]), step
        assert contents(made) == before | {"train.py": "edited at the last moment\n"}, step
    assert [item.code for item in compile(made, NEW)] == ["STG300"]
