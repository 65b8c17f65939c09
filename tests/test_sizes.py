"""What can be read at once: no function of the compiler is longer than a screen, and no module has two subjects."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT

FUNCTION = 40  # lines
MODULE = 300  # lines
FIELDS = 8  # keywords from which a call is a record that is filled, a line a field: there is nothing in it to follow

MODULES = sorted((ROOT / "compiler").rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(node: ast.expr | ast.stmt) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, of which a record that it fills is one."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call) and len(node.keywords) >= FIELDS)
    return lines_of(function) - sum(lines_of(call) - 1 for call in calls)


def test_a_record_that_is_filled_counts_as_a_line():
    fields = "".join(f"        field_{number}={number},\n" for number in range(FIELDS))
    source = f"def made():\n    first = 1\n    return Plan(\n{fields}    )\n"
    (function,) = functions(ast.parse(source))
    assert length(function) == 3
    (function,) = functions(ast.parse(source.replace("        field_0=0,\n", "")))
    assert length(function) == 3 + FIELDS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lengths(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE
    assert {
        function.name: length(function) for function in functions(ast.parse(text)) if length(function) > FUNCTION
    } == {}
