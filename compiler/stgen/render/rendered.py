"""Renders a template by its name: the templates as code where the wheel has them, else their text."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from stgen.render.environment import environment, language, reading_environment
from stgen.render.precompiled import CodeLoader, load_module


@cache
def _environment(suffix: str) -> Environment:
    if templates := load_module():
        return environment(CodeLoader(templates), suffix)
    from jinja2 import FileSystemLoader

    from stgen.render.datafolder import data_folder

    return reading_environment(FileSystemLoader(data_folder("templates")), suffix)


def render_text(template: str, context: dict[str, Any]) -> str:
    """Render the template of that name, such as `dense/train.py.j2`, with a context."""
    return _environment(language(template)).get_template(template).render(context)
