"""Specs named by a quoted pattern: `stgen check '**/stgen.toml'`."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest
from commandline import stgen
from frontend import SHORTEST
from stgen.cli.specs import expand
from stgen.values.globbing import fits

PATHS = (
    "stgen.toml",
    "a/stgen.toml",
    "a/other.toml",
    "a/deep/er/stgen.toml",
    "b/stgen.toml",
    "B/stgen.toml",
    ".hidden/stgen.toml",
    "a/.stgen/stgen.toml",
    ".venv/lib/stgen.toml",
    "env/lib/stgen.toml",
    "node_modules/x/stgen.toml",
    "a/__pycache__/stgen.toml",
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for path in PATHS:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(SHORTEST)
    Path("env/pyvenv.cfg").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/stgen.toml", ["B/stgen.toml", "a/deep/er/stgen.toml", "a/stgen.toml", "b/stgen.toml", "stgen.toml"]),
        ("*/stgen.toml", ["B/stgen.toml", "a/stgen.toml", "b/stgen.toml"]),
        ("[ab]/*.toml", ["a/other.toml", "a/stgen.toml", "b/stgen.toml"]),
        ("?/stgen.toml", ["B/stgen.toml", "a/stgen.toml", "b/stgen.toml"]),
        ("a/**/stgen.toml", ["a/deep/er/stgen.toml", "a/stgen.toml"]),
        ("./a/**/stgen.toml", ["./a/deep/er/stgen.toml", "./a/stgen.toml"]),
        ("**/**/a/**/*.toml", ["a/deep/er/stgen.toml", "a/other.toml", "a/stgen.toml"]),
        ("a/**", ["a/deep/er/stgen.toml", "a/other.toml", "a/stgen.toml"]),
        (".hidden/*.toml", [".hidden/stgen.toml"]),
        (".*/stgen.toml", [".hidden/stgen.toml"]),
        ("node_modules/**/stgen.toml", ["node_modules/x/stgen.toml"]),
        ("stgen.toml/*", ["stgen.toml/*"]),
        ("nothing/**/stgen.toml", ["nothing/**/stgen.toml"]),
        ("stgen.toml", ["stgen.toml"]),
        ("-", ["-"]),
    ],
)
def test_what_a_pattern_finds(pattern: str, found: list[str]) -> None:
    assert expand([pattern]) == found


def test_an_absolute_pattern(here: Path) -> None:
    assert expand([f"{glob.escape(str(here))}/?/stgen.toml"]) == [f"{here}/{name}/stgen.toml" for name in "Bab"]


def test_a_spec_that_is_named_twice_is_taken_once() -> None:
    assert expand(["b/stgen.toml", "?/stgen.toml", "./a/stgen.toml"]) == [
        "b/stgen.toml",
        "B/stgen.toml",
        "a/stgen.toml",
    ]


def test_a_file_that_is_literally_called_so_wins() -> None:
    for name in ("exp[ab]", "a[b"):
        Path(name).mkdir()
        Path(name, "stgen.toml").write_text(SHORTEST)
    Path("*.toml").write_text(SHORTEST)
    assert expand(["*.toml", "exp[ab]/stgen.toml", "a[b/stgen.toml"]) == [
        "*.toml",
        "exp[ab]/stgen.toml",
        "a[b/stgen.toml",
    ]


def test_links_to_folders_are_not_searched_and_end(here: Path) -> None:
    Path("a/up").symlink_to(here)
    Path("linked").symlink_to("a")
    Path("a/link.toml").symlink_to("stgen.toml")
    assert expand(["**/link.toml"]) == ["a/link.toml"]
    assert expand(["linked/*r.toml"]) == ["linked/other.toml"], "what is named is followed"


def test_many_stars_end() -> None:
    Path("a/" * 1 + "a/" * 30).mkdir(parents=True)
    assert expand(["**/a/" * 12 + "no.toml"]) == ["**/a/" * 12 + "no.toml"]
    assert not fits("a/" * 40 + "a", "**/a/" * 20 + "no")
    assert fits("a/" * 40 + "a", "**/a/" * 20 + "a")


# --- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands_take_patterns() -> None:
    assert stgen("validate", "**/stgen.toml").code == 0
    assert stgen("compile", "**/stgen.toml").code == 0
    done = stgen("check", "**/stgen.toml")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "B: up to date",
        "a/deep/er: up to date",
        "a: up to date",
        "b: up to date",
        ".: up to date",
    ]
    with open("b/stgen.toml", "a") as file:
        file.write("[train]\nepochs = 3\n")
    assert stgen("check", "**/stgen.toml").code == 1
    assert stgen("check", "[aB]/**/stgen.toml").code == 0


@pytest.mark.parametrize("command", ["validate", "compile", "check", "plan", "explain", "update"])
def test_a_pattern_that_nothing_fits_is_an_error_that_says_so(command: str) -> None:
    done = stgen(command, "**/nothing.toml")
    assert done.code == 1
    assert "error[STG001]: no file fits the pattern `**/nothing.toml`" in done.err
    assert "hidden folders, node_modules, virtual environments and links to folders are not searched" in done.err


def test_one_pattern_that_nothing_fits_among_others() -> None:
    done = stgen("validate", "a/stgen.toml", "x/*.toml")
    assert done.code == 1
    assert done.err.count("error[") == 1


@pytest.mark.parametrize("command", ["plan", "explain", "update"])
def test_a_command_for_one_spec(command: str) -> None:
    assert stgen(command, "b/*.toml").code == 0
    done = stgen(command, "a/*.toml")
    assert (done.code, done.out) == (2, "")
    assert "it takes one spec, and 2 fit `a/*.toml`: a/other.toml, a/stgen.toml" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_a_folder_that_may_not_be_read_is_told() -> None:
    Path("b").chmod(0)
    done = stgen("check", "**/stgen.toml")
    Path("b").chmod(0o755)
    assert done.code == 2
    assert "`b` can't be searched for specs: permission denied" in done.err


def test_a_folder_that_can_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: str) -> object:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr("stgen.cli.specs.os.scandir", refuse)
    done = stgen("check", "*/stgen.toml")
    assert done.code == 2
    assert "`.` can't be searched for specs: permission denied" in done.err


# --- the text of a pattern --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "pattern", ["**/stgen.toml", "*/stgen.toml", "a/**", "?/*.toml", "**/*.toml", "a/**/er/*", "[!a]/*", "*", "**"]
)
def test_a_path_fits_what_the_shell_would_find(path: str, pattern: str) -> None:
    assert fits(path, pattern) == (path in glob.glob(pattern, recursive=True))
