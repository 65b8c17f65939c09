"""Cleaning with datatrove: its pipelines leave the rows that the engine of this machine leaves, and remove the others alike."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cleaning import Cleaned, outcome, spec_of, write_rows
from compiling import findings_of, plan_of
from conversions import compile_to, prepare, read, write_retrieval
from matrix import bases

pytest.importorskip("datatrove")
pytest.importorskip("rensa")

WORDS = [
    "old",
    "bridge",
    "river",
    "winter",
    "teacher",
    "letter",
    "garden",
    "market",
    "engine",
    "harbour",
    "glass",
    "island",
]
RANKER = {"type": "cross-encoder"}


def sentence(number: int) -> str:
    """One of many sentences, no two of which are alike."""
    return " ".join(f"{WORDS[(number * step) % len(WORDS)]}{number % (step + 7)}" for step in range(1, 9))


def text_rows(count: int) -> list[dict[str, Any]]:
    """Rows with repeats, near repeats, short ones and addresses, and with ones of which nothing is left."""
    made = []
    for number in range(count):
        text = sentence(number // 3 if number % 9 == 0 else number)
        text += {1: " https://a.org/b", 2: "!!", 3: ""}.get(number % 7, " ")
        made.append({"text": "https://c.org" if number % 31 == 5 else text.upper() if number % 11 == 4 else text})
        if number % 13 == 1:
            made[-1] = {"text": "too short"}
    return made


def pair_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"anchor": sentence(n % 40), "positive": "short" if n % 8 == 3 else sentence(n % 40 + 50)} for n in range(count)
    ]


def score_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"first": sentence(n % 30), "second": sentence(n % 30 + 50), "score": n % 30 / 30 if n % 30 else n / 99}
        for n in range(count)
    ]


def list_rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "anchor": sentence(n % 50),
            "documents": [sentence(n), "short", sentence(n + 5)],
            "scores": [n % 3 and 1, 1, 0],
        }
        for n in range(count)
    ]


CLEANED: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    (
        "text",
        {
            "normalize": {"urls": "remove", "whitespace": True},
            "length": {"min": 3},
            "stem": {},
            "deduplicate": {"near": 0.8},
            "decontaminate": {"against": ["test"], "ngram": 6, "near": 0.7},
        },
        text_rows(200),
    ),
    ("pair", {"length": {"min": 2}, "deduplicate": {}}, pair_rows(120)),
    ("pair", {"deduplicate": {"exact": False, "near": 0.7}}, pair_rows(120)),
    ("score", {"normalize": {"case": "fold"}, "deduplicate": {}, "decontaminate": {}}, score_rows(90)),
    ("list", {"length": {"min": 2}, "deduplicate": {"near": 0.8}}, list_rows(90)),
    ("pair", {"length": {"min": 6, "unit": "tokens"}}, pair_rows(60)),
    ("list", {"length": {"min": 2}}, list_rows(40)),
    ("text", {"normalize": {"urls": "remove"}}, text_rows(80)),
    (
        "text",
        {
            "normalize": {"mojibake": True, "html": True},
            "junk": {"mojibake": True, "markup": 0.5, "symbols": 0.5, "gibberish": True, "boilerplate": True},
            "deduplicate": {"near": 0.8},
        },
        [
            *text_rows(80),
            {"text": "qfk rmsck spbrbpspbp fvfqjbsfc"},
            {"text": "??? !!! ###"},
            {"text": "cafÃ© au lait"},
        ],
    ),
]


def cleaned_by(
    repo: Path, engine: str, format: str, steps: dict[str, Any], rows: list[dict[str, Any]], workers: str = "1"
) -> Cleaned:
    """What an engine leaves of rows; datatrove in shards of 37 rows, one after the other or in several processes."""
    write_rows(repo, format, rows, rows[7:9])
    spec = spec_of(format, {"engine": engine} | steps, RANKER if format == "list" else None)
    plan = compile_to(spec, repo)
    program = repo / "clean.py"
    text = program.read_text().replace("ROWS_A_TASK = 20_000", "ROWS_A_TASK = 37")
    program.write_text(text.replace("workers=min(tasks, os.cpu_count() or 1)", f"workers={workers}"))
    return outcome(repo, prepare(repo, plan))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside which a tiny dense model lies."""
    made = tmp_path_factory.mktemp("datatrove")
    bases.build(made / "bases" / "dense", "BertModel")
    return made


@pytest.mark.parametrize("number", range(len(CLEANED)))
def test_both_engines_agree(folder: Path, number: int) -> None:
    format, steps, rows = CLEANED[number]
    local = cleaned_by(folder / f"local-{number}", "local", format, steps, rows)
    workers = "min(tasks, 2)" if number == 0 else "1"
    other = cleaned_by(folder / f"datatrove-{number}", "datatrove", format, steps, rows, workers)
    assert len(list((other.repo / "prepared").glob("steps/rows-train-*/in/*"))) != 1
    assert other.train == local.train
    assert other.removed
    assert sorted(map(sorted_text, other.removed)) == sorted(map(sorted_text, local.removed))
    counts = [
        {(stage["step"], stage["split"]): (stage["rows_in"], stage["rows_out"]) for stage in found.funnel}
        for found in (local, other)
    ]
    assert counts[0] == counts[1]
    assert not list((other.repo / "prepared" / "steps").glob("working-*"))


def sorted_text(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def test_a_rerun_does_no_shard_again_and_a_lost_one_alone(tmp_path: Path) -> None:
    rows = text_rows(150)
    steps: dict[str, Any] = {"normalize": {"whitespace": True}, "length": {"min": 3}}
    first = cleaned_by(tmp_path, "datatrove", "text", steps, rows)
    (kept,) = (tmp_path / "prepared" / "steps").glob("rows-train-*")
    written = {path.name: path.stat().st_mtime_ns for path in (kept / "out").glob("*.parquet")}
    assert len(written) == 5
    (kept / "out" / "00002.parquet").write_bytes(b"a task that was killed leaves half a file")
    (kept / "logs" / "completions" / "00002").unlink()
    again = cleaned_by(tmp_path, "datatrove", "text", steps, rows)
    assert (again.train, again.removed) == (first.train, first.removed)
    after = {path.name: path.stat().st_mtime_ns for path in (kept / "out").glob("*.parquet")}
    assert {name for name in written if written[name] != after[name]} == {"00002.parquet"}
    other = cleaned_by(tmp_path, "datatrove", "text", steps | {"length": {"min": 9}}, rows)
    assert len(other.train) != len(first.train)
    assert not kept.exists()


def test_a_step_that_removes_everything_is_told_and_no_traceback(tmp_path: Path) -> None:
    for engine in ("local", "datatrove"):
        steps: dict[str, Any] = {"length": {"min": 99}, "deduplicate": {"near": 0.9}}
        with pytest.raises(SystemExit, match="0 rows of train are left"):
            cleaned_by(tmp_path / engine, engine, "text", steps, text_rows(20))


@pytest.mark.parametrize(("format", "steps"), [(format, steps) for format, steps, _ in CLEANED])
def test_the_program_is_clean_as_it_comes(tmp_path: Path, format: str, steps: dict[str, Any]) -> None:
    spec = spec_of(format, {"engine": "datatrove"} | steps, RANKER if format == "list" else None)
    compile_to(spec, tmp_path)
    subprocess.run(["ruff", "format", "-q", "."], cwd=tmp_path, check=True)
    found = subprocess.run(["ruff", "check", "-q", "clean.py"], cwd=tmp_path, capture_output=True, text=True)
    assert found.stdout == ""
    tree = ast.parse((tmp_path / "clean.py").read_text())
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign)
        if isinstance(node.targets[0], ast.Name)
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert made - used <= {"clean", "finish", "show_funnel"}


def test_the_corpus_of_a_search_agrees_too(tmp_path: Path) -> None:
    import pyarrow.parquet

    files = {name: f"{name}.jsonl" for name in ("corpus", "queries")}
    judged = {"qrels": "train.tsv", "eval_qrels": "eval.tsv", "test_qrels": "test.tsv"}
    found = {}
    for engine in ("local", "datatrove"):
        repo = tmp_path / engine
        repo.mkdir()
        write_retrieval(repo)
        steps = {"engine": engine, "normalize": {"case": "fold"}, "length": {"min": 2}}
        spec = spec_of("text", steps) | {"data": [{"retrieval": files | judged}]}
        prepare(repo, compile_to(spec, repo))
        corpus = pyarrow.parquet.read_table(repo / "prepared" / "rows" / "corpus.parquet").to_pylist()
        found[engine] = corpus, read(repo, "train"), outcome(repo).removed
    assert found["local"] == found["datatrove"]


STREAMED = """prepare = { engine = "datatrove", length = { min = 3 } }
[[data]]
train = "train.jsonl"
eval = "eval.jsonl"
test = "test.jsonl"
columns = { anchor = "q", positive = "a" }
streaming = true"""
# fmt: off
WRONG = (
    ('prepare = { engine = "datatrove", deduplicate = { semantic = 0.9 } }',                 "STG261"),
    ('prepare = { engine = "datatrove", decontaminate = { semantic = 0.9, near = 0.8 } }',   "STG261"),
    ('prepare = { engine = "datatrove" }',                                                   "STG258"),
    (STREAMED,                                                                               "STG261"),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "code"), WRONG)
def test_what_the_engine_does_not_run_is_told_when_compiling(fragment: str, code: str) -> None:
    assert code in [item.code for item in findings_of(fragment) if item.severity == "error"]


def test_datatrove_is_required_where_it_runs_alone() -> None:
    steps = "length = { min = 3 }"
    assert "datatrove" in plan_of(f'prepare = {{ engine = "datatrove", {steps} }}').requirements
    assert "datatrove" not in plan_of(f"prepare = {{ {steps} }}").requirements
