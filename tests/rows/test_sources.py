"""Which files a path of the spec names: patterns are patterns, and what exists as it is written is no pattern."""

from __future__ import annotations

from pathlib import Path

import pytest
from stgen.rows.batches import UnreadableError
from stgen.rows.sources import files_of

FILES = (
    "exp[1]/a*b/part-1.jsonl",
    "exp[1]/a*b/part-2.jsonl",
    "exp[1]/a*b/t[1].jsonl",
    "exp1/ab/part-1.jsonl",
    "t.jsonl",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


# fmt: off
NAMED: list[tuple[str, str, list[str]]] = [  # the spec's folder, what the spec names, and what that is
    (".",      "exp[1]/a*b/part-*.jsonl", ["exp[1]/a*b/part-1.jsonl", "exp[1]/a*b/part-2.jsonl"]),
    ("exp[1]", "a*b/part-*.jsonl",        ["a*b/part-1.jsonl", "a*b/part-2.jsonl"]),
    ("exp[1]", "a*b/t[1].jsonl",          ["a*b/t[1].jsonl"]),
    ("exp[1]", "../exp*/ab/*.jsonl",      ["../exp1/ab/part-1.jsonl"]),
    ("exp[1]", "**/part-1.jsonl",         ["a*b/part-1.jsonl"]),
    (".",      "**/part-1.jsonl",         ["exp1/ab/part-1.jsonl", "exp[1]/a*b/part-1.jsonl"]),
    (".",      "?.jsonl",                 ["t.jsonl"]),
    (".",      "exp1",                    ["exp1"]),  # whoever reads it says that it is a folder
    (".",      "no.jsonl",                ["no.jsonl"]),
]
# fmt: on


@pytest.mark.parametrize(("folder", "named", "expected"), NAMED)
def test_files_of(place: Path, folder: str, named: str, expected: list[str]) -> None:
    spec_folder = str(place / folder)
    found = files_of(named, spec_folder)
    assert [says for _, says in found] == expected
    assert [Path(path).resolve() for path, _ in found] == [Path(spec_folder, one).resolve() for one in expected]
    absolute = files_of(str(Path(spec_folder, named)), "")
    assert [Path(path).resolve() for path, _ in absolute] == [Path(path).resolve() for path, _ in found]


@pytest.mark.parametrize(
    "named", ["exp[1]/a*b/no-*.jsonl", "exp[2]/*.jsonl", "exp[1]/a*b/part-1.jsonl/*", "exp[1]/a*b/x[1].jsonl/"]
)
def test_a_pattern_that_fits_nothing(place: Path, named: str) -> None:
    with pytest.raises(UnreadableError, match="no file fits"):
        files_of(named, str(place))
