"""One writer at a time: the second one waits for the first, or says who that is; and a killed one keeps nobody out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from commandline import contents, stgen
from disks import NEW, OLD, compile, kinds, state
from frontend import SHORTEST
from stgen.disk import holding
from stgen.disk.fresh import LOCK_PATH, WRITER_PATH, nothing_to_do
from stgen.disk.holding import alone, settle

HOLDER = """
import sys, time
from stgen.disk.holding import alone
with alone(sys.argv[1]) as found:
    assert found == [], found
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    assert compile(tmp_path / "repo", OLD) == []
    return tmp_path / "repo"


@pytest.fixture
def holder(made: Path):
    """Another process that holds the repo."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDER, str(made)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_second_writer_says_who_the_first_is(made: Path, holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "WAIT", 0.2)
    before = state(made)
    (finding,) = compile(made, NEW)
    assert finding.code == "STG315"
    assert f"process {holder.pid} on " in finding.message
    assert state(made) == before


def test_killed_writer_keeps_nobody_out(made: Path, holder) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (made / WRITER_PATH).exists()
    assert compile(made, NEW) == []
    assert not (made / WRITER_PATH).exists()


def test_second_writer_waits_for_the_first(made: Path) -> None:
    order: list[str] = []

    def hold() -> None:
        with alone(str(made)):
            order.append("first")
            held.set()
            time.sleep(0.3)
            order.append("first is done")

    held = threading.Event()
    first = threading.Thread(target=hold)
    first.start()
    held.wait()
    assert compile(made, NEW) == []
    order.append("second is done")
    first.join()
    assert order == ["first", "first is done", "second is done"]
    assert not (made / WRITER_PATH).exists()


def test_nothing_is_left_of_a_lock(tmp_path: Path) -> None:
    with alone(str(tmp_path / "a/b")) as found:
        assert found == []
        assert (tmp_path / "a/b" / WRITER_PATH).read_text().startswith(f"stgen, process {os.getpid()} on ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["", "stgen, process 4711 on some-machine\n", "\0\0\0\0"])
def test_note_that_a_killed_writer_left_is_taken_over(left: str, made: Path) -> None:
    (made / WRITER_PATH).write_text(left)
    assert nothing_to_do("stgen.toml", str(made)) == 0
    assert settle(str(made)) == []
    assert not (made / WRITER_PATH).exists()


def test_file_of_somebody_in_the_place_of_the_note_is_left(made: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "image").write_bytes(bytes(4096) + b"a disk")
    for name in ("empty", "image"):
        held = (tmp_path / name).read_bytes()
        os.link(tmp_path / name, made / WRITER_PATH)
        (finding,) = compile(made, NEW)
        assert finding.code == "STG302"
        assert (tmp_path / name).read_bytes() == held
        (made / WRITER_PATH).unlink()
    (made / WRITER_PATH).write_bytes(held)
    assert [finding.code for finding in compile(made, NEW)] == ["STG302"]
    assert (made / WRITER_PATH).read_bytes() == held


def test_name_of_the_holder_is_no_text_of_somebody_else(made: Path, holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "WAIT", 0.1)
    (made / WRITER_PATH).write_text("\x1b[31mstgen, process 1 on you\n")
    (finding,) = compile(made, NEW)
    assert "another process" in finding.message


def test_many_writers_at_once(tmp_path: Path) -> None:
    """The end is what one of them wrote, whole; and none fails."""
    trees = (OLD, NEW)
    failures: list[object] = []

    def work(number: int) -> None:
        for turn in range(6):
            failures.extend(compile(tmp_path / "repo", trees[(number + turn) % 2]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {} in (kinds(tmp_path / "repo", OLD), kinds(tmp_path / "repo", NEW))
    assert not (tmp_path / "repo" / WRITER_PATH).exists()


# --- what is fresh ----------------------------------------------------------------------------------------------------


def test_edit_while_a_compile_runs_is_not_declared_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack as it was: the spec is saved after it was read, and before the lock is written."""
    from stgen.disk import build as build_module

    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    real = build_module.compile_source

    def slow(source, place):
        made = real(source, place)
        spec.write_text(SHORTEST + "[train]\nepochs = 3\n")
        return made

    monkeypatch.setattr(build_module, "compile_source", slow)
    assert stgen("compile", spec).code == 0
    monkeypatch.undo()
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0
    assert "NUM_EPOCHS = 3" not in (tmp_path / "spec/train.py").read_text()
    assert stgen("check", spec).code == 1
    assert stgen("compile", spec).code == 0
    assert stgen("check", spec).code == 0


def test_edit_of_an_extended_spec_while_a_compile_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stgen.disk import build as build_module

    (tmp_path / "base.toml").write_text(SHORTEST)
    spec = tmp_path / "spec.toml"
    spec.write_text('extends = "base.toml"\n')
    real = build_module.compile_source

    def slow(source, place):
        (tmp_path / "base.toml").write_text(SHORTEST + "[train]\nepochs = 3\n")
        return real(source, place)

    monkeypatch.setattr(build_module, "compile_source", slow)
    assert stgen("compile", spec).code == 0
    monkeypatch.undo()
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0
    assert stgen("check", spec).code == 1


def test_edit_of_the_compiler_while_it_compiles_is_not_declared_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stgen.disk import fresh

    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    now = ["a" * 40]
    monkeypatch.setattr(fresh, "fingerprint", lambda: now[0])
    monkeypatch.setattr("stgen.cli.commands.compile.fingerprint", lambda: now[0])
    real = stgen

    def write(*arguments):
        now[0] = "b" * 40
        return real_write(*arguments)

    from stgen.cli.commands import compile as command

    real_write = command.write
    monkeypatch.setattr(command, "write", write)
    assert real("compile", spec).code == 0
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0
    now[0] = "a" * 40
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) > 0


@pytest.mark.parametrize("name", ["journal", "journal.new", "writer"])
def test_what_was_cut_off_is_not_fresh(name: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    assert stgen("compile", spec).code == 0
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) > 0
    (tmp_path / "spec/.stgen" / name).write_text("")
    assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0


def test_what_is_kept_is_part_of_what_is_fresh(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SHORTEST)
    assert stgen("compile", spec).code == 0
    whole = contents(tmp_path)
    for change in (lambda path: path.unlink(), lambda path: path.write_bytes(b"")):
        change(tmp_path / "spec/.stgen/written")
        assert nothing_to_do(str(spec), str(tmp_path / "spec")) == 0
        assert stgen("compile", spec).code == 0
        assert contents(tmp_path)["spec/.stgen/written"][1] == whole["spec/.stgen/written"][1]


def test_lock_that_names_no_spec_is_not_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repo that was compiled from standard input, and a file that is called like that."""
    monkeypatch.chdir(tmp_path)
    assert stgen("compile", "-", "-o", "repo", stdin=SHORTEST).code == 0
    assert '"spec": "-"' in (tmp_path / "repo" / LOCK_PATH).read_text()
    (tmp_path / "repo/-").write_text("anything")
    assert nothing_to_do("repo/-", "repo") == 0


COMPILE = "import sys; from stgen.__main__ import main; sys.argv[1:] = ['compile', sys.argv[1]]; sys.exit(main())"


def test_two_compiles_at_once_and_an_edit_between(tmp_path: Path) -> None:
    """Whichever ends last, what is fresh afterwards is what the spec says."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    spec = tmp_path / "spec.toml"
    for turn in range(4):
        spec.write_text(SHORTEST + f"[train]\nepochs = {turn + 1}\n")
        one = subprocess.Popen([sys.executable, "-c", COMPILE, str(spec)], env=environment, stderr=subprocess.PIPE)
        time.sleep(0.05 * turn)
        spec.write_text(SHORTEST + f"[train]\nepochs = {turn + 11}\n")
        other = subprocess.Popen([sys.executable, "-c", COMPILE, str(spec)], env=environment, stderr=subprocess.PIPE)
        for process in (one, other):
            assert process.communicate()[1] is not None
            assert process.returncode == 0
        fresh = nothing_to_do(str(spec), str(tmp_path / "spec")) > 0
        assert stgen("check", spec).code == 0 or not fresh
        assert stgen("compile", spec).code == 0
        assert stgen("check", spec).code == 0
