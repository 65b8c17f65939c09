"""Asks whether proposed roles are right: a Proposal -> the same, or with the roles that somebody wrote instead."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from stgen.diagnostics.console import Console
from stgen.scaffold.ask import ask
from stgen.scaffold.propose import Proposal, named

YES, EDIT = ("y", "yes"), ("e", "edit", "n", "no")


def confirm(proposal: Proposal, console: Console) -> Proposal:
    """Show the roles, and ask. Raises KeyboardInterrupt where input ends."""
    console.say("\n".join(proposal.roles))
    if proposal.layout:
        return proposal  # the files have their roles by their names
    means = "yes takes the roles as they are, edit changes them"
    if ask(console, "Roles", means, "yes", _wrong_answer).lower() in YES:
        return proposal

    def check(answer: str) -> str:
        columns = _columns(answer)
        return columns if isinstance(columns, str) else proposal.refusal(columns)

    means = f"the line of the spec, role by role; the file has {named(proposal.names)}"
    answer = ask(console, "Columns", means, proposal.line, check)
    columns = _columns(answer)
    assert isinstance(columns, dict)  # as it was checked
    return replace(proposal, columns=columns, why={})


def _wrong_answer(answer: str) -> str:
    return "" if answer.lower() in (*YES, *EDIT) else "answer yes or edit"


def _columns(answer: str) -> dict[str, Any] | str:
    """The roles that a line gives, or what is wrong with the line."""
    line = answer.strip()
    try:
        found = tomllib.loads(line if line.startswith("columns") else f"columns = {line}")
    except tomllib.TOMLDecodeError as error:
        return f"that is not TOML: {error}"
    columns = found.get("columns")
    if not isinstance(columns, dict) or not columns:
        return 'write { anchor = "question", positive = "answer" } with the names of your columns'
    return columns
