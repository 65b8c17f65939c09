"""The Jinja environments: one for each target language, so that `{{ x }}` always prints a value of that language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Undefined

from stgen.values.expressions import require_dotted, to_python
from stgen.values.quoting import BY_SUFFIX, Verbatim, comment, markdown_code, sbatch

_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./ #-]*\Z")
TEXT = ""  # the language of files that hold nothing of a spec, such as .gitignore


def language(path: str) -> str:
    """The suffix under which the quoting of a template is found: that of the file it makes."""
    name = path.removesuffix(".j2").rpartition("/")[2]
    suffix = "." + name.rpartition(".")[2] if "." in name else TEXT
    return suffix if suffix in BY_SUFFIX else TEXT


def reading_environment(loader: BaseLoader, suffix: str) -> Environment:
    """The environment for templates of one language that are read as text."""
    from stgen.render.statements import LineStatements

    made = environment(loader, suffix)
    made.add_extension(LineStatements)
    return made


def environment(loader: BaseLoader, suffix: str) -> Environment:
    """The environment for templates of one language that are Python code already."""
    made = Environment(
        loader=loader,
        finalize=_finalizer(BY_SUFFIX.get(suffix, plain)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        cache_size=-1,
    )
    made.filters |= {
        "identifier": identifier,
        "part": part,
        "signature": signature,
        "each": each,
        "word": word,
        "comment": comment,
        "code": markdown_code,
        "sbatch": sbatch,
        "known_as": known_as,
        "raw": raw,
    }
    return made


def plain(value: Any) -> str:
    """Where no quoting is known, only text of stgen's own may be printed."""
    return word(value)


def identifier(value: str) -> Verbatim:
    """A Python name, dotted or not; anything else is refused with ValueError."""
    return Verbatim(require_dotted(value))


def part(value: str) -> Verbatim:
    """What may follow `data_` in the name of a module: it may begin with a digit, or be a keyword by itself."""
    require_dotted(f"_{value}")
    return Verbatim(value)


def signature(names: Iterable[str]) -> Verbatim:
    """The parameters of a Python function, each of type Any."""
    return Verbatim(", ".join(f"{require_dotted(name)}: Any" for name in names))


def each(names: Iterable[str], pattern: str) -> Verbatim:
    """Python names one after the other, each in the place that the pattern has for it: `"{}: str, "`."""
    return Verbatim("".join(pattern.format(require_dotted(name)) for name in names))


def word(value: Any) -> Verbatim:
    """Text that means the same in every target language and needs no quoting; anything else is refused."""
    text = value if isinstance(value, Verbatim) else str(value)
    if not isinstance(value, Verbatim) and not _WORD.match(text):
        raise ValueError(f"not a plain word: {text!r}")
    return Verbatim(text)


def raw(pattern: str) -> Verbatim:
    """A regular expression as people write it; letters that look like others are escaped, as is what ends a raw string."""
    pattern = "".join(one if one <= "\xff" else f"\\u{ord(one):04x}" for one in pattern)
    plain = pattern.isprintable() and '"' not in pattern and not pattern.endswith("\\")
    return Verbatim(f'r"{pattern}"' if plain else to_python(pattern))


def known_as(module: str, name: str) -> Verbatim:
    """What `import` imports so that a module is known by a name, be it its own or another."""
    return Verbatim(require_dotted(module) if module == name else f"{require_dotted(module)} as {require_dotted(name)}")


@cache
def _finalizer(quote: Callable[[Any], str]) -> Callable[[Any], str]:
    quote_text = lru_cache(maxsize=4096)(quote)  # many specs in one process share most of their texts

    def finalize(value: Any) -> str:
        if type(value) is str:  # exactly: a Verbatim that equals it is written otherwise
            return quote_text(value)
        # Quoting an undefined value must raise, not print: str() of a StrictUndefined does.
        return str(value) if isinstance(value, Undefined) else quote(value)

    return finalize
