"""Says what makes rows of a file in which they stand otherwise: behind lines of something else, over lines, with commas between them."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter

from stgen.language.paths import READERS
from stgen.reader.cells import DELIMITERS, QUOTING
from stgen.rows.formats import CELLS, format_of
from stgen.rows.streams import opened
from stgen.values.quoting import shell, toml

HEAD = 1 << 16  # bytes that are looked at
LARGEST = 1 << 26  # bytes of a file in which the rows of an object are looked for
ROWS = 200
ABOVE = 20  # lines before the names of columns
FEWEST = 5  # rows that show how many cells one has
MOSTLY = 0.9  # share of rows that have as many cells


def without_lines_above(path: str, shown: str, encoding: str | None = None) -> str:
    """What removes the lines that stand before the names of a table's columns; "" where none seem to."""
    if (suffix := format_of(path)) not in CELLS or not path.lower().endswith(suffix):
        return ""  # of what is compressed, lines can't be cut off
    with opened(path, shown) as stream:
        text = stream.read(HEAD).decode(encoding or "utf-8-sig", "replace")
    usual = READERS[suffix][1].get("delimiter", ",")
    for sign in dict.fromkeys((usual, *DELIMITERS)):
        if above := _lines_above(text, sign):
            target = f"{shown[: -len(suffix)]}.table{suffix}"
            told = "" if sign == usual else f", with file = {toml({'delimiter': sign})}"
            command = f"tail -n +{above + 1} {shell(shown)} > {shell(target)}"
            return f"the names of its columns seem to stand in line {above + 1}: {command}, and name that file{told}"
    return ""


def _lines_above(text: str, delimiter: str) -> int:
    """How many lines stand before the first that has as many cells as most have."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **QUOTING["doubled"])
    starts, widths = [0], []
    try:
        for row in reader:
            widths.append(len(row))
            starts.append(reader.line_num)
            if len(widths) == ROWS:
                break
    except csv.Error:
        pass  # the head may be cut within a row
    width = Counter(widths).most_common(1)[0][0] if widths else 0
    if width < 2 or len(widths) < FEWEST:
        return 0
    first = widths.index(width)
    alike = sum(other == width for other in widths[first:]) >= MOSTLY * len(widths[first:])
    return starts[first] if alike and starts[first] <= ABOVE else 0


def made_lines(file: str, path: str) -> str:
    """What makes a row on each line of objects that stand otherwise, as far as they are JSON."""
    whole, made = shell(file), f"{os.path.splitext(file)[0]}.rows.jsonl"
    with opened(path, file) as stream:
        first = stream.readline(HEAD).strip()
    if first.startswith(b"{'"):  # as Python prints them
        program = "import ast, json, sys; [print(json.dumps(ast.literal_eval(line), ensure_ascii=False)) for line in sys.stdin]"
        return f"these are no objects of JSON, but Python's: python -c {shell(program)} < {whole} > {shell(made)}"
    if first.startswith(b"{") and first.endswith(b"},"):
        return f"each row ends with a comma, which a row on a line of its own doesn't: sed 's/,[[:space:]]*$//' {whole} > {shell(made)}"
    if way := _way_to_rows(file, path):
        return f"the file is one object, which holds the rows: jq -c {shell(way)} {whole} > {shell(made)} writes each on a line of its own"
    return f"a row is an object on a line of its own: jq -c . {whole} > {shell(made)} makes them of objects that go over lines, or stand in one"


def _way_to_rows(file: str, path: str) -> str:
    """How jq comes to the rows of an object that holds them, each under a key or all in a list; "" for other files."""
    with opened(path, file) as stream:
        try:
            found = json.loads(stream.read(LARGEST))
        except (ValueError, RecursionError):
            return ""
    way = "."
    while isinstance(found, dict):
        if len(found) > 1 and all(isinstance(value, dict) for value in found.values()):
            return f"{way}[]"
        key = next((key for key, value in found.items() if isinstance(value, dict | list)), "")
        way, found = f"{way}[{json.dumps(key)}]", found.get(key)
    rows = isinstance(found, list) and way != "." and all(isinstance(row, dict) for row in found)
    return f"{way}[]" if rows else ""
