"""What the generated repo watches beside its metrics: collapse, leaked rows, and metrics of the user's own."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from compiling import findings_of, plan_of, tree_of, write_tree
from matrix import repos
from matrix.cases import Case, plain

CASES = {
    case.model: case
    for case in reversed(plain())
    if case.format == "pair" and case.architecture in ("transformer", "splade")
}
FIGURES = {
    "dense": {"spread", "near_identical", "effective_rank"},
    "sparse": {"spread", "near_identical", "effective_rank", "active_dimensions"},
    "multi-vector": {"spread", "near_identical", "effective_rank"},
    "cross-encoder": {"spread", "saturated"},
}


def state_of(**more: Any) -> Any:
    from transformers import TrainerState

    return TrainerState(is_world_process_zero=True, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("monitor")
    repos.compile_all(list(CASES.values()), made)
    return made


@pytest.mark.trains
@pytest.mark.parametrize("model", CASES)
def test_a_collapse_is_seen_and_said(model: str, folder: Path) -> None:
    import torch
    from transformers import TrainerControl

    repo = folder / CASES[model].id
    printed = io.StringIO()
    with repos.modules(repo) as load, contextlib.redirect_stdout(printed):
        evaluate, monitor = load("evaluate"), load("monitor")
        encoder = evaluate.build_base(str(repo / (repo / "base.txt").read_text()))
        evaluator = evaluate.measure.build_evaluator(load("data").load("eval"))
        watcher = monitor.CollapseMonitor(encoder, evaluate.measure.texts(evaluator))
        state, control = state_of(global_step=3, epoch=0.5), TrainerControl()
        if model == "cross-encoder":  # a fresh head tells nothing apart
            torch.nn.init.normal_(encoder[0].model.classifier.weight, std=5.0)
        watcher.on_train_begin(None, state, control)
        watcher.on_evaluate(None, state, control)
        assert printed.getvalue() == ""
        names = {f"monitor_{name}" for name in FIGURES[model]}
        assert [set(entry) - {"step", "epoch"} for entry in state.log_history] == [names, names]
        json.dumps(state.log_history)

        for name, weight in encoder.named_parameters():
            if "embeddings" in name or "bias" not in name:
                torch.nn.init.zeros_(weight)
        watcher.on_evaluate(None, state, control)
        assert "The model has collapsed: " in printed.getvalue()
        assert not control.should_training_stop  # one process alone would stop, and the others wait for it
        assert "collapsed" in state.log_history[-1]["warning"]


@pytest.mark.trains
@pytest.mark.parametrize("model", ["dense", "cross-encoder"])
def test_a_run_that_goes_on_is_held_against_the_model_before_training(model: str, folder: Path) -> None:
    from transformers import TrainerControl

    repo = folder / CASES[model].id
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluate, monitor = load("evaluate"), load("monitor")
        encoder = evaluate.build_base(str(repo / (repo / "base.txt").read_text()))
        examples = evaluate.measure.texts(evaluate.measure.build_evaluator(load("data").load("eval")))
        first, again = (monitor.CollapseMonitor(encoder, examples) for _ in range(2))
        state, control = state_of(global_step=0, epoch=0.0), TrainerControl()
        first.on_train_begin(None, state, control)
        known = dict.fromkeys(first.start, 7.0)
        state.log_history[0] |= {f"monitor_{name}": value for name, value in known.items()}
        again.on_train_begin(None, state, control)
        assert again.start == known
        assert len(state.log_history) == 1


@pytest.mark.trains
def test_a_run_of_several_sets_goes_on_against_the_model_before_training(folder: Path) -> None:
    from types import SimpleNamespace

    def measured(_: Any, examples: list[list[str]]) -> dict[str, float]:
        return {"spread": spread[len(examples)], "near_identical": 0.0}

    columns = '{ anchor = "a", positive = "p" }'
    sets = "".join(
        f'[[data]]\nname = "{name}"\ntrain = "{name}.jsonl"\ncolumns = {columns}\n' for name in ("one", "one_more")
    )
    write_tree(tree_of(sets), folder / "sets")
    with repos.modules(folder / "sets") as load, contextlib.redirect_stdout(io.StringIO()):
        monitor = load("monitor")
        monitor.look = measured
        examples = {"one": [{"anchor": "a", "positive": "b"}], "one_more": [{"anchor": "a", "positive": "b"}] * 2}
        first, again = (monitor.CollapseMonitor(SimpleNamespace(), examples) for _ in range(2))
        state = state_of(global_step=0, epoch=0.0)
        spread = {1: 0.5, 2: 0.4}
        first.on_train_begin(None, state, None)
        state.global_step = 4
        spread = {1: 0.1, 2: 0.1}  # it is half-way to a collapse when the run is cut off
        again.on_train_begin(None, state, None)
        assert again.start["one_more"] == {"spread": 0.4, "near_identical": 0.0}
        assert again.start["one"]["spread"] == 0.5
        assert len(state.log_history) == 1
        state.global_step = 8
        spread = {1: 0.04, 2: 0.3}
        again.on_evaluate(None, state, None)
    assert [
        "The model has collapsed on one: the spread of embeddings fell from 0.500" in entry["warning"]
        for entry in state.log_history
        if "warning" in entry
    ] == [True]


def losses_seen(folder: Path, losses: list[float]) -> tuple[Any, str]:
    """The state of a trainer whose log had these losses, and what the monitor printed."""
    from types import SimpleNamespace

    state, printed = state_of(global_step=3), io.StringIO()
    with repos.modules(folder / CASES["dense"].id) as load, contextlib.redirect_stdout(printed):
        monitor = load("monitor").LossMonitor()
        for loss in losses:
            monitor.on_log(SimpleNamespace(learning_rate=0.5), state, None, logs={"loss": loss})
            monitor.on_log(SimpleNamespace(learning_rate=0.5), state, None, logs={"eval_loss": 1.0})
    return state, printed.getvalue()


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run_and_says_what_to_do(folder: Path, loss: float) -> None:
    with pytest.raises(SystemExit, match=r"at step 3 the loss is (nan|inf).*Lower the learning rate, which is 0.5"):
        losses_seen(folder, [2.0, loss])


def test_a_loss_that_stands_still_is_warned_of_once(folder: Path) -> None:
    state, printed = losses_seen(folder, [3.4657] * 25)
    assert printed.count("warning: The loss is stuck at 3.466") == 1
    assert [entry["step"] for entry in state.log_history if "warning" in entry] == [3]


def test_a_loss_of_nothing_is_warned_of_though_it_moves(folder: Path) -> None:
    _, printed = losses_seen(folder, [8e-07, 1.2e-06, 4e-07] * 5)
    assert printed.count("warning: The loss is stuck at 8e-07 for 10 lines") == 1
    assert "Take harder rows or another loss." in printed


def test_a_loss_that_moves_is_not_warned_of(folder: Path) -> None:
    state, printed = losses_seen(folder, [3.0 - step / 100 for step in range(25)])
    assert printed == ""
    assert state.log_history == []


@pytest.mark.trains
def test_a_run_whose_loss_is_no_number_ends_with_an_error_and_saves_no_model(folder: Path, tmp_path: Path) -> None:
    repo = folder / CASES["dense"].id
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        train, model = load("train"), load("model")
        build = model.build

        def spoil(module: Any, given: Any, made: dict[str, Any]) -> dict[str, Any]:
            factor = float("nan") if module.training else 1.0
            return {**made, "sentence_embedding": made["sentence_embedding"] * factor}

        def spoilt(base: str) -> Any:
            encoder = build(base)
            encoder[1].register_forward_hook(spoil)
            return encoder

        model.build = spoilt
        with pytest.raises(SystemExit, match="the loss is nan"):
            train.main(["--base", base, "--output", str(tmp_path), "--max-steps", "2"])
    assert not (tmp_path / "models").exists()


def test_the_loss_is_watched_unless_the_spec_names_other_monitors() -> None:
    assert "LossMonitor()" in tree_of("")["train.py"].text
    loss_alone = tree_of("[metrics]\nmonitor = ['loss']\n")
    assert "LossMonitor()" in loss_alone["train.py"].text
    assert "class CollapseMonitor" not in loss_alone["monitor.py"].text
    other = tree_of("[metrics]\nmonitor = ['collapse']\n")
    assert "class LossMonitor" not in other["monitor.py"].text
    assert "logging_nan_inf_filter" not in other["train.py"].text


def test_a_line_says_how_far_the_training_is(folder: Path) -> None:
    from types import SimpleNamespace

    args = SimpleNamespace(
        train_batch_size=16, world_size=2, gradient_accumulation_steps=3, metric_for_best_model="eval_ndcg"
    )
    printed = io.StringIO()
    with repos.modules(folder / CASES["dense"].id) as load, contextlib.redirect_stdout(printed):
        progress = load("monitor").Progress("1,200 rows")
        progress.on_train_begin(args, state_of(global_step=0, max_steps=25), None)
        progress.began -= 10  # seconds ago
        state = state_of(global_step=5, max_steps=25)
        progress.on_log(args, state, None, logs={"loss": 1.5, "learning_rate": 2e-5})
        progress.on_log(args, state, None, logs={"eval_loss": 1.0})
        progress.on_evaluate(args, state, None, metrics={"eval_ndcg": 0.75, "eval_loss": 1.0})
        progress.on_evaluate(args, state, None, metrics={"eval_other_loss": 1.0})
        progress.on_log(args, state_of(global_step=5, max_steps=25), None, logs={})
    assert printed.getvalue().splitlines() == [
        "1,200 rows; 25 steps of 8 x 2 x 3 rows (batch x devices x accumulation)",
        "step 5/25: loss 1.5000, learning rate 2.0e-05, 24 rows/s, 0:00:40 left",
        "step 5/25: eval_ndcg 0.7500",
    ]


def test_the_figures_are_those_of_the_definition(folder: Path) -> None:
    import torch

    with repos.modules(folder / CASES["dense"].id) as load:
        describe = load("monitor").describe
        same = describe(torch.ones(10, 4))
        assert same["spread"] == pytest.approx(0, abs=1e-9)
        assert same["near_identical"] == 1
        assert same["effective_rank"] == pytest.approx(1, abs=1e-6)
        axes = describe(torch.cat([torch.eye(4), -torch.eye(4)]))
        assert axes["effective_rank"] == pytest.approx(4)
        assert axes["spread"] == pytest.approx(1 + 4 / 28)  # of 28 pairs, 4 point apart
        assert axes["near_identical"] == 0
        with pytest.raises(SystemExit, match="hold NaN or infinity"):
            describe(torch.full((3, 4), float("nan")))


def test_embeddings_that_never_lay_apart_have_not_collapsed(folder: Path) -> None:
    """Of texts without a known word all are the same: what is left of their spread is rounding."""
    with repos.modules(folder / CASES["dense"].id) as load:
        find_collapse = load("monitor").find_collapse
        assert find_collapse(*({"spread": spread, "near_identical": 1.0} for spread in (1e-7, 1e-9))) is None
        found = find_collapse({"spread": 0.5, "near_identical": 0.0}, {"spread": 0.04, "near_identical": 0.3})
        assert found == "the spread of embeddings fell from 0.500 to 0.040"


def test_scores_that_never_lay_apart_have_not_collapsed(folder: Path) -> None:
    """A new head gives all pairs nearly the same score."""
    with repos.modules(folder / CASES["cross-encoder"].id) as load:
        find_collapse = load("monitor").find_collapse
        assert find_collapse({"spread": 0.0001}, {"spread": 0.00009}) is None
        assert find_collapse({"spread": 0.5}, {"spread": 0.0009}) == "the spread of scores fell from 0.5000 to 0.0009"
        assert find_collapse({"spread": 0.0001}, {"spread": 0.0000009}) is not None


def test_scores_that_are_nan_end_the_run(folder: Path) -> None:
    """NaN is below no bound: a model without weights would be told of by nothing."""
    import torch

    lost = SimpleNamespace(predict=lambda pairs, **given: torch.full((len(pairs),), float("nan")))
    with (
        repos.modules(folder / CASES["cross-encoder"].id) as load,
        pytest.raises(SystemExit, match="scores are NaN or infinite"),
    ):
        load("monitor").look(lost, [["a", "b"], ["c", "d"]])


@pytest.mark.trains
def test_the_run_logs_what_was_watched(folder: Path) -> None:
    case = CASES["dense"]
    repo = folder / case.id
    with contextlib.redirect_stdout(io.StringIO()):
        repos.train(case, folder)
    log = json.loads((repo / "results" / "training.json").read_text())
    watched = [entry["step"] for entry in log if "monitor_spread" in entry]
    assert watched[0] == 0
    assert len(set(watched)) == len(watched) >= 2


@pytest.mark.trains
def test_rows_that_stand_in_the_training_rows_are_counted(folder: Path) -> None:
    repo = folder / CASES["dense"].id
    data = folder / "data"
    with repos.modules(repo) as load:
        evaluate, rows = load("evaluate"), load("data").load("train")
        from datasets import Dataset

        leaked = Dataset.from_dict({"anchor": [f"  {rows[0]['anchor'].upper()} ", "new"], "positive": ["x", "y"]})
        splits = {"train": rows, "eval": rows, "test": leaked}
        evaluate.data.load = splits.__getitem__
        assert evaluate.leaks() == {"eval": len(rows), "test": 1}
    assert data.exists()


def test_texts_of_a_class_are_looked_for_in_both_columns_of_sampled_pairs() -> None:
    """The training rows are pairs of texts of one class, and those that are measured on one text each."""
    spec = 'data = [{ train = "t.jsonl", eval = "e.jsonl", test = "s.jsonl", columns = { text = "t", class = "c" } }]'
    text = tree_of(spec)["measure.py"].text
    names: dict[str, Any] = {"Dataset": Any, "Iterator": Any}
    exec(text[text.index("def leak_keys(") :], names)
    trained = {"anchor": ["One  text", "Two"], "positive": ["three", "one text"]}
    seen = set(names["leak_keys"](trained, "train"))
    keys = list(names["leak_keys"]({"text": ["ONE text", "Three ", "four"]}, "test"))
    assert [key in seen for key in keys] == [True, True, False]


@pytest.mark.trains
@pytest.mark.parametrize("model", CASES)
def test_a_metric_of_ones_own_runs_beside_the_rest(model: str, tmp_path: Path) -> None:
    from stgen.compile import compile_source
    from stgen.language.paths import Place
    from stgen.source.source import read

    case: Case = CASES[model]
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    spec = json.loads((repo / "stgen.json").read_text())
    spec["metrics"] = {"custom": ["my_metrics.py:coverage", "my_metrics.py:reach", "other.py:depth"]}
    (repo / "stgen.json").write_text(json.dumps(spec))
    source, _ = read(str(repo / "stgen.json"))
    assert source is not None
    tree, found = compile_source(source, Place(str(repo), str(repo)))
    assert tree is not None, found
    assert tree["my_metrics.py"].policy == "once"
    write_tree(tree, repo)
    (repo / "other.py").write_text("def depth(encoder, rows):\n    return len(rows)\n")
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()) as printed:
        evaluate = load("evaluate")
        evaluate.require_moved = lambda *models: None
        evaluate.build_base(base).save_pretrained(str(evaluate.model_folder(repo)))
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
    results = json.loads((repo / "results" / "metrics.json").read_text())
    assert results["after"]["depth"] == results["before"]["depth"] == 24
    assert results["after"]["coverage"] == pytest.approx(results["before"]["coverage"], abs=1e-6)
    assert "reach" in printed.getvalue()


def evaluated(monitor: Any, metrics: list[float], warmup: int = 0, patience: int = 2) -> Any:
    """The state of a run that is evaluated at every step, as the trainer keeps it; it ends where patience does."""
    import numpy as np
    from transformers import EarlyStoppingCallback, TrainerControl, TrainingArguments

    given = {"warmup_steps": warmup, "metric_for_best_model": "eval_m", "greater_is_better": True}
    args = TrainingArguments("unused", eval_strategy="no", save_strategy="steps", use_cpu=True, **given)
    state, control, stop = state_of(max_steps=len(metrics)), TrainerControl(), EarlyStoppingCallback(patience)
    for value in metrics:
        state.global_step += 1
        found = {"eval_m": value}
        state.log_history.append({"step": state.global_step, **found})
        for callback in (monitor.BestCheckpoint(), stop):
            callback.on_evaluate(args, state, control, metrics=found)
        if state.best_metric is None or np.greater(value, state.best_metric):  # the trainer's own rule
            state.best_metric, state.best_global_step = value, state.global_step
        if control.should_training_stop:
            break
    return args, state


@pytest.mark.trains
def test_the_best_checkpoint_is_chosen_after_the_warmup_and_of_equals_the_last(folder: Path) -> None:
    with repos.modules(folder / CASES["dense"].id) as load:
        monitor = load("monitor")
        for metrics, warmup, best, said in (
            ([0.5, 0.7, 0.6], 0, 2, "eval_m is best there, with 0.7000."),
            ([1.0, 1.0, 1.0, 0.9], 0, 3, "eval_m is best there, with 1.0000, the last of 3 equals."),
            ([0.9, 0.8, 0.5, 0.6, 0.4], 2, 4, "eval_m is best there, with 0.6000."),
            ([0.9, 0.8], 2, 2, "nothing was measured after the warm-up."),
        ):
            args, state = evaluated(monitor, metrics, warmup)
            assert state.best_global_step == best
            entry = monitor.delivered(args, state)
            assert entry == {"step": best, "delivered": f"Step {best} of {len(metrics)} is delivered: {said}"}


@pytest.mark.trains
def test_no_checkpoint_is_chosen_from_before_its_regularizers_weigh_in_full(folder: Path) -> None:
    with repos.modules(folder / CASES["sparse"].id) as load:
        monitor = load("monitor")
        for metrics, warmup, best in (([0.9, 0.8, 0.5, 0.6, 0.4, 0.3], 1, 4), ([0.9, 0.8, 0.7, 0.5, 0.6, 0.4], 4, 5)):
            assert evaluated(monitor, metrics, warmup)[1].best_global_step == best


def test_the_one_loss_that_is_regularized_brings_its_schedule() -> None:
    scheduled = "SpladeRegularizerWeightSchedulerCallback"
    for model, there in (("splade", True), ("inference-free", True), ("csr", False)):
        fragment = f'model = {{ type = "sparse", architecture = "{model}", base = "org/base" }}'
        assert (scheduled in [call.function for call in plan_of(fragment).train.callbacks]) == there


@pytest.mark.trains
@pytest.mark.parametrize(
    ("base", "greater", "said"),
    [
        (0.6, True, "The base has 0.6000."),
        (0.7, True, "The base has as much: by these eval rows nothing was gained"),
        (0.8, True, "No checkpoint beats the base, which has 0.8000: this training was of no use."),
        (
            1.0,
            True,
            "The base has 1.0000, which nothing can beat: these eval rows are too few or too easy to choose by.",
        ),
        (0.8, False, "The base has 0.8000."),
        (0.6, False, "No checkpoint beats the base, which has 0.6000: this training was of no use."),
    ],
)
def test_a_run_that_makes_nothing_better_than_the_base_says_so(
    base: float, greater: bool, said: str, folder: Path
) -> None:
    with repos.modules(folder / CASES["dense"].id) as load:
        args, state = evaluated(load("monitor"), [0.7])
        args.greater_is_better = greater
        state.log_history.insert(0, {"step": 0, "eval_m": base})
        delivered = load("monitor").delivered(args, state)["delivered"]
    assert delivered.startswith(f"Step 1 of 1 is delivered: eval_m is best there, with 0.7000. {said}")


@pytest.mark.trains
def test_patience_begins_after_the_warmup(folder: Path) -> None:
    with repos.modules(folder / CASES["dense"].id) as load:
        monitor = load("monitor")
        falling = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
        _, state = evaluated(monitor, falling, warmup=4)
        assert state.global_step == 7  # the first after the warm-up sets the mark, and two more are worse
        assert state.best_global_step == 5
        _, state = evaluated(monitor, falling)
        assert state.global_step == 3


@pytest.mark.trains
def test_what_is_trained_is_the_same_whether_the_base_is_measured_or_not(folder: Path) -> None:
    import torch

    with repos.modules(folder / CASES["dense"].id) as load:
        best, args, state = load("monitor").BestCheckpoint(), *evaluated(load("monitor"), [])
        best.on_train_begin(args, state, None)
        before = torch.get_rng_state()
        torch.rand(3)  # as a loader of eval rows draws its seed
        best.on_evaluate(args, state, None, metrics={"eval_m": 0.5})
        assert torch.equal(torch.get_rng_state(), before)
        state.global_step = 1
        torch.rand(3)
        best.on_evaluate(args, state, None, metrics={"eval_m": 0.5})
        assert not torch.equal(torch.get_rng_state(), before)


@pytest.mark.trains
def test_the_eval_loss_is_that_of_rows_that_fit_into_batches_without_duplicates(folder: Path) -> None:
    from datasets import Dataset

    rows = Dataset.from_dict({"anchor": ["a", "a", "b", "c", "d"], "positive": ["x", "y", "x", "z", "a"]})
    with repos.modules(folder / CASES["dense"].id) as load:
        kept = load("train").without_repeats(rows)
    assert list(zip(kept["anchor"], kept["positive"], strict=True)) == [("a", "x"), ("c", "z")]
    assert "eval_dataset=without_repeats(eval_rows)" in tree_of("")["train.py"].text


def test_early_stopping_comes_after_what_forgets_the_warmup() -> None:
    names = [call.function for call in plan_of("train = { early_stopping = 3 }").train.callbacks]
    assert names[:2] == ["BestCheckpoint", "EarlyStoppingCallback"]


def test_what_is_not_watched_is_not_there() -> None:
    tree = tree_of("metrics = { monitor = [] }")
    assert "class CollapseMonitor" not in tree["monitor.py"].text
    assert "CollapseMonitor(" not in tree["train.py"].text
    assert "leak" not in tree["evaluate.py"].text
    assert plan_of('metrics = { monitor = ["leakage"] }').sets[0].evaluation.leak_columns == ("anchor",)


WRONG = (
    '["model.py:coverage"]',
    '["my_metrics.py:class"]',
    '["a.py:coverage", "b.py:coverage"]',
    '["my metrics.py:f"]',
)


@pytest.mark.parametrize("named", WRONG)
def test_metrics_that_cannot_be_called_are_errors(named: str) -> None:
    found = [item for item in findings_of(f"metrics = {{ custom = {named} }}") if item.severity == "error"]
    assert {item.code for item in found} <= {"STG163", "STG187"}
    assert len(found) == 1
