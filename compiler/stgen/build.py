"""From paths of specs to repos ready to be compared with the disk: what `compile` and `check` share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from stgen.compile import compile_source
from stgen.diagnostics import Diagnostic
from stgen.fresh import output_folder
from stgen.lock import blob_id, lock_tree
from stgen.output import Repo
from stgen.paths import Place
from stgen.source import Source, read
from stgen.tree import Tree


@dataclass(frozen=True, slots=True)
class Job:
    """A spec and the folder that it compiles to."""

    spec: str
    folder: str


def jobs(specs: Sequence[str], output: str | None) -> tuple[list[Job], list[Diagnostic]]:
    """Pair specs with their folders; two specs with one folder are an error (STG321)."""
    made = [Job(spec, output or ("." if spec == "-" else output_folder(spec))) for spec in specs]
    taken: dict[str, str] = {}
    found = []
    for job in made:
        place = os.path.realpath(job.folder)
        if place in taken:
            found.append(
                Diagnostic(
                    "STG321",
                    f"`{taken[place]}` and `{job.spec}` would be compiled into one folder, `{job.folder}`",
                    help="compile them one by one, each with its own `-o DIR`",
                    file=job.spec,
                )
            )
        taken[place] = job.spec
    return made, found


def build(made: Sequence[Job], stdin: BinaryIO) -> tuple[list[Repo], list[Diagnostic]]:
    """Compile specs in memory. Returns a repo for each spec that has no error, and all findings."""
    trees: list[tuple[Job, Source, Tree]] = []
    found: list[Diagnostic] = []
    for job in made:
        source, wrong = read(job.spec, stdin)
        found += wrong
        if source is None:
            continue
        tree, wrong = compile_source(source, place(job))
        found += wrong
        if tree is not None:
            trees.append((job, source, tree))
    from stgen.style import StyleError, format_trees  # here, because who only validates runs no other process

    try:
        formatted = format_trees([tree for _, _, tree in trees])
    except StyleError as error:
        return [], [*found, Diagnostic("STG320", str(error), help="`pip install --upgrade ruff`, and try again")]
    return [_repo(job, source, tree) for (job, source, _), tree in zip(trees, formatted, strict=True)], found


def place(job: Job) -> Place:
    """Where spec and repo lie, absolute and in POSIX spelling."""
    folder = os.path.dirname(os.path.abspath(job.spec)) if job.spec != "-" else os.getcwd()
    return Place(folder.replace(os.sep, "/"), os.path.abspath(job.folder).replace(os.sep, "/"))


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
    return "" if named or job.spec == "-" else place(job).spec_folder.rpartition("/")[2]


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")
