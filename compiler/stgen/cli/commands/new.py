"""`stgen new`: scaffolds a project that keeps a spec under version control, with data to try it on and CI."""

from __future__ import annotations

import argparse
import os

from stgen.diagnostics.console import Console
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.rules.recipes import RECIPES
from stgen.scaffold.answers import Wanted, WrongUseError, gather
from stgen.scaffold.scaffolding import disk_refuses, scaffold
from stgen.source.source import read
from stgen.values.documents import document
from stgen.values.quoting import shell
from stgen.values.wrapping import hung

NEXT = (
    ("stgen compile", "writes the training repo beside the spec"),
    ('pip install ".[dev]" && pytest', "the data contract, and two steps on a tiny model"),
    ("bash launch/cpu.sh", "trains; launch/ has scripts for other machines"),
    ("python evaluate.py", "says whether the model got better"),
)


def run(options: argparse.Namespace, console: Console) -> int:
    """Write a new project; or list the recipes."""
    if options.recipe == "list":
        _list_recipes(console)
        return 0
    try:
        wanted, found = gather(options, console)
    except WrongUseError as error:
        console.stderr.write(f"stgen new: {error}\n")
        return 2
    files: list[str] = []
    if wanted is not None:
        try:
            files = scaffold(wanted.project, wanted.folder)
        except OSError as error:
            found.append(disk_refuses(wanted.folder, error))
            wanted = None
    if wanted is not None and options.from_data:
        files = _count(wanted, files, console)
        found += _of_rows(wanted)
    if wanted is None or console.format != "json":
        console.findings(found)
    if wanted is None:
        return 1
    _report(wanted, files, console)
    return 0


def _count(wanted: Wanted, files: list[str], console: Console) -> list[str]:
    """Count the data of a new project, and write the profile beside its spec. Returns the files with it.

    Rows that can't be counted are told by what `validate --data` says of them.
    """
    from stgen.cli.commands.profile import write

    source, _ = read(
        os.path.join(wanted.folder, wanted.project.spec_name), outside=True
    )  # data lie where they were named
    if source is None:
        return files
    source, _ = write(source, Console(console.stdin, console.stdout, console.stderr, console.format, quiet=True))
    return sorted({*files, *([os.path.basename(source.profile.path)] if source.profile else [])})


def _of_rows(wanted: Wanted) -> list[Diagnostic]:
    """What `validate --data` says of the new spec. Its project is there all the same: the rows can be corrected."""
    from stgen.examine.examining import examine_source

    source, _ = read(os.path.join(wanted.folder, wanted.project.spec_name), outside=True)
    found = examine_source(source)[0] if source else []
    return [item for item in found if item.code != "STG397"]  # the base without a revision is this command's choice


def _report(wanted: Wanted, files: list[str], console: Console) -> None:
    next_commands = [(f"cd {shell(wanted.folder)}", "")] if wanted.folder != "." else []
    next_commands += NEXT
    if console.format == "json":
        commands = [command for command, _ in next_commands]
        record = {"folder": wanted.folder, "spec": wanted.project.spec_name, "files": files, "next": commands}
        console.result(document(record))
        return
    console.say(f"created {wanted.folder}: {len(files)} files")
    for path in files:
        console.say(f"  {path}")
    console.say("\nnext:")
    width = max(len(command) for command, _ in next_commands)
    for command, does in next_commands:
        console.say(f"  {command:<{width}}  # {does}" if does else f"  {command}")


def _list_recipes(console: Console) -> None:
    if console.format == "json":
        rows = [{"name": row.name, "use": row.use, "model": row.model} for row in RECIPES]
        console.result(document(rows))
        return
    names, types = (
        max(map(len, words)) for words in zip(*((row.name, row.model["type"]) for row in RECIPES), strict=True)
    )
    for row in RECIPES:
        lines = hung(f"{row.name:<{names}}  {row.model['type']:<{types}}  ", row.use)
        console.result("\n".join(lines) + "\n")
