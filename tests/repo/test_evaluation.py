"""Evaluation of the generated repo: for every model type and data format what the verdict is made of is the evaluator's."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import random
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from compiling import findings_of, plan_of, tree_of
from matrix import repos
from matrix.cases import Case, plain
from places import TEMPLATES
from stgen.rules.evaluators import EVALUATORS
from stgen.rules.measures import MEASURES, build_of, measure_of

CASES: dict[tuple[str, str], Case] = {}
for _case in plain():
    CASES.setdefault((_case.model, _case.format), _case)


def selected(request: pytest.FixtureRequest) -> list[Case]:
    items = [item for item in request.session.items if item.fspath == request.fspath and hasattr(item, "callspec")]
    cases = [item.callspec.params["case"] for item in items if "case" in item.callspec.params]
    return list({case.id: case for case in cases}.values())


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repos of all selected cases."""
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("evaluation")
    repos.compile_all(selected(request), made)
    return made


@contextlib.contextmanager
def opened(case: Case, folder: Path) -> Iterator[tuple[Any, str, Path]]:
    """evaluate.py of a case's repo, its tiny base, and the repo; the data is prepared."""
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    repo = folder / case.id
    faults = repo / "findings.txt"
    assert not faults.exists(), faults.read_text()
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        yield load("evaluate"), base, repo


def by_id(case: Case) -> str:
    return case.id


QUICK = {next(case.id for case in CASES.values() if case.model == model) for model, _ in CASES}
# One case of each model type in the default suite, all of them with the matrix.
EVERY = [
    pytest.param(case, id=case.id, marks=() if case.id in QUICK else pytest.mark.matrix) for case in CASES.values()
]


@pytest.mark.trains
@pytest.mark.parametrize("case", EVERY)
def test_the_figures_of_all_examples_are_the_evaluators_own(case: Case, folder: Path) -> None:
    import numpy as np

    with opened(case, folder) as (evaluate, base, _):
        measure = evaluate.measure
        evaluator = measure.build_test()
        encoder = evaluate.build_base(base)
        metrics, examples = measure.score_model(encoder, evaluator)
        count = len(next(iter(examples.values())))
        figures = measure.aggregate(examples, np.arange(count))
        assert evaluate.MAIN_METRIC in figures
        assert len(measure.texts(evaluator)) == count > 1
        assert figures == pytest.approx({name: float(np.nan_to_num(metrics[name])) for name in figures}, abs=1e-5)
        assert len(measure.goodness(examples)) == count
        trained_by = evaluator(encoder)  # what the trainer gets to see
        shared = figures.keys() & trained_by.keys()
        assert shared
        assert {name: figures[name] for name in shared} == pytest.approx(
            {name: float(np.nan_to_num(trained_by[name])) for name in shared}, abs=1e-5
        )


@pytest.mark.trains
@pytest.mark.parametrize("case", EVERY)
def test_a_model_against_itself_is_no_change_and_weights_that_did_not_move_or_are_nan_are_a_fault(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(case, folder) as (evaluate, base, repo):
        evaluate.build_base(base).save_pretrained(str(evaluate.model_folder(repo)))
        log = [{"step": 1, "delivered": "Step 1 of 9 is delivered: nothing was measured after the warm-up."}]
        (repo / "results").mkdir(exist_ok=True)
        (repo / "results" / "training.json").write_text(json.dumps(log))
        (repo / "results" / "metrics.json").unlink(missing_ok=True)  # of another test of this repo
        with pytest.raises(SystemExit, match=r"bit for bit those of the base: nothing was learned\. Step 1 of 9"):
            evaluate.main(["--base", base, "--output", str(repo)])
        assert not (repo / "results" / "metrics.json").exists()
        lost = evaluate.build_base(base)
        next(lost.parameters()).data.flatten()[0] = float("nan")
        with pytest.raises(SystemExit, match=r"of the trained model holds NaN or infinity"):
            evaluate.require_moved(lost, lost, "")
        monkeypatch.setattr(evaluate, "require_moved", lambda *models: None)
        assert evaluate.main(["--base", base, "--output", str(repo), "--fail-if-worse"]) == 0
        results = json.loads((repo / "results" / "metrics.json").read_text())
        assert results["verdict"] == "no change"
        change = results["changes"][evaluate.MAIN_METRIC]
        assert change["change"] == change["low"] == change["high"] == pytest.approx(0, abs=1e-6)
        assert change["p"] == 1
        assert (repo / "results" / "report.html").read_text().startswith("<!DOCTYPE html>")


CLASSED = CASES["cross-encoder", "pair-class"]


class Screen(io.StringIO):
    """What somebody looks on."""

    def isatty(self) -> bool:
        return True


@pytest.mark.trains
@pytest.mark.parametrize("case", [CLASSED], ids=by_id)
@pytest.mark.parametrize("looks_on", [True, False], ids=["on a screen", "to a file"])
def test_an_evaluation_shows_how_far_it_is(
    case: Case, folder: Path, looks_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = logging.getLogger("sentence_transformers")
    with opened(case, folder) as (evaluate, base, repo):
        evaluate.build_base(base).save_pretrained(str(evaluate.model_folder(repo)))
        monkeypatch.setattr(evaluate, "require_moved", lambda *models: None)
        stderr = Screen() if looks_on else io.StringIO()
        with contextlib.redirect_stderr(stderr):
            assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
    library.setLevel(logging.NOTSET)
    assert ("Batches: 100%" in stderr.getvalue()) == looks_on


@pytest.mark.trains
@pytest.mark.parametrize("case", [CLASSED], ids=by_id)
def test_a_base_that_knows_the_classes_answers_in_the_order_of_the_data(case: Case, folder: Path) -> None:
    import torch

    with opened(case, folder) as (evaluate, base, repo):
        names = [str(name) for name in evaluate.model.build(base).config.id2label.values()]
        known = evaluate.model.build(base, seed=7)
        other = known.config.id2label = dict(enumerate(map(str.upper, [names[-1], *names[:-1]])))
        known.config.label2id = {name: number for number, name in other.items()}
        known.save_pretrained(str(repo / "known"))
        built = evaluate.model.build(str(repo / "known"))
        answers = [one.predict([("a text", "another")], activation_fn=torch.nn.Identity())[0] for one in (known, built)]
        assert list(built.config.id2label.values()) == names
        assert answers[1].tolist() == pytest.approx([*answers[0][1:], answers[0][0]], abs=1e-5)
        assert len(set(answers[0].tolist())) == len(names) > 1


SPARSE = CASES["sparse", "pair"]


@pytest.mark.trains
@pytest.mark.parametrize("case", [SPARSE], ids=by_id)
def test_how_sparse_embeddings_are_stands_beside_how_well_they_find(case: Case, folder: Path) -> None:
    with opened(case, folder) as (evaluate, base, _):
        evaluator = evaluate.measure.build_test()
        encoder = evaluate.build_base(base)
        metrics, examples = evaluate.measure.score_model(encoder, evaluator)
        queries = encoder.encode_query(evaluator.queries).to_dense()
        documents = encoder.encode_document(evaluator.documents).to_dense()
        for side, vectors in (("query", queries), ("document", documents)):
            assert metrics[f"{side}_active_dims"] == pytest.approx(float((vectors != 0).sum(dim=1).double().mean()))
        assert not {"query_active_dims", "document_active_dims"} & examples.keys()  # more of them is no gain


PAIRS = CASES["dense", "pair"]
LISTS = CASES["cross-encoder", "list"]
CUT = Case("dense", "transformer", "auto", "pair", {"matryoshka": [8, 32, 16]}, name="matryoshka")
STATIC = next(case for case in plain() if case.architecture == "static" and case.format == "pair")


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_a_model_that_got_worse_fails_only_where_it_is_asked_to(case: Case, folder: Path) -> None:
    import torch

    with opened(case, folder) as (evaluate, base, repo):
        spoilt = evaluate.build_base(base)
        for weight in spoilt.parameters():  # all texts get the same embedding
            torch.nn.init.zeros_(weight)
        spoilt.save_pretrained(str(evaluate.model_folder(repo)))
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
        assert evaluate.main(["--base", base, "--output", str(repo), "--fail-if-worse"]) == 1
        results = json.loads((repo / "results" / "metrics.json").read_text())
        assert results["verdict"] == "worse"
        assert results["changes"][evaluate.MAIN_METRIC]["high"] < 0
        assert results["worse"]
        assert not results["better"]


@pytest.mark.trains
@pytest.mark.parametrize("case", [CUT], ids=by_id)
def test_matryoshka_models_are_measured_at_every_width_and_runs_say_what_they_took(case: Case, folder: Path) -> None:
    repos.train(case, folder)
    with opened(case, folder) as (evaluate, base, repo):
        evaluate.main(["--base", base, "--output", str(repo)])
        results = json.loads((repo / "results" / "metrics.json").read_text())
        for model, figures in (("base", "before"), ("trained", "after")):
            assert list(results["dimensions"][model]) == ["32", "16", "8"]
            assert results["dimensions"][model]["32"] == pytest.approx(results[figures][evaluate.MAIN_METRIC])
        assert "cut to fewer dimensions" in (repo / "results" / "report.html").read_text()
        assert "dimensions" not in tree_of("")["evaluate.py"].text
    took = json.loads((repo / "results" / "run.json").read_text())
    assert took["steps"] == {"planned": repos.STEPS, "measured": repos.STEPS}
    assert took["rows a step"] == {"planned": repos.BATCH, "measured": repos.BATCH}
    assert took["seconds"]["measured"] > 0
    assert 0.05 < took["peak memory of one process, GiB"]["measured"] < 64


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS, LISTS, STATIC], ids=by_id)
def test_a_base_that_lacks_weights_is_told_of(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.utils import logging

    with opened(case, folder) as (evaluate, base, repo):
        monkeypatch.setattr(evaluate, "require_moved", lambda *models: None)
        encoder = evaluate.build_base(base)
        if case is PAIRS:
            assert not hasattr(evaluate, "untrained_weights")
            return
        missing = evaluate.untrained_weights(encoder, base)
        assert missing
        encoder.save_pretrained(str(evaluate.model_folder(repo)))
        if case is LISTS:  # a base that has all of them
            assert any("classifier" in name for name in missing)
            whole = str(evaluate.model_folder(repo))
            assert evaluate.untrained_weights(evaluate.build_base(whole), whole) == []
        logging.set_verbosity_warning()
        evaluate.main(["--base", base, "--output", str(repo)])
        assert logging.get_verbosity() == logging.ERROR  # or each load would report the weights once more
        says = json.loads((repo / "results" / "metrics.json").read_text())["says"]
        part = "the classification head" if case is LISTS else "the embeddings of its tokens"
        assert any(f"does not bring {part} ({missing[0]}" in line and "guesses" in line for line in says)


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_search_merges_duplicates_and_keeps_every_relevant_document(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import Dataset

    rows = Dataset.from_dict({"anchor": ["a", "a", "b", "b", "c"], "positive": ["x", "y", "x", "x", "z"]})
    with opened(case, folder) as (evaluate, _, _repo):
        measure = evaluate.measure
        others = set(evaluate.data.load("train")["positive"])
        evaluator = measure.build_evaluator(rows, 5000)
        assert sorted(evaluator.documents) == sorted(others | {"x", "y", "z"})
        assert relevant_of(evaluator) == {"a": {"x", "y"}, "b": {"x"}, "c": {"z"}}

        monkeypatch.setattr(measure, "others", lambda most: iter(["x", "v", "w"]))
        assert sorted(measure.build_evaluator(rows, 5000).documents) == ["v", "w", "x", "y", "z"]
        assert len(measure.build_evaluator(rows, 4).documents) == 4
        assert sorted(measure.build_evaluator(rows, 1).documents) == ["x", "y", "z"]
        assert set(measure.build_evaluator(rows).documents) == {"v", "w", "x", "y", "z"}  # while training too
        asked = measure.build_evaluator(rows, asked=1)
        assert len(asked.queries) == 1
        assert relevant_of(asked)[asked.queries[0]]


def relevant_of(search: Any) -> dict[str, set[str]]:
    """The relevant documents of each query."""
    return {
        query: {document for document, gain in zip(search.documents, gains, strict=True) if gain > 0}
        for query, gains in zip(search.queries, search.gains, strict=True)
    }


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_documents_that_fill_up_are_a_seeded_sample_of_the_training_rows(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import Dataset

    train = Dataset.from_dict({"anchor": ["q"] * 4000, "positive": [f"document {number}" for number in range(4000)]})
    with opened(case, folder) as (evaluate, _, _repo):
        monkeypatch.setattr(evaluate.data, "load", lambda split: train)
        drawn = list(evaluate.measure.others(200))
        assert drawn == list(evaluate.measure.others(200))
        assert len(set(drawn)) == 200
        numbers = [int(text.split()[1]) for text in drawn]
        assert sum(number >= 2000 for number in numbers) == pytest.approx(100, abs=35)  # from all of them alike


CLASSES = CASES["dense", "text-class"]


@pytest.mark.trains
@pytest.mark.parametrize("case", [CLASSES], ids=by_id)
def test_the_probe_tells_rare_classes_of_many_apart(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings of 60 classes that lie near each other, each well apart from the rest: what encoders give."""
    import numpy as np
    from datasets import Dataset

    draw = np.random.default_rng(1)
    middle, centres = draw.normal(size=64), draw.normal(size=(60, 64))

    def split(name: str, most: int) -> Dataset:
        labels = [label for label in range(60) for _ in range(2 + label % most)]  # some of 2 texts, some of 20
        return Dataset.from_dict({"text": [f"{name} {label} {n}" for n, label in enumerate(labels)], "label": labels})

    def encode(texts: list[str], **given: Any) -> Any:
        labels = [int(text.split()[1]) for text in texts]
        found = middle + 0.6 * centres[labels] + 0.3 * draw.normal(size=(len(texts), 64))
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    rows = {"train": split("train", 19), "eval": split("eval", 3), "test": split("test", 3)}
    with opened(case, folder) as (evaluate, _base, _repo):
        measure = evaluate.measure
        for reads in ("read", "load"):
            monkeypatch.setattr(measure.data, reads, lambda name, *_given: rows[name])
        evaluator = measure.build_test()
        assert len(evaluator.queries) == len(rows["test"])
        for length in (0.1, 1, 10):

            def scaled(texts: list[str], *, length: float = length, **given: Any) -> Any:
                return length * encode(texts)

            predicted, label = measure.probe(SimpleNamespace(encode_document=scaled), evaluator.queries)
            assert (predicted == label).mean() > 0.95


@pytest.mark.trains
@pytest.mark.parametrize("case", [CASES["dense", "pair-class"]], ids=by_id)
def test_the_length_of_embeddings_is_nothing_to_the_probe_of_pairs(case: Case, folder: Path) -> None:
    """Training changes it, and the penalty of a logistic regression would weigh with it."""
    import numpy as np
    from datasets import Dataset
    from sklearn.metrics import accuracy_score, f1_score

    class Embeds:
        def __init__(self, length: float) -> None:
            self.length = length

        def encode_query(self, texts: list[str], **given: Any) -> Any:
            found = [np.random.default_rng(int(text)).normal(size=32) + int(text) % 3 / 4 for text in texts]
            return self.length * np.stack(found) / np.linalg.norm(found, axis=1, keepdims=True)

        encode_document = encode_query

    def rows(numbers: range) -> Dataset:
        texts = [str(number) for number in numbers]
        return Dataset.from_dict({"text_1": texts, "text_2": texts, "label": [number % 3 for number in numbers]})

    with opened(case, folder) as (evaluate, _base, _repo):
        probe = evaluate.measure.Probe(rows(range(300)), rows(range(300, 600)))
        found = [probe.predict(Embeds(length))["predicted"] for length in (0.1, 1, 10)]
        metrics = probe(Embeds(1))
    assert (found[0] == found[1]).all()
    assert (found[2] == found[1]).all()
    right = [number % 3 for number in range(300, 600)]
    assert metrics["accuracy"] == pytest.approx(accuracy_score(right, found[1]))
    assert metrics["accuracy"] > 0.5
    assert metrics["f1_macro"] == pytest.approx(f1_score(right, found[1], average="macro"))


@pytest.mark.trains
@pytest.mark.parametrize("case", [CLASSES, PAIRS], ids=by_id)
def test_a_test_asks_more_than_an_evaluation_while_training(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is held out, as far as it can be searched: a small change needs many rows."""
    with opened(case, folder) as (evaluate, _base, _repo):
        measure = evaluate.measure
        everything = len(measure.build_test().queries)
        monkeypatch.setattr(measure, "TESTED", everything - 1)
        assert len(measure.build_test().queries) == everything - 1
        assert measure.QUERIES < 3000


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_a_query_that_is_a_document_itself_is_left_out_of_what_it_finds(case: Case, folder: Path) -> None:
    """Duplicate questions: each question is a document too, and nearest to itself."""
    import numpy as np
    from datasets import Dataset

    rows = Dataset.from_dict(
        {
            "anchor": ["red house", "old barn", "cold river", "tall window"],
            "positive": ["old barn", "red house", "red house", "tall window"],
        }
    )
    with opened(case, folder) as (evaluate, base, _repo):
        measure = evaluate.measure
        measure.others = lambda most: iter(())
        search = measure.build_evaluator(rows, 5000)
        assert sorted(search.queries) == ["cold river", "old barn", "red house"]  # the window has no answer but itself
        places = {document: place for place, document in enumerate(search.documents)}
        near = np.zeros((3, len(places)))
        for row, query in zip(near, search.queries, strict=True):  # what a perfect model gives: itself, then its answer
            if query in places:
                row[places[query]] = 2.0
            row[places[{"red house": "old barn"}.get(query, "red house")]] = 1.0
        for name, values in measure.ranking_metrics(search.gains, near).items():
            if name in ("cosine_ndcg@10", "cosine_accuracy@1", "cosine_mrr@10", "cosine_map@100", "cosine_recall@1"):
                assert values.tolist() == [1, 1, 1], name
        examples = measure.score_bm25(search)
        assert examples.keys() == search.score_each(evaluate.build_base(base)).keys()


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_grades_count_as_beir_counts_them(case: Case, folder: Path) -> None:
    """Held against pytrec_eval's figures by hand: linear gains, and relevant is what has a grade above 0."""
    import numpy as np

    gains = np.array([[3.0, 0.0, 1.0, 2.0, np.nan]])
    scores = np.array([[0.1, 0.9, 0.8, 0.5, 2.0]])  # found: 0, 1, 2, 3
    log = np.log2
    with opened(case, folder) as (evaluate, _, _repo):
        found = evaluate.measure.ranking_metrics(gains, scores)
    ideal = 3 + 2 / log(3) + 1 / log(4)
    assert found["cosine_ndcg@10"][0] == pytest.approx((1 / log(3) + 2 / log(4) + 3 / log(5)) / ideal)
    assert found["cosine_mrr@10"][0] == 1 / 2
    assert found["cosine_map@100"][0] == pytest.approx((1 / 2 + 2 / 3 + 3 / 4) / 3)
    assert found["cosine_recall@3"][0] == pytest.approx(2 / 3)
    assert found["cosine_precision@10"][0] == pytest.approx(3 / 10)


@pytest.mark.trains
@pytest.mark.parametrize("case", [PAIRS], ids=by_id)
def test_bm25_finds_documents_by_their_words(case: Case, folder: Path) -> None:
    from datasets import Dataset

    rows = Dataset.from_dict({"anchor": ["red house", "cold river"], "positive": ["a red house", "this cold river"]})
    with opened(case, folder) as (evaluate, _, _repo):
        evaluate.measure.others = lambda most: iter(["old letter", "tall window"])
        examples = evaluate.measure.score_bm25(evaluate.measure.build_evaluator(rows, 5000))
        assert examples[evaluate.MAIN_METRIC].tolist() == [1, 1]


@pytest.mark.trains
@pytest.mark.parametrize("case", [LISTS], ids=by_id)
def test_bm25_orders_lists_by_their_words(case: Case, folder: Path) -> None:
    from datasets import Dataset

    rows = Dataset.from_dict(
        {
            "anchor": ["red house", "?!"],
            "documents": [["old letter", "a red house"], ["old letter", "tall window"]],
            "scores": [[0.0, 1.0], [1.0, 0.0]],
        }
    )
    with opened(case, folder) as (evaluate, _, _repo):
        examples = evaluate.measure.score_bm25(evaluate.measure.build_evaluator(rows))
        assert examples["map"].tolist() == [1, 0.5]


# Grades of three documents -> those that are relevant where the spec doesn't say, and nDCG@10 of the order given.
GRADED = [
    ([0.0, 1.0, 0.0], [0, 1, 0]),
    ([1.0, 5.0, 3.0], [0, 1, 1]),
    ([0.0, 3.0, 1.0], [0, 1, 0]),
    ([-4.5, 7.5, 2.0], [0, 1, 1]),
    ([0.1, 0.95, 0.2], [0, 1, 0]),
]


@pytest.mark.trains
@pytest.mark.parametrize("case", [LISTS], ids=by_id)
def test_lists_gain_by_grade_from_the_lowest_on(case: Case, folder: Path) -> None:
    import numpy as np
    from datasets import Dataset
    from sklearn.metrics import average_precision_score, ndcg_score

    with opened(case, folder) as (evaluate, _, _repo):
        for grades, relevant in GRADED:
            rows = {"anchor": ["q"], "documents": [["a", "b", "c"]], "scores": [grades]}
            ranking = evaluate.measure.build_evaluator(Dataset.from_dict(rows))
            scores = np.array([0.9, 0.5, 0.7])  # the worst first
            found = {name: values[0] for name, values in ranking.metrics_of(scores).items()}
            gains = np.array(grades) - min(grades)
            assert found["ndcg@10"] == pytest.approx(ndcg_score([gains], [scores], k=10))
            assert found["map"] == pytest.approx(average_precision_score(relevant, scores))
            assert found["mrr@10"] == (1 / 2 if relevant[2] else 1 / 3)
        same = {"anchor": ["q"], "documents": [["a", "b"]], "scores": [[2.0, 2.0]]}
        with pytest.raises(SystemExit, match="no held-out query has documents of different grades"):
            evaluate.measure.build_evaluator(Dataset.from_dict(same))


def test_a_declared_grade_that_no_list_reaches_is_said(tmp_path: Path) -> None:
    from datasets import Dataset

    for name, file in tree_of(LISTED + "metrics = { relevant = 4 }").items():
        if name.endswith(".py"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(file.text)
    two = {"anchor": ["q", "r"], "documents": [["a", "b"], ["c", "d"]]}
    with repos.modules(tmp_path) as load:
        build = load("measure").build_evaluator
        with pytest.raises(SystemExit, match=r"no list has a document of grade 4, .*: the highest is 3"):
            build(Dataset.from_dict({**two, "scores": [[1.0, 3.0], [5.0, 5.0]]}))
        with pytest.raises(SystemExit, match="no held-out query has documents of different grades"):
            build(Dataset.from_dict({**two, "scores": [[1.0, 1.0], [5.0, 5.0]]}))
        build(Dataset.from_dict({**two, "scores": [[1.0, 4.0], [5.0, 5.0]]}))


LISTED = """
model = { type = "cross-encoder", base = "b" }
data = [{ train = "t.jsonl", columns = { anchor = "q", documents = "d", scores = "s" } }]
"""


def test_what_counts_as_relevant_is_declared_or_derived_and_said() -> None:
    derived = tree_of(LISTED)["measure.py"].text
    assert "least=(highest - lowest) / 2" in derived
    assert "those are relevant that stand in the upper half of the scale" in derived
    declared = tree_of(LISTED + "metrics = { relevant = 4 }")["measure.py"].text
    assert "RELEVANT = 4.0  # the least grade that counts as relevant" in declared
    assert "least=RELEVANT - lowest" in declared
    assert [item.code for item in findings_of("metrics = { relevant = 2 }")] == ["STG395"]
    assert "STG395" not in [item.code for item in findings_of(LISTED + "metrics = { relevant = 2 }")]


BEIR = """
data = [{ retrieval = { corpus = "c.jsonl", queries = "q.jsonl", qrels = "r.tsv" } }]
"""
RERANKER = 'model = { type = "cross-encoder", base = "b" }\n'


def test_the_grade_that_counts_reaches_every_measure_of_judgements() -> None:
    constant = "RELEVANT = 2.0  # the least grade that counts as relevant"
    for model in ("", RERANKER):
        measure = tree_of(BEIR + model + "metrics = { relevant = 2 }")["measure.py"].text
        assert constant in measure
        assert "return Ranking(lists, RELEVANT)" in measure or ").numpy(), RELEVANT)" in measure
        assert "RELEVANT" not in tree_of(BEIR + model)["measure.py"].text
    texts = BEIR + 'loss = { convert = ["text"] }\nmetrics = { relevant = 2 }'  # searched for by damaged copies
    assert "RELEVANT" not in tree_of(texts)["measure.py"].text
    assert "STG395" in [item.code for item in findings_of(texts)]
    damaged = BEIR + 'loss = { convert = ["damaged-pair"] }\nmetrics = { relevant = 2 }'
    assert "if graded else RELEVANT" in tree_of(damaged)["measure.py"].text


def test_a_reranker_of_judged_documents_gains_by_their_grades() -> None:
    pytest.importorskip("bm25s")
    text = tree_of(BEIR + RERANKER)["measure.py"].text
    judged = [("red house", "a house", 3.0), ("red house", "a wall", 1.0), ("cold river", "a stream", 2.0)]
    twice = ("red house", "a house", 0.0)  # the same texts under another id
    found = dict(zip(("anchor", "document", "relevance"), map(list, zip(*judged, twice, strict=True)), strict=True))
    data = SimpleNamespace(SOURCES={"train": ""}, read_split=lambda split: found)
    names: dict[str, Any] = {"data": data, "random": random, "SEED": 1, "Ranking": dict, "NEGATIVES": 20, "QUERIES": 9}
    build = text[text.index("def build_evaluator") : text.index("def build_test")]
    exec("from __future__ import annotations\n" + build, names)
    rows = {"anchor": [one[0] for one in judged], "positive": [one[1] for one in judged]}
    assert names["build_evaluator"](rows) == {
        "red house": {"a house": 3, "a wall": 1, "a stream": 0},
        "cold river": {"a stream": 2, "a house": 0, "a wall": 0},
    }


@pytest.mark.parametrize("model", ["dense", "sparse", "multi-vector"])
@pytest.mark.parametrize("negatives", [["n"], ["n", "o"]])
def test_a_search_holds_each_query_against_its_own_negatives(model: str, negatives: list[str]) -> None:
    """However few documents are searched; a bi-encoder that has several of them is measured as one that has one."""
    column = negatives if len(negatives) > 1 else negatives[0]
    columns = f"{{ anchor = 'q', positive = 'p', negative = {json.dumps(column)} }}"
    tree = tree_of(f'model = {{ type = "{model}", base = "b" }}\ndata = [{{ train = "t.jsonl", columns = {columns} }}]')
    text = tree["measure.py"].text
    build = text[text.index("def build_evaluator") : text.index("def others")]
    names: dict[str, Any] = {"random": random, "SEED": 1, "DOCUMENTS_WHILE_TRAINING": 2, "QUERIES": 9}
    names |= {"Search": lambda grades, documents: (grades, list(documents)), "others": lambda most: iter(["x", "y"])}
    exec("from __future__ import annotations\n" + build, names)
    named = ["negative"] if len(negatives) == 1 else ["negative_1", "negative_2"]
    rows = {"anchor": ["a", "b", "b"], "positive": ["a+", "b+", "b*"]}
    rows |= {name: [f"{row}{name}" for row in "abc"] for name in named}
    grades, documents = names["build_evaluator"](rows)
    assert grades == {"a": {"a+": 1.0}, "b": {"b+": 1.0, "b*": 1.0}}
    assert sorted(documents) == sorted({"a+", "b+", "b*"} | {f"{row}{name}" for row in "abc" for name in named})
    (asked,), searched = names["build_evaluator"](rows, most=1, asked=1)
    own = {"a": {"a+"}, "b": {"b+", "b*"}}[asked] | {
        f"{row}{name}" for row in {"a": "a", "b": "bc"}[asked] for name in named
    }
    assert set(searched) == own


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        (LISTED, "for MRR and MAP the upper half of the scale is relevant"),
        (LISTED + "metrics = { relevant = 4 }", "for all but nDCG grades of 4 and more are relevant"),
        (BEIR, "for all but nDCG a grade above 0 is relevant"),
        (BEIR + "metrics = { relevant = 2 }", "for all but nDCG grades of 2 and more are relevant"),
    ],
)
def test_readme_and_report_say_what_is_relevant(fragment: str, said: str) -> None:
    tree = tree_of(fragment)
    assert said in tree["README.md"].text
    assert said in tree["report.html.jinja"].text


def pairs_with(rest: str) -> str:
    return f'data = [{{ train = "t.jsonl", {rest} }}]'


PAIR_COLUMNS = 'columns = { anchor = "q", positive = "a" }'


def test_few_rows_that_are_asked_for_are_a_finding() -> None:
    few = findings_of(pairs_with(f"{PAIR_COLUMNS}, eval = {{ rows = 20 }}"))
    found = [item for item in few if item.code == "STG394"]
    assert [(item.path, item.message) for item in found] == [
        (("data", 0, "eval", "rows"), "20 rows choose the checkpoint")
    ]
    assert "200" in found[0].help
    enough = findings_of(pairs_with(f"{PAIR_COLUMNS}, eval = {{ rows = 50 }}"))
    assert "STG394" not in [item.code for item in enough]


def test_a_metric_with_room_picks_the_checkpoint() -> None:
    """Random triplets and triplets of classes start at 0.99: what is searched for among all texts does not."""
    triplets = pairs_with('columns = { anchor = "a", positive = "p", negative = "n" }')
    assert plan_of(triplets).train.best.metric == "cosine_ndcg@10"
    assert 'for column in ["positive", "negative"] for document in rows[column]' in tree_of(triplets)["measure.py"].text
    plan = plan_of(pairs_with('columns = { text = "t", class = "c" }'))
    assert plan.train.best.metric == "cosine_map@100"
    assert plan.sets[0].evaluation.main == "accuracy"


def verdict_of(folder: Path, fragment: str) -> Any:
    """verdict.py of a spec, as a module."""
    tree = tree_of(fragment)
    for name in ("verdict.py", "seed.py"):
        (folder / name).write_text(tree[name].text)
    with repos.modules(folder) as load:
        return load("verdict")


def means(examples: dict[str, Any], chosen: Any) -> dict[str, float]:
    return {name: float(values[chosen].mean()) for name, values in examples.items()}


def apart(values: Any) -> list[dict[str, str]]:
    """Texts of as many examples, no two of which begin with the same."""
    return [{"query": str(number)} for number in range(len(values))]


def test_no_change_says_how_many_rows_would_tell_such_a_gain(tmp_path: Path) -> None:
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    draw = np.random.default_rng(3)
    before = np.zeros(100)
    after = draw.normal(0, 0.1, 100)
    after += 0.01 - after.mean()  # its interval is about +-0.0196
    change = verdict.compare({"m": before}, {"m": after}, means, apart(before))["m"]
    said = verdict.explain("m", "queries", change, 100)
    few = "too few to tell this change from chance"
    needed = int(
        re.search(rf"100 queries are {few}; about ([\d,]+) would do in four tests of five", said)[1].replace(",", "")
    )
    assert needed == pytest.approx(100 * (2.8 * after.std() / 10 / 0.01) ** 2, rel=0.15)
    tests = draw.normal(0.01, 0.1, (1000, needed))  # of as many rows, where the gain is true
    clear = tests.mean(axis=1) / tests.std(axis=1) * needed**0.5 > 1.96
    assert clear.mean() == pytest.approx(0.8, abs=0.1)
    assert "about" not in verdict.explain("m", "queries", change._replace(change=0.0), 100)
    assert f"{few}, and so would 1,000,000 be" in verdict.explain("m", "queries", change._replace(change=1e-5), 100)
    better = change._replace(low=0.001)
    assert "chance" not in verdict.explain("m", "queries", better, 100)


def test_a_metric_that_began_at_its_ceiling_is_said(tmp_path: Path) -> None:
    verdict = verdict_of(tmp_path, "")
    change = verdict.Change(0.99, 0.992, 0.002, -0.01, 0.01, 0.5)
    assert "near its ceiling of 1 before training already" in verdict.explain("m", "triplets", change, 100)
    assert "ceiling" not in verdict.explain("m", "triplets", change._replace(before=0.9), 100)


def test_the_interval_is_about_as_wide_as_theory_says(tmp_path: Path) -> None:
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    draw = np.random.default_rng(1)
    before = draw.normal(0.5, 0.2, 400)
    after = before + draw.normal(0.02, 0.1, 400)
    change = verdict.compare({"m": before}, {"m": after}, means, apart(before))["m"]
    deviation = (after - before).std() / 20
    assert change.change == pytest.approx((after - before).mean())
    assert change.high - change.low == pytest.approx(2 * 1.96 * deviation, rel=0.1)
    assert verdict.decide(change) == "better"
    assert verdict.compare({"m": before}, {"m": after}, means, apart(before)) == verdict.compare(
        {"m": before}, {"m": after}, means, apart(before)
    )


@pytest.mark.parametrize("rows", [1, 3], ids=["a text for each row", "three rows of each text"])
def test_models_that_differ_by_chance_are_no_change_about_as_often_as_promised(rows: int, tmp_path: Path) -> None:
    """What a model makes of a text shows in all of its rows: each by itself would be taken for a proof of its own."""
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    verdict.RESAMPLES = 300
    draw = np.random.default_rng(2)
    wrong = 0
    for _ in range(200):
        before, after = draw.normal(0, 1, (2, 100)).repeat(rows, axis=1)
        shown = [{"first": str(number // rows), "second": str(number)} for number in range(len(before))]
        wrong += verdict.decide(verdict.compare({"m": before}, {"m": after}, means, shown)["m"]) != "no change"
    assert wrong / 200 == pytest.approx(0.05, abs=0.04)


@pytest.mark.parametrize(("count", "most"), [(1, 0.0), (2, 0.0), (3, 0.0), (5, 0.0), (6, 0.12), (10, 0.1)])
def test_few_queries_tell_nothing_that_chance_would_tell_too(count: int, most: float, tmp_path: Path) -> None:
    """One query is the same in each resample: whatever it changed by would be sure. Resamples of ten still differ too little."""
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    verdict.RESAMPLES = 300
    draw = np.random.default_rng(5)
    wrong = 0
    for _ in range(100):
        before, after = draw.normal(0, 1, (2, count))
        change = verdict.compare({"m": before}, {"m": after}, means, apart(before))["m"]
        assert change.low <= change.change <= change.high
        wrong += verdict.decide(change) != "no change"
    assert wrong / 100 <= most
    few = f"{count} queries are too few to tell this change from chance"
    if count == 1:
        assert verdict.explain("m", "queries", change, count).endswith(f"{few}.")


def test_six_queries_that_all_got_better_are_told_from_chance(tmp_path: Path) -> None:
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    for count, said in ((5, "no change"), (6, "better")):
        before, after = np.zeros(count), np.ones(count)
        assert verdict.decide(verdict.compare({"m": before}, {"m": after}, means, apart(before))["m"]) == said


def test_models_that_find_the_same_are_not_told_that_rows_are_too_few(tmp_path: Path) -> None:
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    found = np.linspace(0.1, 0.9, 30)
    change = verdict.compare({"m": found}, {"m": found}, means, apart(found))["m"]
    said = verdict.explain("m", "queries", change, 30)
    assert said.endswith("p = 1.000). These queries show no difference between the two models.")


def test_a_metric_that_few_examples_have_gets_an_interval_from_the_resamples_that_hold_one(tmp_path: Path) -> None:
    """NaN lies on no side of zero, which the report would mark as more than chance."""
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    before, after = np.full((2, 40), np.nan)
    before[:2], after[:2] = 0.5, [0.4, 0.9]

    def known(examples: dict[str, Any], chosen: Any) -> dict[str, float]:
        values = examples["m"][chosen]
        return {"m": float(np.mean(values[~np.isnan(values)])) if not np.isnan(values).all() else float("nan")}

    change = verdict.compare({"m": before}, {"m": after}, known, apart(before))["m"]
    assert change.low < 0 < change.high
    assert verdict.decide(change) == "no change"
    nobody = {"m": np.full(40, np.nan)}
    assert verdict.compare(nobody, nobody, known, apart(before)) == {}


def test_rows_of_one_text_alone_are_drawn_one_by_one(tmp_path: Path) -> None:
    """Together they would be drawn as they are each time, and any change would be sure."""
    import numpy as np

    verdict = verdict_of(tmp_path, "")
    before, after = np.random.default_rng(4).normal(0, 1, (2, 50))
    change = verdict.compare({"m": before}, {"m": after}, means, [{"query": "the same"}] * 50)["m"]
    assert change == verdict.compare({"m": before}, {"m": after}, means, apart(before))["m"]


def test_no_baseline_for_languages_without_blanks() -> None:
    assert plan_of("").sets[0].evaluation.baseline
    assert "bm25s" in plan_of("").requirements
    japanese = plan_of('project = { languages = ["ja"] }')
    assert not japanese.sets[0].evaluation.baseline
    assert "bm25s" not in japanese.requirements
    assert "bm25" not in tree_of('project = { languages = ["ja"] }')["evaluate.py"].text.lower()


# fmt: off
BEST = (
    ('metrics = { best = "cosine_mrr@10" }',      "cosine_mrr@10",  True),
    ('metrics = { best = "eval_cosine_map@100" }', "cosine_map@100", True),
    ('metrics = { best = "loss" }',               "loss",           False),
)
WRONG = (
    ('metrics = { best = "cosine_ndgc@10" }',           "STG180", "cosine_ndcg@10"),
    ('metrics = { best = "mrr@10" }',                   "STG180", "cosine_mrr@10"),
    ('metrics = { best = "frobnication" }',             "STG180", "leave the key out"),
    ('metrics = { evaluators = ["TripletEvaluator"] }', "STG181", "InformationRetrievalEvaluator"),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "metric", "greater"), BEST)
def test_the_spec_may_name_what_picks_the_checkpoint(fragment: str, metric: str, greater: bool) -> None:
    plan = plan_of(fragment)
    assert plan.train.best.metric == metric
    assert plan.train.arguments["metric_for_best_model"] == f"eval_{metric}"
    assert plan.train.arguments["greater_is_better"] is greater
    assert plan.sets[0].evaluation.main == "cosine_ndcg@10"


@pytest.mark.parametrize(("fragment", "code", "proposal"), WRONG)
def test_what_nothing_measures_is_an_error_with_a_proposal(fragment: str, code: str, proposal: str) -> None:
    found = [item for item in findings_of(fragment) if item.severity == "error"]
    assert [item.code for item in found] == [code]
    assert proposal in found[0].help


def test_the_loss_decides_on_the_similarity() -> None:
    plan = plan_of('loss = { params = { similarity_fct = "dot", scale = 1.0 } }')
    assert plan.sets[0].evaluation.main == "dot_ndcg@10"
    assert (
        'encoder.similarity_fn_name = "dot"'
        in tree_of('loss = { params = { similarity_fct = "dot" } }')["model.py"].text
    )


def test_every_evaluator_row_has_its_measure_and_templates() -> None:
    used = set()
    for row in EVALUATORS:
        measure = measure_of(row.evaluator, row.build, row.metric)
        build = build_of(row.build, row.evaluator, row.format)
        for template in (
            f"{build.template}.py.j2",
            f"measure/{measure.template}.py.j2",
            f"statistic/{measure.statistic}.py.j2",
        ):
            assert (TEMPLATES / "evaluators" / template).exists()
        used.add(measure)
    assert used == set(MEASURES)
