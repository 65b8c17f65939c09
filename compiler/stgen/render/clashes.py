"""Finds losses and metrics of the user's own that are called like something in the program that calls them: Spec, Plan -> findings.

Which names a program has follows from the templates alone, so its text is asked: only for specs that name something of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec import Spec
from stgen.match.own_files import custom_class
from stgen.plan.plan import Plan
from stgen.render.rendered import render_text
from stgen.render.rendering import render


class Own(NamedTuple):
    """Something of the user's own: where the spec names it, what it is, and its file and name."""

    path: KeyPath
    kind: str
    module: str
    name: str


def find_clashes(spec: Spec, plan: Plan) -> Iterator[Diagnostic]:
    """Report each name that a program which imports it has already."""
    tree = render(plan, render_text)
    programs = {path: ast.parse(file.text) for path, file in tree.items() if path.endswith(".py")}
    for own in _named(spec):
        for path, program in programs.items():
            names = _names(program, own.module)
            if _imports(program, own) and own.name in names:
                yield _clash(own, path, names)
                break


def _named(spec: Spec) -> Iterator[Own]:
    tables = {("loss",): spec.loss} | {("data", index, "loss"): data.loss for index, data in enumerate(spec.data)}
    for path, table in tables.items():
        if table and table.custom:
            yield Own((*path, "custom"), "loss", *custom_class(table.custom))
    for index, text in enumerate(spec.metrics.custom):
        yield Own(("metrics", "custom", index), "metric", *custom_class(text))


def _imports(program: ast.Module, own: Own) -> bool:
    found = (part for part in program.body if isinstance(part, ast.ImportFrom) and part.module == own.module)
    return any(alias.name == own.name for part in found for alias in part.names)


def _names(program: ast.Module, module: str) -> set[str]:
    """What a program has at its top, but for what it takes from a module."""
    found: set[str] = set()
    for part in program.body:
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            found.add(part.name)
        elif isinstance(part, (ast.Assign, ast.AnnAssign)):
            found |= {
                node.id for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
        elif isinstance(part, ast.Import) or (isinstance(part, ast.ImportFrom) and part.module != module):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in part.names}
    return found


def _clash(own: Own, program: str, names: set[str]) -> Diagnostic:
    other = f"Own{own.name}" if own.kind == "loss" else f"own_{own.name.lower()}"
    return Diagnostic(
        "STG410",
        f"a {own.kind} can't be called `{own.name}`: {program}, which calls it, has something else of that name",
        own.path,
        f'give it another name in {own.module}.py, and write "{own.module}.py:{other}"',
        (f"taken in {program}: {', '.join(sorted(names - {'annotations'}))}",),
    )
