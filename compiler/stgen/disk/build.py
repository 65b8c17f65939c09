"""From Jobs to repos ready to be compared with the disk: what `compile` and `check` share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

from stgen.compile import compile_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.jobs import Job
from stgen.disk.lock import is_input, lock_tree
from stgen.disk.output import Repo
from stgen.disk.reads import Reads
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
    return [_repo(*one) for one in _formatted(trees, found)], found


def _formatted(trees: list[tuple[Job, Source, Tree]], found: list[Diagnostic]) -> list[tuple[Job, Source, Tree]]:
    """The trees as they go to disk; reports into `found` which can't."""
    from stgen.render.style import LinkError, StyleError, format_trees  # here: who only validates runs no other process

    try:
        formatted = format_trees([tree for _, _, tree in trees])
    except LinkError as error:
        if len(trees) > 1:  # which of them it is shows when each is done by itself
            return [made for one in trees for made in _formatted([one], found)]
        help = "rename what is called like something in this file; if nothing of your own is, please report this"
        found.append(Diagnostic("STG320", str(error), help=help, file=trees[0][0].spec))
        return []
    except StyleError as error:
        found.append(Diagnostic("STG320", str(error), help="`pip install --upgrade ruff`, and try again"))
        return []
    return [(job, source, tree) for (job, source, _), tree in zip(trees, formatted, strict=True)]


def _repo(job: Job, source: Source, tree: Tree) -> Repo:
    """The repo, with a lock that names what was read, by the ids of the bytes that were compiled."""
    read = {} if job.spec == "-" else {one.path: one.id for one in source.chain}
    read |= {source.profile.path: source.profile.id} if source.profile else {}
    inputs = {_relative(path, job.folder): id for path, id in read.items()}
    spec = _relative(source.path, job.folder)
    if not all(map(is_input, inputs)) or spec not in inputs:
        spec, inputs = "-", {}  # such paths hold on this machine alone, or have come from nowhere
    lock = lock_tree(tree, spec=spec, inputs=inputs, folder=_name_taken(job, source))
    return Repo(job.folder, tree, lock, Reads(tuple(read), source.data))


def _name_taken(job: Job, source: Source) -> str:
    """The name of the spec's folder where the project is called after it; empty where the spec gives a name."""
    named = source.data.get("project", {}).get("name")
    return "" if named or job.spec == "-" else job.place.spec_folder.rpartition("/")[2]


def _relative(path: str, folder: str) -> str:
    """A path as seen from a folder; empty where none leads there, as from one drive of Windows to another."""
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:
        return ""
