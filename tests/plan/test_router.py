"""Routers: two encoders, planned from the spec, trained together, and measured each on its own side."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import HERE, codes_of, source_of
from matrix import repos
from matrix.cases import Case
from planned import plan_of
from stgen.compile import plan_source
from stgen.plan.plan import Plan
from stgen.values.expressions import to_python

PAIRS = {"anchor": "a", "positive": "p"}
TRIPLETS = {"anchor": "a", "positive": "p", "negative": "n"}
SCORED = {"text_1": "a", "text_2": "b", "score": "s"}
TEXTS = {"text": "t"}
CLASSED = {"text": "t", "class": "c"}
BOTH = {"base": None, "router": True, "query": {"base": "org/small"}, "document": {"base": "org/large"}}
STATIC = {"router": True, "query": {"architecture": "static"}}


def planned(
    model: dict[str, Any], columns: dict[str, Any] = PAIRS, loss: dict[str, Any] | None = None, **more: Any
) -> Plan:
    plan, found = plan_of(model, columns, loss, **more)
    assert plan is not None, found
    return plan


# --- what is planned -------------------------------------------------------------------------------------------------


def test_columns_are_mapped_to_the_two_encoders() -> None:
    plan = planned(BOTH, TRIPLETS)
    assert plan.model.arguments["router_mapping"] == {"anchor": "query", "positive": "document", "negative": "document"}
    assert plan.model.router is not None
    assert (plan.model.base, plan.model.router.query_base) == ("org/large", "org/small")


def test_a_side_without_a_base_starts_from_the_models() -> None:
    plan = planned({"base": "org/one", "router": True, "query": {"base": "./two"}})
    assert plan.model.router is not None
    assert (plan.model.base, to_python(plan.model.router.query_base)) == ("org/one", 'str(ROOT.joinpath("two"))')


@pytest.mark.parametrize(
    ("model", "rates"),
    [
        (BOTH, None),
        (BOTH | {"query": {"base": "a", "learning_rate": 1e-4}}, {r"sub_modules\.query\.": 1e-4}),
        (STATIC, {r"sub_modules\.query\.0\.": 0.2}),
        (STATIC | {"query": {"architecture": "static", "start": "pretrained"}}, {r"sub_modules\.query\.0\.": 0.05}),
        (
            STATIC | {"query": {"architecture": "static", "base": "minishlab/potion-base-8M"}},
            {r"sub_modules\.query\.0\.": 0.05},
        ),
        (
            BOTH | {"query": {"base": "a", "learning_rate": 1e-4}, "document": {"base": "b", "learning_rate": 1e-6}},
            {r"sub_modules\.query\.": 1e-4, r"sub_modules\.document\.": 1e-6},
        ),
    ],
)
def test_each_encoder_may_learn_at_its_own_rate(model: dict[str, Any], rates: dict[str, float] | None) -> None:
    arguments = planned(model).train.arguments
    assert arguments.get("learning_rate_mapping") == rates
    assert arguments["learning_rate"] == 2e-5


def test_the_larger_encoder_decides_on_the_rate() -> None:
    plan = planned(BOTH | {"document": {"base": "Qwen/Qwen3-Embedding-4B"}, "dimensions": 256})
    assert plan.train.arguments["learning_rate"] == 1e-5


def test_lengths_and_pooling_hold_for_both_unless_a_side_says_otherwise() -> None:
    plan = planned(BOTH | {"max_length": 256, "pooling": "cls", "query": {"base": "a", "max_length": 32}})
    assert plan.model.router is not None
    found = {one.name: (one.max_length, one.pooling) for one in plan.model.router.encoders}
    assert found == {"query": (32, "cls"), "document": (256, "cls")}


def test_static_embeddings_come_last_and_take_the_width_of_the_other_encoder() -> None:
    plan = planned(STATIC)
    assert plan.model.router is not None
    loads = [to_python(one.load) for one in plan.model.router.encoders]
    assert loads == ["load(document_base)", "start(query_base, width(document))"]


def test_a_loss_that_masks_by_a_guide_reads_one_tokenizer_only() -> None:
    assert plan_of(BOTH, PAIRS, {"name": "GISTEmbedLoss", "guide": "org/guide"})[1] == ["STG105"]
    assert plan_of({}, PAIRS, {"name": "GISTEmbedLoss", "guide": "org/guide"})[1] == []


def test_cached_losses_split_no_static_embeddings() -> None:
    assert plan_of(STATIC, PAIRS, {"name": "CachedMultipleNegativesRankingLoss"})[1] == ["STG105"]
    assert plan_of(BOTH, PAIRS, {"name": "CachedMultipleNegativesRankingLoss"})[1] == []


# --- what is refused -------------------------------------------------------------------------------------------------


def found(model: dict[str, Any], columns: dict[str, Any] = PAIRS, loss: dict[str, Any] | None = None) -> list[str]:
    return plan_of(model, columns, loss)[1]


# fmt: off
REFUSED: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    # what [model] says                                                                               columns   codes
    (BOTH,                                                                                            PAIRS,    []),
    (BOTH,                                                                                            SCORED,   []),
    (BOTH,                                                                                            CLASSED,  ["STG125"]),
    (BOTH,                                                                                            TEXTS,    ["STG125"]),
    ({},                                                                                              CLASSED,  []),
    (BOTH | {"lora": {}},                                                                             PAIRS,    ["STG074"]),
    ({"lora": {}},                                                                                    PAIRS,    []),
    (BOTH | {"base": "org/third"},                                                                    PAIRS,    ["STG087"]),
    ({"router": True, "architecture": "static"},                                                      PAIRS,    ["STG087"]),
    ({"router": True, "query": {"architecture": "static"}},                                           PAIRS,    []),
    ({"router": True, "base": None, "query": {"base": "a"}},                                          PAIRS,    ["STG073"]),
    ({"router": True, "query": {"base": "a"}},                                                        PAIRS,    []),
    ({"query": {"max_length": 32}},                                                                   PAIRS,    ["STG073"]),
    ({"type": "multi-vector", "query": {"max_length": 32}},                                           PAIRS,    []),
    ({"type": "multi-vector", "query": {"base": "a", "max_length": 32}},                              PAIRS,    ["STG073"]),
    ({"type": "multi-vector", "router": True},                                                        PAIRS,    ["STG072"]),
    ({"type": "sparse", "router": True},                                                              PAIRS,    ["STG072"]),
    (STATIC | {"query": {"architecture": "static", "max_length": 32}},                                PAIRS,    ["STG075"]),
    (STATIC | {"query": {"architecture": "static", "pooling": "cls"}},                                PAIRS,    ["STG075"]),
    (STATIC | {"max_length": 32},                                                                     PAIRS,    []),
    (STATIC | {"query": {"start": "scratch"}},                                                        PAIRS,    ["STG088"]),
    ({"start": "pretrained"},                                                                         PAIRS,    ["STG088"]),
    ({"architecture": "static", "start": "pretrained"},                                               PAIRS,    []),
    ({"architecture": "static", "start": "pretrained", "base": None},                                 PAIRS,    ["STG088"]),
    ({"router": True, "query": {"revision": "main"}},                                                 PAIRS,    ["STG085"]),
    ({"router": True, "query": {"base": "a", "revision": "main"}},                                    PAIRS,    []),
    (BOTH | {"query": {"base": "intfloat/e5-small-v2"}, "document": {"base": "intfloat/e5-base-v2"}}, PAIRS,    ["STG089"]),
    (BOTH | {"query": {"base": "BAAI/bge-base-en-v1.5"}, "document": {"base": "intfloat/e5-base-v2"}}, PAIRS,   []),
]
# fmt: on


@pytest.mark.parametrize(("model", "columns", "expected"), REFUSED)
def test_what_a_router_cannot_have(model: dict[str, Any], columns: dict[str, Any], expected: list[str]) -> None:
    assert [code for code in found(model, columns) if code != "STG090"] == expected


def test_a_projection_makes_encoders_of_different_width_comparable() -> None:
    wide = {"query": {"base": "intfloat/e5-small-v2"}, "document": {"base": "intfloat/e5-base-v2"}}
    assert "STG089" not in found(BOTH | wide | {"dimensions": 384})


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"router": True, "query": {"base": "intfloat/e5-small-v2"}}, ["STG090"]),
        ({"router": True, "query": {"base": "intfloat/e5-small-v2"}, "prompts": {"query": "query: "}}, []),
        ({"router": True, "query": {"base": "intfloat/e5-small-v2", "architecture": "static"}}, []),
        ({"router": True, "document": {"base": "BAAI/bge-small-en-v1.5"}}, []),  # its documents have no prompt
    ],
)
def test_prompts_are_expected_on_the_side_of_their_base(model: dict[str, Any], expected: list[str]) -> None:
    assert found(model) == expected


def test_mining_needs_a_model_whose_sides_agree() -> None:
    mined = {"convert": [{"to": "triplet", "mine": {}}]}
    assert found(BOTH, PAIRS, mined) == ["STG116"]
    assert found(BOTH, PAIRS, {"convert": [{"to": "triplet", "mine": {"model": "org/miner"}}]}) == []


def test_what_is_proposed_for_texts_without_queries_trains_a_router() -> None:
    head = 'stgen = 1\n[model]\ntype = "dense"\nbase = "b"\nrouter = true\n'
    classed = '[[data]]\ntrain = "c.jsonl"\ncolumns = { text = "t", class = "c" }\n'
    (told,) = plan_source(source_of(head + classed), HERE)[1]
    assert told.help == 'write convert = ["triplet"] under [loss]; or leave router out'
    assert found(BOTH, CLASSED, {"convert": ["triplet"]}) == []


def test_a_set_without_queries_among_others_is_told_of() -> None:
    head = 'stgen = 1\n[model]\ntype = "dense"\nbase = "b"\nrouter = true\n'
    pairs = '[[data]]\nname = "pairs"\ntrain = "p.jsonl"\ncolumns = { anchor = "a", positive = "p" }\n'
    classed = '[[data]]\nname = "classed"\ntrain = "c.jsonl"\ncolumns = { text = "t", class = "c" }\n'
    assert codes_of(head + pairs + classed) == ["STG125"]
    assert codes_of(head + pairs + pairs.replace('"pairs"', '"more"')) == []


def test_one_encoder_cuts_queries_and_documents_at_lengths_of_their_own(tmp_path: Path) -> None:
    """Also where the base fills every query up to a length, which then moves with it."""
    pytest.importorskip("sentence_transformers")
    keys = {"query": {"max_length": 8}, "document": {"max_length": 16}}
    case = Case("multi-vector", "transformer", "auto", "pair", keys=keys, name="lengths")
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    base = repo / (repo / "base.txt").read_text()
    long = " ".join(["a red house stands"] * 20)
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        encoder = load("model").build(str(base))
        assert len(encoder.encode_query([long])[0]) <= 8 < len(encoder.encode_document([long])[0]) <= 16
        encoder[0].query_length, encoder[0].query_expansion = None, {"strategy": "fixed", "length": 32, "attend": True}
        encoder.save_pretrained(str(tmp_path / "fills"))
        filling = load("model").build(str(tmp_path / "fills"))
        assert len(filling.encode_query(["a house"])[0]) == 8


# --- trained and measured --------------------------------------------------------------------------------------------

KEYS: dict[str, dict[str, Any]] = {
    "router": {"query": {"base": "../bases/other"}},
    "static-router": {"query": {"architecture": "static"}},
    "inference-free": {},
}


def case_of(architecture: str, format: str, **keys: Any) -> Case:
    model = "sparse" if architecture == "inference-free" else "dense"
    name = "-".join(["sides", *keys])
    return Case(model, architecture, "auto", format, keys=KEYS[architecture] | keys, name=name)


PROMPTED = {"prompts": {"query": "the: "}}
QUICK = [case_of("router", "pair"), case_of("router", "pair-binary", **PROMPTED)]
SLOW = [
    case_of("router", "pair-score", **PROMPTED),
    case_of("static-router", "pair-score"),
    case_of("static-router", "pair-embedding"),
    case_of("router", "n-tuple-scores", **PROMPTED),
    case_of("inference-free", "pair-score"),
    case_of("inference-free", "pair-binary"),
    case_of("inference-free", "triplet-scores"),
]
CASES = [pytest.param(case, id=case.id) for case in QUICK]
CASES += [pytest.param(case, id=case.id, marks=pytest.mark.matrix) for case in SLOW]


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repos of all selected cases."""
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("router")
    items = [item for item in request.session.items if item.fspath == request.fspath and hasattr(item, "callspec")]
    cases = {
        item.callspec.params["case"].id: item.callspec.params["case"]
        for item in items
        if "case" in item.callspec.params
    }
    repos.compile_all(list(cases.values()), made)
    return made


@contextlib.contextmanager
def opened(case: Case, folder: Path) -> Iterator[Any]:
    """The import system of a case's repo, with the model that it starts from."""
    repo = folder / case.id
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        yield load, load("evaluate").build_base(str(repo / (repo / "base.txt").read_text()))


@pytest.mark.trains
@pytest.mark.parametrize("case", [CASES[0], *CASES[2:4]])
def test_both_encoders_learn(case: Case, folder: Path) -> None:
    import torch

    repo = folder / case.id
    base = str(repo / (repo / "base.txt").read_text())
    with opened(case, folder) as (load, fresh):
        program = load("train")
        trained = program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "2"]))
        before = dict(fresh.named_parameters())
        moved = [name for name, now in trained.named_parameters() if not torch.equal(now.cpu(), before[name].cpu())]
        for side in ("query", "document"):
            assert any(f"sub_modules.{side}." in name for name in moved)


@pytest.mark.trains
@pytest.mark.parametrize("case", CASES)
def test_each_side_is_measured_by_its_own_encoder(case: Case, folder: Path) -> None:
    """What the evaluator sees of a pair is what the two encoders make of it, prompts in front; equal texts stay apart."""
    import numpy as np
    import torch

    with opened(case, folder) as (load, encoder):
        evaluate = load("evaluate")
        evaluator = evaluate.measure.build_test()
        metrics, examples = evaluate.measure.score_model(encoder, evaluator)
        count = len(next(iter(examples.values())))
        figures = evaluate.measure.aggregate(examples, np.arange(count))
        assert figures == pytest.approx({name: float(np.nan_to_num(metrics[name])) for name in figures}, abs=1e-5)
        if not hasattr(evaluator, "embed_inputs") or case.format == "pair":
            return
        texts = ["a red house", "a cold river"]
        if case.model == "sparse":  # it has counted, and counts no further
            evaluator.sparsity_stats = defaultdict(list)
        queries = [evaluate.measure.Query(text) for text in texts]
        found = evaluator.embed_inputs(encoder, [*queries, *texts])
        routes = [encoder.encode_query(texts), encoder.encode_document(texts)]
        for one, other in zip(found, (vector for vectors in routes for vector in vectors), strict=True):
            dense = [torch.as_tensor(part) for part in (one, other)]
            dense = [part.to_dense() if part.is_sparse else part for part in dense]
            torch.testing.assert_close(dense[0].cpu(), dense[1].cpu(), atol=1e-5, rtol=1e-4)
        assert len({*queries, *texts}) == 4


@pytest.mark.trains
@pytest.mark.parametrize("case", CASES[:1])
def test_a_collapse_of_the_document_encoder_is_seen(case: Case, folder: Path) -> None:
    """Without its route every text would go through the encoder of queries, which is as it was."""
    import torch

    with opened(case, folder) as (load, encoder):
        monitor, evaluate = load("monitor"), load("evaluate")
        examples = [list(one.values())[:2] for one in evaluate.measure.texts(evaluate.measure.build_test())]
        start = monitor.look(encoder, examples)
        for name, weight in encoder.named_parameters():
            if "sub_modules.document." in name:
                torch.nn.init.zeros_(weight)
        assert monitor.find_collapse(start, start) is None
        assert monitor.look(encoder, examples)["near_identical"] > start["near_identical"]
