"""Attacks every command that reads a spec with hostile ones: valid specs in which any key may hold, lack or repeat anything.

python tests/attack/fuzz_specs.py [--seconds 3600] [--count N] [--seed 0] [--only NUMBER]
"""

from __future__ import annotations

import copy
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing import run

import tomli_w  # isort: skip
from drawn import draw
from stgen.compile import plan_source
from stgen.language.paths import Place
from stgen.language.shapes import keys_of, shapes
from stgen.language.spec import Spec
from stgen.language.table import Table
from stgen.source.source import read

# fmt: off
TEXTS = (
    "", " ", "\t\n", "\0", "\ud800", "\udfff", "\u202e", "\u2028", "\ufeff", "e\u0301", "\U0001f600", "a" * 300, "a" * 50_000, "\ufb01le.py:F",
    "class", "None", "true", "NaN", "1e999", "-", ".", "..", "/", "~", "*", "**/*", "[", "[!", "]", "?", "%", "\\", "'", '"', '"""', "`", "$(x)", "${x}", "{{ 7 * 7 }}", "{% raw %}", "%%", "#", "::", "|",
    "/etc/passwd", "../../../etc/passwd", "/dev/zero", "data/train.jsonl", "t.parquet", "t.csv.gz", "x.xlsx", "**/**/*.jsonl", "hf://", "hf://a/b", "hf://a/b#train", "hf://a/b/c@d#e", "https://x",
    "datasets.py:f", "torch.py:F", "aux.py:F", "Train.py:F", "mine.py:F", "mine.py:", ":F", ".py:F", "a.py:b.py:c", "20newsgroups", "2024", "aux",
    "auto", "none", "dense", "static", "router", "MultipleNegativesRankingLoss", "CoSENTLoss", "GISTEmbedLoss", "triplet", "eval", "mteb", "STS", "en", "english", "24GiB", "9" * 400 + "GB", "0GB", "A100-80GB", "STG999", "STG020", "STG221",
    "(((((", "(a+)+b", "(?P<x>", "[a-", "\\1", "\\g<x>", "(?i)" * 50, "a{99999}", "(?:(?:(?:){900}){900}){900}",
)
NUMBERS = (
    0, 1, -1, 2, 3, 7, 100, 2**31, 2**32, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 2**63, 10**30, 10**400, 0.0, -0.0, 0.5, 1.0, 1.5, -0.5, 1e-300, 5e-324, 1e300, 1.7976931348623157e308, -1e308,
    float("inf"), float("-inf"), float("nan"),
)
# fmt: on


def tables(table: type[Table], seen: tuple[type[Table], ...] = ()) -> Iterator[type[Table]]:
    """A table of the language and all within it."""
    if table in seen:
        return
    yield table
    for info in keys_of(table).values():
        for shape in shapes(info.annotation):
            inner = shapes(get_args(shape.type)[0]) if shape.origin is list else (shape,)
            for one in inner:
                if one.is_table:
                    yield from tables(one.type, (*seen, table))


TABLES = list(dict.fromkeys(tables(Spec)))
KEYS = sorted({key for table in TABLES for key in keys_of(table)})


def hostile(chance: random.Random, depth: int = 0) -> Any:
    """Any value at all."""
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(TEXTS)
    if kind < 0.65:
        return chance.choice(NUMBERS)
    if kind < 0.75:
        return chance.choice((True, False, None))
    if kind < 0.8:
        return nested(chance.choice((5, 33, 60, 150)), chance)
    if kind < 0.84:
        return many(chance)
    if depth > 2:
        return chance.choice(([], {}))
    size = chance.randint(0, 3)
    if kind < 0.92:
        return [hostile(chance, depth + 1) for _ in range(size)]
    return {chance.choice((*KEYS, *TEXTS)): hostile(chance, depth + 1) for _ in range(size)}


def nested(depth: int, chance: random.Random) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if chance.random() < 0.5 else {"a": value}
    return value


def many(chance: random.Random) -> Any:
    """A list or table as long as a spec has room for."""
    size = chance.choice((200, 3000, 20_000))
    kind = chance.randrange(4)
    if kind == 0:
        return [f"x{number}" for number in range(size)]
    if kind == 1:
        return list(range(size))
    if kind == 2:
        return {f"k{number}": number for number in range(size)}
    return ["a"] * size


def meant(table: type[Table], chance: random.Random, depth: int = 0) -> dict[str, Any]:
    """A table with some of its keys, each with a value of its type, which may mean nothing."""
    keys = keys_of(table)
    chosen = [key for key, info in keys.items() if info.is_required() or chance.random() < 0.3]
    return {key: of_type(shapes(keys[key].annotation), chance, depth) for key in chosen}


def of_type(allowed: tuple[Any, ...], chance: random.Random, depth: int) -> Any:
    shape = chance.choice(allowed)
    if shape.is_table:
        return meant(shape.type, chance, depth + 1) if depth < 4 else {}
    if shape.origin is list:
        return [of_type(shapes(get_args(shape.type)[0]), chance, depth + 1) for _ in range(chance.randint(0, 3))]
    if shape.origin is dict:
        return {chance.choice(TEXTS): hostile(chance, 2) for _ in range(chance.randint(0, 3))}
    words = get_args(shape.type)
    if words and isinstance(words[0], str | int | bool):
        return chance.choice(words)
    if shape.type in (int, float):
        return chance.choice(NUMBERS)
    return chance.random() < 0.5 if shape.type is bool else chance.choice(TEXTS)


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything within a tree."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from paths(value, (*path, key))


def mutate(spec: dict[str, Any], chance: random.Random) -> None:
    """Change one thing somewhere in a spec."""
    path = chance.choice(list(paths(spec)) or [("stgen",)])
    holder: Any = spec
    for key in path[:-1]:
        holder = holder[key]
    kind = chance.random()
    if kind < 0.5:
        holder[path[-1]] = hostile(chance)
    elif kind < 0.6:
        del holder[path[-1]]
    elif kind < 0.7 and isinstance(holder, dict):
        holder[chance.choice((*KEYS, *TEXTS))] = hostile(chance)
    elif kind < 0.85:
        section = chance.choice(list(keys_of(Spec)))
        spec[section] = of_type(shapes(keys_of(Spec)[section].annotation), chance, 0)
    elif kind < 0.95 and isinstance(holder, list):
        holder += [copy.deepcopy(holder[path[-1]]) for _ in range(chance.choice((1, 3, 40)))]
    else:
        holder[path[-1]] = copy.deepcopy(chance.choice(list(spec.values())))


def as_text(spec: dict[str, Any], chance: random.Random) -> tuple[str, bytes]:
    """The suffix and the bytes of a spec's file."""
    if chance.random() < 0.5:
        try:
            return ".toml", tomli_w.dumps(spec).encode()
        except (TypeError, ValueError, RecursionError, AttributeError):  # what TOML can't carry
            pass
    try:
        return ".json", json.dumps(spec).encode()
    except (ValueError, RecursionError):
        return ".json", json.dumps({"stgen": 1}).encode() + b"[" * 5000


def damage(text: bytes, chance: random.Random) -> bytes:
    """The same text with some bytes changed."""
    changed = bytearray(text)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        part = chance.choice(
            (
                b"",
                b"\0",
                b"\xff",
                b'"',
                b"'''",
                b"[",
                b"{",
                b"]",
                b"=",
                b".",
                b"\n",
                b"\\",
                b"#",
                b"\xef\xbb\xbf",
                b"a." * 3000,
                b"9" * 5000,
                b"[" * 3000,
            )
        )
        changed[at : at + chance.choice((0, 1, 5, 50))] = part
    return bytes(changed)


ROWS = "".join(
    json.dumps(
        {
            "q": f"what is {n}?",
            "a": f"it is {n}",
            "t": f"text {n}",
            "s": n / 9,
            "l": n % 2,
            "c": f"c{n % 3}",
            "d": ["x", "y"],
        }
    )
    + "\n"
    for n in range(40)
)


def valid(chance: random.Random) -> dict[str, Any]:
    """A spec in which nothing is wrong: what is changed in it then decides."""
    while True:
        spec = draw(chance)
        source, _ = read("-", io.BytesIO(json.dumps(spec).encode()))
        if source and plan_source(source, Place("/p", "/p"))[0]:
            return copy.deepcopy(spec)


def case(chance: random.Random, folder: Path) -> Iterator[list[str]]:
    """One spec, and the commands on it."""
    spec = valid(chance) if chance.random() < 0.85 else meant(Spec, chance)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 5))):
        mutate(spec, chance)
    suffix, text = as_text(spec, chance)
    if chance.random() < 0.1:
        text = damage(text, chance)
    path = folder / f"{chance.choice(('stgen', 'spec', 'a b', '20', 'ü'))}{suffix}"
    path.write_bytes(text)
    for name in ("train.jsonl", "test.jsonl", "dev.jsonl"):
        (folder / name).write_text(ROWS)
    form = ["--format", chance.choice(("text", "json", "sarif", "github"))]
    outside = ["--allow-outside"] * (chance.random() < 0.3)
    yield ["validate", str(path), *form, *outside, *["--data"] * (chance.random() < 0.5)]
    yield ["explain", str(path), *form, *outside, *["--all"] * (chance.random() < 0.5)]
    yield ["plan", str(path), *outside]
    if chance.random() < 0.25:  # these start another program
        yield ["compile", str(path), *form, *outside, *chance.choice(([], ["--dry-run"], ["--stdout"]))]
        yield ["check", str(path), *form, *outside]


if __name__ == "__main__":
    sys.exit(run(case, (__doc__ or "").partition("\n")[0]))
