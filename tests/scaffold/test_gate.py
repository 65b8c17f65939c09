"""The gate that `stgen new` sets up: the steps of its workflow and its pre-commit hooks, run as they stand, by a shell.

Only `pip install` is a stub: what it would install is on the path already.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from places import ROOT

WORKFLOW = ".github/workflows/stgen.yml"
HOOKS = ".pre-commit-config.yaml"
WHO = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")


class Ran(NamedTuple):
    """A command of the gate, how it ended, and all that it printed."""

    command: str
    code: int
    said: str


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where a shell finds this very stgen, and a pip that installs nothing."""
    programs = tmp_path_factory.mktemp("bin")
    for name, text in {"stgen": f'exec {sys.executable} -m stgen "$@"', "pip": '[ "$1" = install ]'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
    return os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "compiler"), "CI": "true"}


@pytest.fixture(scope="module")
def scaffolded(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `stgen new` and `stgen compile` leave it, committed."""
    folder = tmp_path_factory.mktemp("scaffolded") / "project"
    shell("stgen new project --recipe semantic-search --yes", folder.parent, environment)
    shell("stgen compile", folder, environment)
    git(folder, "init", "-q")
    commit(folder)
    return folder


@pytest.fixture
def project(scaffolded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(scaffolded, folder)
    monkeypatch.chdir(folder)
    return folder


def shell(command: str, folder: Path, environment: dict[str, str]) -> Ran:
    """Run a command as a runner of GitHub runs a step."""
    done = subprocess.run(
        ["bash", "-e", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    return Ran(command, done.returncode, done.stdout + done.stderr)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *WHO, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "a change")


def workflow(folder: Path, environment: dict[str, str]) -> list[Ran]:
    """Check the last commit out elsewhere, and run the steps there until one fails."""
    commit(folder)
    elsewhere = folder.parent / "checked-out"
    shutil.rmtree(elsewhere, ignore_errors=True)
    git(folder.parent, "clone", "-q", str(folder), str(elsewhere))
    (job,) = yaml.safe_load((elsewhere / WORKFLOW).read_text())["jobs"].values()
    ran: list[Ran] = []
    for step in job["steps"]:
        if "run" in step and not any(done.code for done in ran):
            ran.append(shell(step["run"], elsewhere, environment))
    return ran


def hooks(folder: Path, environment: dict[str, str]) -> list[Ran]:
    """Stage everything, and run the local hooks that pre-commit would run for it, each to its end."""
    git(folder, "add", "-A")
    staged = git(folder, "diff", "--cached", "--name-only", "--diff-filter=d").split()
    configured = yaml.safe_load((folder / HOOKS).read_text())["repos"]
    local = [hook for repo in configured if repo["repo"] == "local" for hook in repo["hooks"]]
    return [
        shell(hook["entry"], folder, environment)
        for hook in local
        if hook.get("always_run") or any(re.search(hook.get("files", ""), path) for path in staged)
    ]


# --- what happened to the repo ----------------------------------------------------------------------------------------


def replace(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def edit() -> None:
    replace("train.py", 'description="Train the model."', 'description="Train my model."')


def change_spec() -> None:
    replace("stgen.toml", "batch_size = 16", "batch_size = 8")


def update() -> None:
    subprocess.run(
        [sys.executable, "-m", "stgen", "update"], check=False, env=os.environ | {"PYTHONPATH": str(ROOT / "compiler")}
    )


def edit_change_and_update() -> None:
    edit()
    change_spec()
    update()


def leave_a_conflict() -> None:
    replace("train.py", "BATCH_SIZE = 16", "BATCH_SIZE = 12")
    change_spec()
    update()


def add_row(text: str) -> Callable[[], object]:
    def add() -> None:
        with open("data/train.jsonl", "ab") as file:
            file.write(text.encode("latin-1") + b"\n")

    return add


def copy_train_to(name: str) -> Callable[[], object]:
    return lambda: shutil.copy("data/train.jsonl", f"data/{name}.jsonl")


def respec(old: str, new: str) -> Callable[[], object]:
    """Change the spec, and compile it: the spec alone is what is wrong."""

    def change() -> None:
        replace("stgen.toml", old, new)
        update()

    return change


VALIDATE, CHECK = "stgen validate --data --strict --format github", "stgen check"
# fmt: off
GREEN: list[tuple[str, list[Callable[[], object]], str]] = [
    ("a clean repo",                     [],                                                             ".: up to date"),
    ("an edit",                          [edit],                                                         ".: up to date, and 1 file was edited by hand"),
    ("an edit, merged with a new spec",  [edit_change_and_update],                                       ".: up to date, and 1 file was edited by hand"),
    ("a file of somebody's own",         [lambda: Path("notes.py").write_text("mine\n")],                ".: up to date"),
    ("a good row",                       [add_row('{"question": "what is a vector?", "answer": "a list of numbers"}')], ".: up to date"),
    ("a warning that the spec allows",   [respec('question", positive = "answer"', 'answer", positive = "question"'),
                                          lambda: replace("stgen.toml", "stgen = 1", 'stgen = 1\nallow = ["STG221"]'), update], ".: up to date"),
]
RED: list[tuple[str, list[Callable[[], object]], str, str]] = [
    ("a stale repo",                     [change_spec],                                                  CHECK,    "+BATCH_SIZE = 8"),
    ("a stale repo with an edit",        [edit, change_spec],                                            CHECK,    "+++ train.py (merged)"),
    ("a deleted file",                   [lambda: os.remove("train.py")],                                CHECK,    "train.py was deleted"),
    ("a conflict that nobody resolved",  [leave_a_conflict],                                             CHECK,    "train.py holds a merge conflict"),
    ("a lock of other files",            [lambda: replace(".stgen/manifest.json", '"train.py": {"id": "', '"train.py": {"id": "0')], CHECK, "manifest.json"),
    ("a broken row",                     [add_row('{"question": "what is a vector?", "answer": ')],      VALIDATE, "STG203"),
    ("a row without an answer",          [add_row('{"question": "what is a vector?", "answer": null}')], VALIDATE, "STG210"),
    ("an empty text",                    [add_row('{"question": "what is a vector?", "answer": " "}')],  VALIDATE, "STG211"),
    ("a number for a text",              [add_row('{"question": "what is a vector?", "answer": 7}')],    VALIDATE, "STG209"),
    ("a row that is not UTF-8",          [add_row('{"question": "caf\xe9?", "answer": "a bar"}')],       VALIDATE, "STG202"),
    ("a file that is not there",         [lambda: os.remove("data/dev.jsonl")],                          VALIDATE, "STG200"),
    ("a column that is not there",       [respec('positive = "answer"', 'positive = "reply"')],          VALIDATE, "STG206"),
    ("reversed columns",                 [respec('question", positive = "answer"', 'answer", positive = "question"')], VALIDATE, "STG221"),
    ("eval rows that are the train rows", [copy_train_to("dev")],                                        VALIDATE, "STG218"),
    ("test rows that are the train rows", [copy_train_to("test")],                                       VALIDATE, "STG218"),
    ("one file for train and eval",      [lambda: replace("stgen.toml", "data/dev.jsonl", "data/train.jsonl")], VALIDATE, "STG054"),
    ("a mistake in the spec",            [lambda: replace("stgen.toml", "batch_size", "batchsize")],     VALIDATE, "STG020"),
]
# fmt: on


@pytest.mark.parametrize(("steps", "says"), [row[1:] for row in GREEN], ids=[row[0] for row in GREEN])
def test_the_workflow_passes(
    project: Path, environment: dict[str, str], steps: list[Callable[[], object]], says: str
) -> None:
    for step in steps:
        step()
    ran = workflow(project, environment)
    assert [(done.command, done.code) for done in ran[1:]] == [(VALIDATE, 0), (CHECK, 0)], ran
    assert says in ran[-1].said.splitlines()


@pytest.mark.parametrize(("steps", "fails", "says"), [row[1:] for row in RED], ids=[row[0] for row in RED])
def test_the_workflow_fails(
    project: Path, environment: dict[str, str], steps: list[Callable[[], object]], fails: str, says: str
) -> None:
    for step in steps:
        step()
    ran = workflow(project, environment)
    assert (ran[-1].command, ran[-1].code) == (fails, 1), ran
    assert says in ran[-1].said
    assert [done.code for done in ran[:-1]] == [0] * (len(ran) - 1)


def test_a_red_repo_turns_green_by_what_the_gate_says(project: Path, environment: dict[str, str]) -> None:
    edit()
    change_spec()
    said = workflow(project, environment)[-1].said
    (command,) = re.findall(r"`(stgen update.*?)` brings what is new", said)
    assert shell(command, project, environment).code == 0
    assert workflow(project, environment)[-1].code == 0


# --- pre-commit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [row[1] for row in GREEN], ids=[row[0] for row in GREEN])
def test_the_hooks_pass(project: Path, environment: dict[str, str], steps: list[Callable[[], object]]) -> None:
    for step in steps:
        step()
    ran = hooks(project, environment)
    assert [done.code for done in ran] == [0] * len(ran), ran


WARNED, UNSEEN = ("reversed columns",), ("a file that is not there",)  # by strict CI alone; pre-commit sees no deletion


@pytest.mark.parametrize(
    ("steps", "says"),
    [(row[1], row[3]) for row in RED if row[0] not in WARNED + UNSEEN],
    ids=[row[0] for row in RED if row[0] not in WARNED + UNSEEN],
)
def test_the_hooks_fail(
    project: Path, environment: dict[str, str], steps: list[Callable[[], object]], says: str
) -> None:
    for step in steps:
        step()
    failing = [done for done in hooks(project, environment) if done.code]
    assert failing
    assert any(says in done.said for done in failing)


@pytest.mark.parametrize(
    ("changed", "hook"),
    [
        ("stgen.toml", "stgen validate --data"),
        ("base.toml", "stgen validate --data"),
        ("data/train.jsonl", "stgen validate --data"),
        ("data/more/rows.csv.gz", "stgen validate --data"),
        ("rows.parquet", "stgen validate --data"),
        ("train.py", "stgen check"),
        ("launch/gpu.sh", "stgen check"),
        (".stgen/manifest.json", "stgen check"),
        ("README.md", "stgen check"),
    ],
)
def test_which_changes_a_hook_runs_for(project: Path, environment: dict[str, str], changed: str, hook: str) -> None:
    Path(changed).parent.mkdir(parents=True, exist_ok=True)
    with open(changed, "a") as file:
        file.write("\n")
    assert hook in [done.command for done in hooks(project, environment)]
