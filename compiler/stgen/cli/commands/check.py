"""`stgen check`: says, for CI, whether repos are what their specs compile to, and shows what an update would bring."""

from __future__ import annotations

import argparse
import os

from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.disk.build import build
from stgen.disk.fresh import SPEC_NAMES, output_folder
from stgen.disk.jobs import Job, jobs
from stgen.disk.output import Repo, compare
from stgen.disk.state import FileState, RepoState, WayOut, state_of
from stgen.source.beside import profile_path
from stgen.source.source import read
from stgen.values.documents import document
from stgen.values.quoting import shell

CODES = {"edited": "STG323", "stale": "STG322"}
SHOWN = 60  # lines of a diff in an annotation; as text and in JSON it is whole

# fmt: off
WAYS_OUT: dict[WayOut, str] = {  # in the order in which they are gone
    "move":    "move what isn't stgen's out of the way, or compile into another folder with `-o DIR`",
    "resolve": "resolve the conflict: keep what is right, and remove the marks",
    "apart":   "compile into another folder with `-o DIR`, and bring the edit there",
    "merge":   "`{update}` brings what is new, merged with the edits",
    "bring":   "`{bring}` brings it up to date",
    "spec":    "move the edit into the spec, or delete the file and compile again",
}
# fmt: on


def run(options: argparse.Namespace, console: Console) -> int:
    """Judge each repo: 0 when all are up to date or merely edited, 1 when one is stale, or edited and that is forbidden."""
    made, found = jobs(options.specs, options.output)
    states: list[RepoState] = []
    if not failed(found):
        repos, wrong = build(made, console.stdin, outside=options.allow_outside)
        found += wrong
        found += [item for job in made for item in _parted(job, options.allow_outside)]
        for repo in repos:
            changes, wrong = compare(repo)
            found += wrong
            if not failed(wrong):
                states.append(state_of(repo, changes))
                found += states[-1].problems
    if console.format == "text":
        console.findings(found)
        for state in states:
            _show(state, options.strict, console)
    elif console.format == "json" and not failed(found):
        if found:
            console.findings(found, beside=True)
        console.result(document([_record(state) for state in states]))
    else:
        told = [_finding(state, file, options.strict) for state in states for file in _worth_a_word(state)]
        console.findings([*found, *told])
    forbidden = ("stale", "edited") if options.strict else ("stale",)
    parted = options.strict and any(item.code == "STG405" for item in found)
    return int(failed(found) or parted or any(state.state in forbidden for state in states))


def _parted(job: Job, outside: bool) -> list[Diagnostic]:
    """What says that the data aren't those of the profile beside a spec."""
    if job.spec == "-" or not os.path.lexists(profile_path(job.spec)):
        return []
    source, _ = read(job.spec, outside=outside)
    if source is None:
        return []
    from stgen.profiling.parted import parted_source

    return parted_source(source)


def _worth_a_word(state: RepoState) -> list[FileState]:
    return [file for file in state.files if file.case.state != "in-date"]


# --- for people -------------------------------------------------------------------------------------------------------


def _show(state: RepoState, strict: bool, console: Console) -> None:
    if _is_bare(state):
        console.say(
            f"{state.repo.folder}: nothing is compiled here yet; `{_command('compile', state.repo)}` writes the repo"
        )
        return
    for file in _worth_a_word(state):
        console.say(f"{state.repo.at(file.path)} {file.case.says}")
        for note in file.notes:
            console.say(f"  {note}")
        console.result(_diff(file, strict))
    console.say(f"{state.repo.folder}: {_summary(state, strict)}")


def _is_bare(state: RepoState) -> bool:
    """Whether no file is there that only a compile writes: a diff of all of them would tell nobody anything."""
    once = {path for path, file in state.repo.tree.items() if file.policy == "once"}  # `stgen new` writes some of these
    return bool(state.files) and all(file.change == "create" for file in state.files if file.path not in once)


def _diff(file: FileState, strict: bool) -> str:
    return file.edit if strict and file.case.state == "edited" else file.diff


def _summary(state: RepoState, strict: bool) -> str:
    stale, edited = state.of("stale"), state.of("edited")
    if stale:
        are = "1 file is" if len(stale) == 1 else f"{len(stale)} files are"
        return f"stale: {are} not what the spec compiles to; {_ways_out(stale, state)}"
    if edited:
        were = "1 file was" if len(edited) == 1 else f"{len(edited)} files were"
        ending = f", which --strict forbids; {_ways_out(edited, state)}" if strict else ""
        return f"up to date, and {were} edited by hand{ending}"
    return "up to date"


def _ways_out(files: list[FileState], state: RepoState) -> str:
    """What ends the states of these files."""
    wanted = {file.case.way_out for file in files}
    edited = any(file.change == "edited" for file in state.files)  # over which `stgen compile` refuses to write
    update = _command("update", state.repo)
    bring = update if edited else _command("compile", state.repo)
    if "apart" in wanted:
        wanted -= {"merge", "bring"}  # an update writes all or nothing
    if "merge" in wanted:
        wanted -= {"bring"}  # which the same command does
    return "; ".join(way.format(update=update, bring=bring) for name, way in WAYS_OUT.items() if name in wanted)


def _command(name: str, repo: Repo) -> str:
    """A command for this repo, as it can be pasted."""
    if repo.lock.spec == "-":
        return f"stgen {name} - -o {shell(repo.folder)}"
    spec = os.path.normpath(os.path.join(repo.folder, repo.lock.spec))
    named = [] if spec == SPEC_NAMES[0] else [shell(spec)]
    elsewhere = os.path.normpath(output_folder(spec)) != os.path.normpath(repo.folder)
    return " ".join(["stgen", name, *named, *(["-o", shell(repo.folder)] if elsewhere else [])])


# --- for machines -----------------------------------------------------------------------------------------------------


def _finding(state: RepoState, file: FileState, strict: bool) -> Diagnostic:
    code, path = CODES[file.case.state], state.repo.at(file.path)
    whole = file.change in ("create", "missing", "remove")  # a file's every line would tell nobody anything
    lines = [] if whole else _diff(file, strict).splitlines()
    cut = [f"... and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    diff = ["\n".join([*lines[:SHOWN], *cut])] if lines else []
    return Diagnostic(
        code,
        f"{path} {file.case.says}",
        notes=(*file.notes, *diff),
        help=_ways_out([file], state),
        file=path,
        severity="error" if strict else BY_CODE[code].severity,
    )


def _record(state: RepoState) -> dict[str, object]:
    files = [
        {
            "path": state.repo.at(file.path),
            "state": file.case.state,
            "change": file.change,
            "says": file.case.says,
            "diff": file.diff,
            "edit": file.edit,
            "notes": list(file.notes),
        }
        for file in _worth_a_word(state)
    ]
    in_date = len(state.of("in-date"))
    return {"folder": state.repo.folder, "state": state.state, "in_date": in_date, "files": files}
