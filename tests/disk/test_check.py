"""`stgen check`: each row of the table of `disk/state.py`, for people and for machines, with and without `--strict`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import contents, stgen
from stgen.disk.difference import difference
from stgen.disk.lock import LOCK_PATH

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
NAMED = SPEC + '\n[project]\nname = "named"\n'


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
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "compiled", "--allow-empty")):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def replace(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def edit() -> None:
    replace("train.py", 'description="Train the model."', 'description="Train my model."')


def edit_what_the_spec_changes() -> None:
    replace("train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")


def change_spec() -> None:
    replace("stgen.toml", "batch_size = 64", "batch_size = 128")


def drop_the_preparation() -> None:
    replace("stgen.toml", "[prepare]\ndeduplicate = { exact = true }\n", "")


def spoil() -> None:
    path = Path("train.py")
    path.write_bytes(path.read_bytes() + b"# caf\xe9, as Latin-1 has it\n")


def leave_a_conflict() -> None:
    edit_what_the_spec_changes()
    change_spec()
    assert "STG308" in stgen("update").err


def take_the_place_of_a_new_file() -> None:
    replace("stgen.toml", "[train]", '[export]\nformats = ["onnx"]\n\n[train]')
    Path("export.py").write_text("# mine\n")


def break_the_lock() -> None:
    lock = json.loads(Path(LOCK_PATH).read_text())
    lock["files"]["train.py"]["id"] = "0" * 40
    Path(LOCK_PATH).write_text(json.dumps(lock))


def check_out_with_crlf() -> None:
    """What git does with every text where core.autocrlf is true."""
    for path in [*Path().glob("*.py"), *Path("launch").glob("*.sh")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def of_another_stgen() -> None:
    lock = json.loads(Path(LOCK_PATH).read_text())
    Path(LOCK_PATH).write_text(json.dumps({**lock, "stgen": "0.0.1"}))


def state_of(path: str = "train.py", *options: str) -> tuple[str, dict[str, Any]]:
    """The repo's state, and what is said of one file."""
    (repo,) = json.loads(stgen("check", "--format", "json", *options).out)
    of_file = [file for file in repo["files"] if file["path"] == path]
    return repo["state"], of_file[0] if of_file else {"state": "in-date", "diff": "", "edit": "", "notes": []}


ENDINGS = {
    "in-date": ".: up to date",
    "edited": ".: up to date, and 1 file was edited by hand",
    "stale": ".: stale: ",
}
Step = Callable[[], object]
# fmt: off
ROWS: list[tuple[str, list[Step], str, str, str, list[str]]] = [
    # the row; what happened; the file; its state; what its diff holds; and its notes
    ("nothing",                  [],                                                           "train.py",   "in-date", "",                                        []),
    ("written once",             [lambda: Path(".gitignore").write_text("mine\n")],            ".gitignore", "in-date", "",                                        []),
    ("edited, nothing new",      [edit],                                                       "train.py",   "edited",  "",                                        []),
    ("edited, merged",           [edit, change_spec],                                          "train.py",   "stale",   "-BATCH_SIZE = 64\n+BATCH_SIZE = 128\n",   []),
    ("edited, a conflict",       [edit_what_the_spec_changes, change_spec],                    "train.py",   "stale",   "+<<<<<<< yours\n BATCH_SIZE = 48\n",      ["was changed both by hand and by the spec in 1 place"]),
    ("edited, can't be merged",  [spoil, change_spec],                                                       "train.py",   "stale",   "",                                        ["can't be merged"]),
    ("an unresolved conflict",   [leave_a_conflict],                                           "train.py",   "stale",   "",                                        []),
    ("edited, no longer there",  [lambda: replace("prepare.py", '"""', '"""Mine: '), drop_the_preparation], "prepare.py", "stale", "",                                 []),
    ("something new",            [change_spec],                                                "train.py",   "stale",   "-BATCH_SIZE = 64\n+BATCH_SIZE = 128\n",   []),
    ("no longer there",          [drop_the_preparation],                                           "prepare.py", "stale",   "+++ prepare.py (compiled)\n@@ -1,",       []),
    ("deleted",                  [lambda: os.remove("train.py")],                              "train.py",   "stale",   "+BATCH_SIZE = 64\n",                      []),
    ("deleted, written once",    [lambda: os.remove("Dockerfile")],                            "Dockerfile", "stale",   "+FROM ",                                  []),
    ("not there yet",            [lambda: replace("stgen.toml", "[train]", '[export]\nformats = ["onnx"]\n\n[train]')], "export.py", "stale", "+++ export.py (compiled)\n@@ -0,0 +1,", []),
    ("can't be run",             [lambda: os.chmod("launch/gpu.sh", 0o644)],                   "launch/gpu.sh", "stale", "old mode 100644\nnew mode 100755\n",     []),
    ("can be run",               [lambda: os.chmod("train.py", 0o755)],                        "train.py",   "stale",   "old mode 100755\nnew mode 100644\n",      []),
    ("not stgen's",              [take_the_place_of_a_new_file],                               "export.py",  "stale",   "",                                        []),
    ("no lock",                  [lambda: os.remove(LOCK_PATH)],                               LOCK_PATH,    "stale",   "",                                        []),
    ("other inputs",             [lambda: replace("stgen.toml", "stgen = 1", "stgen = 1  # mine")], LOCK_PATH, "stale", "",                                       ["stgen.toml has changed since the repo was compiled"]),
    ("another stgen",            [of_another_stgen],                                           LOCK_PATH,    "stale",   "",                                        ["stgen 0.0.1 compiled the repo"]),
    ("a lock of other files",    [break_the_lock],                                             LOCK_PATH,    "stale",   "+    \"train.py\": {\"id\": ",            []),
]
# fmt: on


@pytest.mark.parametrize(
    ("steps", "path", "state", "diff", "notes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_the_state_of_a_file(
    project: Path, steps: list[Step], path: str, state: str, diff: str, notes: list[str]
) -> None:
    for step in steps:
        step()
    before = contents(project)
    of_repo, of_file = state_of(path)
    assert (of_file["state"], of_repo) == (state, state)
    assert diff in of_file["diff"] if diff else of_file["diff"] == ""
    assert len(of_file["notes"]) == len(notes)
    assert all(words in note for words, note in zip(notes, of_file["notes"], strict=True))
    done = stgen("check")
    assert done.code == (1 if state == "stale" else 0)
    assert done.err.splitlines()[-1].startswith(ENDINGS[state])
    assert contents(project) == before, "check writes nothing"


@pytest.mark.parametrize("command", ["compile", "update"])
def test_line_ends_of_git_are_no_edit(project: Path, command: str) -> None:
    before = contents(project)
    check_out_with_crlf()
    of_repo, of_file = state_of("train.py")
    assert (of_repo, of_file["state"], of_file["diff"]) == ("stale", "stale", "")
    assert "train.py has CRLF at its line ends" in stgen("check").err
    assert stgen(command).code == 0
    assert {path: held[1] for path, held in contents(project).items()} == {
        path: held[1] for path, held in before.items()
    }


def test_an_edit_is_one_whatever_its_line_ends(project: Path) -> None:
    edit()
    check_out_with_crlf()
    edited = Path("train.py").read_bytes()
    assert "STG300" in stgen("compile").err
    assert Path("train.py").read_bytes() == edited


@pytest.mark.parametrize(
    "steps", [row[1] for row in ROWS if row[3] == "stale"], ids=[row[0] for row in ROWS if row[3] == "stale"]
)
def test_the_diff_is_what_an_update_brings(project: Path, steps: list[Step]) -> None:
    """Wherever an update writes, the diff of `check` makes of the file what the update makes of it."""
    for step in steps:
        step()
    (repo,) = json.loads(stgen("check", "--format", "json").out)
    told = {file["path"]: file["diff"] for file in repo["files"] if file["state"] == "stale"}
    before = {path: Path(path).read_bytes() if os.path.exists(path) else b"" for path in told}
    refused = "Nothing was written" in (said := stgen("update").err) or "nothing was written" in said
    for path, diff in told.items():
        after = Path(path).read_bytes() if os.path.exists(path) else b""
        if refused:
            assert after == before[path]
        elif not path.startswith(".stgen/") and "mode 100" not in diff:
            assert "".join(diff.splitlines(True)[2:]) == "".join(
                difference(before[path], after, "", "").splitlines(True)[2:]
            )


@pytest.mark.parametrize("steps", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_after_an_update_and_a_commit_nothing_is_red_but_what_waits_for_a_person(
    project: Path, steps: list[Step]
) -> None:
    for step in steps:
        step()
    updated = stgen("update").code == 0
    if not updated:
        assert stgen("check").code == 1
        return
    commit(project)
    assert stgen("check").code == (1 if "<<<<<<<" in Path("train.py").read_text() else 0)


def test_an_edit_stays_green_through_later_changes_of_the_spec(project: Path) -> None:
    edit()
    assert stgen("check").code == 0
    change_spec()
    assert stgen("check").code == 1
    assert stgen("update").code == 0
    commit(project)
    done = stgen("check")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "train.py was edited by hand, and what was generated under the edit is up to date\n"
        ".: up to date, and 1 file was edited by hand\n"
    )


def test_a_conflict_is_red_until_it_is_resolved(project: Path) -> None:
    leave_a_conflict()
    commit(project)
    done = stgen("check")
    assert done.code == 1
    assert "train.py holds a merge conflict that nobody has resolved" in done.err
    assert "resolve the conflict: keep what is right, and remove the marks" in done.err
    text = Path("train.py").read_text()
    head, _, rest = text.partition("<<<<<<< yours\n")
    _, _, rest = rest.partition("=======\n")
    Path("train.py").write_text(head + rest.replace(">>>>>>> from the spec\n", ""))
    assert stgen("check").code == 0


def test_the_edit_is_never_shown_as_something_to_undo(project: Path) -> None:
    edit()
    change_spec()
    assert "Train my model" not in stgen("check").out
    assert stgen("check").out.count("--- train.py\n+++ train.py (merged)\n") == 1


def test_a_link_in_place_of_the_copies_is_told(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    Path(".stgen/compiled").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    edit()
    change_spec()
    done = stgen("check")
    assert done.code == 1
    assert "STG303" in done.err


def test_a_repo_that_can_not_be_judged_has_no_state(project: Path) -> None:
    Path(LOCK_PATH).write_text("{")
    done = stgen("check")
    assert done.code == 1
    assert "STG305" in done.err
    assert "up to date" not in done.err


# --- --strict ---------------------------------------------------------------------------------------------------------


def test_strict_forbids_edits_and_shows_them(project: Path) -> None:
    assert stgen("check", "--strict").code == 0
    edit()
    done = stgen("check", "--strict")
    assert done.code == 1
    assert '-    parser = argparse.ArgumentParser(description="Train the model.")\n' in done.out
    assert '+    parser = argparse.ArgumentParser(description="Train my model.")\n' in done.out
    assert "which --strict forbids; move the edit into the spec" in done.err


def test_strict_lets_pass_what_is_the_persons(project: Path) -> None:
    Path(".gitignore").write_text("mine\n")
    Path("notes.md").write_text("mine\n")
    assert stgen("check", "--strict").code == 0


# --- for machines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "level", "exit"),
    [((), "STG323", "note", 0), (("--strict",), "STG323", "error", 1)],
)
def test_sarif_and_github_carry_an_edit(
    project: Path, options: tuple[str, ...], code: str, level: str, exit: int
) -> None:
    edit()
    done = stgen("check", "--format", "sarif", *options)
    assert done.code == exit
    (result,) = json.loads(done.out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == (code, level)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "train.py"
    (line,) = stgen("check", "--format", "github", *options).out.splitlines()
    assert line.startswith(f"::{'notice' if level == 'note' else level} file=train.py,title={code}")
    assert ("Train my model" in line) == bool(options)


def test_sarif_and_github_carry_what_is_stale_with_the_merged_diff(project: Path) -> None:
    edit()
    change_spec()
    done = stgen("check", "--format", "sarif")
    assert done.code == 1
    results = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: result
        for result in json.loads(done.out)["runs"][0]["results"]
    }
    assert {result["ruleId"] for result in results.values()} == {"STG322"}
    assert "+BATCH_SIZE = 128" in results["train.py"]["message"]["text"]
    assert "Train my model" not in results["train.py"]["message"]["text"]
    assert "%0A+BATCH_SIZE = 128%0A" in stgen("check", "--format", "github").out


def test_an_annotation_holds_no_more_than_some_lines_of_a_diff(project: Path) -> None:
    Path("train.py").write_text("# mine\n")
    line = next(line for line in stgen("check", "--strict", "--format", "github").out.splitlines())
    assert line.count("%0A") < 70
    assert "more lines" in line


def test_json_names_the_state_of_each_repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stgen.toml").write_text(SPEC)
    assert stgen("compile", "*/stgen.toml").code == 0
    replace("b/train.py", "BATCH_SIZE = 64", "BATCH_SIZE = 48")
    replace("c/stgen.toml", "batch_size = 64", "batch_size = 128")
    done = stgen("check", "*/stgen.toml", "--format", "json")
    assert done.code == 1
    repos = json.loads(done.out)
    assert [(repo["folder"], repo["state"]) for repo in repos] == [("a", "in-date"), ("b", "edited"), ("c", "stale")]
    assert [file["path"] for file in repos[1]["files"]] == ["b/train.py"]
    assert all(repo["in_date"] + len(repo["files"]) == repos[0]["in_date"] for repo in repos)


# --- the way out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "output", "edited", "command"),
    [
        ("stgen.toml", None, False, "`stgen compile` brings it up to date"),
        ("stgen.toml", None, True, "`stgen update` brings what is new, merged with the edits"),
        ("it's mine.toml", None, False, """`stgen compile 'it'"'"'s mine.toml'` brings it up to date"""),
        ("a.toml", "out", True, "`stgen update a.toml -o out` brings what is new, merged with the edits"),
        ("sub/stgen.toml", None, True, "`stgen update sub/stgen.toml` brings what is new, merged with the edits"),
    ],
)
def test_the_command_that_ends_it_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, output: str | None, edited: bool, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(spec).parent.mkdir(exist_ok=True)
    Path(spec).write_text(NAMED)
    where = ["-o", output] if output else []
    assert stgen("compile", spec, *where).code == 0
    commit(tmp_path)
    (program,) = tmp_path.rglob("train.py")
    if edited:
        replace(str(program), 'description="Train the model."', 'description="Train my model."')
    replace(spec, "batch_size = 64", "batch_size = 128")
    done = stgen("check", spec, *where)
    assert done.code == 1
    assert done.err.rstrip().endswith(command)


# --- diffs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\nb\n", b"a\nb"),
        (b"a\nb", b"a\nb\n"),
        (b"", b"a\n"),
        (b"a\n", b""),
        (b"a\x0cb\r\nc\xe2\x80\xa8d\n", b"a\x0cb\nc\xe2\x80\xa8e\n"),
    ],
)
def test_git_applies_a_diff(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(old)
    patch = difference(old, new, "a/file", "b/file").encode()
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], cwd=tmp_path, input=patch, check=True, capture_output=True)
    assert path.read_bytes() == new


def test_equal_texts_have_no_diff() -> None:
    assert difference(b"a\n", b"a\n", "a", "b") == ""
