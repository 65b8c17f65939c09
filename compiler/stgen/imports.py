"""Import blocks of generated programs, sorted as ruff's isort rules want them: list of names -> text."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache

from stgen.expressions import require_dotted

OWN_MODULES = frozenset(
    {
        "candidates",
        "card",
        "classes",
        "clean",
        "compare",
        "convert",
        "data",
        "evaluate",
        "export",
        "loss_monitor",
        "losses",
        "metrics",
        "model",
        "monitor",
        "mteb_tasks",
        "nanobeir",
        "prepare",
        "report",
        "run_cost",
        "stamp",
        "stream",
        "tiny",
        "train",
        "task_texts",
        "verdict",
    }
)
"""Modules of the generated repo itself: they come last, as first-party imports."""


@cache
def import_block(*wanted: str) -> str:
    """Return import statements for names given as `module`, `module:name` or `module:name as alias`; repeated names count once.

    A dot in front says that the module is the user's own and lies beside the program.
    """
    modules: set[str] = set()
    members: dict[str, set[str]] = defaultdict(set)
    own = set(OWN_MODULES)
    for item in wanted:
        module, _, name = item.removeprefix(".").partition(":")
        if item.startswith("."):
            own.add(module.partition(" ")[0])
        for part in module.split(" as "):
            require_dotted(part)
        if name:
            members[module].add(" as ".join(require_dotted(part) for part in name.split(" as ")))
        else:
            modules.add(module)
    sections: list[list[str]] = [[], [], []]
    for module in sorted(modules, key=str.lower):
        sections[_section(module, own)].append(f"import {module}")
    for module in sorted(members, key=str.lower):
        names = ", ".join(sorted(members[module], key=_member_order))
        sections[_section(module, own)].append(f"from {module} import {names}")
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _section(module: str, own: set[str]) -> int:
    top = module.partition(" ")[0].partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if top in own else 1


def _member_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort's `order-by-type`."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[0].isupper() else 2), name
