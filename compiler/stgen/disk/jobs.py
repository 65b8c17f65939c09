"""From the paths on the command line to Jobs: each spec with the folder that it compiles to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.fresh import output_folder
from stgen.language.paths import Place
from stgen.values.surrogates import escaped, has_surrogate


class Job(NamedTuple):
    """A spec ("-": standard input) and the folder that it compiles to."""

    spec: str
    folder: str

    @property
    def place(self) -> Place:
        """Where spec and repo lie, absolute and in POSIX spelling."""
        folder = os.getcwd() if self.spec == "-" else os.path.dirname(os.path.abspath(self.spec))
        return Place(folder.replace(os.sep, "/"), os.path.abspath(self.folder).replace(os.sep, "/"))


def job(spec: str, output: str | None = None) -> Job:
    """The job of a spec; without `output`, in the folder that follows from its name."""
    return Job(spec, output or ("." if spec == "-" else output_folder(spec)))


def jobs(specs: Sequence[str], output: str | None) -> tuple[list[Job], list[Diagnostic]]:
    """Pair specs with their folders; two specs with one folder are an error (STG321)."""
    made = [job(spec, output) for spec in specs]
    taken: dict[str, str] = {}
    found = [_linked(item) for item in made if output is None and item.spec != "-" and os.path.islink(item.folder)]
    for item in made:
        if has_surrogate(os.path.abspath(item.folder)):
            message = (
                "the path of the repo, from the top of the disk, is not UTF-8, and generated files couldn't name it"
            )
            found.append(
                Diagnostic("STG018", message, help="name another folder, with -o DIR", file=escaped(item.folder))
            )
        place = os.path.realpath(item.folder)
        if place in taken:
            found.append(
                Diagnostic(
                    "STG321",
                    f"`{taken[place]}` and `{item.spec}` would be compiled into one folder, `{item.folder}`",
                    help="compile them one by one, each with its own `-o DIR`",
                    file=item.spec,
                )
            )
        taken[place] = item.spec
    return made, found


def _linked(item: Job) -> Diagnostic:
    """A link may come with the spec from somebody else; who names the folder has named where it leads."""
    return Diagnostic(
        "STG303",
        f"`{item.folder}` is a symbolic link to `{os.path.realpath(item.folder)}`, and nobody named it",
        help=f"where that is meant, say so: `-o {item.folder}`; else remove the link",
        file=item.folder,
    )
