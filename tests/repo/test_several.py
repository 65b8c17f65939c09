"""Several data sets that are trained together: their repos, trained two steps, and what is refused."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import torch
from compiling import HERE, codes_of, source_of, write_tree
from datasets import Dataset
from matrix import repos, samples
from matrix.cases import Case
from prompted import bring, record
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
from stgen.compile import compile_source, plan_source
from stgen.language.paths import Place
from stgen.plan.explain import explain, explanation_data
from stgen.plan.plan import Plan
from stgen.source.source import read
from stgen.values.expressions import Name
from torch.utils.data import ConcatDataset


def kind(model: str, architecture: str, *formats: str, weights: bool = False, **keys: Any) -> Any:
    """A repo on sets of those formats; only the first of all is trained where the matrix isn't."""
    name = "-".join(["and", *formats[1:], *keys, *(["weighted"] if weights else [])])
    case = Case(model, architecture, "auto", formats[0], keys=keys, name=name)
    return pytest.param(
        case, formats, weights, id=case.id, marks=() if formats[-1] == "text-class" else pytest.mark.matrix
    )


KINDS = [
    kind("dense", "transformer", "pair", "pair-score", "text-class", weights=True),
    kind("dense", "transformer", "pair", "pair-class"),
    kind("dense", "transformer", "pair-embedding", "pair-class", "text"),
    kind("dense", "transformer", "triplet", "n-tuple", "pair-binary", prompts={"query": "the: "}),
    kind("dense", "transformer", "triplet-margin", "n-tuple-scores", lora={"r": 4}),
    kind("dense", "static", "pair", "triplet", weights=True),
    kind("dense", "static", "pair", "pair-score", base=None),
    kind("dense", "router", "pair", "pair-score", "triplet", weights=True, dimensions=16),
    kind("sparse", "splade", "pair", "pair-score", "triplet-margin"),
    kind("sparse", "inference-free", "pair", "pair-score", weights=True),
    kind("sparse", "csr", "triplet", "pair"),
    kind("cross-encoder", "transformer", "pair", "list", "pair-score"),
    kind("cross-encoder", "transformer", "pair-class", "pair-class"),
    kind("multi-vector", "transformer", "pair", "triplet", "n-tuple", prompts={"query": "the: "}),
]


WATCHED = {
    "metrics": {"custom": ["mine.py:coverage"]},
    "prepare": {"normalize": {"case": "lower"}, "deduplicate": {"exact": True}},
}


TASK = {  # a task of MTEB whose texts are trained on
    "mteb": {
        "local": [
            {
                "name": "scored pairs",
                "type": "STS",
                "path": "../data/pair-score/benchmark.jsonl",
                "columns": {"sentence1": "a", "sentence2": "b", "score": "s"},
            }
        ]
    }
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("several")


def write(case: Case, formats: tuple[str, ...], weights: bool, folder: Path, **tables: Any) -> Path:
    """Compile a repo on one set for each format; the first of all has prompts of its own where `tables` says so."""
    repo = folder / case.id
    repo.mkdir()
    sets = []
    for number, format in enumerate(formats):
        data = folder / "data" / format
        if not data.exists():
            samples.write(data, format, repos.WIDTHS[case.architecture] if "embedding" in format else 0)
        files = {split: f"../data/{format}/{split}.jsonl" for split in ("train", "eval", "test")}
        name = f"set_{number}"
        share = {"weight": number + 1} if weights else {}
        sets.append({"name": name, **files, "columns": samples.COLUMNS[format], **share})
    if "prompts" in tables:
        sets[0]["prompts"] = tables.pop("prompts")
    repos.write_repo({**repos.spec_of(case, ""), "data": sets, **tables}, repo)
    return repo


@pytest.mark.trains
@pytest.mark.parametrize(("case", "formats", "weights"), KINDS)
def test_trains_and_measures(case: Case, formats: tuple[str, ...], weights: bool, folder: Path) -> None:
    repo = write(case, formats, weights, folder)
    assert repos.lint(repo) == ""
    repos.train(case, folder)
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluation = load("evaluate")
        assert evaluation.main(["--base", base, "--output", str(repo)]) == 0
    metrics = json.loads((repo / "results" / "metrics.json").read_text())
    assert sorted(metrics["verdicts"]) == [f"set_{number}" for number in range(len(formats))]
    assert metrics["main_metric"] in metrics["after"]
    assert len(metrics["data"]) == 3 * len(formats)
    assert (repo / "results" / "report.html").exists()


ALL = [
    pytest.param("dense", "transformer", ("pair", "pair-score"), id="dense"),
    pytest.param("cross-encoder", "transformer", ("pair", "pair-score"), id="cross-encoder", marks=pytest.mark.matrix),
    pytest.param("sparse", "splade", ("pair", "triplet"), id="sparse", marks=pytest.mark.matrix),
    pytest.param("multi-vector", "transformer", ("pair", "triplet"), id="multi-vector", marks=pytest.mark.matrix),
]


@pytest.mark.trains
@pytest.mark.parametrize(("model", "architecture", "formats"), ALL)
def test_all_that_can_be_asked_of_several_sets(
    model: str, architecture: str, formats: tuple[str, ...], folder: Path
) -> None:
    """Cleaned, with prompts of its own for one set, monitors, and a metric of the user's own."""
    case = Case(model, architecture, "auto", formats[0], name="all")
    tables = WATCHED | ({"metrics": WATCHED["metrics"] | TASK} if model == "dense" else {})
    repo = write(case, formats, False, folder, prompts={"query": "the: "}, **tables)
    leaked = (repo / "../data" / formats[0] / "train.jsonl").read_text().splitlines()[0]
    if model == "dense":
        scored = repo.parent / "data" / "pair-score"
        (scored / "benchmark.jsonl").write_text((scored / "train.jsonl").read_text())
    own = repo.parent / "data" / formats[0] / "test.jsonl"
    before = own.read_text()
    own.write_text(before + leaked + "\n")
    try:
        assert repos.lint(repo) == ""
        repos.train(case, folder)
        base = str(repo / (repo / "base.txt").read_text())
        with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
            assert load("evaluate").main(["--base", base, "--output", str(repo)]) == 0
            if model == "dense":
                assert load("mteb_tasks").main(["--base", base, "--output", str(repo)]) == 0
    finally:
        own.write_text(before)
    log = json.loads((repo / "results" / "training.json").read_text())
    assert log[0].keys() == {"step", "chance_level_set_0_loss"} | (
        {"chance_level_set_1_loss"} if formats[1] == "triplet" else set()
    )
    watched = [row["step"] for row in log if "monitor_set_0_spread" in row]
    assert watched == sorted(set(watched))
    assert len(watched) > 1
    if model == "dense":
        measured = json.loads((repo / "results" / "mteb.json").read_text())
        assert set(measured["scores"]["trained"]) == {"scored pairs"}
        assert measured["leaks"]["scored pairs"] > 0
    metrics = json.loads((repo / "results" / "metrics.json").read_text())
    assert {"set_0_coverage", "set_1_coverage"} <= metrics["after"].keys()
    assert metrics["leaks"]["set_0, test"] == 1
    assert metrics["leaks"]["set_1, eval"] == 0
    for name in ("set_0", "set_1"):
        assert (repo / "results" / name / "prepare.json").exists()
        assert (repo / "prepared" / name / "rows" / "removed.jsonl").exists()


@pytest.mark.trains
def test_each_set_is_trained_and_measured_with_its_own_prompts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("dense", "transformer", "auto", "pair", name="own-prompts", keys={"prompts": {"document": "a: "}})
    repo = write(case, ("pair", "pair-class"), False, folder, prompts={"query": "the: "})
    seen: dict[str, set[str]] = defaultdict(set)
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        program, evaluation = load("train"), load("evaluate")
        base = str(repo / (repo / "base.txt").read_text())
        options = program.parse(["--base", base, "--output", str(repo), "--max-steps", "6"])
        record(load("model").build(base), seen, monkeypatch)
        program.run(options)
        assert evaluation.main(["--base", base, "--output", str(repo)]) == 0
    rows = [samples.row("pair", number, 0) for number in range(3 * samples.ROWS)]
    # The texts of both sets are the same: as an anchor with the prompt of its set, and without one in the other.
    assert {prompt for row in rows for prompt in seen[row["a"]]} == {"the: ", ""}
    assert {prompt for row in rows for prompt in seen[row["p"]]} == {"a: "}


@pytest.mark.trains
@pytest.mark.parametrize("brought", [False, True], ids=["said", "brought"])
def test_texts_without_a_query_have_one_prompt_beside_sets_with_queries(
    brought: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are searched with and through, and a probe reads them: all as they were trained, with that of documents."""
    both = {"query": "the: ", "document": "a: "}
    name = f"alone-{brought}"
    case = Case("dense", "transformer", "auto", "pair", name=name, keys={} if brought else {"prompts": both})
    repo = write(case, ("pair", "text-class"), False, folder)
    base = folder / f"base-{brought}"
    shutil.copytree(repo / (repo / "base.txt").read_text(), base)
    if brought:
        bring(base, "dense", both)
    for number, split in enumerate(("train", "eval", "test")):  # the texts of a class are others than the pairs'
        rows = [samples.row("text-class", number * samples.ROWS + one, 0) for one in range(samples.ROWS)]
        told = [json.dumps(row | {"t": row["t"].replace("a ", "that ", 1)}) for row in rows]
        (repo / f"{split}.jsonl").write_text("\n".join(told) + "\n")
    spec = json.loads((repo / "stgen.json").read_text())
    spec["data"][1] |= {split: f"{split}.jsonl" for split in ("train", "eval", "test")}
    repos.write_repo(spec, repo)
    seen: dict[str, set[str]] = defaultdict(set)
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        assert load("prepare").main([]) == 0
        program, evaluation = load("train"), load("evaluate")
        record(load("model").build(str(base)), seen, monkeypatch)
        program.run(program.parse(["--base", str(base), "--output", str(repo), "--max-steps", "6"]))
        assert evaluation.main(["--base", str(base), "--output", str(repo)]) == 0
    classed = {text: prompts for text, prompts in seen.items() if text.startswith("that ")}
    assert len(classed) > samples.ROWS
    assert {prompt for prompts in classed.values() for prompt in prompts} == {"a: "}
    assert {prompt for text, prompts in seen.items() if text.startswith("a ") for prompt in prompts} == {"the: "}


# --- what is planned and what is refused -----------------------------------------------------------------------------

HEAD = 'stgen = 1\n[model]\ntype = "{model}"\nbase = "b"\n'
PAIRS = '[[data]]\nname = "pairs"\ntrain = "p.jsonl"\ncolumns = { anchor = "a", positive = "p" }\n'
SCORED = '[[data]]\nname = "scored"\ntrain = "s.jsonl"\ncolumns = { text_1 = "a", text_2 = "b", score = "s" }\n'
CLEANED = "[prepare]\ndeduplicate = { exact = true }\n"
TEXTS = '[[data]]\nname = "texts"\ntrain = "t.jsonl"\ncolumns = { text = "t" }\n'
CLASSED = '[[data]]\nname = "classed"\ntrain = "c.jsonl"\ncolumns = { text = "t", class = "c" }\n'


def several(*sets: str, model: str = "dense") -> str:
    return HEAD.format(model=model) + "".join(sets)


def planned(text: str) -> Plan:
    plan, findings = plan_source(source_of(text), HERE)
    assert plan is not None, findings
    return plan


def test_each_set_has_its_own_loss() -> None:
    plan = planned(several(PAIRS, SCORED, CLASSED))
    assert [one.loss.name for one in plan.sets] == [
        "MultipleNegativesRankingLoss",
        "CosineSimilarityLoss",
        "MultipleNegativesRankingLoss",
    ]
    assert plan.train.arguments["multi_dataset_batch_sampler"] == "proportional"
    assert plan.train.arguments["metric_for_best_model"] == "eval_pairs_cosine_ndcg@10"


def test_texts_without_labels_lead_nothing_beside_rows_that_say_what_is_right() -> None:
    """Neither the checkpoint nor the schedule: copies of its texts say nothing of the task, wherever their set stands."""
    texts = TEXTS + 'loss = { name = "DenoisingAutoEncoderLoss" }\n'
    for sets in ((texts, SCORED), (SCORED, texts)):
        plan = planned(several(*sets))
        arguments = plan.train.arguments
        assert arguments["metric_for_best_model"] == "eval_scored_spearman_cosine"
        assert (arguments["lr_scheduler_type"], arguments["num_train_epochs"]) == ("linear", 4)
        assert plan.mix is not None
        assert (plan.mix.main, plan.mix.main_set) == ("scored_spearman_cosine", sets.index(SCORED))
        why = next(one.why for one in plan.decisions if one.what == "checkpoint is picked by")
        assert "the first set whose rows say what is right" in why
    alone = planned(several(texts, texts.replace('"texts"', '"more"'))).train.arguments
    assert alone["metric_for_best_model"] == "eval_texts_cosine_ndcg@10"
    assert alone["lr_scheduler_type"] == "constant"


def test_one_set_is_several_sets_of_one() -> None:
    """Its name tells it from no other: it stands in no name of a module or metric."""
    (only,) = planned(several(PAIRS) + CLEANED).sets
    first, second = planned(several(PAIRS, SCORED) + CLEANED).sets
    assert (only.name, only.data.name, only.module("data")) == ("", "pairs", "data")
    assert (first.name, first.data.name, first.module("data")) == ("pairs", "pairs", "data_pairs")
    assert (second.name, second.module("data")) == ("scored", "data_scored")
    assert only.prepare is not None
    assert first.prepare is not None
    assert first.prepare.programs == ("clean_pairs.py", "data_pairs.py", "prepare_pairs.py", "reading.py", "seed.py")
    prepared = only.prepare.replaced(programs=first.prepare.programs)
    assert only.replaced(name="pairs", prepare=prepared) == first.replaced(share=1.0)
    assert planned(several(PAIRS)).mix is None


def test_sets_of_one_loss_type_check() -> None:
    """A dict of one class of losses is no dict of modules, which the trainer's parameter is."""
    tree, wrong = compile_source(source_of(several(PAIRS, PAIRS.replace('"pairs"', '"more"'))), HERE)
    assert tree is not None, wrong
    assert "-> dict[str, nn.Module]:" in tree["train.py"].text
    assert "from torch import nn" in tree["train.py"].text


def test_one_sampler_serves_sets_whose_losses_agree() -> None:
    triplets = PAIRS.replace('"pairs"', '"triplets"').replace("}", ', negative = "n" }')
    plan = planned(several(PAIRS, triplets))
    assert plan.mix is not None
    assert not plan.mix.samplers
    assert plan.train.arguments["batch_sampler"] == "no_duplicates"


def test_the_eval_loss_of_each_set_is_that_of_rows_that_fit_into_its_batches() -> None:
    """Where few anchors have many rows no batch without duplicates can be filled, and the set had no eval loss."""
    tree, wrong = compile_source(source_of(several(PAIRS, PAIRS.replace('"pairs"', '"more"'))), HERE)
    assert tree is not None, wrong
    program = tree["train.py"].text
    assert "eval_dataset=DatasetDict({name: without_repeats(rows) for name, rows in eval_rows.items()})" in program
    assert "min(len(without_repeats(rows)) for rows in eval_rows.values())" in program
    classes, wrong = compile_source(source_of(several(CLASSED, CLASSED.replace('"classed"', '"more"'))), HERE)
    assert classes is not None, wrong
    assert "without_repeats" not in classes["train.py"].text


def test_a_set_without_a_weight_weighs_one() -> None:
    plan = planned(several(PAIRS + "weight = 3\n", SCORED))
    assert [one.share for one in plan.sets] == [0.75, 0.25]
    assert plan.train.arguments["multi_dataset_batch_sampler"] == Name("WeightedBatchSampler")


def test_the_metric_of_any_set_can_pick_the_checkpoint() -> None:
    metrics = '[metrics]\nbest = "{}"\n'
    best = planned(several(PAIRS, SCORED) + metrics.format("scored_pearson_cosine")).train.arguments
    assert best["metric_for_best_model"] == "eval_scored_pearson_cosine"
    best = planned(several(PAIRS, SCORED) + metrics.format("scored_loss")).train.arguments
    assert (best["metric_for_best_model"], best["greater_is_better"]) == ("eval_scored_loss", False)
    assert codes_of(several(PAIRS, SCORED) + metrics.format("pearson_cosine")) == ["STG180"]


def test_names_become_modules() -> None:
    assert codes_of(several(PAIRS, SCORED.replace('"scored"', '"sts-b"'))) == ["STG052"]
    assert codes_of(several(PAIRS, SCORED.replace('"scored"', '"Pairs"'))) == ["STG044"]
    assert codes_of(several(SCORED.replace('"scored"', '"sts-b"'))) == []  # a single set has no module of its own


def test_a_loss_of_the_users_own_does_not_hide_a_module() -> None:
    own = 'loss = {{ custom = "{}.py:MyLoss" }}\n'
    assert codes_of(several(PAIRS + own.format("data_scored"), SCORED)) == ["STG122"]
    assert codes_of(several(PAIRS + own.format("data_others"), SCORED)) == []
    metric = '[metrics]\ncustom = ["measure_scored.py:mine"]\n'
    assert codes_of(several(PAIRS, SCORED) + metric) == ["STG187"]
    assert codes_of(several(SCORED) + metric) == []


def test_losses_of_the_users_own_share_a_file() -> None:
    own = 'loss = {{ custom = "mine.py:{}" }}\n'
    tree, wrong = compile_source(source_of(several(PAIRS + own.format("One"), SCORED + own.format("Two"))), HERE)
    assert tree is not None, wrong
    names = [node.name for node in ast.parse(tree["mine.py"].text).body if isinstance(node, ast.ClassDef)]
    assert names == ["One", "Two"]


def test_a_loss_and_a_metric_share_no_file() -> None:
    spec = several(PAIRS + 'loss = { custom = "mine.py:One" }\n', SCORED) + '[metrics]\ncustom = ["{}.py:one"]\n'
    assert codes_of(spec.replace("{}", "mine")) == ["STG187"]
    assert codes_of(spec.replace("{}", "Mine")) == ["STG122"]  # one file where case doesn't count
    assert codes_of(spec.replace("{}", "yours")) == []


def test_losses_that_no_one_model_serves() -> None:
    classes = SCORED.replace('score = "s"', 'class = { column = "c", names = ["no", "maybe", "yes"] }')
    assert codes_of(several(PAIRS, classes, model="cross-encoder")) == ["STG124"]
    dot = 'loss = { params = { similarity_fct = "dot" } }\n'
    assert codes_of(several(PAIRS + dot, SCORED)) == ["STG124"]
    assert codes_of(several(PAIRS, SCORED)) == []


def test_a_sparse_model_is_compared_as_the_loss_that_sets_it_says() -> None:
    plan = planned(several(PAIRS, SCORED, model="sparse"))
    assert [one.evaluation.similarity for one in plan.sets] == ["cosine", "cosine"]


def test_prompts_and_routes_stand_under_the_name_of_the_set() -> None:
    text = several(PAIRS, SCORED, model="sparse").replace(
        'base = "b"', 'base = "b"\narchitecture = "inference-free"\nprompts = { query = "q: " }'
    )
    arguments = planned(text).model.arguments
    assert arguments["prompts"] == {"pairs": {"anchor": "q: "}, "scored": {"text_1": "q: "}}
    assert arguments["router_mapping"]["pairs"] == {"anchor": "query", "positive": "document"}


def test_explain_tells_of_every_set() -> None:
    plan = planned(several(PAIRS, SCORED))
    assert "CosineSimilarityLoss" in explain(plan)
    assert "MultipleNegativesRankingLoss" in explain(plan)
    assert list(explanation_data(plan)["sets"]) == ["pairs", "scored"]


def test_a_repo_whose_sets_are_prepared_needs_no_fix(folder: Path) -> None:
    """A set that is prepared with models, one that is prepared, and one that is read as it is."""
    repo = folder / "prepared"
    repo.mkdir()
    mined = 'loss = { convert = [{ to = "triplet", mine = { negatives = 2 } }] }\n'
    labelled = 'loss = { convert = [{ to = "pair-binary", threshold = 0.5 }] }\n'
    (repo / "stgen.toml").write_text(
        several(PAIRS + mined, CLASSED, SCORED + labelled, SCORED.replace("scored", "plain"))
    )
    source, _ = read(str(repo / "stgen.toml"))
    assert source is not None
    tree, findings = compile_source(source, Place(str(repo), str(repo)))
    assert tree is not None, findings
    write_tree(tree, repo)
    assert repos.lint(repo) == ""
    assert {"prepare.py", "prepare_pairs.py", "prepare_scored.py", "data_plain.py"} <= {*tree}
    assert "prepare_plain.py" not in tree


OWN = """
[metrics]
custom = ["mine.py:coverage"]
monitor = ["collapse", "leakage"]
[metrics.mteb]
tasks = ["STSBenchmark.v2"]
[prepare]
normalize = { case = "lower" }
"""


def test_what_is_built_for_a_single_set_is_built_for_several() -> None:
    assert codes_of(several(PAIRS, SCORED) + OWN) == codes_of(several(PAIRS) + OWN) == []
    plan = planned(several(PAIRS, SCORED) + OWN)
    assert {"mteb", "pyarrow"} <= {*plan.requirements}
    assert [bool(one.clean) for one in plan.sets] == [True, True]


def test_decontamination_of_several_sets_says_how_far_it_goes() -> None:
    table = "[prepare]\ndecontaminate = {}\n"
    decided = {one.what: one.value for one in planned(several(PAIRS, SCORED) + table).decisions}
    assert decided["decontamination"] == "each set against its own eval and test rows"
    assert "decontamination" not in {one.what for one in planned(several(PAIRS, SCORED)).decisions}


def test_a_loss_of_the_users_own_does_not_hide_what_cleans() -> None:
    own = 'loss = { custom = "clean_pairs.py:MyLoss" }\n'
    assert codes_of(several(PAIRS + own, SCORED)) == ["STG122"]


PROMPTED = 'prompts = { query = "find: " }\n'


def test_prompts_of_one_set_are_its_own() -> None:
    model = 'base = "b"\nprompts = { query = "q: ", document = "d: " }'
    plan = planned(several(PAIRS + PROMPTED, SCORED).replace('base = "b"', model))
    assert plan.model.arguments["prompts"] == {
        "pairs": {"anchor": "find: ", "positive": "d: "},
        "scored": {"text_1": "q: ", "text_2": "d: "},
    }
    assert plan.model.prompts == {"query": "q: ", "document": "d: ", "pairs_query": "find: "}
    plan = planned(several(PAIRS + PROMPTED, SCORED))
    assert plan.model.arguments["prompts"] == {"pairs": {"anchor": "find: "}}
    assert plan.mix is not None
    assert plan.mix.prompts["scored"] == {"query": "", "document": ""}


def test_an_empty_prompt_of_a_set_means_none() -> None:
    text = several(PAIRS + 'prompts = { query = "" }\n', SCORED)
    plan = planned(text.replace('base = "b"', 'base = "b"\nprompts = { query = "q: " }'))
    assert plan.model.arguments["prompts"] == {"scored": {"text_1": "q: "}}


def test_prompts_of_a_single_set_are_those_of_the_model() -> None:
    plan = planned(several(PAIRS + PROMPTED))
    assert plan.model.prompts == {"query": "find: "}
    assert plan.model.arguments["prompts"] == {"anchor": "find: "}


def test_a_cross_encoder_has_one_prompt_for_each_set() -> None:
    plan = planned(several(PAIRS + PROMPTED, SCORED, model="cross-encoder"))
    assert plan.model.arguments["prompts"] == {"pairs": "find: "}
    assert plan.model.prompts == {"query": "", "pairs_query": "find: "}
    assert codes_of(several(PAIRS + 'prompts = { document = "d: " }\n', SCORED, model="cross-encoder")) == ["STG120"]


@pytest.mark.parametrize("weights", [(2, 1), (None, None)], ids=["weighted", "by size"])
def test_a_batch_of_one_set_is_split_over_all_devices(weights: tuple[int | None, int | None]) -> None:
    """So every device of a step has the same set: a loss that gathers waits for every device."""
    sets = [
        one + (f"weight = {weight}\n" if weight else "") for one, weight in zip((PAIRS, SCORED), weights, strict=True)
    ]
    made = planned(several(*sets) + '[hardware]\naccelerator = "cuda"\ngpus = 4\n')
    assert made.train.arguments["accelerator_config"] == {"split_batches": True}
    assert made.train.arguments["dataloader_drop_last"] is True


def test_a_set_that_begins_again_has_a_new_order(tmp_path: Path) -> None:
    """Each pass over the rows has an order of its own, and the same seed and epoch give the same batches."""
    repo = tmp_path / "repo"
    repo.mkdir()
    spec = several(PAIRS + "weight = 20\n", SCORED + "weight = 1\n")
    (repo / "stgen.toml").write_text(spec.replace('base = "b"', 'base = "./b"'))
    source, _ = read(str(repo / "stgen.toml"))
    assert source is not None
    tree, findings = compile_source(source, Place(str(repo), str(repo)))
    assert tree is not None, findings
    write_tree(tree, repo)
    small = Dataset.from_dict({"anchor": [f"a {n}" for n in range(16)], "positive": [f"p {n}" for n in range(16)]})
    large = Dataset.from_dict({"anchor": [f"b {n}" for n in range(240)], "positive": [f"q {n}" for n in range(240)]})

    def draw(epoch: int) -> list[tuple[int, ...]]:
        shared = torch.Generator()
        samplers = [
            NoDuplicatesBatchSampler(rows, batch_size=4, drop_last=True, generator=shared, seed=1)
            for rows in (small, large)
        ]
        mixed = train.WeightedBatchSampler(ConcatDataset([small, large]), samplers, shared, 1)
        mixed.set_epoch(epoch)
        batches = [tuple(batch) for batch in mixed]
        assert len(batches) == len(mixed) == 64
        return batches

    with repos.modules(repo) as load:
        train = load("train")
        first, again, second = draw(0), draw(0), draw(1)
    assert first == again != second
    passes = [batch for batch in first if batch[0] < 16]
    assert len(passes) > 40
    assert len(set(passes)) > 0.9 * len(passes)  # 4 distinct ones, if each pass had the same order
    for start in range(0, len(passes) - 3, 4):
        assert sorted(row for batch in passes[start : start + 4] for row in batch) == list(range(16))
