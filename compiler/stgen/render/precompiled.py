"""The templates as Python functions: of a checkout as they are read, of the wheel as it was built.

The wheel holds them as one module, so that a compile neither reads templates nor imports Jinja.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from stgen.render.datafolder import data_folder
from stgen.render.filters import FILTERS, Quote, attribute, joined, looped
from stgen.values.quoting import Verbatim

MODULE = "templates_as_code"
"""Name of the module in the wheel. It has `TEMPLATES`, a function for each template."""

Function = Callable[[dict[str, Any], Callable[[str], None], Quote], None]
"""Renders a template: gets its variables, what takes each piece of text, and what writes a value."""

HEAD = '''"""Made from the templates when the wheel was built."""

from stgen.render.filters import FILTERS as filters, attribute, joined, looped
from stgen.values.quoting import Verbatim

nothing = Verbatim("")
'''


def compile_templates(folder: str) -> str:
    """The text of the module: the same templates give the same text."""
    from stgen.render.translation import translated

    functions, entries = [], []
    for number, name in enumerate(sorted(_names(folder))):
        functions.append(translated(_read(folder, name), name, f"render_{number}"))
        entries.append(f"    {name!r}: render_{number},\n")
    return "\n\n".join([HEAD, *functions, f"templates = TEMPLATES = {{\n{''.join(entries)}}}\n"])


def templates() -> Mapping[str, Function]:
    """The templates by name."""
    try:
        made: Mapping[str, Function] = import_module(f"stgen.{MODULE}").TEMPLATES
    except ModuleNotFoundError:
        return _Templates()
    return made


class _Templates(dict[str, Function]):
    """The templates of a checkout, each translated when it is first rendered. Raises FileNotFoundError for a name of none."""

    def __init__(self) -> None:
        self._folder = data_folder("templates")
        self._names = {
            "filters": FILTERS,
            "attribute": attribute,
            "joined": joined,
            "looped": looped,
            "nothing": Verbatim(""),
            "templates": self,
        }

    def __missing__(self, name: str) -> Function:
        from stgen.render.translation import translated

        text, shown = translated(_read(self._folder, name), name, "render"), f"{name} as Python"
        linecache.cache[shown] = (len(text), None, text.splitlines(keepends=True), shown)  # for tracebacks
        made: dict[str, Function] = {}
        exec(compile(text, shown, "exec"), self._names, made)
        self[name] = made["render"]
        return self[name]


def _read(folder: str, name: str) -> str:
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def _names(folder: str) -> list[str]:
    names = []
    for parent, _, files in os.walk(folder):
        inside = os.path.relpath(parent, folder).replace(os.sep, "/")
        names += [name if inside == "." else f"{inside}/{name}" for name in files if name.endswith(".j2")]
    return names
