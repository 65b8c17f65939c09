"""From Jobs to repos ready to be compared with the disk: what `compile` and `check` share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

from stgen.compile import compile_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.jobs import Job
from stgen.disk.lock import blob_id, lock_tree
from stgen.disk.output import Repo
from stgen.render.tree import Tree
from stgen.source.source import Source, read


def build(made: Sequence[Job], stdin: BinaryIO, *, outside: bool = False) -> tuple[list[Repo], list[Diagnostic]]:
    """Compile specs in memory. Returns a repo for each spec that has no error, and all findings.

    `outside` allows specs to extend files outside of their trees.
    """
    trees: list[tuple[Job, Source, Tree]] = []
    found: list[Diagnostic] = []
    for job in made:
        source, wrong = read(job.spec, stdin, outside=outside)
        found += wrong
        if source is None:
            continue
        tree, wrong = compile_source(source, job.place)
        found += wrong
        if tree is not None:
            trees.append((job, source, tree))
    from stgen.render.style import StyleError, format_trees  # here, because who only validates runs no other process

    try:
        formatted = format_trees([tree for _, _, tree in trees])
    except StyleError as error:
        return [], [*found, Diagnostic("STG320", str(error), help="`pip install --upgrade ruff`, and try again")]
    return [_repo(job, source, tree) for (job, source, _), tree in zip(trees, formatted, strict=True)], found


def _repo(job: Job, source: Source, tree: Tree) -> Repo:
    inputs: dict[str, str] = {}
    chain: Source | None = source
    while chain and job.spec != "-":
        with open(chain.path, "rb") as file:
            inputs[_relative(chain.path, job.folder)] = blob_id(file.read())
        chain = chain.base
    spec = "-" if job.spec == "-" else _relative(job.spec, job.folder)
    return Repo(job.folder, tree, lock_tree(tree, spec=spec, inputs=inputs, folder=_name_taken(job, source)))


def _name_taken(job: Job, source: Source) -> str:
    """The name of the spec's folder where the project is called after it; empty where the spec gives a name."""
    named = source.data.get("project", {}).get("name")
    return "" if named or job.spec == "-" else job.place.spec_folder.rpartition("/")[2]


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")
