"""Measures reading: CPU seconds and memory of the reader beside pyarrow's and those of `datasets`, and of `stgen inspect`.

    python tests/benchmark/reading.py FOLDER [--rows 1000000]

Each way reads the same rows in a process of its own: two texts, a score and a column that has no role. The reader also
holds each row against the contract, as validate and the generated repo do; the others only build their tables. CPU
seconds are told, and not those of the clock, so that other work on the machine counts for little.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

WORDS = (
    "part",
    "shelf",
    "wheel",
    "motor",
    "screw",
    "cloth",
    "blue",
    "small",
    "where",
    "clean",
    "keep",
    "send",
    "spring",
)
OURS = """\
from functools import partial
from stgen.reader import {module}
from stgen.reader.contract import Column, check_columns
from stgen.reader.numbers import Score
from stgen.reader.texts import text
columns = [Column("anchor", "question", text), Column("positive", "answer", text), Column("score", "score", Score(0, 5))]
for batch in {module}.read({path!r}, "train", frozenset(("question", "answer", "score"))):
    taken, faults = check_columns(batch, columns)
    assert not faults
    rows += len(taken["anchor"])
"""
PYARROW = {
    ".jsonl": "import pyarrow.json\nrows = pyarrow.json.read_json({path!r}).num_rows",
    ".csv": (
        "import pyarrow.csv\n"
        "options = pyarrow.csv.ParseOptions(newlines_in_values=True)\n"
        "rows = pyarrow.csv.read_csv({path!r}, parse_options=options).num_rows"
    ),
    ".parquet": "import pyarrow.parquet\nrows = pyarrow.parquet.read_table({path!r}).num_rows",
}
DATASETS = """\
import tempfile
from datasets import load_dataset
with tempfile.TemporaryDirectory() as cache:
    rows = len(load_dataset({kind!r}, data_files={path!r}, split="train", cache_dir=cache))
"""
INSPECT = """\
import io, sys
from stgen.cli.main import main
assert main(["inspect", {path!r}], io.BytesIO(), io.StringIO(), sys.stderr) == 0
rows = {rows}
"""
END = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(rows, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
"""
MODULES = {".jsonl": "json_lines", ".csv": "cells", ".parquet": "parquet"}
KINDS = {".jsonl": "json", ".csv": "csv", ".parquet": "parquet"}


class Run(NamedTuple):
    """What one way of reading took."""

    cpu: float  # seconds, imports among them
    memory: int  # MiB at most


def made(rows: int) -> Iterator[dict[str, object]]:
    """Rows of 8 to 30 words a text."""
    random = Random(7)
    for number in range(rows):
        texts = (" ".join(random.choices(WORDS, k=random.randint(8, 30))) for _ in range(2))
        yield {"id": number, "question": next(texts), "answer": next(texts), "score": number % 51 / 10}


def files_of(folder: Path, rows: int) -> dict[str, Path]:
    """The file of each format."""
    return {suffix: folder / f"rows-{rows}{suffix}" for suffix in MODULES}


def write(folder: Path, rows: int) -> None:
    """Write the same rows in each format, where they aren't there."""
    import pyarrow
    import pyarrow.parquet

    files = files_of(folder, rows)
    if all(path.exists() for path in files.values()):
        return
    with files[".jsonl"].open("w") as lines, files[".csv"].open("w", newline="") as cells:
        table = csv.DictWriter(cells, ["id", "question", "answer", "score"])
        table.writeheader()
        for row in made(rows):
            lines.write(json.dumps(row) + "\n")
            table.writerow(row)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(made(rows))), files[".parquet"])


def run(program: str, rows: int) -> Run:
    """Run a program that counts its rows, in a process of its own."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", f"rows = 0\n{program}{END}"], env=environment, capture_output=True, text=True, check=True
    )
    read, cpu, memory = done.stdout.split()[-3:]
    assert int(read) == rows, (read, rows)
    return Run(float(cpu), int(memory))


def ways(suffix: str, path: str, rows: int) -> dict[str, str]:
    """The programs that read a file, by what the table calls them."""
    return {
        "reader, each row held against the contract": OURS.format(module=MODULES[suffix], path=path),
        "pyarrow, types guessed": PYARROW[suffix].format(path=path),
        "datasets.load_dataset": DATASETS.format(kind=KINDS[suffix], path=path),
        "stgen inspect": INSPECT.format(path=path, rows=rows),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="write the files, and read none")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.write:
        write(options.folder, options.rows)
        return
    # A process of its own writes them: those that are measured begin with the memory of this one.
    subprocess.run([sys.executable, __file__, options.folder, "--rows", str(options.rows), "--write"], check=True)
    print("| file | way | CPU seconds | rows a CPU second | beside datasets | memory at most |")
    print("| --- | --- | ---: | ---: | ---: | ---: |", flush=True)
    for suffix, path in files_of(options.folder, options.rows).items():
        found = {name: run(program, options.rows) for name, program in ways(suffix, str(path), options.rows).items()}
        usual = found["datasets.load_dataset"].cpu
        for name, one in found.items():
            speed = f"{options.rows / one.cpu:,.0f}"
            print(
                f"| {suffix} | {name} | {one.cpu:.1f} | {speed} | {one.cpu / usual:.2f} | {one.memory:,} MiB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
