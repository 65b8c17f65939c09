"""How a value of the plan is written in each target language: the only way for spec text to reach a generated file.

Each function is the Jinja `finalize` of the templates with that suffix, so `{{ x }}` is safe wherever it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from stgen.values.expressions import to_python

SBATCH_OPTION = re.compile(r"[a-z][a-z0-9-]*")
SBATCH_VALUE = re.compile(r"[A-Za-z0-9_@%+=:,./&|()\[\]*!-]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$!])")


_PAGE_SPECIAL = {ord(char): f"&#{ord(char)};" for char in "&<>\"'{}"}


class Verbatim(str):
    """Text that is already in the target language: template constants and the output of a filter."""


def python(value: Any) -> str:
    """A Python expression."""
    return value if isinstance(value, Verbatim) else to_python(value)


def shell(value: Any) -> str:
    """One word of a POSIX shell command. Raises ValueError on a NUL, which no shell can hold."""
    if isinstance(value, Verbatim):
        return value
    text = str(value)
    if "\0" in text:
        raise ValueError("a shell word cannot hold a NUL character")
    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def json_value(value: Any) -> str:
    """A JSON value, which is a YAML 1.2 flow value too."""
    if isinstance(value, Verbatim):
        return value
    import json  # here, because a spec is looked at without it

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\u2028", "\\u2028")


def toml(value: Any) -> str:
    """A TOML value on one line. JSON's strings are TOML basic strings once lone surrogates and DEL are escaped."""
    if isinstance(value, Verbatim):
        return value
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return json_value(value)


def toml_key(key: str) -> str:
    """A TOML key, quoted where it must be."""
    return key if _BARE_KEY.match(key) else json_value(key)


def markdown(value: Any) -> str:
    """Text in a Markdown paragraph or table cell: on one line, with nothing that Markdown or HTML would act on."""
    if isinstance(value, Verbatim):
        return value
    text = " ".join(str(value).split())
    text = _MARKDOWN_SPECIAL.sub(r"\\\1", text)
    # What makes a heading, a list or a rule does so only where a line begins.
    start = re.match(r"\d*[.)#+=-]", text)
    return f"{text[: start.end() - 1]}\\{text[start.end() - 1 :]}" if start else text


def markdown_code(value: Any) -> Verbatim:
    """Text as a Markdown code span; the fence is longer than any run of backticks inside."""
    return _code_span(str(value))


@lru_cache(maxsize=1024)  # the specs of one run share most of their texts
def _code_span(text: str) -> Verbatim:
    text = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return Verbatim(f"{fence}{pad}{text}{pad}{fence}")


def sbatch(key: str, value: Any) -> Verbatim:
    """An option in a `#SBATCH` line. Raises ValueError for what sbatch might read as something else."""
    if SBATCH_OPTION.fullmatch(key) and SBATCH_VALUE.fullmatch(str(value)):
        return Verbatim(f"--{key}={value}")
    raise ValueError(f"not an option of sbatch: {key!r} = {value!r}")


def page(value: Any) -> str:
    """Text of an HTML page that is itself a Jinja template: nothing in it is markup, a statement or an expression."""
    return value if isinstance(value, Verbatim) else str(value).translate(_PAGE_SPECIAL)


def comment(value: Any) -> Verbatim:
    """Text for a `#` comment: on one line, printable."""
    text = " ".join(str(value).split())
    if text.isprintable():
        return Verbatim(text)
    return Verbatim("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text))


# fmt: off
BY_SUFFIX: dict[str, Callable[[Any], str]] = {
    ".py":     python,
    ".sh":     shell,
    ".sbatch": shell,
    ".json":   json_value,
    ".yaml":   json_value,
    ".yml":    json_value,
    ".toml":   toml,
    ".md":     markdown,
    ".jinja":  page,
}
# fmt: on
