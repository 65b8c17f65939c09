"""Templates -> one Python module, made when the wheel is built; and the loader that takes templates from that module.

What Jinja generates belongs to the version of Jinja that generated it. With any other one the templates' own text is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from importlib import import_module
from textwrap import indent
from typing import Any

import jinja2
from jinja2 import BaseLoader, DictLoader, Environment, Template, TemplateNotFound

from stgen.render.environment import language, reading_environment

MODULE = "templates_as_code"
"""Name of the module in the wheel. It has `JINJA`, a version, and `TEMPLATES`, a function for each template."""

Build = Callable[[Environment], dict[str, Any]]
"""Defines a template's functions for an environment, as the names of a module."""


def compile_templates(folder: str) -> str:
    """The text of the module: the same templates give the same text."""
    functions, entries = [], []
    for number, name in enumerate(sorted(_names(folder))):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            source = file.read()
        code = reading_environment(DictLoader({}), language(name)).compile(source, name, name, raw=True)
        functions.append(f"def build_{number}(environment):\n{indent(code, '    ')}\n    return locals()\n")
        entries.append(f"    {name!r}: build_{number},\n")
    head = f'"""Made from the templates when the wheel was built."""\n\nJINJA = {jinja2.__version__!r}\n'
    return "\n\n".join([head, *functions, f"TEMPLATES = {{\n{''.join(entries)}}}\n"])


def _names(folder: str) -> list[str]:
    names = []
    for parent, _, files in os.walk(folder):
        inside = os.path.relpath(parent, folder).replace(os.sep, "/")
        names += [name if inside == "." else f"{inside}/{name}" for name in files if name.endswith(".j2")]
    return names


def load_module() -> dict[str, Build] | None:
    """The templates as code; None in a checkout, and where another Jinja is installed than the one they are made for."""
    try:
        module = import_module(f"stgen.{MODULE}")
    except ModuleNotFoundError:
        return None
    templates: dict[str, Build] = module.TEMPLATES
    return templates if jinja2.__version__ == module.JINJA else None


class CodeLoader(BaseLoader):
    """Loads templates from the module."""

    has_source_access = False

    def __init__(self, templates: dict[str, Build]) -> None:
        """Take what `load_module` returned."""
        self.templates = templates

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        """The template of a name. Raises TemplateNotFound."""
        if name not in self.templates:
            raise TemplateNotFound(name)
        names = self.templates[name](environment) | {"__file__": name}
        # A plain dict: Jinja's own chain of them is walked through for every fragment that is rendered.
        return environment.template_class.from_module_dict(environment, names, dict(globals or environment.globals))
