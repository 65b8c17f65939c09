"""Gathers the answers of `stgen new`: its options, and on a terminal what somebody says -> a Project and its folder."""

from __future__ import annotations

import argparse
import io
import os
import re
from dataclasses import dataclass, replace
from typing import Any

from stgen.compile import plan_source
from stgen.diagnostics.console import Console, failed
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.languages import CODES, code_meant
from stgen.language.paths import Place, is_local, is_on_hub
from stgen.language.semantics.names import bad_name
from stgen.rules.recipes import BY_NAME, RECIPES, STARTS, STARTS_BY_TYPE, Recipe
from stgen.scaffold.ask import ask, choose, did_you_mean, on_terminal
from stgen.scaffold.confirm import confirm
from stgen.scaffold.project import SAMPLE_SPLITS, Project, spec_text
from stgen.scaffold.propose import Proposal, propose
from stgen.scaffold.scaffolding import taken
from stgen.source.source import read
from stgen.values.quoting import toml
from stgen.values.surrogates import has_surrogate

OWN_USE = "Trained on {}."


class WrongUseError(Exception):
    """The options don't say enough, don't go together, or have a value that can't be: exit code 2."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A project that compiles, and the folder that it goes to."""

    project: Project
    folder: str


def gather(options: argparse.Namespace, console: Console) -> tuple[Wanted | None, list[Diagnostic]]:
    """Gather all answers. Returns None with the errors where no project comes of them. Raises WrongUseError."""
    asks = not options.yes and on_terminal(console)
    _require(options, asks)
    if options.directory is not None and (problem := taken(options.directory)):
        return None, [problem]
    recipe = _recipe(options, console, asks)
    proposal, remarks = propose(options.from_data, recipe) if options.from_data else (None, [])
    if options.from_data and proposal is None:
        return None, remarks
    if proposal:
        console.say(proposal.says)
    if proposal and asks:
        console.findings(remarks)
        proposal, remarks = confirm(proposal, console), []
    folder = options.directory or _folder(options, recipe, console, asks)
    if problem := taken(folder):
        return None, [problem]
    data, copies = _data(recipe, proposal, folder, options.copy_data)
    project = Project(
        name=_name(options, folder, console, asks),
        use=recipe.use if recipe else OWN_USE.format(os.path.basename(options.from_data)),
        model={},
        data=data,
        languages=_languages(options, console, asks, proposal.languages if proposal else ("en",)),
        sample=recipe.sample if recipe and not proposal else "",
        small=proposal is None,  # rows of their own are counted
        copies=copies,
        spec_name="stgen.json" if options.json else "stgen.toml",
    )
    project = _with_model(project, recipe, options, folder, console, asks)
    if proposal:
        project = _with_width(_with_conversion(project, proposal, console), proposal)
    found = findings(project, folder)
    return (None if failed(found) else Wanted(project, folder)), [*remarks, *found]


def findings(project: Project, folder: str) -> list[Diagnostic]:
    """All that stgen says of the project's spec, before anything is written."""
    source, found = read("-", io.BytesIO(spec_text(project).encode()))
    if source is not None:
        place = os.path.realpath(folder).replace(os.sep, "/")
        found += plan_source(source, Place(place, place))[1]
    return [item.replaced(file=project.spec_name) for item in found]


# --- what was given ---------------------------------------------------------------------------------------------------


def _require(options: argparse.Namespace, asks: bool) -> None:
    """Whatever is wrong with the options alone, before anybody is asked."""
    for name in ("recipe", "from_data", "base", "name", "languages"):
        if has_surrogate(getattr(options, name) or ""):
            raise WrongUseError(f"--{name.replace('_', '-')} is not UTF-8")
    if options.recipe is not None and options.recipe not in BY_NAME:
        raise WrongUseError(
            f"there is no recipe `{options.recipe}`{did_you_mean(options.recipe, list(BY_NAME))} "
            "(`stgen new --recipe list` names them)"
        )
    if options.copy_data and not options.from_data:
        raise WrongUseError("--copy-data copies the file of --from-data: name that too")
    if options.copy_data and is_on_hub(options.from_data):
        raise WrongUseError("--copy-data copies a file, and --from-data names a data set on the hub")
    if options.directory == "":
        raise WrongUseError("DIR is empty: name the folder of the new project")
    if options.name is not None and (wrong := _wrong_name(options.name)):
        raise WrongUseError(f"--name: {wrong}")
    if options.languages is not None and (wrong := _wrong_languages(options.languages)):
        raise WrongUseError(f"--languages: {wrong}")
    if asks or options.yes:
        return
    lacks = [] if options.directory else ["DIR"]
    lacks += [] if options.recipe or options.from_data else ["--recipe NAME (or --from-data FILE)"]
    if lacks:
        raise WrongUseError(
            f"there is no terminal to ask on, so give {' and '.join(lacks)}, or --yes to take the defaults; "
            "`stgen new --recipe list` names the recipes"
        )


# --- one answer each --------------------------------------------------------------------------------------------------


def _recipe(options: argparse.Namespace, console: Console, asks: bool) -> Recipe | None:
    """The recipe; None where the data are the user's own and no recipe was named."""
    if options.recipe or options.from_data:
        return BY_NAME[options.recipe] if options.recipe else None
    default = next((row for row in RECIPES if row.model["type"] == options.model), RECIPES[0])
    if not asks:
        return default
    rows = [(row.name, row.use) for row in RECIPES]
    return BY_NAME[
        choose(console, "Task", "what the model shall do; it comes with sample data to be replaced", rows, default.name)
    ]


def _folder(options: argparse.Namespace, recipe: Recipe | None, console: Console, asks: bool) -> str:
    default = slug(options.name or (recipe.name if recipe else os.path.basename(options.from_data).split(".")[0]))
    if not asks:
        return default

    def check(answer: str) -> str:
        problem = taken(answer) if answer else None
        return problem.message.removesuffix(", so nothing was written") if problem else ""

    return ask(console, "Folder", "where the project is written; it must be empty or not there yet", default, check)


def _name(options: argparse.Namespace, folder: str, console: Console, asks: bool) -> str:
    default = os.path.basename(os.path.abspath(folder)).encode(errors="replace").decode()
    default = slug(default) if _wrong_name(default) else default
    if options.name is not None or not asks:
        return str(options.name or default)
    return ask(console, "Name", "what README and package are called", default, _wrong_name)


def _wrong_name(name: str) -> str:
    reason = bad_name(name.strip())
    return f"a name can't {reason}" if reason else ""


def _languages(options: argparse.Namespace, console: Console, asks: bool, shown: tuple[str, ...]) -> tuple[str, ...]:
    means = "ISO 639-1 codes of the texts' languages, with commas between"
    if options.languages is not None:
        return _codes(options.languages)
    usual = shown or ("en",)
    if asks:
        return _codes(ask(console, "Languages", means, ", ".join(usual), _wrong_languages))
    if not shown:
        console.say('languages = ["en"]: nothing in the texts shows their language; --languages names others')
    elif shown != ("en",):
        console.say(f"languages = {toml(list(shown))}, by the words and letters of the texts: --languages names others")
    return usual


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.split(r"[,\s]+", text.strip(", "))))


def _wrong_languages(text: str) -> str:
    for code in _codes(text):
        if code not in CODES:
            meant = code_meant(code)
            return f"`{code}` is not an ISO 639-1 code" + (
                f"; did you mean {meant}?" if meant else ", such as en or de"
            )
    return ""


def _data(
    recipe: Recipe | None, proposal: Proposal | None, folder: str, copy: bool
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The data set of the spec, and the files that it needs copied."""
    if proposal:
        return proposal.table(folder, copy)
    assert recipe is not None  # without a file there always is one
    return {**SAMPLE_SPLITS, "columns": recipe.columns}, ()


# --- the model --------------------------------------------------------------------------------------------------------


def _with_model(
    project: Project, recipe: Recipe | None, options: argparse.Namespace, folder: str, console: Console, asks: bool
) -> Project:
    """The project with its type of model, architecture, base and loss."""
    kind = options.model or _type(project, recipe, folder, console, asks)
    same = recipe is not None and recipe.model["type"] == kind
    model: dict[str, Any] = recipe.model if recipe and same else {"type": kind}
    base = options.base
    if base is None and model.get("architecture") != "static":
        base = _default_base(kind, project.languages)
        if asks:
            base = ask(console, "Base", "hub id or folder (./...) of the model to start from", base, lambda answer: "")
    if base is not None:
        model = {"type": kind, "base": _seen_from(base, folder), **model}
    loss = (
        {key: value for key, value in recipe.loss.items() if key != "params" or project.sample}
        if recipe and same
        else {}
    )
    return replace(project, model=model, loss=loss)


def _with_conversion(project: Project, proposal: Proposal, console: Console) -> Project:
    """The project with what makes of the rows those that its model is trained on, where they are others."""
    convert, loses = proposal.convert, ""
    if not convert and not project.loss:
        convert, loses = proposal.conversion(project.model["type"])
    if not convert:
        return project
    if loses:
        console.say(
            f"convert = {toml(list(convert))}: no {project.model['type']} model is trained on such rows as they are; loses {loses}"
        )
    return replace(project, loss={**project.loss, "convert": list(convert)})


def _with_width(project: Project, proposal: Proposal) -> Project:
    """The project with embeddings as wide as those of the teacher, where rows have these."""
    if not proposal.vector or project.model["type"] != "dense" or "dimensions" in project.model:
        return project
    return replace(project, model={**project.model, "dimensions": proposal.vector})


def _type(project: Project, recipe: Recipe | None, folder: str, console: Console, asks: bool) -> str:
    """The recipe's type, the first that the data can feed where there is no recipe, or what somebody chooses."""
    usual = recipe.model["type"] if recipe else None
    if usual and not asks:
        return str(usual)
    fitting = [
        start
        for start in STARTS
        if not failed(findings(replace(project, model={"type": start.type, "base": start.english}), folder))
    ]
    types = [start.type for start in fitting] or [STARTS[0].type]
    default = usual if usual in types else types[0]
    if not asks or len(types) == 1:
        return default
    rows = [(start.type, start.makes) for start in fitting]
    return choose(console, "Model", "what is made of a text; these can be trained on the data", rows, default)


def _default_base(kind: str, languages: tuple[str, ...]) -> str:
    start = STARTS_BY_TYPE[kind]
    return start.english if languages == ("en",) else start.multilingual


def _seen_from(base: str, folder: str) -> str:
    """A local base as the spec must name it: relative paths start from the project, not from here."""
    if not is_local(base) or base.startswith(("/", "~")):
        return base
    path = os.path.relpath(os.path.realpath(base), os.path.realpath(folder)).replace(os.sep, "/")
    return path if path.startswith(".") else f"./{path}"


def slug(text: str) -> str:
    """A name for a folder that every system and every shell takes as it is."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "project"
