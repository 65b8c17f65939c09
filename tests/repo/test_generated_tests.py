"""The tests of a generated repo: a broken row fails them, a missing file skips them and says so, and CI insists on the data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streams
import yaml
from cleaning import spec_of, write_rows
from compiling import tree_of
from conversions import compile_to, write_lines
from conversions import spec_of as converted_spec
from matrix.samples import sentence
from programs import python

COLUMNS = {"columns": {"anchor": "anchor", "positive": "positive"}}
FILES = {split: f"{split}.jsonl" for split in ("train", "eval", "test")}
MINED = {"convert": [{"to": "triplet", "mine": {"negatives": 1}}]}


def pairs(start: int = 0) -> list[dict[str, Any]]:
    return [{"anchor": sentence(n, "a"), "positive": sentence(n, "the")} for n in range(start, start + 40)]


def plain(repo: Path) -> None:
    write_rows(repo, "pair", pairs(), pairs(100))
    spec = spec_of("pair", {})
    del spec["prepare"]
    compile_to(spec, repo)


def cleaned(repo: Path) -> None:
    write_rows(repo, "pair", pairs(), pairs(100))
    compile_to(spec_of("pair", {"length": {"min": 1}}), repo)


def mined(repo: Path) -> None:
    write_rows(repo, "pair", pairs(), pairs(100))
    compile_to(converted_spec("pair", "dense", MINED, **FILES, **COLUMNS), repo)


def several(repo: Path, **tables: Any) -> None:
    write_rows(repo, "pair", pairs(), pairs(100))
    write_lines(repo / "others.jsonl", pairs(200))
    spec = converted_spec("pair", "dense", {}, **FILES, **COLUMNS)
    (one,) = spec["data"]
    spec["data"] = [one | {"name": "others", "train": "others.jsonl"} | tables, one | {"name": "own"}]
    compile_to(spec, repo)


def several_mined(repo: Path) -> None:
    several(repo, loss=MINED)


def stream(repo: Path) -> None:
    write_rows(repo, "pair", pairs(), pairs(100))
    compile_to(streams.spec_of(data={"train": "train.jsonl"} | COLUMNS), repo)


KINDS = (
    plain,
    mined,
    several_mined,
    stream,
    pytest.param(cleaned, marks=pytest.mark.matrix),
    pytest.param(several, marks=pytest.mark.matrix),
)


def run(repo: Path, *arguments: str) -> tuple[int, str]:
    """Run the repo's own tests as its owner does."""
    return python(repo, "-m", "pytest", "-p", "no:cacheprovider", *arguments)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_broken_row_fails_them_and_a_missing_file_skips_them(kind: Callable[[Path], None], tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    kind(repo)
    train = repo / "train.jsonl"
    lines = train.read_text().splitlines()
    lines[6] = json.dumps({"anchor": "a text", "positive": None})
    train.write_text("\n".join(lines) + "\n")
    code, said = run(repo)
    assert code == 1
    assert "passed" not in said.splitlines()[-1]
    assert "skipped" not in said.splitlines()[-1]
    assert re.search(r"(row|line) 7.*: `positive` has no value", said)
    assert "Traceback" not in said

    train.unlink()
    code, said = run(repo)
    assert code == 0
    ended = re.fullmatch(r"=+ (\d+) skipped.* =+", said.splitlines()[-1])
    assert ended
    told = re.findall(r"SKIPPED \[(\d+)\] \S+ there is no file train\.jsonl", said)
    assert sum(map(int, told)) == int(ended[1]) > 2

    code, said = run(repo, "--need-data", "-x")
    assert code == 1
    assert "there is no file train.jsonl" in said


NOTES_NEGATIVES = """
import json

import data


def test_notes(base):
    (data.ROOT / "noted.json").write_text(json.dumps(data.load("train")["negative"][:]))
"""


def test_negatives_that_they_mine_are_not_a_few_for_all(tmp_path: Path) -> None:
    """Random weights put a few texts near to all others, with which no batch without duplicates can be filled."""
    mined(tmp_path)
    (tmp_path / "tests/test_notes.py").write_text(NOTES_NEGATIVES)
    code, said = run(tmp_path, "tests/test_notes.py")
    assert code == 0, said
    negatives = json.loads((tmp_path / "noted.json").read_text())
    assert len(set(negatives)) > len(negatives) // 3  # drawn evenly they are about 25 of 40, the nearest far fewer


def test_broken_rows_of_eval_and_test_fail_them_too(tmp_path: Path) -> None:
    for split in ("eval", "test"):
        repo = tmp_path / split
        plain(repo)
        with (repo / f"{split}.jsonl").open("a") as file:
            file.write('{"anchor": "", "positive": "b"}\n')
        code, said = run(repo, "tests/test_data.py")
        assert code == 1
        assert "`anchor` is empty" in said
        assert "1 failed, 3 passed" in said


def test_ci_insists_on_the_data() -> None:
    workflow = yaml.safe_load(dict(tree_of("").items())[".github/workflows/ci.yml"].text)
    commands = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    assert commands[-1] == "pytest --need-data"


def test_columns_that_are_swapped_in_one_of_several_sets_fail_its_tests(tmp_path: Path) -> None:
    several(tmp_path)
    program = tmp_path / "data_others.py"
    swapped = {"anchor": "positive", "positive": "anchor"}
    text = re.sub(r'(?<=, )"(anchor|positive)"(?=, texts)', lambda at: f'"{swapped[at[1]]}"', program.read_text())
    assert text != program.read_text()
    program.write_text(text)
    _, said = run(tmp_path, "-q", "tests/test_data.py")
    assert "1 failed, 7 passed" in said
    assert re.search(r"_ test_columns_of_others_are_read_from_where_the_spec_says _", said)
