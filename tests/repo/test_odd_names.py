"""Repos and data in folders whose names mean something to a glob, a shell or an address: they are prepared, tested and trained."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import streams
from cleaning import spec_of
from conversions import compile_to, write_lines
from conversions import spec_of as converted_spec
from matrix import bases, repos
from matrix.samples import sentence

NAMES = [
    "exp[1]",
    "[!x]",
    "a*b",
    "a?b",
    "{x}",
    "{a,b}",
    'it\'s "quoted"',
    "with spaces",
    "ünï 🎉",
    "a#b%20c",
    "hf:",
    "$5",
    "x~",
    "-x",
    "a;b&c",
]
UNREADABLE = {"a::b": "`::`", "$HOME": "`$`"}
HELD = {"eval": {"fraction": 0.2}, "test": {"fraction": 0.2}}


def pairs(start: int = 0, rows: int = 30) -> list[dict[str, Any]]:
    return [{"anchor": sentence(n, "a"), "positive": sentence(n, "the")} for n in range(start, start + rows)]


def write(folder: Path) -> None:
    """Write rows into files of each kind, and beside them what an unescaped name would find."""
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "train.jsonl", pairs())
    with gzip.open(folder / "train.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in pairs())
    (folder / "train.csv").write_text(
        "anchor,positive\n" + "".join(f"{row['anchor']},{row['positive']}\n" for row in pairs())
    )
    for number in (1, 2):
        write_lines(folder / f"part-{number}.jsonl", pairs(100 * number, 20))
    for other in ("exp1", "x", "axb", "a"):
        decoy = folder.parent / other
        decoy.mkdir(exist_ok=True)
        write_lines(decoy / "train.jsonl", pairs(900))


def prepared(repo: Path, spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What comes of a spec in a repo: the rows of all splits as train.py reads them."""
    compile_to(spec, repo)
    quiet = contextlib.redirect_stderr(io.StringIO())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()), quiet:
        assert load("prepare").main([]) == 0
        assert load("prepare").main([]) == 0
        return {split: load("data").load(split).to_list() for split in ("train", "eval", "test")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("aside", [False, True], ids=["", "set-aside"])
def test_rows_are_read_from_any_folder_and_prepared_in_it(tmp_path: Path, name: str, aside: bool) -> None:
    steps = {"length": {"min": 1}} | ({"on_bad_row": "set-aside"} if aside else {})
    found = []
    files = ["train.jsonl", "train.csv", "part-*.jsonl"] + ["train.jsonl.gz"] * (name != "hf:")
    for file in files:
        repo = tmp_path / name / "repo"
        write(repo / name)
        found.append(prepared(repo, spec_of("pair", steps, train=f"{name}/{file}", **HELD)))
    counts = [sum(map(len, rows.values())) for rows in found]
    assert counts == [30, 30, 40, 30][: len(files)]
    assert found[0] == found[1]
    assert all(rows == found[0] for rows in found[3:])


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_library_reads_as_an_address_is_told(tmp_path: Path, name: str) -> None:
    repo = tmp_path / name
    write(repo)
    with pytest.raises(SystemExit) as raised:
        prepared(repo, spec_of("pair", {"length": {"min": 1}}, train="train.jsonl", **HELD))
    assert UNREADABLE[name] in str(raised.value)
    assert "rename it" in str(raised.value)


@pytest.mark.parametrize("file", ["train*.jsonl", "train.csv"])
def test_a_stream_reads_from_any_folder(tmp_path: Path, file: str) -> None:
    repo = tmp_path / "exp[1]"
    write(repo / "in[2]")
    for split in ("eval", "test"):
        write_lines(repo / f"{split}.jsonl", pairs(50))
    columns = {"columns": {"anchor": "anchor", "positive": "positive"}}
    compile_to(
        streams.spec_of(data={"train": f"in[2]/{file}", "eval": "eval.jsonl", "test": "test.jsonl"} | columns), repo
    )
    with repos.modules(repo) as load:
        load("stream").look()
        assert len(load("stream").first_rows()) == 30
        assert len(load("data").load("test")) == 30


def test_datatrove_works_in_any_folder(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    repo = tmp_path / "exp[1]"
    write(repo)
    steps = {"length": {"min": 1}, "deduplicate": {"exact": True}}
    local, other = (
        prepared(repo, spec_of("pair", steps | {"engine": engine}, train="train.jsonl", **HELD))
        for engine in ("local", "datatrove")
    )
    assert local == other
    assert sum(map(len, local.values())) == 30


@pytest.mark.trains
@pytest.mark.parametrize("name", ["exp[1]", pytest.param("it's {x} a*b ü", marks=pytest.mark.matrix)])
def test_a_repo_passes_its_own_tests_and_trains_in_any_folder(tmp_path: Path, name: str) -> None:
    """With negatives mined by a model of a folder beside it, and measured on a task of its own files."""
    bases.build(tmp_path / name / "bases" / "dense", "BertModel")
    repo = tmp_path / name / "repo"
    write(repo / name)
    columns = {"columns": {"anchor": "anchor", "positive": "positive"}}
    spec = converted_spec(
        "pair",
        "dense",
        {"convert": [{"to": "triplet", "mine": {"negatives": 1, "range_min": 0}}]},
        train=f"{name}/part-*.jsonl",
        **HELD,
        **columns,
    )
    write_lines(repo / name / "scored.jsonl", [row | {"score": n % 2} for n, row in enumerate(pairs())])
    task = {
        "name": "own",
        "type": "STS",
        "path": f"{name}/scored.jsonl",
        "columns": {"sentence1": "anchor", "sentence2": "positive", "score": "score"},
    }
    compile_to(spec | {"metrics": {"mteb": {"local": [task]}}}, repo)
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    base = ["--base", "../bases/dense"]
    for command in (
        ["-m", "ruff", "format", "-q", "."],
        ["-m", "ruff", "check", "."],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider"],
        ["prepare.py"],
        ["train.py", "--max-steps", "2", *base],
        ["evaluate.py", "--output", "trial", *base],
        ["mteb_tasks.py", "--output", "trial", *base],
    ):
        done = subprocess.run([sys.executable, *command], cwd=repo, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert "skipped" not in done.stdout
    results = json.loads((repo / "trial" / "results" / "mteb.json").read_text())
    assert set(results["scores"]["trained"]) == {"own"}
