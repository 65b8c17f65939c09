"""What templates call: filters, and the quoting of their target language, so that `{{ x }}` always prints a value of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from stgen.values.expressions import require_dotted, to_python
from stgen.values.quoting import BY_SUFFIX, Verbatim, comment, markdown_code, sbatch

_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./ #-]*\Z")
TEXT = ""  # the language of files that hold nothing of a spec, such as .gitignore

Quote = Callable[[Any], str]
"""Writes a value in a target language."""


@cache
def language(path: str) -> str:
    """The suffix under which the quoting of a template is found: that of the file it makes."""
    name = path.removesuffix(".j2").rpartition("/")[2]
    suffix = "." + name.rpartition(".")[2] if "." in name else TEXT
    return suffix if suffix in BY_SUFFIX else TEXT


@cache
def quoting(suffix: str) -> Quote:
    """What writes the values in templates of one language."""
    quote = BY_SUFFIX.get(suffix, plain)
    quote_text = lru_cache(maxsize=4096)(quote)  # many specs in one process share most of their texts

    def written(value: Any) -> str:
        # Exactly a str: a Verbatim that equals it is written otherwise.
        kind = type(value)
        return quote_text(value) if kind is str else value if kind is Verbatim else quote(value)

    return written


def plain(value: Any) -> str:
    """Where no quoting is known, only text of stgen's own may be printed."""
    return word(value)


# --- what is code of the target language already ----------------------------------------------------------------------


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


# --- what Jinja has under these names ---------------------------------------------------------------------------------


def attribute(value: Any, name: str) -> Any:
    """What `value.name` is in a template: an attribute, or else an item. Raises LookupError where there is neither."""
    try:
        return getattr(value, name)
    except AttributeError:
        pass
    try:
        return value[name]
    except (LookupError, TypeError):
        raise LookupError(f"{type(value).__name__} has no {name}") from None


def _along(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = attribute(value, name)
    return value


def _map(values: Iterable[Any], attribute: str) -> Iterator[Any]:
    return (_along(value, attribute) for value in values)


def _selectattr(values: Iterable[Any], path: str) -> Iterator[Any]:
    return (value for value in values if _along(value, path))


def _reject(values: Iterable[Any], test: str, other: Any) -> Iterator[Any]:
    if test not in ("in", "equalto"):
        raise ValueError(f"no test of templates: {test!r}")
    return (value for value in values if not (value in other if test == "in" else value == other))


def _last(values: Sequence[Any]) -> Any:
    return values[-1]


def _round(value: float, precision: int = 0) -> float:
    return round(value, precision)


def joined(values: Iterable[Any], between: str = "") -> str:
    """Values as one text; what was written in the target language is text like any other in it."""
    return between.join(map(str, values))


FILTERS: dict[str, Callable[..., Any]] = {
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
    "int": int,
    "join": joined,
    "last": _last,
    "length": len,
    "list": list,
    "lower": str.lower,
    "map": _map,
    "min": min,
    "reject": _reject,
    "replace": str.replace,
    "round": _round,
    "selectattr": _selectattr,
}


class Loop:
    """What a template knows of the loop that it is in."""

    def __init__(self, first: bool, last: bool, length: int) -> None:
        """Say where in the loop it is."""
        self.first = first
        self.last = last
        self.length = length


def looped(values: Iterable[Any]) -> Iterator[tuple[Loop, Any]]:
    """Each value, and where it stands among them."""
    found = list(values)
    for index, value in enumerate(found):
        yield Loop(index == 0, index == len(found) - 1, len(found)), value
