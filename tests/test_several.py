"""Several data sets that are trained together: their repos, trained two steps, and what is refused."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from compiling import plan_of
from frontend import codes, load_text
from matrix import bases, repos, samples
from matrix.cases import Case

HEAD = 'stgen = 1\n[model]\ntype = "dense"\nbase = "b"\n'


def kind(model: str, architecture: str, *formats: str, weights: bool = False, **keys: Any) -> Any:
    """A repo on sets of those formats; only the first of all is trained where the matrix isn't."""
    case = Case(model, architecture, "auto", "-".join(formats), keys=keys, name="weighted" if weights else "sets")
    return pytest.param(
        case, formats, weights, id=case.id, marks=() if formats[-1] == "text-class" else pytest.mark.matrix
    )


KINDS = [
    kind("dense", "transformer", "pair", "pair-score", "text-class", weights=True),
    kind("dense", "transformer", "pair", "pair-class"),
    kind("dense", "transformer", "pair-embedding", "pair-class", "text"),
    kind("dense", "transformer", "triplet", "n-tuple", "pair-binary", prompts={"query": "the: "}),
    kind("dense", "transformer", "triplet-margin", "list", "pair", lora={"r": 4}),
    kind("dense", "static", "pair", "triplet", weights=True),
    kind("dense", "static", "pair", "pair-score", base=None),
    kind("sparse", "splade", "pair", "pair-score", "triplet-margin"),
    kind("sparse", "inference-free", "pair", "pair-score", weights=True),
    kind("sparse", "csr", "triplet", "pair"),
    kind("cross-encoder", "transformer", "pair", "list", "pair-score"),
    kind("cross-encoder", "transformer", "pair-class", "pair-class"),
    kind("multi-vector", "transformer", "pair", "triplet", "list", prompts={"query": "the: "}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("several")
    bases.build(made / "guide", "BertModel", seed=1)
    return made


def write(case: Case, formats: tuple[str, ...], weights: bool, folder: Path) -> Path:
    """Compile a repo on one set for each format."""
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
    repos.write_repo({**repos.spec_of(case), "data": sets}, repo)
    repos.format_all(repo)
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
