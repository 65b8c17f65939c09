"""Every legal row of the rules tables, compiled to a repo and trained two steps through its own train.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix import cases, repos
from matrix.cases import Case

QUICK = {case.id for case in cases.quick()}


def marked(case: Case) -> object:
    """A case under its id; those that the default suite trains carry no mark."""
    return pytest.param(case, id=case.id, marks=() if case.id in QUICK else pytest.mark.matrix)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All selected repos, compiled and formatted at once."""
    made = tmp_path_factory.mktemp("matrix")
    selected = [
        item.callspec.params["case"]
        for item in request.session.items
        if item.fspath == request.fspath and hasattr(item, "callspec")
    ]
    repos.compile_all(selected, made)
    return made


def test_needs_no_fix(folder: Path) -> None:
    assert repos.lint(folder) == ""


@pytest.mark.trains
@pytest.mark.parametrize("case", [marked(case) for case in cases.every()])
def test_trains(case: Case, folder: Path) -> None:
    repos.train(case, folder)
