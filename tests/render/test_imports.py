"""Templates import what exists: each name is there in the library that is pinned, and no module of a user's can hide one."""

from __future__ import annotations

import importlib
import sys

import pytest
from compiling import findings_of
from imported import TEMPLATES, Import, all_imports, imports_of
from stgen.rules.evaluators import EVALUATORS
from stgen.rules.modules import IMPORTED, OWN_MODULES

FOUND = sorted(all_imports())


def test_the_table_of_packages_is_what_templates_import() -> None:
    assert {one.root for one in FOUND} - OWN_MODULES - sys.stdlib_module_names == IMPORTED


def test_the_table_of_modules_is_what_there_are_templates_for() -> None:
    """A name that is no module of the repo is free for a file of one's own."""
    programs = {path.name.removesuffix(".py.j2") for path in TEMPLATES.rglob("*.py.j2")}
    assert programs | {"reader"} >= OWN_MODULES  # which is a copy of stgen's own


def test_a_module_of_the_repo_is_called_like_no_other() -> None:
    assert not OWN_MODULES & (IMPORTED | sys.stdlib_module_names)


@pytest.mark.parametrize("package", sorted(IMPORTED))
def test_what_is_imported_exists(package: str) -> None:
    pytest.importorskip(package)
    missing = [one for one in FOUND if one.root == package and not exists(one)]
    assert missing == []


def exists(one: Import) -> bool:
    """As `from module import name` finds it: `name` may be a module."""
    try:
        module = importlib.import_module(one.module)
    except ModuleNotFoundError:
        return False
    return not one.name or hasattr(module, one.name) or exists(Import(f"{one.module}.{one.name}", "", ""))


def test_every_evaluator_of_the_tables_is_imported() -> None:
    evaluators = {row.evaluator for row in EVALUATORS if row.evaluator}
    assert evaluators <= {one.name for one in imports_of("imports/measuring.py.j2")}


@pytest.mark.parametrize("module", ["torch", "json", "train", "data", "Train"])
def test_a_file_of_ones_own_hides_no_module(module: str) -> None:
    loss = [item.code for item in findings_of(f"loss = {{ custom = '{module}.py:Mine' }}")]
    metric = [item.code for item in findings_of(f"metrics = {{ custom = ['{module}.py:mine'] }}")]
    assert (loss, metric) == (["STG122"], ["STG187"])
