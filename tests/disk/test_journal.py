"""A write that is killed is undone by the next command: nothing of a person's is lost, and the end is as if it had not been."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from disks import NEW, OLD, Disk, Killed, When, compile, contents, count, die, killed, on, repo, state, update
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk import journal
from stgen.disk.folder import Folder, Held, InTheWayError
from stgen.disk.fresh import JOURNAL_NEW, JOURNAL_PATH, LOCK_PATH, WRITER_PATH, WRITTEN_PATH
from stgen.disk.holding import settle
from stgen.disk.journal import TEMPORARY, Journal, JournalError, Step, Undo, dump, parse
from stgen.disk.output import compare
from stgen.disk.three_way import BEGINS
from stgen.render.tree import File, Tree

LINES = [f"line {number}\n" for number in range(20)]


def text(**lines: str) -> str:
    """Twenty lines, some of them (`l3 = "..."`) replaced."""
    return "".join(lines.get(f"l{number}", line.strip()) + "\n" for number, line in enumerate(LINES))


BEFORE = Tree(
    {
        "train.py": File(text()),
        "model.py": File(text()),
        "monitor.py": File(text()),
        "data.py": File(text()),
        "launch/cpu.sh": File("old\n", mode=0o755),
        "my_losses.py": File("skeleton\n", "once"),
    }
)
AFTER = Tree(
    {
        "train.py": File(text(l3="from the spec")),
        "model.py": File(text(l10="from the spec")),
        "data.py": File(text()),
        "launch/gpu.sh": File("new\n", mode=0o755),
        "tests/test_smoke.py": File("new\n"),
        "my_losses.py": File("another skeleton\n", "once"),
    }
)
EDITS = {
    "train.py": text(l15="by hand"),  # merged
    "model.py": text(l10="by hand"),  # a conflict
    "monitor.py": text(l1="by hand"),  # the repo drops it
    "data.py": text(l0="by hand"),  # the spec has nothing new for it
    "my_losses.py": "my own\n",
    "notes.txt": "mine\n",
}
Command = Callable[[Path, Tree], list[Diagnostic]]


class Case(NamedTuple):
    """A command, on what it is run, and what the person has there."""

    command: Command
    before: Tree | None
    after: Tree
    edits: dict[str, str]


# fmt: off
CASES = {
    "a first compile":    Case(compile, None,   NEW,   {}),
    "another compile":    Case(compile, OLD,    NEW,   {"my_losses.py": "mine\n", "notes.txt": "mine\n"}),
    "an update":          Case(update,  BEFORE, AFTER, EDITS),
    "a spec turned back": Case(update,  AFTER,  BEFORE, {"train.py": text(l3="from the spec", l9="by hand")}),
}
# fmt: on


def begin(folder: Path, case: Case) -> Path:
    if case.before is not None:
        assert compile(folder, case.before) == []
        for path, edit in case.edits.items():
            (folder / path).write_text(edit)
    return folder


def unlost(folder: Path, case: Case) -> None:
    """No edit is gone, wherever the write was killed: it stands where it stood, by itself or merged."""
    for path, edit in case.edits.items():
        now = (folder / path).read_text().splitlines()
        generated = case.before[path].text if case.before and path in case.before else ""
        assert all(line in now for line in edit.splitlines() if line not in generated.splitlines()), path


def kill(end: str, work: Callable[[], object], number: int, when: When) -> None:
    if end == "SIGKILL":
        assert killed(work, number, when)
        return
    with pytest.MonkeyPatch.context() as patch:
        on(patch, Disk(number, die, when, dead=True))
        with pytest.raises(Killed):
            work()


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power goes off here; the calls are counted all the same."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def whole(case: Case, tmp_path: Path) -> Path:
    """The folder as the undisturbed command leaves it."""
    folder = begin(tmp_path / "whole", case)
    case.command(folder, case.after)
    return folder


@pytest.fixture
def steps(case: Case, tmp_path: Path) -> range:
    """The numbers of the calls with which the command changes the disk."""
    folder = begin(tmp_path / "counted", case)
    calls = count(lambda: case.command(folder, case.after))
    assert {"open", "replace", "fsync", "unlink"} <= set(calls)
    return range(1, len(calls) + 1)


FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="no way to make a process that is like this one")
ENDS = [("raised", "before"), ("raised", "after"), pytest.param("SIGKILL", "after", marks=FORKS)]


@pytest.mark.parametrize(("end", "when"), ENDS)
def test_killed_anywhere_the_same_command_finishes(
    end: str, when: When, case: Case, whole: Path, steps: range, tmp_path: Path
) -> None:
    for number in steps:
        folder = begin(tmp_path / f"killed{number}", case)
        kill(end, lambda folder=folder: case.command(folder, case.after), number, when)
        unlost(folder, case)
        found = case.command(folder, case.after)
        assert [item.code for item in found] == [item.code for item in case.command(whole, case.after)], number
        assert state(folder) == state(whole), number


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_anywhere_another_command_puts_all_back(
    when: When, case: Case, whole: Path, steps: range, tmp_path: Path
) -> None:
    """Whichever command comes next: what is there is then the old repo, or the new one where that was whole."""
    before = contents(begin(tmp_path / "before", case)) if case.before is not None else {}
    back = 0
    for number in steps:
        folder = begin(tmp_path / f"killed{number}", case)
        kill("raised", lambda folder=folder: case.command(folder, case.after), number, when)
        found = settle(str(folder))
        assert [item.code for item in found] in ([], ["STG310"])
        assert all(item.severity == "note" for item in found)
        assert contents(folder) in (before, contents(whole)), number
        back += found != []
    assert back > len(steps) / 2


def test_killed_anywhere_while_it_puts_back(case: Case, whole: Path, steps: range, tmp_path: Path) -> None:
    """Undoing is killed in its turn, and undone to the end by the command after that."""
    killed_again = 0
    for number in steps[1::5]:
        folder = begin(tmp_path / f"killed{number}", case)
        kill("raised", lambda folder=folder: case.command(folder, case.after), number, "before")
        calls = count(lambda folder=folder: settle(str(folder)))
        for again in range(1, len(calls) + 1, 3):
            other = begin(tmp_path / f"killed{number}-{again}", case)
            kill("raised", lambda other=other: case.command(other, case.after), number, "before")
            with pytest.MonkeyPatch.context() as patch:
                on(patch, Disk(again, die, "after", dead=True))
                with pytest.raises(Killed):
                    settle(str(other))
            unlost(other, case)
            case.command(other, case.after)
            assert state(other) == state(whole), (number, again)
            killed_again += 1
    assert killed_again


def replaced(calls: list[str]) -> list[int]:
    """The numbers of the calls that put a file in place of another one."""
    return [number for number, name in enumerate(calls, 1) if name == "replace"]


def test_conflicts_of_a_killed_update_stand_once(tmp_path: Path) -> None:
    folder = half(tmp_path)
    assert (folder / "model.py").read_text().count(BEGINS) == 1  # it had been written
    update(folder, AFTER)
    assert (folder / "model.py").read_text().count(BEGINS) == 1


# --- edits after the kill ---------------------------------------------------------------------------------------------


def half(tmp_path: Path) -> Path:
    """An update that was killed when every file was written, and neither what is kept nor the lock."""
    case = CASES["an update"]
    folder = begin(tmp_path / "repo", case)
    counted = begin(tmp_path / "counted", case)
    calls = count(lambda: update(counted, case.after))
    kill("raised", lambda: update(folder, case.after), replaced(calls)[-2], "before")
    assert "from the spec" in (folder / "train.py").read_text()
    return folder


def test_what_was_edited_since_stays_and_is_merged(tmp_path: Path) -> None:
    folder = half(tmp_path)
    with (folder / "train.py").open("a") as file:
        file.write("and more by hand\n")
    edited = (folder / "train.py").read_text()
    (finding,) = settle(str(folder))
    assert "train.py" in finding.notes[0]
    assert (folder / "train.py").read_text() == edited
    update(folder, AFTER)
    assert (folder / "train.py").read_text() == edited


def test_what_was_removed_since_stays_removed(tmp_path: Path) -> None:
    folder = half(tmp_path)
    (folder / "train.py").unlink()
    settle(str(folder))
    assert not (folder / "train.py").exists()


def test_what_stands_in_the_way_since_stays(tmp_path: Path) -> None:
    folder = half(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/cpu.sh").write_text("mine\n")
    shutil.rmtree(folder / "launch")
    (folder / "launch").symlink_to(tmp_path / "elsewhere")
    (finding,) = settle(str(folder))
    assert finding.code == "STG310"
    assert (tmp_path / "elsewhere/cpu.sh").read_text() == "mine\n"
    assert os.listdir(tmp_path / "elsewhere") == ["cpu.sh"]


def test_nothing_is_compared_in_between(tmp_path: Path) -> None:
    folder = half(tmp_path)
    before = contents(folder)
    made = compare(repo(folder, AFTER))
    assert made[0] == []
    assert [(item.code, item.severity) for item in made[1]] == [("STG310", "error")]
    assert contents(folder) == before


# --- the journal's file -----------------------------------------------------------------------------------------------

MADE = Journal(
    "0123abcd",
    (
        Undo("train.py", Held(b"\x00\xffold\n", 0o644), "a" * 40),
        Undo("new.py", None, "b" * 40),
        Undo("x", Held(b"", 0o755), ""),
    ),
    ("launch", "launch/accelerate"),
)


def test_is_read_as_it_was_written() -> None:
    assert parse(dump(MADE, 17), 17) == MADE


def test_is_believed_by_nobody_but_who_finds_it_where_it_was_written() -> None:
    """A pull request can bring a journal; it can't know the number that its file gets."""
    with pytest.raises(JournalError, match="elsewhere"):
        parse(dump(MADE, 17), 18)


@pytest.mark.parametrize("end", range(0, len(dump(MADE, 17)), 7))
def test_is_not_believed_when_it_is_cut_off(end: int) -> None:
    with pytest.raises(JournalError):
        parse(dump(MADE, 17)[:end], 17)


@pytest.mark.parametrize("token", ["", "../../x", "0123456", "0123456g", "01234567\n"])
def test_names_no_temporary_that_stgen_can_not_have_made(token: str) -> None:
    with pytest.raises(JournalError, match="damaged"):
        parse(dump(MADE.replaced(token=token), 17), 17)


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a\x00b", ".git/config", ".stgen/other", "a/../../b", ""])
def test_names_no_path_outside_the_repo(path: str) -> None:
    hostile = MADE.replaced(undos=(Undo(path, Held(b"x", 0o644), "a" * 40),))
    with pytest.raises(JournalError):
        parse(dump(hostile, 17), 17)


def test_copied_folder_with_a_journal_is_left_as_it_is(tmp_path: Path) -> None:
    copy = shutil.copytree(half(tmp_path), tmp_path / "copy", ignore=shutil.ignore_patterns("writer"))
    before = state(copy)
    for command in (compile, update):
        (finding,) = command(copy, AFTER)
        assert finding.code == "STG311"
        assert JOURNAL_PATH in finding.message
        assert state(copy) == before
    (copy / JOURNAL_PATH).unlink()
    assert {item.code for item in update(copy, AFTER)} == {"STG308"}
    assert "by hand" in (copy / "train.py").read_text()


def test_journal_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    folder = begin(tmp_path / "repo", CASES["another compile"])
    for path in (JOURNAL_PATH, JOURNAL_NEW, WRITER_PATH):
        (folder / path).write_text("my thesis\n")
        (finding,) = compile(folder, NEW)
        assert finding.code in ("STG302", "STG311")
        assert path in finding.message
        assert (folder / path).read_text() == "my thesis\n"
        (folder / path).unlink()
    assert compile(folder, NEW) == []


@pytest.mark.parametrize("size", [0, 5, len(journal.MARK), len(journal.MARK) + 20])
def test_journal_that_was_cut_off_while_it_was_written(size: int, tmp_path: Path) -> None:
    folder = begin(tmp_path / "repo", CASES["another compile"])
    (folder / JOURNAL_NEW).write_bytes((journal.MARK + b"{" * 40)[:size])
    assert compile(folder, NEW) == []
    assert not (folder / JOURNAL_NEW).exists()


@pytest.mark.parametrize("path", [JOURNAL_PATH, JOURNAL_NEW, WRITER_PATH, WRITTEN_PATH, LOCK_PATH])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_in_place_of_ours(kind: str, path: str, tmp_path: Path) -> None:
    folder = begin(tmp_path / "repo", CASES["another compile"])
    (tmp_path / "elsewhere").write_text("mine\n")
    (folder / path).unlink(missing_ok=True)
    if kind == "link":
        (folder / path).symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(folder / path)
    else:
        (folder / path).mkdir()
    before = state(tmp_path)
    for command in (compile, update):
        (finding,) = command(folder, NEW)
        assert finding.code == ("STG303" if kind == "link" else "STG302")
        assert path in finding.message
        assert state(tmp_path) == before


def test_all_steps_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a\n")
    (tmp_path / "b").mkdir()
    steps = [Step("a.py", b"a\n", Held(b"new\n", 0o644)), Step("b", None, Held(b"b\n", 0o644))]
    with Folder(str(tmp_path)) as folder, pytest.raises(journal.WriteError) as refused:
        journal.apply(folder, steps)
    assert isinstance(refused.value.error, InTheWayError)
    assert (tmp_path / "a.py").read_text() == "a\n"
    assert not [path for path in contents(tmp_path) if TEMPORARY in path]
