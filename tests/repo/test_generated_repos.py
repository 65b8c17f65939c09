"""A generated repo of every kind passes its own tests and the type checker that its CI runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import raw_tree_of, write_tree
from matrix import cases, repos
from matrix.cases import Case

pytestmark = pytest.mark.matrix

VARIANTS = ("own", "own-tokenizer", "lora", "prompts", "orthogonal", "trained-vectors", "lengths")
ALSO = (
    "dense-transformer-GISTEmbedLoss-pair",
    "dense-transformer-MSELoss-text-embedding",
    "dense-transformer-EmbedDistillLoss-n-texts-embedding",
    "dense-static-MSELoss-text-embedding",
    "dense-router-MSELoss-pair-embedding",
    "sparse-splade-SparseMSELoss-text-embedding",
    "sparse-csr-SparseMSELoss-text-embedding",
    "dense-static-auto-pair-trained-vectors",
    "cross-encoder-transformer-CrossEntropyLoss-pair-class",
    "cross-encoder-transformer-LambdaLoss-list",
)


def chosen() -> list[Case]:
    """One case for each architecture, and for each part of a repo that only some specs call for."""
    found = {case.id: case for case in cases.quick()}
    for case in cases.every():
        first = case.name in VARIANTS and all((case.model, case.name) != (c.model, c.name) for c in found.values())
        if first or case.id in ALSO:
            found[case.id] = case
    return list(found.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("repos")
    repos.compile_all(chosen(), made)
    return made


@pytest.mark.trains
@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.id)
def test_its_own_tests_pass(case: Case, folder: Path) -> None:
    repos.check_tests(folder / case.id)


@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.id)
def test_its_types_check(case: Case, folder: Path, types: Path) -> None:
    repos.check_types(folder / case.id, types)


def test_types_of_weighted_sets_check(folder: Path, types: Path) -> None:
    sets = [
        f'[[data]]\nname = "{name}"\ntrain = "t.jsonl"\nweight = {weight}\ncolumns = {{ {columns} }}'
        for name, weight, columns in (
            ("pairs", 2, 'anchor = "a", positive = "p"'),
            ("scores", 1, 'text_1 = "a", text_2 = "b", score = "s"'),
        )
    ]
    write_tree(raw_tree_of("\n".join(sets)), folder / "weighted")
    repos.check_types(folder / "weighted", types)
