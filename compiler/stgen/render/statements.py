"""Lines of a template that begin with `%%` are statements: they keep a template readable as the file that it makes."""

from __future__ import annotations

import re

from jinja2.ext import Extension

_STATEMENT = re.compile(r"^[ \t]*%% ?(.*)$", re.MULTILINE)


class LineStatements(Extension):
    """Turns each such line into a block before Jinja reads it. Jinja's own line statements swallow the blank lines after them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the text for Jinja; lines keep their numbers."""
        return _STATEMENT.sub(r"{% \1 %}", source)
