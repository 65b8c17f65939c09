"""Every regular expression of the compiler, and of the programs that it writes, takes time that grows with the text and no faster.

The expressions are collected from the syntax of the sources, so that a new one is held to this without anybody's doing; one
that can't be seen there fails the test. Each meets texts made of its own letters, up to 1 MB. What a spec's author writes
as a rule of [prepare] is the author's own, and bounded in length alone.
"""

from __future__ import annotations

import ast
import io
import math
import re
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import pytest
import tomli_w
from stgen.compile import compile_source
from stgen.language.paths import Place
from stgen.rows.text_signs import form
from stgen.rules.junk import BOILERPLATE
from stgen.source.source import read

ROOT = Path(__file__).parent.parent.parent
SHORT = (16, 20, 24, 28, 32, 64, 256)  # characters; what doubles with each of them is seen before it hangs
SIZES = (1 << 11, 1 << 14, 1 << 17)  # characters; each 8 times the one before
LARGEST = 1 << 20
HANG = 3.0  # seconds of the processor for the largest text that no machine takes; those here take a hundredth
STEP = 40  # times as long as the text before may one 8 times as long take: the square would be 64
SEEN = 0.1  # seconds below which nothing is measured
FUNCTIONS = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
ANCHORED = ("match", "fullmatch")
OF_TABLES = {  # expressions that aren't literals where they are used, and the modules whose tables hold them
    "compiler/stgen/rules/bases.py": "row.pattern",
    "compiler/stgen/language/semantics/clusters.py": "rows[key].pattern",
}
OF_AUTHORS = {  # those of a spec's author, each looked at without being run
    ("compiler/stgen/language/semantics/run.py", "pattern"),
    ("compiler/stgen/language/semantics/run.py", "''.join(groups)"),
}


class Use(NamedTuple):
    """One regular expression, where it stands, and whether it is looked for everywhere in a text."""

    place: str
    pattern: re.Pattern[str]
    anchored: bool


# --- which there are ----------------------------------------------------------------------------------------------------


def uses_in(text: str, path: str, methods: Methods) -> Iterator[Use]:
    """The expressions of one source file."""
    tree = ast.parse(text)
    names = names_of(tree)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not is_use(node):
            continue
        given = node.args[0]
        source = constants.get(given.id) if isinstance(given, ast.Name) else getattr(given, "value", None)
        if isinstance(source, bytes):
            source = source.decode("ascii")  # the same expression, of texts
        if not isinstance(source, str):
            assert (path, ast.unparse(given)) in OF_AUTHORS or OF_TABLES.get(path) == ast.unparse(given), (
                f"{path}:{node.lineno}: {ast.unparse(node)} is not seen by this test"
            )
            continue
        flags = 0
        for argument in [*node.args[1:], *(word.value for word in node.keywords)]:
            for part in ast.walk(argument):
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "re":
                    flags |= getattr(re, part.attr)
        used = methods.of(names.get(node), path) if node.func.attr == "compile" else {node.func.attr}
        assert used, f"{path}:{node.lineno}: nothing shows how this expression is used"
        yield Use(f"{path}:{node.lineno}", re.compile(source, flags), used <= set(ANCHORED))


def is_use(node: ast.AST) -> TypeGuard[Any]:
    """Whether a node is a call such as `re.compile(...)`."""
    function = node.func if isinstance(node, ast.Call) else None
    known = isinstance(function, ast.Attribute) and function.attr in FUNCTIONS
    return known and isinstance(function.value, ast.Name) and function.value.id == "re"


def names_of(tree: ast.AST) -> dict[Any, str]:
    """The names to which compiled expressions are given at once; those within tables have none."""
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and is_use(node.value)]
    return {node.value: node.targets[0].id for node in assigned if isinstance(node.targets[0], ast.Name)}


class Methods:
    """How compiled expressions are used: by name over all files; in each file, by what has another name there."""

    def __init__(self, files: dict[str, str]) -> None:
        trees = {path: ast.parse(text) for path, text in files.items()}
        names = {name for tree in trees.values() for name in names_of(tree).values()}
        self.by_name: dict[str, set[str]] = {name: set() for name in names}
        self.by_file: dict[str, set[str]] = {path: set() for path in files}
        for path, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS and not is_module(node.value):
                    receiver = getattr(node.value, "id", getattr(node.value, "attr", ""))
                    if receiver in self.by_name or node.attr != "split":  # which most texts are
                        self.by_name.get(receiver, self.by_file[path]).add(node.attr)

    def of(self, name: str | None, path: str) -> set[str]:
        """The methods of a name; where it is handed on, or in a table, those of what has no name of its own."""
        return self.by_name.get(name or "") or self.by_file[path]


def is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "re"


def of_the_compiler() -> Iterator[Use]:
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "compiler").rglob("*.py"))}
    methods = Methods(files)
    for path, text in files.items():
        yield from uses_in(text, path, methods)
    from stgen.rules.bases import BASES, UNPADDED
    from stgen.rules.clusters import KEYS

    yield from (Use(f"BASES {row.family}", re.compile(row.pattern, re.IGNORECASE), True) for row in BASES)
    yield from (Use(f"UNPADDED {row.source}", re.compile(row.pattern, re.IGNORECASE), True) for row in UNPADDED)
    yield from (Use(f"KEYS {row.key}", re.compile(row.pattern), True) for row in KEYS)


CLEANED: dict[str, Any] = {
    "stgen": 1,
    "project": {"languages": sorted({"en", *BOILERPLATE} - {""})},
    "model": {"type": "dense", "base": "org/base"},
    "data": [{"train": "t.jsonl", "test": "u.jsonl", "columns": {"anchor": "q", "positive": "a"}}],
    "prepare": {
        "on_bad_row": "set-aside",
        "normalize": {
            "unicode": "NFKC", "case": "lower", "whitespace": True, "urls": "mask", "emails": "mask", "html": True, "digits": "mask",
            "rules": [{"pattern": "x", "replace": "y"}],
        },
        "junk": {"mojibake": True, "markup": 0.3, "symbols": 0.5, "gibberish": True, "boilerplate": True},
        "language": {"keep": ["en"]},
        "length": {"min": 1, "max": 100},
        "stem": {},
        "deduplicate": {"near": 0.8},
        "decontaminate": {"ngram": 13, "near": 0.8},
    },
}  # fmt: skip
REMOVING = {"normalize": {"urls": "remove", "emails": "remove", "digits": "remove"}}


@cache
def of_generated_programs() -> tuple[Use, ...]:
    """The expressions of programs whose spec asks for every step that has one."""
    found = []
    for prepare in (CLEANED["prepare"], REMOVING, {}):
        source, wrong = read("-", io.BytesIO(tomli_w.dumps(CLEANED | {"prepare": prepare}).encode()))
        assert source, wrong
        tree, wrong = compile_source(source, Place("/p", "/p"))
        assert tree, wrong
        files = {path: file.text for path, file in tree.items() if path.endswith(".py")}
        methods = Methods(files)
        for path, text in files.items():
            found += uses_in(text, path, methods)
    return tuple(found)


def test_every_template_with_an_expression_is_looked_at() -> None:
    """Those that a template names stand in the programs that are collected from."""
    named = set()
    for path in (ROOT / "templates").rglob("*.j2"):
        text = path.read_text()
        assert "import re" not in text or path.suffix == ".j2"
        for name in re.findall(r"^(\w+) = re\.compile", text, re.MULTILINE):
            named.add(name)
        assert not re.search(r"\bre\.(?!compile)[a-z]+\(", text), f"{path.name} uses an expression that has no name"
    programs = " ".join(use.place for use in of_generated_programs())
    assert named == {
        "WORD",
        "MARKUP",
        "NEXT_SENTENCE",
        "FOOTNOTES",
        "URL",
        "EMAIL",
        "DIGIT",
        "COMMIT",
        "SENTENCE_END",
        "OTHER_SCRIPT",
        "TERM",
        "LETTERS",
        "SAME_RUN",
        "ADDRESS",
        "PACKAGE",
    }
    assert programs.count(".py:") >= len(named) + 1  # and the author's rule


USES = [*of_the_compiler()]
UNIQUE = list({(use.pattern, use.anchored): use for use in USES}.values())


def test_the_expressions_are_found() -> None:
    files = [path for path in (ROOT / "compiler/stgen").rglob("*.py") if re.search(r"\bre\.[a-z]+\(", path.read_text())]
    seen = {use.place.split(":")[0] for use in USES}
    assert {path.relative_to(ROOT).as_posix() for path in files} <= seen | set(OF_TABLES)
    assert len(UNIQUE) > 60


# --- the texts that are worst for each -----------------------------------------------------------------------------------


def letters_of(parsed: Any) -> Iterator[str]:
    """Some letters of each part of an expression: its literals, and the ends of its ranges."""
    for operation, argument in parsed:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL"):
            yield chr(argument)
        elif name == "RANGE":
            yield from map(chr, argument)
        elif name == "CATEGORY":
            yield {"DIGIT": "7", "SPACE": " ", "WORD": "w"}[str(argument).split("_")[-1]]
        elif name == "IN":
            yield from letters_of(argument)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from letters_of(branch)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield from letters_of(argument[2])
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
            yield from letters_of(argument[-1])
        elif name == "ATOMIC_GROUP":
            yield from letters_of(argument)


def example_of(parsed: Any, times: int) -> str:
    """A text that fits an expression, with everything that may repeat so many times; for -1 once too seldom, so that it doesn't."""
    text = ""
    for operation, argument in parsed:
        name = str(operation)
        if name in ("LITERAL", "RANGE", "CATEGORY", "IN"):
            text += next(letters_of([(operation, argument)]), "")
        elif name in ("NOT_LITERAL", "ANY"):
            text += "w"
        elif name == "BRANCH":
            text += example_of(argument[1][0], times)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = argument
            wanted = max(least - 1, 0) if times < 0 else max(least, times)
            text += example_of(inner, times) * (wanted if most == parser.MAXREPEAT else min(wanted, most))
        elif name == "SUBPATTERN":
            text += example_of(argument[-1], times)
        elif name == "ATOMIC_GROUP":
            text += example_of(argument, times)
    return text


class Shape(NamedTuple):
    """A text of any size: a beginning, a part that is repeated, and an end."""

    begin: str
    part: str
    then: str
    end: str

    def text(self, size: int) -> str:
        half = size // 2 if self.then else size
        return self.begin + repeated(self.part, half) + (repeated(self.then, half) if self.then else "") + self.end


def repeated(part: str, size: int) -> str:
    return (part * (size // len(part) + 1))[:size]


def shapes_for(pattern: re.Pattern[str]) -> list[Shape]:
    """Repetitions of an expression's letters, by themselves, in pairs and behind what it begins with; and near misses of each."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    letters = list(dict.fromkeys([*letters_of(parsed), "a", "1", " ", '"', "\\", "<", "."]))[:10]
    begin = example_of(parsed, 1)[:200]
    unit = example_of(parsed, 3)[:200] or "a"
    parts = dict.fromkeys(
        [*letters, *map("".join, pairwise(letters)), unit, begin or "a", unit[:-1] or "a", unit + "!"]
    )
    found = [Shape(head, part, "", end) for part in parts for head, end in (("", "!"), (begin, "\n!"))]
    return found + [Shape("", one, other, "!") for one, other in zip(letters, letters[2:], strict=False)]


def slow(use: Use) -> str:
    """The text for which an expression takes time beyond any proportion; "" where there is none."""
    taken: dict[Shape, float] = {}
    for shape in shapes_for(use.pattern):
        for size in (*SHORT, *SIZES):
            before = taken.get(shape, 0.0)
            limit = SEEN if size in SHORT else max(SEEN, STEP * before)
            taken[shape] = seconds(use, shape.text(size), limit)
            if taken[shape] > limit:
                return f"{shape}: {size} characters take {taken[shape]:.2f} s, those before {before:.3f} s"
    # What is linear so far is so for all; those that took longest are tried with the longest text.
    for shape in sorted(taken, key=lambda shape: taken[shape])[-3:]:
        limit = min(HANG, max(SEEN, STEP * taken[shape]))
        last = seconds(use, shape.text(LARGEST), limit)
        if last > limit:
            return f"{shape}: {LARGEST} characters take {last:.2f} s, those before {taken[shape]:.3f} s"
    return ""


def seconds(use: Use, text: str, limit: float) -> float:
    """The time that an expression takes for a text, in the ways in which it is used.

    Beyond the limit it is the least of three: what else runs on the machine may slow one of them down.
    """
    least = math.inf
    for _ in range(3):
        start = time.process_time()
        if use.anchored:
            use.pattern.match(text)
            use.pattern.fullmatch(text)
        else:
            use.pattern.sub("", text)
        least = min(least, time.process_time() - start)
        if least <= limit:
            break
    return least


@pytest.mark.parametrize("use", UNIQUE, ids=lambda use: use.place)
def test_time_grows_with_the_text(use: Use) -> None:
    assert slow(use) == ""


def test_time_grows_with_the_text_in_generated_programs() -> None:
    assert [(use.place, said) for use in of_generated_programs() if (said := slow(use))] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s*(?=\S*\d)[A-Za-z]*[-_:/]?[A-Za-z0-9]*[-_:/]?\d+\s*\Z",  # the one of the attack
        r"(a+)+b",
        r"\w+@\w+\.com",
        r'"(?:[^"\\]|\\.)*"',
        r"\s+$",
    ],
)
def test_the_test_sees_what_is_slow(pattern: str) -> None:
    assert slow(Use("here", re.compile(pattern), False)) != ""


def test_a_long_text_is_no_id() -> None:
    """The 3.6 KB that held `inspect` for minutes, and as much as one has a mind to."""
    for length in (3600, 1 << 20):
        assert form(["a1" * length + "!"] * 50) == ""
        assert form(["1" * length + "!"] * 50) == ""
