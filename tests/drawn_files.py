"""Draws data files for the property of the reader: rows of a kind, faults in some of them, and the ways in which people write files."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

Row = dict[str, Any]
ROWS = 24
# fmt: off
KINDS: dict[str, tuple[str, dict[str, Any]]] = {  # name -> model type, columns
    "pair":         ("dense", {"anchor": "q", "positive": "a"}),
    "triplet":      ("dense", {"anchor": "q", "positive": "a", "negative": "n"}),
    "score":        ("dense", {"text_1": "q", "text_2": "a", "score": {"column": "s", "min": 0, "max": 5}}),
    "binary":       ("dense", {"text_1": "q", "text_2": "a", "binary": "b"}),
    "binary-words": ("dense", {"text_1": "q", "text_2": "a", "binary": {"column": "w", "positive": "yes"}}),
    "binary-named": ("dense", {"text_1": "q", "text_2": "a", "binary": {"column": "w", "positive": ["yes", "Yes", "1"], "negative": ["no", "0"]}}),
    "graded":       ("dense", {"text_1": "q", "text_2": "a", "score": {"column": "w", "values": {"yes": 1.0, "maybe": 0.5, "no": 0.0}}}),
    "class":        ("dense", {"text": "q", "class": "c"}),
    "class-names":  ("dense", {"text_1": "q", "text_2": "a", "class": {"column": "c", "names": ["x", "y", "z"]}}),
    "list":         ("cross-encoder", {"anchor": "q", "documents": "d", "scores": "ss"}),
    "margin":       ("dense", {"anchor": "q", "positive": "a", "negative": "n", "margin": "m"}),
    "nested":       ("dense", {"anchor": "o.q", "positive": "p[0].text", "negative": "t[1]"}),
    "embedding":    ("dense", {"text": "q", "embedding": "v"}),
    "lists":        ("dense", {"anchor": "q", "positive": "yes[]", "negative": {"column": "no[]", "count": 3}}),
    "passages":     ("dense", {"anchor": "o.q", "positive": {"columns": ["p[].title", "p[].text"], "separator": ": "}, "negative": "no[]"}),
    "gaps":         ("dense", {"anchor": "q", "positive": "a", "negative": ["n", "g", "h"]}),
    "joined":       ("dense", {"text_1": ["i", "q"], "text_2": ["h", "a"], "binary": "b"}),
    "lines":        ("dense", {"text": "text"}),
    "ids":          ("dense", {"anchor": "qi", "positive": "di"}),
}
BESIDE = {"anchor": {"file": "queries.jsonl", "id": "i", "text": "t"}, "positive": {"file": "documents.csv", "text": ["title", "text"]}}  # of ids
WORDS = ("NA", "null", "None", "007", "12", "1e5", "2021-03-04", "true", "nan", "#N/A", 'say "x"', "a,b", "a;b", "a\tb", "two\nlines", "naïve café", "日本語", "😀", "'", "\\n", " padded ", "x" * 300)
ODD: dict[str, tuple[Any, ...]] = {  # column -> values that break the contract, or only look as if they did
    "q": (None, "", "  ", 5, ["a"], {"a": 1}, True, "a \ud800", 1.5), "a": (None, "", "\t", 7, ["a", "b"]), "n": (None, "", 3),
    "s": (None, "", "high", float("nan"), 6, -1, "3.5", "nan", "4,5", [1], 10**400, True, "1_000", " 2 "), "b": (None, "", 2, "yes", "TRUE", "0", 0.5, [0], "1.0"),
    "w": (None, "", "Yes", "maybe", 1, [1]), "c": (None, "", "-", -1, 0.5, "w", 2, 9, "1", ["x"], {}, "x "),
    "d": (None, [], "a", ["a", ""], ["a", None, "b"], ["a", 3, "b"], ["a", "b"]), "ss": (None, [], [1, 0], ["1", "0", "2"], [1, float("inf"), 0], "x", [True, False, True]),
    "o": (None, {}, {"q": None}, {"q": " "}, {"q": 5}, {"q": {"q": "a"}}, "q", ["q"], {"x": "a"}), "p": (None, [], [{}], [{"text": ""}], ["text"], [None], {"text": "a"}),
    "t": (None, [], ["a"], ["a", ""], ["a", None], "ab", {"1": "a"}, ["a", 3], [" ", "b"]),
    "yes": (None, [], "a", [""], ["a", None], ["a", 5], [["a"]], [" ", "b"], {"a": "b"}), "no": (None, [], "a", ["", None], ["a", ""], ["a", 5], [" "], ["a"] * 9, {}),
    "g": (None, "", "  ", 4, ["a"]), "h": (None, "", " ", 3, {"a": "b"}), "i": (None, "", "\t", 8, "a \ud800"),
    "text": ("a \ud800", "  ", ""), "qi": (None, "", "none", 7.5, True, ["q1"]), "di": (None, "", 999, {"a": 1}),
    "m": (None, "", [0.5], [0.5, 1.0], "0.5", float("nan"), "far", []), "v": (None, [], [0.1, 0.2], [0.1, None, 0.3, 0.4], [[0.1, 0.2, 0.3, 0.4]], "0.1", [1, 2, 3, 4]),
}
SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.xz", ".csv", ".csv.bz2", ".tsv", ".parquet", ".data.json", ".semicolon.csv", ".backslash.csv", ".bare.tsv", ".western.csv", ".wide.csv", ".rows.jsonl", ".rows.json", ".within.json", ".within.jsonl", ".bars.csv", ".chinese.csv", ".bare-wide.tsv", ".russian.csv")
LINES = (".txt", ".txt.gz", ".western.txt", ".wide.txt", ".japanese.txt")
WRITTEN: dict[str, dict[str, Any]] = {  # suffix -> what `file` says of such a file
    ".data.json": {"rows": "data"}, ".semicolon.csv": {"delimiter": ";"}, ".backslash.csv": {"quoting": "backslash"}, ".bare.tsv": {"header": []},
    ".rows.jsonl": {"header": []}, ".rows.json": {"header": []}, ".within.json": {"rows": "data[].rows"}, ".within.jsonl": {"rows": "[].rows"}, ".bars.csv": {"delimiter": " ||| "},
    ".western.csv": {"encoding": "cp1252"}, ".western.txt": {"encoding": "cp1252"}, ".wide.txt": {"encoding": "utf-16"}, ".wide.csv": {"encoding": "utf-16"},
    ".chinese.csv": {"encoding": "gb18030"}, ".bare-wide.tsv": {"encoding": "utf-16le", "header": []}, ".russian.csv": {"encoding": "koi8-r", "delimiter": ";"}, ".japanese.txt": {"encoding": "cp932"},
}
NESTED = ("list", "embedding", "nested", "lists", "passages")  # kinds that no table of cells can hold
TABLES = (".csv", ".csv.bz2", ".tsv", ".semicolon.csv", ".backslash.csv", ".bare.tsv", ".western.csv", ".wide.csv", ".bars.csv", ".chinese.csv", ".bare-wide.tsv", ".russian.csv")
PACKED = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
# fmt: on


def row(random: Random, number: int) -> Row:
    """A sound row with a column of every kind, and one that has no role."""

    def text(name: str) -> str:
        return f"{name} {number} {random.choice(WORDS)}"

    return {
        "q": text("what is"), "a": text("it is"), "n": text("it is not"), "s": random.choice([number % 6, number % 5 / 2]), "b": number % 2,
        "w": ("yes", "no")[number % 2], "c": ("x", "y", "z")[number % 3], "d": [text("one"), text("two"), text("three")], "ss": [number % 3, 1, 0.5],
        "o": {"q": text("who is"), "n": number}, "p": [{"title": ["", "title"][number % 2], "text": text("they are")}, {"title": "more", "text": f"more {number}"}][: 1 + number % 2], "t": [text("left"), text("right")],
        "yes": [text("yes"), text("yes too")][: 1 + number % 2], "no": [text("no"), text("never"), text("not now"), text("not here")][: 1 + number % 4],
        "g": text("gone") if number % 3 else None, "h": text("here") if number % 2 else "", "i": text("find"),
        "m": number / 7 - 1, "v": [0.1, 0.2, number / 9, -0.4], "text": text("a line").replace("\n", " "),
        "qi": f"q{number}", "di": number, "unused": number if number < ROWS // 2 else f"x{number}",
    }  # fmt: skip


def suffixes_of(kind: str) -> list[str]:
    """The formats that can hold rows of a kind."""
    if kind == "lines":
        return list(LINES)
    return [suffix for suffix in SUFFIXES if kind not in NESTED or suffix not in TABLES]


def said(kind: str, file: str) -> dict[str, Any]:
    """What a data set says of a drawn file beside its columns: how it is written, and where texts of ids stand."""
    written = next((dict(keys) for suffix, keys in WRITTEN.items() if file.endswith(suffix)), {})
    if "header" in written:
        names = {*sources(KINDS[kind][1]), "unused"}
        written["header"] = [name for name in row(Random(0), 0) if name in names]
    if kind == "score" and written.get("delimiter"):
        written["decimal"] = ","
    return {**({"file": written} if written else {}), **({"texts": BESIDE} if kind == "ids" else {})}


def write_beside(folder: Path) -> None:
    """Write the files of the texts that ids stand for."""
    queries = [{"i": f"q{number}", "t": f"what is number {number}"} for number in range(ROWS)]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    documents = "".join(f"{number},number,it is {number}\n" for number in range(ROWS))
    (folder / "documents.csv").write_text(f"_id,title,text\n{documents}")


def sources(columns: dict[str, Any]) -> list[str]:
    """The columns of the file that have a role."""
    return [re.split(r"[.\[]", name)[0] for said in columns.values() for name in _named(said)]


def _named(said: Any) -> list[str]:
    if isinstance(said, dict):
        return _named(said.get("column", said.get("columns")))
    return [name for item in said for name in _named(item)] if isinstance(said, list) else [said]


def rows(random: Random, columns: dict[str, Any]) -> list[Row]:
    """Rows of a kind, half of the time with values among them that are odd, or lack a column."""
    names = [*sources(columns), "unused"]
    made = [{name: value for name, value in row(random, number).items() if name in names} for number in range(ROWS)]
    if random.random() < 0.6:
        for _ in range(random.choice([1, 1, 2, 5])):
            name = random.choice(sources(columns))
            made[random.randrange(ROWS)][name] = random.choice(ODD[name])
    if random.random() < 0.05 and "text" not in columns.values():
        for item in made:
            item.pop(names[0], None)
    return made


def write(random: Random, path: Path, made: list[Row]) -> None:
    """Write rows in one of the ways in which people write such a file, now and then a broken one."""
    if path.name.endswith(".parquet"):
        _write_parquet(random, path, made)
        return
    suffix = next(suffix for suffix in (".jsonl", ".json", ".csv", ".tsv", ".txt") if suffix in path.name)
    way = next((way for way in WRITTEN if path.name.endswith(way)), suffix)
    content = {".jsonl": _json_lines, ".json": _json_list, ".txt": _lines}.get(suffix, _table)(random, made, way)
    if random.random() < 0.1 and "encoding" not in WRITTEN.get(way, {}):
        content = b"\xef\xbb\xbf" + content
    if random.random() < 0.12:
        place = random.randrange(len(content))
        content = content[:place] + random.choice([b"\xff", b'"', b"\n", b"{", b"\r", b"\xe9"]) + content[place:]
    if random.random() < 0.03:
        content = content[: random.randrange(len(content))]
    path.write_bytes(PACKED.get(path.suffix, bytes)(content))


def _json_lines(random: Random, made: list[Row], way: str) -> bytes:
    end = random.choice(["\n", "\n", "\r\n", "\n\n"])
    if way == ".within.jsonl":
        made = [{"part": start, "rows": made[start : start + 5]} for start in range(0, len(made), 5)]
    values = [list(item.values()) for item in made] if way == ".rows.jsonl" else made
    lines = [_dumped(item, random.random() < 0.5) for item in values]
    if random.random() < 0.06 and way != ".rows.jsonl":
        place = random.randrange(len(lines))
        lines[place] = _twice(random, lines[place])
    whole = end.join(lines)
    return (whole + random.choice(["", end])).encode(errors="surrogatepass")


def _twice(random: Random, line: str) -> str:
    """An object whose first key stands there again, as it is or with a letter escaped, as some programs write it."""
    key = next(iter(json.loads(line)))
    again = random.choice([json.dumps(key), f'"\\u{ord(key[0]):04x}{key[1:]}"'])
    return f'{line[:-1]}, {again}{random.choice([":", " :", "  : "])}"again"}}'


def _lines(random: Random, made: list[Row], way: str) -> bytes:
    end = random.choice(["\n", "\r\n", "\n\n"])
    return _encoded(end.join(item["text"] for item in made) + random.choice(["", end]), way)


def _encoded(text: str, way: str) -> bytes:
    encoding = WRITTEN.get(way, {}).get("encoding", "utf-8")
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def _json_list(random: Random, made: list[Row], suffix: str) -> bytes:
    if suffix == ".data.json":
        return json.dumps({"version": "1.0", "data": made}).encode()
    if suffix == ".within.json":
        return json.dumps({"data": [{"part": 1, "rows": made[:9]}, {"rows": []}, {"rows": made[9:]}]}).encode()
    if suffix == ".rows.json":
        return json.dumps([list(item.values()) for item in made]).encode()
    if random.random() < 0.3:
        return _json_lines(random, made, suffix)
    behind = random.choice(["\n", "]", "[]", "{}"]) if random.random() < 0.08 else ""
    whole = json.dumps(made, indent=random.choice([None, 2]), ensure_ascii=random.random() < 0.5)
    return (whole + behind).encode(errors="surrogatepass")


def _dumped(item: Any, ascii: bool) -> str:
    return json.dumps(item, ensure_ascii=ascii)


def _table(random: Random, made: list[Row], way: str) -> bytes:
    file = io.StringIO()
    names = list(made[0])
    if way == ".bars.csv":  # whose lines are split wherever the sign stands
        lines = [[str(item.get(name)).replace("\n", " ") for name in names] for item in made]
        return _encoded("".join(" ||| ".join(line) + "\n" for line in [names, *lines]), way)
    written = WRITTEN.get(way, {})
    quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    escaped: dict[str, Any] = {"doublequote": False, "escapechar": "\\"} if "quoting" in written else {}
    delimiter = written.get("delimiter", "\t" if ".tsv" in way else ",")
    end = random.choice(["\n", "\r\n"])
    table = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end, **escaped)
    if "header" not in written:
        table.writerow(names)
    for item in made:
        cells = [_cell(item.get(name), delimiter == ";") for name in names]
        table.writerow(cells if random.random() < 0.995 else cells[:-1])
    return _encoded(file.getvalue(), way)


def _cell(value: Any, comma: bool) -> Any:
    """A value as a table has it, with a comma before its decimals where those are said to be so."""
    return str(value).replace(".", ",") if comma and isinstance(value, float) else value


def _write_parquet(random: Random, path: Path, made: list[Row]) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = {name: [item.get(name) for item in made] for item in made for name in item}
    arrays = {name: _array(random, values) for name, values in columns.items()}
    table = pyarrow.table({name: array for name, array in arrays.items() if array is not None})
    pyarrow.parquet.write_table(table, path, row_group_size=random.choice([5, 1000]))
    if random.random() < 0.05:
        path.write_bytes(path.read_bytes()[:-20])


def _array(random: Random, values: list[Any]) -> Any:
    """The values as a column of one of the types that hold them; as text where they are of several kinds."""
    import pyarrow

    try:
        array = pyarrow.array(values)
    except (pyarrow.ArrowException, OverflowError, UnicodeEncodeError):
        return pyarrow.array([None if value is None else ascii(value) for value in values])
    if pyarrow.types.is_string(array.type):
        types = (pyarrow.large_string(), pyarrow.binary(), pyarrow.large_binary())
        return random.choice([array, array.dictionary_encode(), *(array.cast(type) for type in types)])
    if pyarrow.types.is_integer(array.type) and random.random() < 0.3:
        return array.cast(pyarrow.decimal128(22, random.choice([0, 0, 2])))
    if (
        pyarrow.types.is_floating(array.type)
        and random.random() < 0.3
        and all(v is not None and v == v for v in values)
    ):
        return pyarrow.array([Decimal(repr(round(float(value), 4))) for value in values], pyarrow.decimal128(12, 4))
    return array
