"""Any combination of keys compiles to a repo without lint, or is told what is wrong: drawn at random, the same each time."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
import tomli_w
from commandline import stgen
from drawn import draw

DRAWS = 150  # specs; about one in six has no contradiction
FEWEST = 15  # of them must compile, or the test would show nothing


@pytest.mark.parametrize("seed", [1, 2])
def test_a_drawn_spec_compiles_clean_or_is_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    compiled = []
    for number in range(DRAWS):
        spec = tmp_path / f"spec{number}.toml"
        spec.write_text(tomli_w.dumps(draw(chance)))
        done = stgen("compile", spec)
        assert done.code in (0, 1), f"{spec.read_text()}\n{done.err}"
        assert done.code == 0 or "error[STG" in done.err
        compiled += [spec.with_suffix("")] * (done.code == 0)
    assert len(compiled) >= FEWEST
    for arguments in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, *compiled], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout
