"""A text has one prompt: in training, in each evaluator, in the verdict, in MTEB, when negatives are mined, in what is exported."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import cases, repos, samples
from matrix.cases import Case
from prompted import CLASSES, bring, record
from stgen.rules.mteb import BY_NAME

QUERY, DOCUMENT = "the: ", "a: "
BOTH = {"prompts": {"query": QUERY, "document": DOCUMENT}}
ONE = {"prompts": {"query": QUERY}}  # a cross-encoder's
# fmt: off
FORMATS = {  # model type -> data formats that it is trained on without a word, each with the evaluator that is its own
    "dense":         ("text", "text-class", "text-embedding", "pair-class", "pair-binary", "pair-score", "pair-embedding", "n-texts-embedding",
                      "pair", "triplet", "triplet-margin", "triplet-scores", "n-tuple", "n-tuple-margin", "n-tuple-scores"),
    "sparse":        ("text-embedding", "pair-binary", "pair-score", "pair-embedding", "n-texts-embedding",
                      "pair", "triplet", "triplet-margin", "triplet-scores", "n-tuple", "n-tuple-margin", "n-tuple-scores"),
    "multi-vector":  ("pair", "triplet", "triplet-margin", "triplet-scores", "n-tuple", "n-tuple-margin", "n-tuple-scores"),
    "cross-encoder": ("pair-class", "pair-binary", "pair-score", "pair", "triplet", "triplet-scores", "n-tuple", "n-tuple-scores", "list"),
}
ALONE = ("text", "text-class", "text-embedding", "n-texts-embedding")  # no text of theirs is a query
TASKS = {
    "Retrieval": {"corpus": "files/corpus.jsonl", "queries": "files/queries.jsonl", "qrels": "files/qrels.jsonl"},
    "Reranking": {"path": "files/lists.jsonl"},
    "STS":       {"path": "files/pairs.jsonl"},
}
# fmt: on
WORDS = {
    text for article in ("a", "the", "this", "that") for n in range(192) for text in [samples.sentence(n, article)]
}


def case_of(model: str, format: str, keys: dict[str, Any]) -> Case:
    return Case(model, "splade" if model == "sparse" else "transformer", "auto", format, keys=keys, name="prompts")


SAID = [
    case_of(model, format, ONE if model == "cross-encoder" else BOTH) for model in FORMATS for format in FORMATS[model]
]
SAID += [case for case in cases.prompted() if case not in SAID]  # each architecture
BROUGHT = [case_of(model, format, {}) for model in FORMATS for format in FORMATS[model]]
BROUGHT += [Case("sparse", kind, "auto", "pair", name="prompts") for kind in ("csr", "inference-free")]


@contextlib.contextmanager
def opened(
    case: Case, folder: Path, brought: bool, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, str, Path, Any]]:
    """The modules of a case's repo, its base, its folder, and the prompts that each text is read with from here on."""
    repo = folder / case.id
    base = str(repo / (repo / "base.txt").read_text())
    if brought:
        kind = "dense" if case.architecture == "csr" else case.model
        default = "query" if kind == "cross-encoder" else None
        bring(Path(base), kind, {"query": QUERY, "passage": DOCUMENT, "STS": "s: "}, default)
    seen: dict[str, set[str]] = defaultdict(set)
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        record(load("model").build(base), seen, monkeypatch)
        yield load, base, repo, seen


def check(case: Case, seen: dict[str, set[str]]) -> None:
    """Hold what was read against what the texts are: each begins with an article, anchors with `a`."""
    read = {text: prompts for text, prompts in seen.items() if text in WORDS}
    anchors = [text for text in read if text.startswith("a ")]
    others = [text for text in read if not text.startswith("a ")]
    one_prompt = case.model == "cross-encoder"
    asked = DOCUMENT if case.format in ALONE else QUERY
    assert len(anchors) > samples.ROWS
    assert others or case.format in ALONE
    assert {prompt for text in anchors for prompt in read[text]} == {asked}
    assert {prompt for text in others for prompt in read[text]} <= {QUERY if one_prompt else DOCUMENT}
    assert not [text for text in seen if ": " in text], "a prompt stands before another"


def train_and_measure(load: Any, base: str, repo: Path) -> Any:
    """Train a step, measure both models; returns the trained model as it is saved."""
    if (repo / "prepare.py").exists():
        assert load("prepare").main([]) == 0
    program, evaluation = load("train"), load("evaluate")
    trained = program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "1"]))
    assert evaluation.main(["--base", base, "--output", str(repo)]) == 0
    return type(trained)(str(evaluation.model_folder(repo)))


@pytest.mark.trains
@pytest.mark.parametrize("case", SAID, ids=lambda case: case.id)
def test_every_text_has_the_prompt_that_the_spec_says(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repos.compile_all([case], tmp_path)
    with opened(case, tmp_path, False, monkeypatch) as (load, base, repo, seen):
        loaded = train_and_measure(load, base, repo)
    check(case, seen)
    alone = {"query": DOCUMENT, "document": DOCUMENT}
    assert loaded.prompts.items() >= (alone if case.format in ALONE else case.keys["prompts"]).items()


@pytest.mark.trains
@pytest.mark.parametrize("case", BROUGHT, ids=lambda case: case.id)
def test_every_text_has_the_prompt_that_its_base_brings(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repos.compile_all([case], tmp_path)
    with opened(case, tmp_path, True, monkeypatch) as (load, base, repo, seen):
        loaded = train_and_measure(load, base, repo)
    check(case, seen)
    assert loaded.prompts["query"] == (DOCUMENT if case.format in ALONE else QUERY)


@pytest.mark.trains
@pytest.mark.parametrize("brought", [False, True], ids=["said", "brought"])
@pytest.mark.parametrize("model", FORMATS)
def test_tasks_of_mteb_have_the_same_prompts(
    model: str, brought: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tasks that name queries and documents; an STS task does not, and is the same for a model of single texts."""
    for case in [case_of(model, "pair", {}), *([case_of(model, "text-class", {})] if model == "dense" else [])]:
        asked = {} if brought else ONE if model == "cross-encoder" else BOTH
        case = Case(case.model, case.architecture, case.loss, case.format, keys=asked, name=case.format)
        names = (
            ["STS"]
            if case.format in ALONE
            else [name for name in ("Retrieval", "Reranking") if model in BY_NAME[name].models]
        )
        repos.compile_all([case], tmp_path / case.id)
        local = [{"name": f"My{name}", "type": name, **TASKS[name]} for name in names]
        spec = repos.spec_of(case, f"../data/{case.source}-0") | {"metrics": {"mteb": {"local": local}}}
        repos.write_repo(spec, tmp_path / case.id / case.id)
        _write_tasks(tmp_path / case.id / case.id / "files", case.format in ALONE)
        with opened(case, tmp_path / case.id, brought, monkeypatch) as (load, base, repo, seen):
            train_and_measure(load, base, repo)
            seen.clear()
            assert load("mteb_tasks").main(["--base", base, "--output", str(repo)]) == 0
        check(case, seen)
        monkeypatch.undo()


def _write_tasks(folder: Path, alone: bool) -> None:
    """Files of tasks, whose texts are told apart by their articles as those of the rows are."""
    import json

    numbers = range(2 * samples.ROWS)
    asked = [samples.sentence(number, "a") for number in numbers]
    found = asked if alone else [samples.sentence(number, "the") for number in numbers]
    files = {
        "corpus": [{"_id": f"d{number}", "text": found[number]} for number in numbers],
        "queries": [{"_id": f"q{number}", "text": asked[number]} for number in numbers],
        "qrels": [{"query-id": f"q{number}", "corpus-id": f"d{number}", "score": 1} for number in numbers],
        "lists": [{"query": asked[n], "documents": [found[n], found[n - 1]], "scores": [1, 0]} for n in numbers],
        "pairs": [{"sentence1": asked[n], "sentence2": found[n - n % 3], "score": n % 3} for n in numbers],
    }
    folder.mkdir()
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.trains
@pytest.mark.parametrize("brought", [False, True], ids=["said", "brought"])
def test_mined_negatives_are_found_with_the_same_prompts(
    brought: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = {"convert": [{"to": "triplet", "mine": {"negatives": 1, "range_min": 0}}]}
    case = Case("dense", "transformer", "auto", "pair", mine, {} if brought else BOTH, name="mined")
    repos.compile_all([case], tmp_path)
    with opened(case, tmp_path, brought, monkeypatch) as (load, base, _, seen):
        prepare = load("prepare")
        assert prepare.main(["--base", base]) == 0
    for split in ("train", "eval", "test"):
        start = {"train": 0, "eval": samples.ROWS, "test": 2 * samples.ROWS}[split]
        for number in range(start, start + samples.ROWS) if split == "train" else ():
            assert seen[samples.sentence(number, "a")] == {QUERY}
            assert seen[samples.sentence(number, "the")] == {DOCUMENT}


@pytest.mark.trains
@pytest.mark.parametrize("model", FORMATS)
def test_what_is_exported_has_the_same_prompts(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph begins behind the tokenizer, and is held against the model on texts with their prompts."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    case = case_of(model, "pair", {})
    repos.compile_all([case], tmp_path)
    repos.write_repo(repos.spec_of(case, "../data/pair-0") | {"export": {"formats": ["onnx"]}}, tmp_path / case.id)
    with opened(case, tmp_path, True, monkeypatch) as (load, base, repo, seen):
        saved = train_and_measure(load, base, repo)
        traced = set(seen)
        seen.clear()
        assert load("export").main(["--output", str(repo)]) == 0
    assert traced
    # Each text is held against the model as a query and as a document; two are traced without a prompt.
    assert {prompt for prompts in seen.values() for prompt in prompts} - {""} == (
        {QUERY} if model == "cross-encoder" else {QUERY, DOCUMENT}
    )
    assert saved.prompts["query"] == QUERY


@pytest.mark.trains
def test_a_pooling_that_leaves_prompts_out_trains_as_it_encodes(tmp_path: Path) -> None:
    """What the trainer makes of a batch is what the saved model makes of its texts; no graph could tell where a prompt ends."""
    import torch
    from sentence_transformers import SentenceTransformer

    case = case_of("dense", "pair", {})
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    repos.write_repo(repos.spec_of(case, "../data/pair-0") | {"export": {"formats": ["onnx"]}}, repo)
    base = str(repo / (repo / "base.txt").read_text())
    encoder = SentenceTransformer(base, prompts={"query": QUERY, "document": DOCUMENT})
    encoder.set_pooling_include_prompt(False)
    encoder.save_pretrained(base)
    kept: list[Any] = []
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        program = load("train")
        fit = program.fit
        program.fit = lambda trainer, *given: (kept.append(trainer), fit(trainer, *given))
        trained = program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "1"])).eval()
        saved = SentenceTransformer(str(load("evaluate").model_folder(repo)))
        with pytest.raises(SystemExit, match="pooling leaves its prompts out"):
            load("export").main(["--output", str(repo)])
    rows = [samples.row("pair", number, 0) for number in range(8)]
    features, _ = kept[0].collect_features(
        kept[0].data_collator([{"anchor": row["a"], "positive": row["p"]} for row in rows])
    )
    for feature, column, encode in zip(features, ("a", "p"), (saved.encode_query, saved.encode_document), strict=True):
        made = trained(dict(feature))["sentence_embedding"].detach().cpu()
        torch.testing.assert_close(made, torch.as_tensor(encode([row[column] for row in rows])), atol=1e-5, rtol=1e-4)
        bare = torch.as_tensor(saved.encode([row[column] for row in rows], prompt=""))
        assert torch.cosine_similarity(made, bare).max() < 0.99


@pytest.mark.trains
@pytest.mark.parametrize(
    ("brought", "default", "wanted"),
    [
        ({"query": "q: ", "document": "d: "}, None, {"query": "q: ", "document": "d: "}),
        ({"query": "q: ", "passage": "p: "}, None, {"query": "q: ", "document": "p: "}),
        ({"all": "x: "}, "all", {"query": "x: ", "document": "x: "}),
        ({"query": "q: ", "all": "x: "}, "all", {"query": "q: ", "document": "x: "}),
        ({}, None, {"query": "", "document": ""}),
    ],
)
def test_the_prompts_of_a_base_by_whatever_name(
    brought: dict[str, str], default: str | None, wanted: dict[str, str], tmp_path: Path
) -> None:
    case = case_of("dense", "pair", {})
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    base = str(repo / (repo / "base.txt").read_text())
    bring(Path(base), "dense", brought, default)
    with repos.modules(repo) as load:
        encoder = load("model").build(base)
    assert (encoder.prompts, encoder.default_prompt_name) == (wanted, None)


@pytest.mark.trains
@pytest.mark.parametrize(("brought", "wanted"), [({}, None), ({"query": "q: ", "document": "d: "}, "document")])
def test_texts_alone_have_a_default_prompt_where_the_base_brings_one(
    brought: dict[str, str], wanted: str | None, tmp_path: Path
) -> None:
    case = case_of("dense", "text", {})
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    base = str(repo / (repo / "base.txt").read_text())
    bring(Path(base), "dense", brought, None)
    with repos.modules(repo) as load:
        assert load("model").build(base).default_prompt_name == wanted


NONE = {"prompts": {"query": ""}}
WITHOUT = {  # bases that are known to bring none, where `--base` may name another
    "dense": "sentence-transformers/all-MiniLM-L6-v2",
    "sparse": "naver/splade-cocondenser-ensembledistil",
    "multi-vector": "google-bert/bert-base-uncased",
    "cross-encoder": "cross-encoder/ms-marco-MiniLM-L6-v2",
}


@pytest.mark.trains
@pytest.mark.parametrize("keys", [NONE, {}], ids=["said", "known"])
@pytest.mark.parametrize("model", CLASSES)
def test_a_model_that_is_trained_without_prompts_is_measured_without(
    model: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    case = case_of(model, "pair", keys or {"base": WITHOUT[model]})
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    base = str(repo / (repo / "base.txt").read_text())
    bring(Path(base), model, {"query": QUERY, "document": DOCUMENT}, "query")
    with repos.modules(repo) as load:
        encoder = load("model").build(base)
    assert "prompts" not in (repo / "train.py").read_text()
    assert not any(encoder.prompts.values())
    assert encoder.default_prompt_name is None
