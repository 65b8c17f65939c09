"""Evaluation of the generated repo: for every model type and data format what the verdict is made of is the evaluator's."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import repos
from matrix.cases import Case, plain

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
            assert load("prepare").main() == 0
        yield load("evaluate"), base, repo


def by_id(case: Case) -> str:
    return case.id


@pytest.mark.trains
@pytest.mark.parametrize("case", CASES.values(), ids=by_id)
def test_the_figures_of_all_examples_are_the_evaluators_own(case: Case, folder: Path) -> None:
    import numpy as np

    with opened(case, folder) as (evaluate, base, _):
        evaluator = evaluate.build_test()
        metrics, examples = evaluate.measure(evaluate.build_base(base), evaluator)
        count = len(next(iter(examples.values())))
        figures = evaluate.verdict.figures(examples, np.arange(count))
        assert evaluate.MAIN_METRIC in figures
        assert len(evaluate.texts(evaluator)) == count > 1
        assert figures == pytest.approx({name: float(np.nan_to_num(metrics[name])) for name in figures}, abs=1e-5)
        assert len(evaluate.verdict.goodness(examples)) == count


@pytest.mark.trains
@pytest.mark.parametrize("case", CASES.values(), ids=by_id)
def test_a_model_against_itself_is_no_change(case: Case, folder: Path) -> None:
    with opened(case, folder) as (evaluate, base, repo):
        evaluate.build_base(base).save_pretrained(str(evaluate.model_folder(repo)))
        assert evaluate.main(["--base", base, "--output", str(repo), "--fail-if-worse"]) == 0
        results = json.loads((repo / "results" / "metrics.json").read_text())
        assert results["verdict"] == "no change"
        change = results["changes"][evaluate.MAIN_METRIC]
        assert change["change"] == change["low"] == change["high"] == pytest.approx(0, abs=1e-6)
        assert change["p"] == 1
        assert (repo / "results" / "report.html").read_text().startswith("<!DOCTYPE html>")
