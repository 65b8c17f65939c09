"""NanoBEIR beside a project's own rows: each type of model through its own evaluator, and plain words where there is no network."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from compiling import findings_of, plan_of, tree_of
from matrix import repos
from matrix.cases import Case
from matrix.samples import sentence
from stgen.rules.evaluators import NANOBEIR

CASES = {
    "dense": Case("dense", "transformer", "auto", "pair", keys={"prompts": {"query": "the: "}}),
    "sparse": Case("sparse", "splade", "auto", "pair"),
    "multi-vector": Case("multi-vector", "transformer", "auto", "pair"),
    "cross-encoder": Case("cross-encoder", "transformer", "auto", "pair"),
}
ASKED = {"evaluators": ["nanobeir"]}
MEAN = {
    "dense": "NanoBEIR_mean_cosine_ndcg@10",
    "sparse": "NanoBEIR_mean_dot_ndcg@10",
    "multi-vector": "NanoBEIR_mean_maxsim_ndcg@10",
    "cross-encoder": "NanoBEIR_R100_mean_ndcg@10",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo of each type of model."""
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("nanobeir")
    repos.compile_all(list(CASES.values()), made)
    for case in CASES.values():
        repos.write_repo(repos.spec_of(case, "../data/pair-0") | {"metrics": ASKED}, made / case.id)
    return made


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A hub that has NanoBEIR, each task with six texts; returns what is asked of it."""
    import datasets

    load, asked = datasets.load_dataset, []
    ids = [str(number) for number in range(6)]
    tables = {
        "corpus": {"_id": ids, "text": [sentence(int(number), "a") for number in ids]},
        "queries": {"_id": ids[:3], "text": [sentence(int(number), "the") for number in ids[:3]]},
        "qrels": {"query-id": ids[:3], "corpus-id": ids[:3]},
        "bm25": {"query-id": ids[:3], "corpus-ids": [ids] * 3},
    }

    def answer(path: str, name: str | None = None, **options: Any) -> Any:
        if not path.startswith("sentence-transformers/NanoBEIR"):
            return load(path, name, **options)
        asked.append(f"{name}/{options['split']}")
        return datasets.Dataset.from_dict(tables[str(name)])

    monkeypatch.setattr(datasets, "load_dataset", answer)
    return asked


def test_needs_no_fix(folder: Path) -> None:
    assert repos.lint(folder) == ""


@pytest.mark.trains
@pytest.mark.parametrize("model", CASES)
def test_every_type_of_model_is_measured_while_training_and_before_and_after(
    model: str, folder: Path, hub: list[str]
) -> None:
    case = CASES[model]
    repo = folder / case.id
    repos.train(case, folder)
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluate = load("evaluate")
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
        main = evaluate.MAIN_METRIC
    assert any(name.startswith("queries/Nano") for name in hub)
    log = json.loads((repo / "results" / "training.json").read_text())
    assert any({f"eval_{MEAN[model]}", f"eval_{main}"} <= set(entry) for entry in log)
    results = json.loads((repo / "results" / "metrics.json").read_text())
    assert results["main_metric"] == main
    for figures in (results["before"], results["after"]):
        assert 0 <= figures[MEAN[model]] <= 1
        assert not [name for name in figures if "_base_" in name]
    assert MEAN[model] in (repo / "results" / "report.html").read_text()


def test_without_a_network_it_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def fail(*given: Any, **named: Any) -> None:
        raise ConnectionError("no route to the hub")

    monkeypatch.setattr(datasets, "load_dataset", fail)
    for case in CASES.values():
        with repos.modules(folder / case.id) as load, pytest.raises(SystemExit, match=r"python nanobeir\.py"):
            load("nanobeir").build()


@pytest.mark.parametrize("model", NANOBEIR)
def test_it_may_be_called_by_its_class_and_is_there_only_when_asked_for(model: str) -> None:
    kind = f"[model]\ntype = '{model}'\n"
    named = plan_of(f"{kind}[metrics]\nevaluators = ['{NANOBEIR[model]}']\n").sets[0].evaluation.nanobeir
    assert (
        named == plan_of(f"{kind}[metrics]\nevaluators = ['nanobeir']\n").sets[0].evaluation.nanobeir == NANOBEIR[model]
    )
    assert "nanobeir.py" not in tree_of(kind)
    assert "nanobeir" not in tree_of(kind)["train.py"].text


def test_the_class_of_another_type_of_model_is_refused() -> None:
    found = findings_of("[metrics]\nevaluators = ['SparseNanoBEIREvaluator']\n")
    assert [item.code for item in found] == ["STG181"]
    assert findings_of("[metrics]\nevaluators = ['NanoBEIREvaluator']\n") == []


def test_other_languages_are_warned() -> None:
    asked = "[metrics]\nevaluators = ['nanobeir']\n[project]\nlanguages = "
    found = {item.code: item.severity for item in findings_of(f"{asked}['de']\n")}
    assert found["STG179"] == "warning"
    assert "STG179" not in {item.code for item in findings_of(f"{asked}['de', 'en']\n")}
