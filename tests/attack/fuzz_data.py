"""Attacks every command that reads data with hostile files: odd values in any shape of rows, and damaged bytes in any format.

python tests/attack/fuzz_data.py [--seconds 3600] [--count N] [--seed 0] [--only NUMBER]
"""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import json
import lzma
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing import run

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

# fmt: off
WORDS = ("what", "is", "the", "tree", "of", "damp", "soil", "?", "größe", "\U0001f600", "漢字", "query:", "1", "NA")
TEXTS = (
    "", " ", "\t", "\n", "\0", "\ud800", "\udcff", "\u202e", "\u2028", "\x1b[31m", "NA", "null", "nan", "inf", "-Infinity", "True", "1e999", "0x1f", "1_000", "\u0663", "9" * 500, "9" * 5000, "1.5", "-1",
    "x" * 2000, "a1" * 1800 + "!", "1" * 3600 + "!", "?" * 3000, '"', '""', "'", ",", "\\", "\\ud800", "{", "[", "https://x.y/z", "a/b.txt", "12345678-1234-1234-1234-123456789abc", "query: x", "passage: x", "\ufb01",
)
NUMBERS = (0, 1, -1, 2, 5, 0.5, -0.0, 1e308, -1e308, 5e-324, 10**18, 2**63, 2**64, 10**400, -(10**400), 10**4000, float("inf"), float("-inf"), float("nan"), 1.5, 100)
NAMES = (
    "question", "answer", "text", "label", "score", "scores", "docs", "class", "id", "negative", "embedding", "margin", "premise", "hypothesis", "sentence1", "sentence2", "is_duplicate", "_id", "title", "query-id", "corpus-id",
    "", " ", "\0", "\ud800", "a.b", "a\nb", "x" * 200, "x" * 300, "\x1b[31m", "\u202e", "größe", "{{ x }}", "`", '"', "class ", "NaN",
)
ROLES = ("text", "text_1", "text_2", "anchor", "positive", "negative", "documents", "class", "binary", "score", "scores", "margin", "embedding")
SHAPES: tuple[tuple[str, ...], ...] = (
    ("anchor", "positive"), ("anchor", "positive", "negative"), ("text_1", "text_2", "score"), ("text_1", "text_2", "binary"), ("text_1", "text_2", "class"), ("text", "class"), ("text",),
    ("anchor", "documents", "scores"), ("anchor", "positive", "negative", "margin"), ("anchor", "positive", "negative", "scores"), ("text", "embedding"),
)
SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
# fmt: on


def value(chance: random.Random, depth: int = 0) -> Any:
    """Any value of a row."""
    kind = chance.random()
    if kind < 0.35:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))
    if kind < 0.55:
        return chance.choice(TEXTS)
    if kind < 0.75:
        return chance.choice(NUMBERS)
    if kind < 0.83:
        return chance.choice((True, False, None))
    if depth > 2:
        return []
    size = chance.choice((0, 1, 2, 3, 20))
    if kind < 0.95:
        return [value(chance, depth + 1) for _ in range(size)]
    return {chance.choice(NAMES): value(chance, depth + 1) for _ in range(size % 4)}


def column(chance: random.Random, rows: int) -> list[Any]:
    """The values of a column: all of one kind, few different ones, or anything; with slips or without."""
    kind = chance.randrange(9)
    makers = (
        lambda: " ".join(chance.choices(WORDS, k=chance.randint(1, 12))),
        lambda: chance.choice((0, 1)),
        lambda: chance.choice(("yes", "no")),
        lambda: chance.randint(-1, 5),
        lambda: chance.uniform(-1, 6),
        lambda: [chance.random() for _ in range(3)],
        lambda: [" ".join(chance.choices(WORDS, k=3)) for _ in range(chance.randint(0, 4))],
        lambda: constant,
        lambda: value(chance),
    )
    constant = value(chance)
    values = [makers[kind]() for _ in range(rows)]
    for _ in range(chance.choice((0, 0, 1, 3, rows))):
        values[chance.randrange(rows)] = value(chance)
    return values


def table(chance: random.Random) -> dict[str, list[Any]]:
    """A table of some columns."""
    rows = chance.choice((1, 2, 3, 25, 60, 130))
    names = dict.fromkeys(
        chance.choice(NAMES[:21] if chance.random() < 0.8 else NAMES) for _ in range(chance.randint(1, 6))
    )
    return {name: column(chance, rows) for name in names}


def written(columns: dict[str, list[Any]], suffix: str, chance: random.Random) -> bytes:
    """The bytes of a file with these columns."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if chance.random() < 0.2:
        rows = [{name: item for name, item in row.items() if chance.random() < 0.8} for row in rows]
    if suffix == ".parquet":
        return parquet(columns, chance)
    if suffix in (".csv", ".tsv"):
        text = io.StringIO()
        writer = csv.writer(text, delimiter="," if suffix == ".csv" else "\t")
        writer.writerow(columns)
        writer.writerows([cell(item) for item in row.values()] for row in rows)
        return text.getvalue().encode(errors="surrogatepass")
    lines = [json.dumps(row, ensure_ascii=chance.random() < 0.5) for row in rows]
    text = "\n".join(lines) if suffix == ".jsonl" else f"[{', '.join(lines)}]"
    return text.encode(errors="surrogatepass")


def cell(item: Any) -> str:
    try:
        return str(item)
    except ValueError:  # a number of too many digits
        return "9" * 5000


def parquet(columns: dict[str, list[Any]], chance: random.Random) -> bytes:
    """A Parquet file of whatever pyarrow makes of the columns; of odd types where it makes nothing of them."""
    stamp = datetime.datetime(2024, 1, 1)
    odd = (
        pyarrow.array([b"\xff\xfe", b"ok"]),
        pyarrow.array([b"\xff\xfe", b"ok"]).view(pyarrow.binary()).cast(pyarrow.binary()),
        pyarrow.array([stamp, None]),
        pyarrow.array([2**62, -(2**62)]).cast(pyarrow.timestamp("us")),
        pyarrow.array([1, None], pyarrow.uint64()),
        pyarrow.array([1.5, None], pyarrow.float16()),
        pyarrow.array(["a", "b"]).dictionary_encode(),
        pyarrow.array([[("k", 1)], None], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
        pyarrow.nulls(2),
        bad_text(),
    )
    made: dict[str, Any] = {}
    for name, values in columns.items():
        try:
            made[name] = pyarrow.array(values)
        except (pyarrow.ArrowException, OverflowError, ValueError, TypeError):
            made[name] = chance.choice(odd)
    size = min(map(len, made.values()))
    file = io.BytesIO()
    names = [name.encode(errors="replace").decode() for name in made]
    try:
        arrays = [array.slice(0, size) for array in made.values()]
        pyarrow.parquet.write_table(
            pyarrow.table(arrays, names=names), file, compression=chance.choice(("none", "zstd", "snappy"))
        )
    except (pyarrow.ArrowException, NotImplementedError, ValueError):
        pyarrow.parquet.write_table(pyarrow.table({"question": bad_text()}), file)
    return file.getvalue()


def bad_text() -> Any:
    """Texts that are not UTF-8, which nothing keeps a writer from writing."""
    data = pyarrow.array([b"\xff\xfe", b"ok"])
    return pyarrow.Array.from_buffers(pyarrow.string(), 2, data.buffers())


def damage(content: bytes, chance: random.Random) -> bytes:
    """The same file with some bytes changed, cut off, or repeated."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        kind = chance.random()
        if kind < 0.5:
            changed[at] = chance.randrange(256)
        elif kind < 0.7:
            changed[at : at + chance.randint(0, 20)] = chance.choice(
                (
                    b"",
                    b'"',
                    b"\n",
                    b"\0",
                    b"\xff",
                    b"{",
                    b"[",
                    b"]",
                    b",",
                    b"\\ud800",
                    b"\xef\xbb\xbf",
                    b"9" * 5000,
                    b"[" * 5000,
                    b'{"a":' * 2000,
                )
            )
        elif kind < 0.8:
            del changed[at:]
        else:
            changed[at:at] = changed[: chance.randint(0, 200)]
    return bytes(changed)


def spec_of(name: str, columns: list[str], chance: random.Random) -> dict[str, Any]:
    """A spec that maps a file's columns to the roles of some format."""
    roles = chance.choice(SHAPES) if chance.random() < 0.9 else tuple(chance.sample(ROLES, chance.randint(1, 4)))
    names = [chance.choice([*columns, "question"]) for _ in roles]
    mapped: dict[str, Any] = dict(zip(roles, names, strict=True))
    for role, more in (
        ("score", {"min": 0, "max": 5}),
        ("binary", {"positive": chance.choice(("yes", 1, True))}),
        ("class", {"names": ["a", "b", "c"]}),
    ):
        if role in mapped and chance.random() < 0.4:
            mapped[role] = {"column": mapped[role], **more}
    data: dict[str, Any] = {"train": name, "columns": mapped}
    if chance.random() < 0.3:
        data |= {"test": name, "eval": {"fraction": 0.1}}
    if chance.random() < 0.1:
        data = {"retrieval": {"corpus": name, "queries": name, "qrels": name}}
    kind = chance.choice(("dense", "dense", "cross-encoder", "sparse", "multi-vector"))
    spec: dict[str, Any] = {"stgen": 1, "model": {"type": kind, "base": "intfloat/e5-small-v2"}, "data": [data]}
    if chance.random() < 0.2:
        spec["prepare"] = {"on_bad_row": "set-aside", "length": {"min": 1}}
    return spec


def case(chance: random.Random, folder: Path) -> Iterator[list[str]]:
    """One file, and the commands on it."""
    suffix = chance.choice(SUFFIXES if pyarrow else SUFFIXES[:-1])
    columns = table(chance)
    content = written(columns, suffix, chance) if chance.random() < 0.95 else chance.randbytes(chance.randint(0, 3000))
    if chance.random() < 0.4:
        content = damage(content, chance)
    packer = chance.choice((*PACKERS, *[""] * 6)) if suffix != ".parquet" else ""
    if packer:
        content = PACKERS[packer](content)
        content = damage(content, chance) if chance.random() < 0.2 else content
    data = folder / f"{chance.choice(('train', 'a b', 'x[1]', 'ü'))}{suffix}{packer}"
    data.write_bytes(content)
    spec = folder / "stgen.json"
    spec.write_text(json.dumps(spec_of(data.name, list(columns), chance)))
    form = ["--format", chance.choice(("text", "json", "sarif", "github"))]
    inspected = form if form[1] != "sarif" else []
    yield ["inspect", str(data), *inspected]
    yield ["validate", str(spec), "--data", *form]
    if chance.random() < 0.3:
        yield [
            "new",
            str(folder / "new"),
            "--from-data",
            str(data),
            *chance.choice(([], ["--json"], ["--copy-data"])),
            *inspected,
        ]


if __name__ == "__main__":
    sys.exit(run(case, (__doc__ or "").partition("\n")[0]))
