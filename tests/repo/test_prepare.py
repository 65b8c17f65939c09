"""The generated prepare.py: what it reads and holds out, that it writes whole files, and the same bytes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conversions import compile_to, plan_of, prepare, program, read, spec_of, write_data, write_lines
from matrix import bases
from matrix.samples import sentence

PAIRS: dict[str, Any] = {"convert": "auto"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepare")
    bases.build(folder / "bases" / "dense", "BertModel")
    for format in ("pair", "text-class", "pair-class", "retrieval", "triplet", "text"):
        write_data(folder / "data" / format, format)
    return folder


def rows_of(repo: Path) -> dict[str, bytes]:
    """The bytes of each prepared split."""
    return {path.name: path.read_bytes() for path in (repo / "prepared/rows").glob("*.parquet")}


def test_nothing_to_do_means_no_program(root: Path) -> None:
    plan, _ = plan_of(spec_of("pair", "dense", PAIRS), root / "none")
    assert plan is not None
    assert plan.sets[0].prepare is None


def test_rows_are_held_out_by_the_key_of_the_source(root: Path) -> None:
    """Texts of a class are split before triplets are sampled: no text of the test is in any training triplet."""
    spec = spec_of("text-class", "dense", {"convert": ["triplet"]}, eval={"fraction": 0.2}, test={"rows": 10})
    plan = compile_to(spec, root / "held")
    prepare(root / "held", plan)
    texts = {
        split: {text for row in read(root / "held", split) for text in row.values()}
        for split in ("train", "eval", "test")
    }
    assert not texts["train"] & (texts["eval"] | texts["test"])
    assert not texts["eval"] & texts["test"]
    # A text that is alone in its class on that side is no anchor.
    assert 0 < len(read(root / "held", "eval")) <= 8
    assert 0 < len(read(root / "held", "test")) <= 10


def test_premises_stay_on_one_side(root: Path) -> None:
    classes = {"convert": ["pair-score"]}
    plan = compile_to(spec_of("pair-class", "dense", classes, eval=None, test=None), root / "premises")
    assert plan.sets[0].data.key == "text_1"
    prepare(root / "premises", plan)
    sides = [{row["text_1"] for row in read(root / "premises", split)} for split in ("train", "eval", "test")]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 16


def test_queries_are_held_out_of_judgements(root: Path) -> None:
    spec = spec_of("retrieval", "dense", PAIRS)
    spec["data"][0]["retrieval"] = {
        key: value for key, value in spec["data"][0]["retrieval"].items() if key != "eval_qrels"
    }
    plan = compile_to(spec, root / "queries")
    prepare(root / "queries", plan)
    assert list(plan.sets[0].data.held_out) == ["eval"]
    train, held = ({row["anchor"] for row in read(root / "queries", split)} for split in ("train", "eval"))
    assert held
    assert not train & held


def test_another_seed_is_another_sample(root: Path) -> None:
    found = []
    for seed in (1, 2, 1):
        spec = spec_of("text-class", "dense", {"convert": ["triplet"]})
        spec["project"] = spec["project"] | {"seed": seed}
        repo = root / f"seed-{len(found)}"
        prepare(repo, compile_to(spec, repo))
        found.append((repo / "prepared/rows/train.parquet").read_bytes())
    assert found[0] == found[2] != found[1]


def test_a_crash_leaves_the_old_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = root / "crash"
    plan = compile_to(spec_of("text", "dense", {"convert": ["duplicated-pair"]}), repo)
    prepare(repo, plan)
    before = rows_of(repo)
    with program(repo) as module:

        def crash(rows: object, path: Path) -> None:
            path.write_bytes(b"half")
            raise OSError("disk full")

        monkeypatch.setattr(module.Dataset, "to_parquet", crash)
        with pytest.raises(OSError, match="disk full"):
            module.main(["--force"])
    assert before == rows_of(repo)


def test_too_few_rows_are_told(root: Path, tmp_path: Path) -> None:
    rows = [{"a": sentence(n, "a"), "b": sentence(n, "the"), "c": "neutral"} for n in range(40)]
    rows += [
        {"a": "a premise", "b": "what follows", "c": "ENTAILMENT"},
        {"a": "a premise", "b": "what not", "c": "Contradiction"},
    ]
    for split in ("train", "eval", "test"):
        write_lines(tmp_path / f"{split}.jsonl", rows)
    files = {split: str(tmp_path / f"{split}.jsonl") for split in ("train", "eval", "test")}
    plan = compile_to(spec_of("pair-class", "dense", {"convert": ["triplet"]}, **files), root / "few")
    with pytest.raises(SystemExit, match="1 rows of train are left, and there must be 8"):
        prepare(root / "few", plan)


@pytest.mark.parametrize("line", ["01\t00999\t1", "1\t001\t1"])
def test_judgements_of_what_is_not_there_are_left_out_and_counted(root: Path, tmp_path: Path, line: str) -> None:
    """Ids are text: 1 is not 01."""
    write_data(tmp_path / "data" / "retrieval", "retrieval")
    path = tmp_path / "data" / "retrieval" / "train.tsv"
    judged = len(path.read_text().splitlines()) - 1
    path.write_text(path.read_text() + line + "\n")
    plan = compile_to(spec_of("retrieval", "dense", PAIRS), tmp_path / "repo")
    printed = prepare(tmp_path / "repo", plan)
    assert f"train: 1 of {judged + 1} judgements name a query or a document that isn't there" in printed


def test_a_broken_layout_is_told(root: Path, tmp_path: Path) -> None:
    write_data(tmp_path / "data" / "retrieval", "retrieval")
    (tmp_path / "data" / "retrieval" / "corpus.jsonl").write_text(json.dumps({"title": "t", "text": "x"}) + "\n")
    plan = compile_to(spec_of("retrieval", "dense", PAIRS), tmp_path / "repo")
    with pytest.raises(SystemExit, match="_id"):
        prepare(tmp_path / "repo", plan)


def test_a_trial_run_takes_some_rows(root: Path) -> None:
    repo = root / "trial"
    compile_to(
        spec_of("pair", "dense", {"convert": [{"to": "triplet", "mine": {"negatives": 1, "range_min": 0}}]}), repo
    )
    with program(repo) as module:
        assert module.main(["--base", str(root / "bases/dense"), "--rows", "10"]) == 0
    assert len(read(repo, "train")) == len(read(repo, "test")) == 10


def test_best_can_not_be_the_loss_of_rows_without_negatives(root: Path) -> None:
    spec = spec_of("pair", "dense", {"convert": [{"to": "triplet", "mine": {"negatives": 1, "range_min": 0}}]}) | {
        "metrics": {"best": "loss"}
    }
    plan, found = plan_of(spec, root / "best")
    assert plan is None
    assert [item.code for item in found if item.severity == "error"] == ["STG180"]
