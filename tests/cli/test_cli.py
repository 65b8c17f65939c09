"""The command line itself: exit codes, streams, what happens to faults, signals and pipes."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import contents, stgen
from frontend import SHORTEST
from stgen import __version__
from stgen.cli.main import main

WRONG = SHORTEST.replace("dense", "dens")
COMMANDS = ("new", "validate", "explain", "plan", "compile", "check", "losses", "inspect", "schema")


@pytest.fixture
def spec(tmp_path, monkeypatch) -> Path:
    """A valid spec, called stgen.toml, in the folder of the process."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "stgen.toml"
    path.write_text(SHORTEST)
    return path


def process(*arguments: str, **options) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-m", "stgen", *arguments], env=environment, **options)


# --- exit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["validate", "explain", "plan", "compile", "check"])
def test_clean_and_done_is_0(command, spec):
    if command == "check":
        assert stgen("compile").code == 0
    assert stgen(command).code == 0


@pytest.mark.parametrize("command", ["validate", "explain", "plan", "compile", "check"])
def test_findings_are_1(command, spec):
    spec.write_text(WRONG)
    done = stgen(command)
    assert done.code == 1
    assert "error[STG023]" in done.err
    assert done.out == ""


def test_drift_is_1(spec):
    assert stgen("check").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("compile", "--nonsense"),
        ("validate", "--format", "xml"),
        ("schema", "nonsense"),
        ("losses", "--model", "nonsense"),
        ("explain", "a.toml", "b.toml"),
        ("compile", "-o"),
    ],
)
def test_wrong_use_is_2_and_says_where_help_is(arguments):
    done = stgen(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "--help` says what it takes" in done.err


def fail(options, console):
    raise RuntimeError("broken inside")


def test_fault_of_its_own_is_3_and_no_traceback(spec, monkeypatch):
    monkeypatch.setattr("stgen.cli.commands.validate.run", fail)
    done = stgen("validate")
    assert (done.code, done.out) == (3, "")
    assert "RuntimeError: broken inside" in done.err
    assert "please report" in done.err
    assert "Traceback" not in done.err


def test_fault_with_debug_shows_where(spec, monkeypatch):
    monkeypatch.setattr("stgen.cli.commands.validate.run", fail)
    with pytest.raises(RuntimeError, match="broken inside"):
        stgen("validate", "--debug")


# --- help and version --------------------------------------------------------------------------------------------------


def test_without_a_command_it_says_what_there_is():
    done = stgen()
    assert done.code == 0
    assert all(f"    {command} " in done.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command):
    done = stgen(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: stgen {command}")


def test_version_is_the_same_with_and_without_the_short_cut(monkeypatch, capsys):
    from stgen import __main__

    assert stgen("--version").out == f"stgen {__version__}\n"
    monkeypatch.setattr(sys, "argv", ["stgen", "--version"])
    assert __main__.main() == 0
    assert capsys.readouterr().out == f"stgen {__version__}\n"


# --- which spec ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["validate", "explain", "plan", "compile", "check"])
def test_no_spec_in_the_folder(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = stgen(command)
    assert done.code == 1
    assert "error[STG001]" in done.err
    assert "stgen.toml" in done.err
    assert contents(tmp_path) == {}


def test_json_spec_in_the_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stgen.json").write_text(json.dumps({"stgen": 1, "model": {"type": "dens"}, "data": []}))
    assert "stgen.json:1:" in stgen("validate").err


def test_spec_from_standard_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert stgen("validate", "-", stdin=SHORTEST).code == 0
    done = stgen("validate", "-", stdin=WRONG)
    assert done.code == 1
    assert "<stdin>:4:8" in done.err
    assert stgen("compile", "-", "-o", "repo", stdin=SHORTEST).code == 0
    assert (tmp_path / "repo" / "stgen.toml").read_text() == SHORTEST
    assert stgen("check", "-", "-o", "repo", stdin=SHORTEST).code == 0


def test_many_specs_are_all_told_about(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.toml").write_text(WRONG)
    done = stgen("validate", *sorted(tmp_path.glob("*.toml")))
    assert done.code == 1
    assert done.err.count("error[STG023]") == 3


# --- streams -----------------------------------------------------------------------------------------------------------


def test_quiet_prints_errors_and_results_alone(spec):
    assert stgen("validate", "--quiet") == stgen("validate", "-q")
    assert (stgen("validate", "-q").err, stgen("compile", "-q").err, stgen("compile", "-q").err) == ("", "", "")
    assert stgen("check", "-q").err == ""
    spec.write_text(WRONG)
    done = stgen("validate", "-q")
    assert "error[STG023]" in done.err
    assert not done.err.endswith("1 error\n")


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_findings_for_machines_are_a_document_on_stdout(format, spec):
    spec.write_text(WRONG)
    done = stgen("validate", "--format", format)
    assert done.code == 1
    assert "STG023" in json.dumps(json.loads(done.out))
    assert done.err == ""


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_no_findings_are_a_document_too(format, spec):
    assert json.loads(stgen("validate", "--format", format).out) is not None


def test_findings_for_github(spec):
    spec.write_text(WRONG)
    done = stgen("validate", "--format", "github")
    assert done.out.startswith("::error file=stgen.toml,title=STG023")


def on_a_terminal(*arguments: str, folder: Path, **environment: str) -> bytes:
    """What a command prints where its streams are a terminal."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    variables |= {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"} | environment
    command = [sys.executable, "-m", "stgen", *arguments]
    done = subprocess.Popen(command, cwd=folder, env=variables, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    printed = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # Linux says so when the other end has closed
            break
        if not part:
            break
        printed += part
    os.close(leader)
    assert done.wait(60) == 1
    return printed


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_colour_on_a_terminal_unless_it_is_not_wanted(spec):
    spec.write_text(WRONG)
    assert b"\x1b[1;31merror" in on_a_terminal("validate", folder=spec.parent)
    assert b"\x1b" not in on_a_terminal("validate", folder=spec.parent, NO_COLOR="1")
    assert b"\x1b" not in on_a_terminal("validate", folder=spec.parent, TERM="dumb")


def test_no_colour_where_there_is_no_terminal(spec):
    spec.write_text(WRONG)
    assert "\x1b" not in stgen("validate").err


class Narrow(io.StringIO):
    """A stream that takes ASCII only, as under LC_ALL=C."""

    encoding = "ascii"

    def write(self, text: str) -> int:
        return super().write(text.encode("ascii").decode())


def test_findings_reach_a_terminal_of_any_encoding(spec):
    spec.write_text(SHORTEST.replace("dense", "dichtes-Modell-für-漢字"), encoding="utf-8")
    stderr = Narrow()
    assert main(["validate"], io.BytesIO(), io.StringIO(), stderr) == 1
    assert "STG023" in stderr.getvalue()


@pytest.mark.parametrize("command", [("plan", "--format", "json"), ("explain",), ("compile", "--stdout")])
def test_results_reach_a_stream_of_any_encoding(command, spec):
    """What is redirected under LC_ALL=C must not end in a fault: results are UTF-8 whatever the locale."""
    spec.write_text(SHORTEST + '[project]\ndescription = "für 漢字"\n', encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    done = subprocess.run(
        [sys.executable, "-m", "stgen", *command], cwd=spec.parent, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    if command != ("explain",):
        assert "für 漢字" in done.stdout.decode()


# --- pipes and signals -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="pipes differ")
@pytest.mark.parametrize("command", [("losses",), ("schema",), ("schema", "plan"), ("losses", "--format", "json")])
def test_reader_that_has_seen_enough(command):
    """`stgen losses | head -1`: no traceback, no complaint."""
    child = process(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(60) == 0


def test_interrupt_says_little_and_is_130(spec, monkeypatch):
    def stop(options, console):
        raise KeyboardInterrupt

    monkeypatch.setattr("stgen.cli.commands.validate.run", stop)
    done = stgen("validate")
    assert (done.code, done.out, done.err) == (130, "", "stopped\n")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_interrupt_of_a_process_that_waits_for_its_input(tmp_path):
    import signal
    import time

    child = process(
        "validate",
        "-",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # jobs in the background ignore it
    )
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"Traceback" not in stderr


# --- validate --strict --------------------------------------------------------------------------------------------------

WARNED = SHORTEST + 'eval = "e.jsonl"\ntest = "e.jsonl"\n'


def test_strict_fails_on_warnings_and_says_how_to_accept_them(spec):
    spec.write_text(WARNED)
    assert stgen("validate").code == 0
    done = stgen("validate", "--strict")
    assert done.code == 1
    assert "warning[STG058]" in done.err
    assert done.err.endswith(
        '--strict fails on warnings; accept those that are right with allow = ["STG058"] in the spec\n'
    )
    spec.write_text(WARNED.replace("stgen = 1", 'stgen = 1\nallow = ["STG058"]'))
    assert stgen("validate", "--strict").code == 0


def test_strict_lets_notes_pass(spec):
    spec.write_text(SHORTEST.replace("data/train.jsonl", "/data/train.jsonl"))
    done = stgen("validate", "--strict")
    assert (done.code, "note[STG055]" in done.err) == (0, True)


def test_strict_for_machines_prints_one_document(spec):
    spec.write_text(WARNED)
    done = stgen("validate", "--strict", "--format", "json")
    assert done.code == 1
    assert [(item["code"], item["severity"]) for item in json.loads(done.out)] == [("STG058", "warning")]
