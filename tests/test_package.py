"""The wheel and the editable install, each in a clean virtual environment, used from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from frontend import SHORTEST
from places import ROOT as REPO
from stgen.render.definitions import definitions_as_code
from stgen.render.precompiled import compile_templates

Installed = Callable[..., subprocess.CompletedProcess[str]]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Nothing of the environment of the tests may stand in for what the wheel forgot.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)


def pip(*arguments: str | Path, python: Path | str = sys.executable, cwd: Path) -> None:
    done = run(python, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def online(tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("online")
    command = (sys.executable, "-m", "pip", "download", "--no-deps", "--retries=1", "--quiet", "hatchling>=1.27,<2")
    if run(*command, cwd=folder).returncode:
        pytest.skip("PyPI can't be reached")


@pytest.fixture(scope="module")
def wheel(online, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", folder, REPO, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def environment(folder: Path, *what: str | Path) -> Installed:
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip("install", *what, python=programs / "python", cwd=folder)

    def stgen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return run(programs / "stgen", *arguments, cwd=cwd)

    return stgen


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    return environment(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="module")
def editable(online, tmp_path_factory) -> Installed:
    return environment(tmp_path_factory.mktemp("editable"), "--editable", REPO)


@pytest.fixture(params=["installed", "editable"])
def stgen(request) -> Installed:
    return request.getfixturevalue(request.param)


def test_wheel_holds_templates_and_schemas_as_they_are(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.removeprefix("stgen/"): archive.read(name) for name in archive.namelist()}
    for folder in ("templates", "schemas"):
        for path in (REPO / folder).rglob("*"):
            if path.is_file():
                assert inside[path.relative_to(REPO).as_posix()] == path.read_bytes()
    assert inside["templates_as_code.py"].decode() == compile_templates(str(REPO / "templates"))
    assert inside["reader_as_definitions.py"].decode() == definitions_as_code()


def test_wheel_is_the_same_when_built_again(wheel, tmp_path):
    pip("wheel", "--no-deps", "--wheel-dir", tmp_path, REPO, cwd=tmp_path)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_wheel_installs_nothing_that_trains(installed, tmp_path):
    done = installed("--version", cwd=tmp_path)
    packages = next(path for path in Path(done.args[0]).parents[1].rglob("site-packages"))
    assert not {"torch", "transformers", "datasets", "sentence_transformers"} & {p.name for p in packages.iterdir()}


def test_version_and_help(stgen, tmp_path):
    assert stgen("--version", cwd=tmp_path).stdout.startswith("stgen ")
    for command in ("new", "validate", "explain", "plan", "compile", "check", "losses", "inspect", "schema"):
        done = stgen(command, "--help", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"usage: stgen {command}" in done.stdout


def test_validates_compiles_and_checks(stgen, tmp_path):
    (tmp_path / "stgen.toml").write_text(SHORTEST)
    for command in ("validate", "compile", "check"):
        done = stgen(command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "train.py").is_file()


def test_wheel_and_checkout_compile_to_the_same_bytes(installed, editable, tmp_path):
    """The one renders templates that were made Python code, the other their text."""
    (tmp_path / "spec.toml").write_text(SHORTEST)
    texts = [stgen("compile", "spec.toml", "--stdout", cwd=tmp_path).stdout for stgen in (installed, editable)]
    assert texts[0] == texts[1] != ""


def test_schema_is_found(stgen, tmp_path):
    done = stgen("schema", "spec", cwd=tmp_path)
    assert done.returncode == 0
    assert '"$schema"' in done.stdout


def test_wheel_compiles_without_jinja(wheel, tmp_path):
    """Its templates are Python, so that no compile waits for Jinja."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "spec.toml").write_text(SHORTEST)
    program = (
        "import sys; sys.path.insert(0, '.'); sys.modules['jinja2'] = None; "
        "from stgen.__main__ import main; sys.exit(main())"
    )
    done = run(sys.executable, "-c", program, "compile", "spec.toml", "--stdout", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "==> train.py <==" in done.stdout
