"""Templates as Python: they print what Jinja prints, and what lies beyond the part of Jinja that they use is refused."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from places import TEMPLATES
from stgen.render.filters import FILTERS, attribute, joined, looped, quoting
from stgen.render.precompiled import compile_templates
from stgen.render.translation import LineStatements, TemplateError, translated
from stgen.values.quoting import Verbatim
from stgen.values.record import Record


class Row(Record):
    """What templates see: records, and tables in them."""

    name: str
    options: dict[str, Any]


SEEN: dict[str, Any] = {
    "row": Row("first", {"size": 3, "words": ("a", "b")}),
    "rows": (Row("one", {"size": 1}), Row("two", {"size": 2})),
    "text": 'say "hi"',
    "none": None,
    "call": lambda word, times=1: word * times,
}
PART = "<{{ row.name }}{{ one.name }}>"


def by_translation(source: str, seen: dict[str, Any]) -> str:
    pieces: list[str] = []
    names: dict[str, Any] = {
        "filters": FILTERS,
        "attribute": attribute,
        "joined": joined,
        "looped": looped,
        "nothing": Verbatim(""),
        "templates": {},
    }
    for name, text in {"whole": source, "part.py.j2": PART}.items():
        exec(translated(text, name, "render"), names)
        names["templates"][name] = names["render"]
    names["templates"]["whole"](seen, pieces.append, quoting(".py"))
    return "".join(pieces)


def by_jinja(source: str, seen: dict[str, Any]) -> str:
    environment = Environment(
        loader=DictLoader({"part.py.j2": PART}),
        finalize=lambda value: str(value) if type(value).__name__ == "Undefined" else quoting(".py")(value),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=[LineStatements],
    )
    environment.filters |= {name: FILTERS[name] for name in ("word", "identifier", "each")}
    return environment.from_string(source).render(seen)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "plain\n  text\n",
        "{{ text }}{{ none }}{{ 7 }}{{ -row.options.size }}{{ true }}",
        "{{ row.name | identifier }} {{ row.options.words | each('{}, ') }}",
        "{{ 'a' | word if row.options.size > 2 }}|{{ 'b' | word if row.options.size > 3 }}",
        "{{ row.options['size'] }}{{ row.options.words[0] }}{{ row.options.words[1:] }}",
        "{{ 'a' ~ row.options.size ~ none }}{{ ('x' | word) ~ text }}",
        "{{ call('ab', times=2) }}{{ text.upper() }}{{ row.options.items() | list }}",
        "{% if none %}a{% elif row.name == 'first' and not none %}b{% else %}c{% endif %}",
        "{% if row.name != 'x' or none %}{% else %}c{% endif %}{% if 1 < row.options.size <= 3 %}d{% endif %}",
        "%% for one in rows\n{{ one.name }},\n%% endfor\nend\n",
        "%% for one in rows if one.options.size == 2\n{{ one.name }} {{ loop.length }}{{ loop.first }}{{ loop.last }}\n%% endfor",
        "%% for one in rows\n%% include 'part.py.j2'\n%% endfor",
        "%% for one in rows\n%% include 'part' ~ '.py.j2'\n%% endfor",
        "{% for key, value in row.options.items() %}{{ key }}{{ value }}{% endfor %}",
        "{% set says = row.name ~ '!' %}{{ says }}{% for one in rows %}{% set says_it = one.name %}{{ says_it }}{% endfor %}",
        "{% set one = row %}%% include 'part.py.j2'\n{% include 'part.py.j2' %}",
        "{{ none is none }}{{ text is string }}{{ row is string }}",
        "{{ 'a' in row.options.words }}{{ 'a' not in row.options.words }}{{ {'k': 1}['k'] }}{{ [1, 2] }}{{ (1, 2) }}{{ (1,) }}",
        "{{ [row.options.size, 2] | min }}{{ (row.options.size * 0.5) | round | int }}{{ 2.345 | round(1) }}{{ 1 + 2 * 3 }}",
        "{{ rows | map(attribute='options.size') | list }}{{ rows | selectattr('options.size') | list | length }}",
        "{{ row.options.words | reject('in', ('a',)) | list }}{{ row.options.words | reject('equalto', 'b') | list }}",
        "{{ row.options.words | join(', ') }}{{ row.options.words | last }}{{ 'A_B' | lower | replace('_', ' ') }}",
    ],
)  # fmt: skip
def test_prints_what_jinja_prints(source: str) -> None:
    assert by_translation(source, SEEN) == by_jinja(source, SEEN)


@pytest.mark.parametrize(
    "source",
    ["{{ missing }}", "{{ row.missing }}", "{{ rows[2] }}", "{% if missing %}{% endif %}", "%% include 'missing.j2'\n"],
)
def test_what_is_missing_ends_the_rendering(source: str) -> None:
    with pytest.raises(LookupError):
        by_translation(source, SEEN)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{% macro a() %}{% endmacro %}", "Macro"),
        ("{% for a in b %}{% else %}c{% endfor %}", "For"),
        ("{% if a %}{% set b = 1 %}{% endif %}", "Assign"),
        ("{% set a = 1 %}{% set a = 2 %}", "Name"),
        ("{% set a.b = 1 %}", "NSRef"),
        ("{{ a | upper }}", "Filter"),
        ("{{ a is defined }}", "Test"),
        ("{{ a(*b) }}", "Call"),
        ("{% block a %}{% endblock %}", "Block"),
    ],
)
def test_what_templates_do_without_is_refused(source: str, what: str) -> None:
    with pytest.raises(TemplateError, match=rf"^its name, line 1: .* {what} "):
        translated(source, "its name", "render")


def test_the_module_of_the_wheel_is_made_of_all_templates() -> None:
    made: dict[str, Any] = {}
    exec(compile_templates(str(TEMPLATES)), made)
    assert made["TEMPLATES"].keys() == {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2")}
    pieces: list[str] = []
    made["TEMPLATES"]["seed.py.j2"]({"project": {"seed": 7}}, pieces.append, quoting(".py"))
    assert "7" in "".join(pieces)
