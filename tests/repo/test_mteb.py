"""MTEB in the generated repo: every type of task on local files, for every model type that it runs with, and no hub."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import findings_of, plan_of, tree_of, write_tree
from matrix import bases, repos, samples
from matrix.cases import Case, plain
from stgen.compile import compile_source
from stgen.language.paths import Place
from stgen.rules.mteb import TYPES
from stgen.source.source import read

ROWS = 24
CASES = {
    case.model: case
    for case in reversed(plain())
    if case.format == "pair" and case.architecture in ("transformer", "splade")
}


def sentence(number: int) -> str:
    return samples.sentence(number, "the")


def numbered(make: Any) -> list[dict[str, Any]]:
    return [make(number) for number in range(ROWS)]


# fmt: off
FILES: dict[str, list[dict[str, Any]]] = {
    "pairs":     numbered(lambda n: {"a": sentence(n), "b": samples.sentence(n + n % 5, "a"), "grade": 5 - n % 5, "same": int(n % 5 == 0)}),
    "classes":   numbered(lambda n: {"text": sentence(n), "label": f"kind {n % 3}", "value": n / 7, "several": [n % 2, 2 + n % 3]}),
    "summaries": numbered(lambda n: {"text": sentence(n), "human_summaries": [sentence(n), sentence(n + 1)],
                                     "machine_summaries": [sentence(n + 2), sentence(n), sentence(n + 9)], "relevance": [2.0, 5.0, 1.0 + n % 3]}),
    "corpus":    numbered(lambda n: {"_id": f"d{n}", "title": "", "text": sentence(n)}),
    "queries":   numbered(lambda n: {"_id": f"q{n}", "text": samples.sentence(n, "a"), "instruction": "find the same"}),
    "qrels":     numbered(lambda n: {"query-id": f"q{n}", "corpus-id": f"d{n}", "score": 1}),
    "lists":     numbered(lambda n: {"question": samples.sentence(n, "a"), "documents": [sentence(n), sentence(n + 3), sentence(n + 8)], "scores": [2, 0, 1] if n else [1, 1, 1],
                                     "instruction": "find the same"}),
}
SEARCH = {"corpus": "files/corpus.jsonl", "queries": "files/queries.jsonl", "qrels": "files/qrels.jsonl"}
FITTED = {"path": "files/classes.jsonl", "train": "files/classes.jsonl"}
LISTED = {"path": "files/lists.jsonl", "columns": {"query": "question"}}
LOCAL: dict[str, dict[str, Any]] = {
    "STS":                      {"path": "files/pairs.jsonl", "columns": {"sentence1": "a", "sentence2": "b", "score": "grade"}},
    "PairClassification":       {"path": "files/pairs.jsonl", "columns": {"sentence1": "a", "sentence2": "b", "labels": "same"}},
    "BitextMining":             {"path": "files/pairs.jsonl", "columns": {"sentence1": "a", "sentence2": "b"}},
    "Summarization":            {"path": "files/summaries.jsonl"},
    "Clustering":               {"path": "files/classes.jsonl", "columns": {"sentences": "text", "labels": "label"}},
    "ZeroShotClassification":   {"path": "files/classes.jsonl"},
    "Classification":           FITTED,
    "MultilabelClassification": {**FITTED, "columns": {"label": "several"}},
    "Regression":               FITTED,
    "Retrieval":                SEARCH,
    "InstructionRetrieval":     SEARCH,
    "Reranking":                LISTED,
    "InstructionReranking":     LISTED,
}
# fmt: on


def local_tasks(model: str) -> list[dict[str, Any]]:
    return [{"name": f"My {row.name}", "type": row.name, **LOCAL[row.name]} for row in TYPES if model in row.models]


def compiled(case: Case, folder: Path, mteb: dict[str, Any], **more: Any) -> tuple[Path, str]:
    """The repo of a case that measures MTEB, with the local files; and its tiny base."""
    repos.compile_all([case], folder)
    repo = folder / case.id
    spec = json.loads((repo / "stgen.json").read_text()) | {"metrics": {"mteb": mteb}} | more
    (repo / "stgen.json").write_text(json.dumps(spec))
    source, found = read(str(repo / "stgen.json"))
    assert source is not None, found
    tree, found = compile_source(source, Place(str(repo), str(repo)))
    assert tree is not None, found
    write_tree(tree, repo)
    (repo / "files").mkdir()
    for name, rows in FILES.items():
        (repo / "files" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return repo, str(repo / (repo / "base.txt").read_text())


@contextlib.contextmanager
def opened(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any, io.StringIO]]:
    """mteb_tasks.py and evaluate.py of a repo, where no hub can be reached, and what they print."""
    pytest.importorskip("mteb")
    import datasets
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    printed = io.StringIO()
    with repos.modules(repo) as load, contextlib.redirect_stdout(printed):
        yield load("mteb_tasks"), load("evaluate"), printed


@pytest.mark.trains
@pytest.mark.parametrize("model", CASES)
def test_every_type_runs_on_files_of_ones_own(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = local_tasks(model)
    repo, base = compiled(CASES[model], tmp_path, {"local": tasks})
    with opened(repo, monkeypatch) as (program, evaluate, _):
        # Grades stay in proportion, and none that is above 0 is cut to it.
        assert program.whole([0.0, 1.0, 2.0, 3.0]) == [0, 1, 2, 3]
        assert program.whole([0.95, 0.5, 0.0]) == [950, 500, 0]
        assert program.whole([1.0, 5.0], lowest=1.0) == [0, 4]
        folder = evaluate.model_folder(repo)
        evaluate.build_base(base).save_pretrained(str(folder))
        assert program.main(["--base", base, "--output", str(repo)]) == 0
        trained_on = set(program.data.load("train")["anchor"])
        lists = next(task for task in program.local_tasks() if task.metadata.name == "My Reranking")
        lists.load_data()
        assert len(lists.dataset["default"]["test"]["queries"]) == len(FILES["lists"]) - 1  # one has no order
    results = json.loads((repo / "results" / "mteb.json").read_text())
    assert set(results["leaks"]) == {task["name"] for task in tasks}
    asked = {row["question"] for row in FILES["lists"] if len(set(row["scores"])) > 1}
    assert results["leaks"]["My Reranking"] == len(asked & trained_on) > 0
    assert results["faults"] == {"base": {}, "trained": {}}
    assert set(results["scores"]["base"]) == {task["name"] for task in tasks}
    assert results["scores"]["base"] == pytest.approx(results["scores"]["trained"], abs=1e-6)
    assert all(math.isfinite(score) for score in results["scores"]["trained"].values())
    card = (folder / "README.md").read_text()
    assert all(f"name: {task['name']}" in card for task in tasks)


@pytest.mark.trains
def test_a_query_that_is_a_document_itself_is_left_out_of_its_own_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the verdict does, by the text: ids of queries and of documents have nothing to do with each other."""
    search: dict[str, list[dict[str, Any]]] = {
        "corpus": [
            {"_id": "0", "title": "the", "text": "old barn"},
            {"_id": "1", "text": "a cold river by the hill"},
        ],
        # Two are that document, one has the id of the document that answers it, and one has no answer but itself.
        "queries": [
            {"_id": "7", "text": "the old barn"},
            {"_id": "8", "text": "the old barn"},
            {"_id": "1", "text": "a cold river"},
            {"_id": "9", "text": "a cold river by the hill"},
        ],
        "qrels": [
            {"query-id": "7", "corpus-id": "1", "score": 0.95},
            {"query-id": "8", "corpus-id": "0", "score": 1},
            {"query-id": "1", "corpus-id": "1", "score": 0.5},
            {"query-id": "9", "corpus-id": "1", "score": 1},
        ],
    }
    task = {"name": "Twins", "type": "Retrieval", **SEARCH}
    repo, base = compiled(CASES["dense"], tmp_path, {"local": [task]})
    for name, rows in search.items():
        (repo / "files" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with opened(repo, monkeypatch) as (program, evaluate, _):
        (own,) = program.local_tasks()
        own.load_data()
        asked = own.dataset["default"]["test"]
        assert asked["relevant_docs"] == {"0": {"1": 950}, "query 1": {"1": 500}}
        assert dict(zip(asked["queries"]["id"], asked["queries"]["text"], strict=True)) == {
            "0": "the old barn",
            "query 1": "a cold river",
        }
        encoder = evaluate.build_base(base)
        texts = ["the old barn", "a cold river by the hill", "a cold river"]
        barn, river, query = encoder.encode(texts, normalize_embeddings=True)
        second = 1 / math.log2(3)  # what is gained where the answer comes second
        expected = (
            1 + (1.0 if query @ river > query @ barn else second)
        ) / 2  # itself left out, the barn's answer is first
        scores, faults = program.measure(encoder, program.mteb.ResultCache(tmp_path / "cache"))
    assert faults == {}
    assert scores == {"Twins": pytest.approx(expected, abs=1e-4)}


@pytest.mark.trains
def test_a_router_searches_with_both_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of other tasks stand on no side, and go the router's default way."""
    case = Case("dense", "router", "auto", "pair", keys={"query": {"base": "../bases/other"}}, name="mteb")
    tasks = [task for task in local_tasks("dense") if task["type"] in ("Retrieval", "STS")]
    repo, base = compiled(case, tmp_path, {"local": tasks})
    with opened(repo, monkeypatch) as (program, evaluate, _):
        from sentence_transformers import SentenceTransformer

        ways: set[str | None] = set()
        encode = SentenceTransformer.encode

        def note(self: Any, *texts: Any, **options: Any) -> Any:
            ways.add(options.get("task"))
            return encode(self, *texts, **options)

        monkeypatch.setattr(SentenceTransformer, "encode", note)
        scores, faults = program.measure(evaluate.build_base(base), None)
    assert not faults
    assert set(scores) == {"My Retrieval", "My STS"}
    assert ways == {"query", "document", None}


@pytest.mark.trains
def test_two_models_and_two_widths_have_figures_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    case = CASES["dense"]
    task = {"name": "mine", "type": "STS", **LOCAL["STS"]}
    repo, base = compiled(case, tmp_path, {"local": [task]}, loss={"matryoshka": [bases.WIDTH, 4]})
    with opened(repo, monkeypatch) as (program, evaluate, _):
        encoder = evaluate.build_base(base)
        names = {program.fingerprint(encoder)}
        encoder.truncate_dim = 4
        names.add(program.fingerprint(encoder))
        encoder.truncate_dim = None
        encoder.prompts = {"query": "q: "}
        names.add(program.fingerprint(encoder))
        torch.manual_seed(3)
        for weight in encoder.parameters():
            torch.nn.init.normal_(weight, std=0.1)
        names.add(program.fingerprint(encoder))
        assert len(names) == 4
        encoder.save_pretrained(str(evaluate.model_folder(repo)))
        assert program.main(["--base", base, "--output", str(repo)]) == 0
        # A second run replaces the figures in the model card.
        assert program.main(["--base", base, "--output", str(repo)]) == 0
        card = (evaluate.model_folder(repo) / "README.md").read_text()
    scores = json.loads((repo / "results" / "mteb.json").read_text())["scores"]
    assert list(scores) == ["base", "trained", f"{bases.WIDTH} dimensions", "4 dimensions"]
    assert len({round(columns["mine"], 5) for columns in scores.values()}) == 3  # so many dimensions are all
    assert card.count("name: mine") == 1


@pytest.mark.trains
def test_figures_of_two_models_never_stand_in_one_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    task = {"name": "mine", "type": "STS", **LOCAL["STS"]}
    repo, base = compiled(CASES["dense"], tmp_path, {"local": [task]})
    given = ["--base", base, "--output", str(repo)]
    with opened(repo, monkeypatch) as (program, evaluate, _):
        folder = evaluate.model_folder(repo)

        def train(rate: float) -> None:
            encoder = evaluate.build_base(base)
            for weight in encoder.parameters():
                torch.nn.init.normal_(weight, std=rate)
            encoder.save_pretrained(str(folder))
            program.saving.seal(folder, {"learning_rate": rate})

        def is_told() -> bool:
            return "mine" in (repo / "results/report.html").read_text()

        train(0.1)
        assert (program.main(given), evaluate.main(given), is_told()) == (0, 0, True)
        train(0.2)
        assert (evaluate.main(given), is_told()) == (0, False)
        assert (program.main(given), is_told()) == (0, True)
        train(0.3)
        assert (program.main(given), is_told()) == (0, True)
        told = (repo / "results/report.html").read_text()
        assert json.loads((repo / "results/metrics.json").read_text())["run"] == {"learning_rate": 0.2}
        measure = program.measure
        monkeypatch.setattr(program, "measure", lambda *of: (measure(*of), train(0.4))[0])
        with pytest.raises(SystemExit, match="another model in the place of the measured one"):
            program.main(given)
    assert "name: mine" not in (folder / "README.md").read_text()
    assert (repo / "results/report.html").read_text() == told


@pytest.mark.trains
def test_tasks_of_the_hub_say_what_to_do_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"tasks": ["STSBenchmark", "SciFact"], "local": [{"name": "mine", "type": "STS", **LOCAL["STS"]}]}
    repo, base = compiled(CASES["dense"], tmp_path, asked)
    with opened(repo, monkeypatch) as (program, evaluate, printed):
        evaluate.build_base(base).save_pretrained(str(evaluate.model_folder(repo)))
        assert program.main(["--base", base, "--output", str(repo)]) == 1
    assert "STSBenchmark could not be measured: " in printed.getvalue()
    assert "need a network" in printed.getvalue()
    results = json.loads((repo / "results" / "mteb.json").read_text())
    assert list(results["scores"]["trained"]) == ["mine"]
    assert set(results["faults"]["trained"]) == {"STSBenchmark", "SciFact"}


@pytest.mark.trains
def test_tasks_are_found_by_type_language_and_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"types": ["Reranking"], "languages": ["en"], "benchmark": "MTEB(eng, v2)"}
    repo, _ = compiled(CASES["cross-encoder"], tmp_path, asked)
    with opened(repo, monkeypatch) as (program, _evaluate, printed):
        tasks = program.hub_tasks()
        assert {task.metadata.type for task in tasks} == {"Reranking"}
        assert "AskUbuntuDupQuestions" in {task.metadata.name for task in tasks}
        assert "Not for this type of model: " in printed.getvalue()
        monkeypatch.setattr(program, "BENCHMARK", "MTEB(eng, v3)")
        with pytest.raises(SystemExit, match="MTEB"):
            program.hub_tasks()


def test_nothing_of_mteb_is_in_a_repo_that_does_not_ask_for_it() -> None:
    assert "mteb_tasks.py" not in set(tree_of(""))
    assert "mteb" not in plan_of("").requirements
    assert "mteb" in plan_of('metrics = { mteb = { tasks = ["STSBenchmark"] } }').requirements


# fmt: off
WRONG = (
    ('metrics = { mteb = { languages = ["en"] } }',                                             "STG182", "tasks = "),
    ('metrics = { mteb = { types = ["Retreival"] } }',                                          "STG183", '"Retrieval"'),
    ('model = { type = "cross-encoder" }\nmetrics = { mteb = { types = ["STS"] } }',            "STG184", "Reranking"),
    ('[[metrics.mteb.local]]\nname = "a"\ntype = "Retrieval"\npath = "a.jsonl"',                 "STG185", "corpus, queries, qrels"),
    ('[[metrics.mteb.local]]\nname = "a"\ntype = "STS"\npath = "a.xlsx"',                        "STG185", ".jsonl"),
    ('[[metrics.mteb.local]]\nname = "a"\ntype = "STS"\npath = "a.csv"\ncolumns = { text_1 = "a" }', "STG186", "sentence1, sentence2, score"),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "code", "proposal"), WRONG)
def test_what_mteb_cannot_do_is_an_error_with_a_way_out(fragment: str, code: str, proposal: str) -> None:
    found = [item for item in findings_of(fragment) if item.severity == "error"]
    assert [item.code for item in found] == [code]
    assert proposal in found[0].help


def test_the_types_are_mtebs() -> None:
    pytest.importorskip("mteb")
    from typing import get_args

    import mteb.abstasks
    from mteb.abstasks.task_metadata import TaskType

    for row in TYPES:
        assert row.name in get_args(TaskType)
        assert hasattr(mteb.abstasks, row.base)


def test_every_type_has_a_local_task_here() -> None:
    assert {row.name for row in TYPES} == set(LOCAL)
