"""The registry of diagnostics: every code is told, produced by its own example or by a test, and used by a pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from frontend import codes, is_toml, load_over
from places import ROOT
from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.codes.losses import CODES as LOSS_CODES

CODE = re.compile(r"\bSTG\d{3}\b")
RANGES = {
    "reading": (1, 19),
    "language": (20, 39),
    "data": (40, 69),
    "model": (70, 99),
    "losses": (100, 149),
    "training": (150, 199),
    "rows": (200, 249),
    "between": (290, 299),
    "measured": (370, 389),
    "labels": (390, 393),
    "choosing": (394, 396),
    "sharing": (430, 434),
    "prepare": (250, 269),
    "streaming": (270, 289),
    "output": (300, 329),
    "scaffold": (330, 339),
    "bounds": (340, 349),
    "copies": (397, 402),
    "names": (410, 411),
    "teaching": (450, 454),
    "clusters": (455, 459),
    "bases": (465, 469),
    "lacking": (477, 477),
}
FRONT_END = [
    row
    for row in BY_CODE.values()
    if row.code < "STG100" or "STG150" <= row.code < "STG170" or "STG250" <= row.code < "STG290" or row.code == "STG455"
]


def mentions(paths) -> set[str]:
    return {code for path in paths for code in CODE.findall(path.read_text(errors="replace"))}


def test_no_code_twice():
    texts = [path.read_text() for path in (ROOT / "compiler/stgen/diagnostics/codes").glob("*.py")]
    defined = [code for text in texts for code in re.findall(r'\bCode\(\s*"(STG\d{3})"', text)]
    assert sorted(defined) == sorted(BY_CODE)


@pytest.mark.parametrize("table", sorted(RANGES))
def test_codes_stand_in_their_range(table):
    path = ROOT / "compiler/stgen/diagnostics/codes" / f"{table}.py"
    if not path.exists():
        pytest.skip("no such table yet")
    low, high = RANGES[table]
    for code in re.findall(r'\bCode\(\s*"STG(\d{3})"', path.read_text()):
        assert low <= int(code) <= high


def test_every_code_of_the_source_is_registered():
    sources = [path for path in (ROOT / "compiler/stgen").rglob("*.py") if path.parent.name != "codes"]
    assert sorted(mentions(sources) - BY_CODE.keys()) == []


def test_every_registered_code_is_used_by_a_pass():
    sources = [path for path in (ROOT / "compiler/stgen").rglob("*.py") if path.parent.name != "codes"]
    assert sorted(BY_CODE.keys() - mentions(sources)) == []


def test_every_registered_code_is_produced():
    """By its example, which `test_examples` and `test_match` hold, or by a test or an expected output that names it."""
    tests = [path for path in (ROOT / "tests").rglob("*") if path.is_file() and path.suffix in (".py", ".txt")]
    tests = [path for path in tests if path.name != Path(__file__).name]
    examples = {row.code for row in (*FRONT_END, *LOSS_CODES) if is_toml(row.example)}
    assert sorted(BY_CODE.keys() - mentions(tests) - examples) == []


@pytest.mark.parametrize("row", BY_CODE.values(), ids=lambda row: row.code)
def test_every_code_is_told_in_full(row):
    assert row.why.endswith(".")
    assert row.fix.endswith(".")
    assert row.title
    assert not row.title.endswith(".")
    assert row.example


@pytest.mark.parametrize("row", [row for row in FRONT_END if is_toml(row.example)], ids=lambda row: row.code)
def test_examples(tmp_path, row):
    found = load_over(tmp_path, row.example)[2]
    assert row.code in codes(found)
    # Beside it stand only keys whose work isn't built: an example has one mistake.
    assert set(codes(found)) <= {row.code, "STG027"}
    assert {item.severity for item in found if item.code == row.code} == {row.severity}
