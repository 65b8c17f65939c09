"""A folder of broken specs, each with what the front end says about it. `python tests/cli/test_broken.py` writes that anew."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "broken"
SPECS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".toml", ".json", ".yaml"))


def said(name: str) -> str:
    """What is printed about a spec of the folder, from inside the folder."""
    from stgen.diagnostics.show import show
    from stgen.language.load import load

    stream = io.StringIO()
    show(load(name)[2], "text", stream, color=False)
    return stream.getvalue()


@pytest.mark.parametrize("name", SPECS)
def test_broken(name, monkeypatch):
    monkeypatch.chdir(FOLDER)
    assert said(name) == Path(f"{name}.txt").read_text()


def test_no_expectation_without_a_spec():
    assert sorted(path.name for path in FOLDER.glob("*.txt")) == [f"{name}.txt" for name in SPECS]


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parents[2] / "compiler"))
    os.chdir(FOLDER)
    for spec in SPECS:
        Path(f"{spec}.txt").write_text(said(spec))
