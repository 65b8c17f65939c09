"""`stgen update`: what people changed in a generated repo is merged with what its spec compiles to now."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from commandline import contents, stgen
from stgen.disk.fresh import WRITTEN_PATH
from stgen.disk.three_way import BEGINS, ENDS

SPEC = """\
stgen = 1

[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"

[[data]]
train = "data/train.jsonl"
columns = { anchor = "question", positive = "answer" }

[train]
batch_size = 64

[prepare]
deduplicate = { exact = true }
"""

CLEANING = "[prepare]\ndeduplicate = { exact = true }\n"  # without which nothing is left to prepare


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo that stgen wrote and that was committed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stgen.toml").write_text(SPEC)
    assert stgen("compile").code == 0
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "compiled")):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def change_spec(folder: Path) -> None:
    edit(folder / "stgen.toml", "batch_size = 64", "batch_size = 128")


def test_an_edit_elsewhere_in_the_file_is_merged(project: Path) -> None:
    edit(project / "train.py", 'description="Train the model."', 'description="Train my model."')
    change_spec(project)
    done = stgen("update")
    assert (done.code, done.err.splitlines()[-1]) == (0, "train.py merged with your edits")
    text = (project / "train.py").read_text()
    assert "BATCH_SIZE = 128" in text
    assert "Train my model." in text
    assert "<<<<" not in text


def test_a_merged_file_is_still_the_persons(project: Path) -> None:
    edit(project / "train.py", 'description="Train the model."', 'description="Train my model."')
    change_spec(project)
    stgen("update")
    before = contents(project)
    assert "STG300" in stgen("compile").err
    assert contents(project) == before


def test_a_second_update_begins_from_the_first(project: Path) -> None:
    """The bytes of the first were never committed; they are kept."""
    edit(project / "train.py", 'description="Train the model."', 'description="Train my model."')
    change_spec(project)
    stgen("update")
    edit(project / "stgen.toml", "batch_size = 128", "batch_size = 256")
    assert stgen("update").code == 0
    text = (project / "train.py").read_text()
    assert "BATCH_SIZE = 256" in text
    assert "Train my model." in text


def test_one_place_changed_by_both_is_marked(project: Path) -> None:
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    change_spec(project)
    done = stgen("update")
    assert done.code == 1
    assert "STG308" in done.err
    text = (project / "train.py").read_text()
    assert "<<<<<<< yours\nBATCH_SIZE = 48\n=======\nBATCH_SIZE = 128\n>>>>>>> from the spec\n" in text


def test_without_news_an_edited_file_stays_to_the_byte(project: Path) -> None:
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    before = (project / "train.py").read_bytes()
    shutil.rmtree(project / ".git")  # nothing is merged, so nothing is looked up
    done = stgen("update")
    assert (done.code, done.err) == (0, "train.py left as you wrote it\n")
    assert (project / "train.py").read_bytes() == before


def test_an_edited_file_that_the_repo_no_longer_has_stays(project: Path) -> None:
    edit(project / "prepare.py", '"""', '"""Mine: ')
    edit(project / "stgen.toml", CLEANING, "")
    assert stgen("update").code == 0
    assert "Mine:" in (project / "prepare.py").read_text()
    assert stgen("check").code == 0
    (project / "prepare.py").unlink()
    assert stgen("check").code == 0  # it was the person's


def test_an_edited_file_that_comes_back_is_merged(project: Path) -> None:
    spec = (project / "stgen.toml").read_text()
    edit(project / "prepare.py", '"""', '"""Mine: ')
    edited = (project / "prepare.py").read_text()
    edit(project / "stgen.toml", CLEANING, "")
    assert stgen("update").code == 0
    change_spec(project)
    assert stgen("compile").code == 0  # the file that is the person's own is in nobody's way
    (project / "stgen.toml").write_text(spec)
    assert "STG301" in stgen("compile").err
    done = stgen("update")
    assert (done.code, "prepare.py left as you wrote it" in done.err) == (0, True)
    assert (project / "prepare.py").read_text() == edited
    assert "STG300" in stgen("compile").err


@pytest.mark.parametrize("git", ["no repository", "no program"])
def test_without_git_an_edit_is_merged_too(git: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(project / ".git")
    if git == "no program":
        monkeypatch.setenv("PATH", str(project / "data"))
    for size in ("128", "256", "32"):
        edit(project / "train.py", 'description="Train the model."', f'description="Train the model of {size}."')
        (project / "stgen.toml").write_text(SPEC.replace("64", size))
        assert stgen("update").code == 0
        text = (project / "train.py").read_text()
        assert f"BATCH_SIZE = {size}" in text
        assert f"of {size}." in text
        edit(project / "train.py", f'description="Train the model of {size}."', 'description="Train the model."')


def test_what_stgen_wrote_is_found_in_git_where_it_is_not_kept(project: Path) -> None:
    (project / WRITTEN_PATH).unlink()
    edit(project / "train.py", 'description="Train the model."', 'description="Train my model."')
    change_spec(project)
    assert stgen("update").code == 0
    assert "Train my model." in (project / "train.py").read_text()


@pytest.mark.parametrize(
    "kept", [None, b"", b"\xff", b"stgen written 1\0train.py\0", b"stgen written 1\0train.py\0forged\0"]
)
def test_an_edit_of_a_file_that_is_kept_nowhere_is_refused(kept: bytes | None, project: Path) -> None:
    shutil.rmtree(project / ".git")
    (project / WRITTEN_PATH).unlink()
    if kept is not None:
        (project / WRITTEN_PATH).write_bytes(kept)
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    change_spec(project)
    before = contents(project)
    done = stgen("update")
    assert done.code == 1
    assert "STG307" in done.err or "STG312" in done.err
    assert contents(project) == before


def test_markers_do_not_nest(project: Path) -> None:
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    change_spec(project)
    assert stgen("update").code == 1
    before = contents(project)
    done = stgen("update")
    assert (done.code, "STG308" in done.err) == (1, True)  # it is still there to be done
    assert contents(project) == before
    edit(project / "stgen.toml", "batch_size = 128", "batch_size = 256")
    before = contents(project)
    done = stgen("update")
    assert (done.code, "STG308" in done.err) == (1, True)
    assert contents(project) == before
    text = (project / "train.py").read_text()
    ours = text[text.index(BEGINS) : text.index(ENDS) + len(ENDS)]
    edit(project / "train.py", ours, "BATCH_SIZE = 48")
    assert stgen("update").code == 1
    assert (project / "train.py").read_text().count(BEGINS) == 1


def test_markers_of_git_do_not_nest_either(project: Path) -> None:
    edit(
        project / "train.py",
        "BATCH_SIZE = 64",
        "<<<<<<< HEAD\nBATCH_SIZE = 48\n=======\nBATCH_SIZE = 32\n>>>>>>> theirs",
    )
    before = contents(project)
    done = stgen("update")
    assert (done.code, "STG308" in done.err) == (1, True)
    assert contents(project) == before
    change_spec(project)
    before = contents(project)
    done = stgen("update")
    assert (done.code, "STG308" in done.err) == (1, True)
    assert contents(project) == before


def test_a_merge_that_git_could_not_finish_ends_in_a_repo_as_the_spec_says(project: Path) -> None:
    """Two branches changed the spec, and both compiled: what is said of the lock is what one does."""
    edit(project / "train.py", 'description="Train the model."', 'description="Train my model."')
    lock = project / ".stgen/manifest.json"
    kept = lock.read_text()
    lock.write_text(kept.replace("{\n", "{\n<<<<<<< HEAD\n", 1))
    change_spec(project)
    refused = stgen("update")
    assert refused.code == 1
    assert "`git checkout --ours .stgen`" in refused.err
    lock.write_text(kept)
    assert stgen("update").code == 0
    assert "Train my model." in (project / "train.py").read_text()
    assert stgen("check").code == 0


def test_an_edit_with_the_line_ends_of_windows_is_merged(project: Path) -> None:
    text = (project / "train.py").read_text().replace('description="Train the model."', 'description="Train my model."')
    (project / "train.py").write_bytes(text.replace("\n", "\r\n").encode())
    change_spec(project)
    assert stgen("update").code == 0
    data = (project / "train.py").read_bytes()
    assert b"BATCH_SIZE = 128\r\n" in data
    assert b"Train my model." in data
    assert data.count(b"\n") == data.count(b"\r\n")


def test_an_edit_that_is_not_utf_8_is_refused(project: Path) -> None:
    path = project / "train.py"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    change_spec(project)
    before = contents(project)
    assert "STG307" in stgen("update").err
    assert contents(project) == before


def test_somebodys_file_in_the_way_stops_it(project: Path) -> None:
    shutil.rmtree(project / ".stgen")
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    before = contents(project)
    assert "STG301" in stgen("update").err
    assert contents(project) == before


def test_a_repo_without_edits_is_just_compiled(project: Path) -> None:
    change_spec(project)
    assert stgen("update").code == 0
    assert "BATCH_SIZE = 128" in (project / "train.py").read_text()
    assert stgen("check").code == 0
