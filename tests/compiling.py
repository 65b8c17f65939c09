"""What the tests of the middle end share: from the text of a spec to its plan, its tree, or what is wrong with it."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from frontend import SHORTEST, codes
from stgen.compile import compile_source, plan_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.paths import Place
from stgen.plan.plan import Plan
from stgen.render.style import format_trees
from stgen.render.tree import Tree
from stgen.source.source import Source, read

HERE = Place("/home/me/project", "/home/me/project")


def source_of(text: str) -> Source:
    """The Source of a spec that is known to be TOML."""
    source, findings = read("-", io.BytesIO(text.encode()))
    assert source is not None, findings
    return source


def over(fragment: str) -> str:
    """The shortest useful spec with a fragment laid over it, table by table, lists replaced."""
    return tomli_w.dumps(_merge(tomllib.loads(SHORTEST), tomllib.loads(fragment)))


def _merge(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in other.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def plan_of(fragment: str) -> Plan:
    """The plan of a fragment over the shortest spec, which must have no error."""
    plan, findings = plan_source(source_of(over(fragment)), HERE)
    assert plan is not None, findings
    return plan


def findings_of(fragment: str) -> list[Diagnostic]:
    """What is wrong with a fragment over the shortest spec."""
    return plan_source(source_of(over(fragment)), HERE)[1]


def codes_of(text: str) -> list[str]:
    """The codes of what is wrong with a whole spec."""
    return codes(plan_source(source_of(text), HERE)[1])


def tree_of(fragment: str) -> Tree:
    """The repo of a fragment over the shortest spec."""
    return format_trees([raw_tree_of(fragment)])[0]


def raw_tree_of(fragment: str) -> Tree:
    """The same as its templates make it: neither linked nor formatted."""
    tree, findings = compile_source(source_of(over(fragment)), HERE)
    assert tree is not None, findings
    return tree


def write_tree(tree: Tree, folder: Path) -> None:
    """Write a repo as it is rendered: its Python is linked and formatted here."""
    for path, file in format_trees([tree])[0].items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text)
