"""Draws data sets in the BEIR layout: a corpus, queries and judgements, with ids as people have them, and faults in some."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from random import Random
from typing import Any

ROWS = 24
Row = dict[str, Any]
# fmt: off
IDS = {  # how ids are written
    "words":     lambda side, number: f"{side}{number}",
    "numbers":   lambda side, number: number,
    "zeros":     lambda side, number: f"{number:05}",
    "long":      lambda side, number: str(9_007_199_254_740_993 * 1000 + number),
    "dates":     lambda side, number: f"2021-03-{number + 1:02}",
    "addresses": lambda side, number: f"https://example.org/{side}?page={number}#top",
}
TEXTS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".parquet")
JUDGED = (".tsv", ".jsonl", ".csv", ".trec.tsv")
FAULTS: tuple[tuple[str, str, Any], ...] = (  # file, column, what stands in one of its rows
    ("corpus", "text", ""), ("corpus", "text", None), ("corpus", "text", 5), ("corpus", "title", 7), ("corpus", "_id", None), ("corpus", "_id", ""), ("corpus", "_id", 1.5),
    ("queries", "text", ""), ("queries", "text", None), ("queries", "text", ["a"]), ("queries", "_id", None), ("queries", "text", "a \ud800"),
    ("qrels", "score", "high"), ("qrels", "score", None), ("qrels", "score", float("nan")), ("qrels", "corpus-id", None), ("qrels", "query-id", ""), ("qrels", "corpus-id", "nowhere"), ("qrels", "query-id", "nobody"),
)
# fmt: on


def spec_of(parts: dict[str, Any]) -> dict[str, Any]:
    """A spec over a drawn layout."""
    return {
        "stgen": 1,
        "project": {"name": "layout"},
        "model": {"type": "dense", "base": "../bases/tiny"},
        "data": [{"retrieval": parts}],
        "train": {"batch_size": 4},
        "hardware": {"accelerator": "cpu"},
    }


def write(random: Random, folder: Path) -> dict[str, Any]:
    """Write a corpus, queries and judgements, half of the time with a fault; return what a spec says of them."""
    named = IDS[random.choice(list(IDS))]
    corpus: list[Row] = [
        {"_id": named("d", n), "title": random.choice(["", f"part {n}"]), "text": f"part {n} is glued"}
        for n in range(ROWS)
    ]
    queries: list[Row] = [{"_id": named("q", n), "text": f"how is part {n} mended?"} for n in range(ROWS)]
    qrels: list[Row] = [
        {"query-id": named("q", n), "corpus-id": named("d", (n + k) % ROWS), "score": 1 - k}
        for n in range(ROWS)
        for k in range(1 + n % 2)
    ]
    rows = {"corpus": corpus, "queries": queries, "qrels": qrels}
    if random.random() < 0.6:
        file, column, value = random.choice(FAULTS)
        random.choice(rows[file])[column] = value
    if random.random() < 0.1:
        for row in rows[random.choice(list(rows))]:
            row.pop(random.choice(["text", "_id", "query-id"]), None)
    parts: dict[str, Any] = {}
    for name, made in rows.items():
        suffix = random.choice(JUDGED if name == "qrels" else TEXTS)
        parts[name] = f"{name}{suffix}"
        content = _content(made, suffix)
        if random.random() < 0.05 and suffix != ".parquet":
            place = random.randrange(len(content))
            content = content[:place] + random.choice([b"\xff", b'"', b"\n", b"{"]) + content[place:]
        (folder / parts[name]).write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    return parts | ({"trec": True} if ".trec" in parts["qrels"] else {})


def _content(rows: list[Row], suffix: str) -> bytes:
    if suffix == ".parquet":
        return _parquet(rows)
    if suffix == ".json":
        return json.dumps(rows).encode()
    if suffix.startswith(".jsonl"):
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if suffix == ".trec.tsv":
        fields = (row.get(name) for row in rows for name in ("query-id", "0", "corpus-id", "score"))
        lines = zip(*[iter(fields)] * 4, strict=True)
        return "".join(
            " ".join("0" if n == 1 else str(field) for n, field in enumerate(line)) + "\n" for line in lines
        ).encode(errors="replace")
    file = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(file, names, delimiter="\t" if suffix == ".tsv" else ",")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue().encode(errors="surrogatepass")


def _parquet(rows: list[Row]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            columns[name] = pyarrow.array(values)
        except (pyarrow.ArrowException, UnicodeEncodeError):
            columns[name] = pyarrow.array([None if value is None else ascii(value) for value in values])
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()
