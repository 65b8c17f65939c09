"""`stgen update`: what people changed in a generated repo is merged with what its spec compiles to now."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from commandline import contents, stgen, texts

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
"""


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
    edit(project / "train.py", '"""Read the command line."""', '"""Read my command line."""')
    change_spec(project)
    done = stgen("update")
    assert (done.code, done.err.splitlines()[-1]) == (0, "train.py merged with your edits")
    text = (project / "train.py").read_text()
    assert "BATCH_SIZE = 128" in text
    assert "Read my command line." in text
    assert "<<<<" not in text


def test_a_merged_file_is_still_the_persons(project: Path) -> None:
    edit(project / "train.py", '"""Read the command line."""', '"""Read my command line."""')
    change_spec(project)
    stgen("update")
    before = contents(project)
    assert "STG300" in stgen("compile").err
    assert contents(project) == before


def test_a_second_update_begins_from_the_first(project: Path) -> None:
    """The bytes of the first were never committed: a copy holds them."""
    edit(project / "train.py", '"""Read the command line."""', '"""Read my command line."""')
    change_spec(project)
    stgen("update")
    edit(project / "stgen.toml", "batch_size = 128", "batch_size = 256")
    assert stgen("update").code == 0
    text = (project / "train.py").read_text()
    assert "BATCH_SIZE = 256" in text
    assert "Read my command line." in text


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
    edit(project / "monitor.py", '"""', '"""Mine: ')
    edit(project / "stgen.toml", "[train]", "[metrics]\nmonitor = []\n\n[train]")
    assert stgen("update").code == 0
    assert "Mine:" in (project / "monitor.py").read_text()
    assert stgen("check").code == 0


def test_a_file_that_was_never_in_git_is_refused(project: Path) -> None:
    shutil.rmtree(project / ".git")
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    change_spec(project)
    before = contents(project)
    done = stgen("update")
    assert done.code == 1
    assert "STG307" in done.err
    assert contents(project) == before


def test_without_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    change_spec(project)
    monkeypatch.setenv("PATH", str(project / "data"))
    done = stgen("update")
    assert done.code == 1
    assert "it isn't installed" in done.err


def test_an_edit_that_is_not_utf_8_is_refused(project: Path) -> None:
    path = project / "train.py"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    change_spec(project)
    before = contents(project)
    assert "STG307" in stgen("update").err
    assert contents(project) == before


def test_somebodys_file_in_the_way_stops_it(project: Path) -> None:
    edit(project / "stgen.toml", "[train]", '[metrics]\ncustom = ["mine.py:score"]\n\n[train]')
    (project / "prepare.py").unlink(missing_ok=True)
    os.remove(project / ".stgen/manifest.json")
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    before = contents(project)
    assert "STG301" in stgen("update").err
    assert contents(project) == before


def test_copies_of_files_that_are_no_longer_edited_go(project: Path) -> None:
    clean = (project / "train.py").read_bytes()
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    stgen("update")
    assert (project / ".stgen/compiled/train.py").read_bytes() == clean
    (project / "train.py").write_bytes(clean)
    assert stgen("update").code == 0
    assert not (project / ".stgen/compiled").exists()


def test_a_link_in_place_of_the_copies_is_not_followed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / ".stgen/compiled").symlink_to(elsewhere)
    edit(project / "train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    assert "STG303" in stgen("update").err
    assert texts(elsewhere) == {}


def test_a_repo_without_edits_is_just_compiled(project: Path) -> None:
    change_spec(project)
    assert stgen("update").code == 0
    assert "BATCH_SIZE = 128" in (project / "train.py").read_text()
    assert stgen("check").code == 0
