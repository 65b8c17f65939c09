"""Key paths are found where they stand: against the real parsers, on documents of every shape."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stgen.source.positions import find, line_at, scan
from stgen.source.source import Kind

TOML = '''# a comment with [brackets] and "quotes"
stgen = 1 # = 2
a.b."c d" = 'x' # dotted
text = """
line = "no"
[not.a.table]
""""
[model] # header
base = "x # no comment"
prompts = { query = "a, b = }", document.x = [1, { y = 2 }] }
[[data]]
train = "one"
columns.anchor = "a"
[[data]]
train = 'two'
names = [
  "p", # first
  "q",
]
[data.columns]
anchor = "b"
[[data.inner]]
z = 1979-05-27 07:32:00
[[data.inner]]
"" = -1.5e3
'''


def leaves(data: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    if isinstance(data, dict) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, key))]
    if isinstance(data, list) and data:
        return [leaf for index, value in enumerate(data) for leaf in leaves(value, (*path, index))]
    return [(path, data)]


def parsed(text: str, kind: Kind) -> object:
    return json.loads(text, strict=False) if kind == "json" else tomllib.loads(f"value = {text}")["value"]


def hold(text: str, kind: Kind) -> None:
    """The place of every leaf parses to its value, and the place of its key to its name."""
    data = json.loads(text, strict=False) if kind == "json" else tomllib.loads(text)
    places = scan(text, kind).by_path
    for path, value in leaves(data):
        if not path or value == {}:
            continue
        assert parsed(text[slice(*places[path].value)], kind) == value, path
        if isinstance(path[-1], str):
            key = text[slice(*places[path].key)]
            assert (
                json.loads(key, strict=False) if kind == "json" else next(iter(tomllib.loads(f"{key} = 1")))
            ) == path[-1]


def test_toml_of_every_shape():
    hold(TOML, "toml")


def test_toml_with_windows_line_ends():
    text = TOML.replace("\n", "\r\n")
    places = scan(text, "toml")
    span = find(places, text, ("data", 1, "columns", "anchor"))
    assert line_at(text, span.line)[span.column - 1 : span.end - 1] == '"b"'
    span = find(places, text, ("text",))
    assert line_at(text, span.line)[span.column - 1 : span.end - 1] == '"""'


@pytest.mark.parametrize(
    ("path", "about", "line", "underlined"),
    [
        (("model",), "value", 8, "[model]"),
        (("model",), "key", 8, "model"),
        (("model", "nothing", "here"), "value", 8, "model"),
        (("model", "prompts", "query"), "key", 10, "query"),
        (("model", "prompts", "document", "x", 1, "y"), "value", 10, "2"),
        (("data", 0), "value", 11, "[[data]]"),
        (("data", 1), "value", 14, "[[data]]"),
        (("data", 1, "names", 1), "value", 18, '"q"'),
        (("a", "b", "c d"), "key", 3, '"c d"'),
        (("a", "b"), "value", 3, "b"),
        ((), "value", 1, ""),
        (("nothing",), "value", 1, ""),
    ],
)
def test_find(path, about, line, underlined):
    span = find(scan(TOML, "toml"), TOML, path, about)
    assert (span.line, line_at(TOML, span.line)[span.column - 1 : span.end - 1]) == (line, underlined)


def test_repeated_keys_of_json():
    text = '{"a": {"b": 1,\n "b": 2}}'
    (path, place), *more = scan(text, "json").repeated
    assert path == ("a", "b")
    assert not more
    assert text[slice(*place.key)] == '"b"'
    assert place.key[0] > text.index("\n")


@given(st.text(max_size=60), st.sampled_from(["toml", "json"]))
@settings(max_examples=150, deadline=None)
def test_never_raises(text, kind):
    assert find(scan(text, kind), text, ("a", 0, "b")).line >= 1


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_deep_text_is_no_fault(kind):
    scan('{"a":' * 5000 if kind == "json" else "a = " + "[" * 5000, kind)


# --- documents made by hypothesis ------------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
scalar = st.one_of(text, st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False))
tree = st.recursive(
    scalar,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3)),
    max_leaves=12,
)
document = st.dictionaries(text, tree, max_size=4)


@given(document, st.sampled_from([None, 1, 4]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_json_made_at_random(data, indent, plain):
    hold(json.dumps(data, indent=indent, ensure_ascii=plain), "json")


def quoted(draw: st.DrawFn, value: str) -> str:
    if "'" not in value and value.isprintable() and draw(st.booleans()):
        return f"'{value}'"
    basic = json.dumps(value).replace("\x7f", "\\u007f")
    if max(value, default="") < "\U00010000":
        return basic
    # Characters above U+FFFF come as two escapes from json.dumps, which TOML refuses.
    escapes = "".join(f"\\U{ord(char):08x}" for char in value)
    return f'"{escapes}"'


@st.composite
def toml_documents(draw: st.DrawFn) -> str:
    """A TOML document that writes a random tree in random style: headers, dotted keys, inline tables, long strings."""
    lines: list[str] = []

    def key(name: str) -> str:
        bare = name.isascii() and name.isalnum()
        return name if bare and draw(st.booleans()) else quoted(draw, name)

    def value(item: object) -> str:
        if isinstance(item, bool):
            return "true" if item else "false"
        if isinstance(item, str):
            if item.isprintable() and "\\" not in item and '"' not in item and draw(st.booleans()):
                return f'"""\n{item}\n"""' if draw(st.booleans()) else f'"""{item}"""'
            return quoted(draw, item)
        if isinstance(item, list):
            gap = draw(st.sampled_from(["", " ", "\n  ", " # note ]\n"]))
            return f"[{gap}{f',{gap}'.join(value(part) for part in item)}{gap}]"
        if isinstance(item, dict):
            return "{" + ", ".join(f"{key(name)} = {value(part)}" for name, part in item.items()) + "}"
        return repr(item)

    def write(table: dict[str, object], path: list[str]) -> None:
        headers = []
        for name, item in table.items():
            style = draw(st.integers(0, 2))
            if isinstance(item, dict) and style == 1:
                headers.append((name, item))
            elif isinstance(item, dict) and item and style == 2:
                lines.extend(f"{key(name)} . {key(part)} = {value(inner)}" for part, inner in item.items())
            elif isinstance(item, list) and item and style and all(isinstance(part, dict) for part in item):
                headers.append((name, item))
            else:
                lines.append(f"{draw(st.sampled_from(['', '  ']))}{key(name)} = {value(item)}  # end")
        for name, item in headers:
            dotted = ".".join([*path, key(name)])
            for part in item if isinstance(item, list) else [item]:
                lines.append(f"[[{dotted}]]" if isinstance(item, list) else f"[ {dotted} ]")
                write(part, [*path, key(name)])

    write(draw(document), [])
    return "\n".join(lines) + "\n"


@given(toml_documents())
@settings(max_examples=300, deadline=None)
def test_toml_made_at_random(text):
    hold(text, "toml")
