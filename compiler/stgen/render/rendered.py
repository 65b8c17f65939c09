"""Renders a template by its name."""

from __future__ import annotations

from functools import cache
from typing import Any

from stgen.render.filters import language, quoting
from stgen.render.precompiled import templates

_templates = cache(templates)


def render_text(template: str, context: dict[str, Any]) -> str:
    """Render the template of that name, such as `dense/train.py.j2`, with a context."""
    pieces: list[str] = []
    _templates()[template](context, pieces.append, quoting(language(template)))
    return "".join(pieces)
