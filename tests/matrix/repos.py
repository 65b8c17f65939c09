"""Compiles the cases of the matrix into a folder of repos, and trains each in this process through its own train.py."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compiling import write_tree
from programs import python
from stgen.compile import plan_source
from stgen.language.paths import Place
from stgen.match.formats import BY_NAME as FORMATS
from stgen.plan.planned_model import ModelPlan
from stgen.render.rendered import render_text
from stgen.render.rendering import render
from stgen.rules.tables import ROUTERS
from stgen.source.source import read

from matrix import bases, samples
from matrix.cases import Case

BATCH = 8
STEPS = 2
# fmt: off
WIDTHS = {  # architecture -> width of its embeddings
    "transformer": bases.WIDTH, "static": bases.WIDTH, "router": bases.WIDTH, "static-router": bases.WIDTH, "csr": 4 * bases.WIDTH,
    "splade": len(bases.VOCABULARY), "inference-free": len(bases.VOCABULARY),
}
# fmt: on


def compile_all(cases: list[Case], folder: Path) -> None:
    """Write a repo for each case below `folder`, and the tiny bases that they start from."""
    bases.build(folder / "guide", "BertModel", seed=1)
    for case in cases:
        repo = folder / case.id
        repo.mkdir(parents=True)
        width = WIDTHS[case.architecture] if "embedding" in case.source else 0
        data = folder / "data" / f"{case.source}-{width}"
        if not data.exists():
            samples.write(data, case.source, width)
        write_repo(spec_of(case, f"../data/{data.name}"), repo)


def write_repo(tree: dict[str, Any], repo: Path) -> None:
    """Compile a spec into its folder, and see to the tiny base beside it that it starts from."""
    spec = repo / "stgen.json"
    spec.write_text(json.dumps(tree, indent=1))
    source, found = read(str(spec))
    assert source is not None, found
    plan, found = plan_source(source, Place(str(repo), str(repo)))
    if plan is None:  # its test tells
        (repo / "findings.txt").write_text("\n".join(f"{item.code} {item.message}; {item.help}" for item in found))
        return
    write_tree(render(plan, render_text), repo)
    name = _base_of(plan.model, repo.parent / "bases")
    (repo / "base.txt").write_text(f"../bases/{name}" if name else "prepared/tokenizer.json")


def _base_of(model: ModelPlan, folder: Path) -> str:
    """The name of the folder that a model starts from, which is built where it isn't there; "" for none."""
    sides = ("query", "document") if model.router else ("",)
    name = "-".join(
        [model.tiny, *(["router"] if model.router else []), *(f"static{side}" for side in model.tiny_static)]
    )
    for seed, side in enumerate(sides if model.tiny and not (folder / name).exists() else ()):
        if side in model.tiny_static:
            bases.build_static(folder / name / side, seed=seed)
        else:
            bases.build(folder / name / side, model.tiny, seed=seed)
    return name


def spec_of(case: Case, data: str) -> dict[str, Any]:
    """The spec of a case: its model and loss on the files of a folder."""
    kind = {"router": True} if case.architecture in ROUTERS else {"architecture": case.architecture}
    model = {"type": case.model, **kind, "base": "../bases/tiny", **case.keys}
    model = {key: value for key, value in model.items() if value is not None}
    if case.architecture == "static" and "dimensions" not in case.keys:
        model["dimensions"] = bases.WIDTH
    return {
        "stgen": 1,
        "project": {"name": case.id},
        "model": model,
        "data": [
            {
                **{split: f"{data}/{split}.jsonl" for split in ("train", "eval", "test")},
                "columns": samples.COLUMNS[case.source],
            }
        ],
        "loss": {**({} if case.loss == "auto" else {"name": case.loss}), **case.table},
        # No warm-up: the first step already moves weights, and it may be the one whose checkpoint is kept.
        "train": {"batch_size": BATCH, "learning_rate": 0.01, "warmup": 0},
        "hardware": {"accelerator": "cpu"},
    }


def lint(folder: Path) -> str:
    """What ruff finds in them."""
    return subprocess.run(["ruff", "check", "-q", "."], cwd=folder, capture_output=True, text=True).stdout


def check_tests(repo: Path, *options: str) -> None:
    """A repo passes its own tests, and skips none."""
    code, said = python(repo, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options)
    assert code == 0, said
    assert "skipped" not in said


def check_types(repo: Path, types: Path) -> None:
    """A repo's types check; `types` is where mypy remembers what it has read.

    Run from above, as what one run has read then serves the next: it tells repos apart by their files' paths.
    """
    command = [sys.executable, "-m", "mypy", "--config-file", f"{repo.name}/pyproject.toml", repo.name]
    environment = os.environ | {"MYPY_CACHE_DIR": str(types)}
    done = subprocess.run(command, cwd=repo.parent, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def modules(repo: Path) -> Iterator[Any]:
    """The import system as a program in that repo sees it; its modules are forgotten afterwards."""
    own = {path.stem for path in [*repo.glob("*.py"), *repo.glob("tests/*.py")]} | {"reader"}
    own |= {f"reader.{path.stem}" for path in repo.glob("reader/*.py")}
    before = {name: sys.modules.pop(name) for name in own if name in sys.modules}
    places = [str(repo), str(repo / "tests")]
    sys.path[:0] = places
    try:
        yield importlib.import_module
    finally:
        for place in places:
            sys.path.remove(place)
        for name in own:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def train(case: Case, folder: Path) -> None:
    """Train two steps, save, load; the loaded model must answer as the trained one, and differ from the base."""
    import torch
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    repo = folder / case.id
    faults = repo / "findings.txt"
    assert not faults.exists(), faults.read_text()
    base = str(repo / (repo / "base.txt").read_text())
    with modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        program, evaluation, model = load("train"), load("evaluate"), load("model")
        rows = load("data").load("train")
        first = next(iter(rows.values())) if isinstance(rows, dict) else rows  # of several data sets
        assert len(first.column_names) == _columns(case.format)
        options = program.parse(["--base", base, "--output", str(repo), "--max-steps", str(STEPS)])
        trained = program.run(options)
        loaded = type(trained)(str(evaluation.model_folder(repo)))
        for before, after in zip(answers(trained), answers(loaded), strict=True):
            torch.testing.assert_close(before, after, atol=1e-5, rtol=1e-4)
        fresh = dict(model.build(base).named_parameters())
        moved = [name for name, now in trained.named_parameters() if not torch.equal(now.cpu(), fresh[name].cpu())]
        assert moved, "no parameter moved"


def answers(encoder: Any) -> list[Any]:
    """What a model of any type makes of two texts, as dense tensors."""
    import torch

    texts = ["the red house stands", "a cold river"]
    if hasattr(encoder, "predict"):
        return [encoder.predict([(texts[0], texts[1]), (texts[1], texts[1])], convert_to_tensor=True).cpu()]
    found = [
        torch.as_tensor(one) for batch in (encoder.encode_query(texts), encoder.encode_document(texts)) for one in batch
    ]
    return [(one.to_dense() if one.is_sparse else one).cpu() for one in found]


def _columns(format: str) -> int:
    """How many columns the loss must get: one for each role, and one for each negative."""
    return sum(samples.NEGATIVES if role in ("negatives", "texts") else 1 for role in FORMATS[format].roles)
