"""Data that would fill the memory or hold a command for ever: refused with the file, the place and the limit, in memory that stays flat."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from frontend import SHORTEST
from stgen.reader.files import LONGEST as ROW
from stgen.rows.batches import UnreadableError
from stgen.rows.bounds import COLUMNS, NAME, UNPACKED
from stgen.rows.reading import read
from stgen.rows.sampling import ROOM
from stgen.rows.sources import ENTRIES, files_of
from stgen.rows.surveying import survey

MIB = 1 << 20
PEAK = 400  # MiB that a command may take, the interpreter and its libraries among them
LONG = b"x" * (ROW + MIB)


def fault_of(path: Path) -> UnreadableError:
    """What is wrong with a file, read to its end."""
    with pytest.raises(UnreadableError) as caught:
        survey([(str(path), path.name)])
    return caught.value


def packed(path: Path, content: bytes) -> Path:
    """Write a file, packed as its suffix says."""
    pack: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
        ".zst": zstandard,
    }
    path.write_bytes(pack.get(path.suffix, bytes)(content))
    return path


def zstandard(content: bytes) -> bytes:
    arrow = pytest.importorskip("pyarrow")
    return bytes(arrow.compress(content, codec="zstd", asbytes=True))


# --- one row -------------------------------------------------------------------------------------------------------------

# fmt: off
ROWS: list[tuple[str, bytes, str]] = [
    ("a line",                 b'{"a": "' + LONG + b'"}\n',                              "line 2 of t.jsonl"),
    ("a line without an end",  LONG,                                                     "line 2 of t.jsonl"),
    ("an object of a list",    b'[{"a": "b"},{"a": "' + LONG + b'"}]',                   "row 2 of t.json"),
    ("an object without end",  b'[{"a": "b"},{"a": [' + b"1," * (ROW // 2 + MIB),        "row 2 of t.json"),
    ("a cell",                 b"a,b\n1," + LONG + b"\n",                                "line 2 of t.csv"),
    ("a cell over many lines", b'a,b\n1,"' + b"x\n" * (ROW // 2 + MIB) + b'"\n',         "row that begins in line 2 of t.csv"),
    ("cells over many lines",  b'a,b\n' + b'"\n",' * (ROW // 4 + MIB),                   "row that begins in line 2 of t.csv"),
    ("a quote never closed",   b'a,b\n1,"x\n' + b"1,2\n" * (ROW // 4 + MIB),             "row that begins in line 2 of t.csv"),
    ("a header",               LONG,                                                     "line 1 of t.tsv"),
]
# fmt: on


@pytest.mark.parametrize(("content", "place"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_a_row_beyond_the_limit(tmp_path: Path, content: bytes, place: str, suffix: str) -> None:
    name = place.split()[-1]
    before = b'{"a": "b"}\n' if name == "t.jsonl" else b""
    fault = fault_of(packed(tmp_path / f"{name}{suffix}", before + content))
    assert fault.code == "STG340"
    assert f"{place}{suffix} is longer than 16 MiB" in fault.message


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv"])
def test_the_longest_row_is_read(tmp_path: Path, name: str) -> None:
    text = "x" * (ROW - 100)
    content = {
        "t.jsonl": json.dumps({"a": text}) + "\n",
        "t.json": json.dumps([{"a": text}]),
        "t.csv": f"a,b\n{text},1\n",
    }
    (tmp_path / name).write_text(content[name])
    (batch,) = read(str(tmp_path / name), name)
    assert batch.columns["a"] == [text]


# --- files that swell ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv"])
def test_a_file_that_unpacks_to_more_than_its_size_allows(tmp_path: Path, name: str, suffix: str) -> None:
    row = {
        "t.jsonl": b'{"a": "' + b"x" * 60_000 + b'"}\n',
        "t.json": b'{"a": "' + b"x" * 60_000 + b'"},\n',
        "t.csv": b"x" * 60_000 + b"\n",
    }
    begin = {"t.jsonl": b"", "t.json": b"[", "t.csv": b"a\n"}[name]
    fault = fault_of(packed(tmp_path / f"{name}{suffix}", begin + row[name] * (UNPACKED // 60_000 + 1)))
    assert fault.code == "STG341"
    assert "unpacks to more than 64.0 MiB" in fault.message
    assert "unpack it" in fault.help


def test_a_file_that_shrinks_as_texts_do_may_have_any_size(tmp_path: Path) -> None:
    rows = b"".join(b'{"a": "%s"}\n' % os.urandom(4000).hex().encode() for _ in range(1 + UNPACKED // 8000))
    path = tmp_path / "t.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(rows)
    assert survey([(str(path), path.name)]).rows == rows.count(b"\n")


def test_an_xz_file_that_asks_for_more_memory_than_any_takes(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 29}]
    path = tmp_path / "t.jsonl.xz"
    path.write_bytes(lzma.compress(b'{"a": "b"}\n', filters=filters))
    fault = fault_of(path)
    assert (fault.code, "128 MiB of memory" in fault.message) == ("STG341", True)


def test_an_xz_file_of_several_streams(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.xz"
    path.write_bytes(lzma.compress(b'{"a": "b"}\n') + b"\0" * 8 + lzma.compress(b'{"a": "c"}\n') + b"\0" * 4)
    assert survey([(str(path), path.name)]).rows == 2


def parquet_of(make: Callable[[Any], Any], path: Path, **options: Any) -> Path:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(make(arrow), path, compression="zstd", **options)
    return path


def one_text(arrow: Any) -> Any:
    return arrow.table({"a": ["x" * (ROW + MIB)]})


def one_large_text(arrow: Any) -> Any:
    return arrow.table({"a": ["x" * (130 * MIB)]})


def many_nulls(arrow: Any) -> Any:
    return arrow.table({"a": arrow.nulls(UNPACKED // 8 + MIB, arrow.int8())})


def list_of_nulls(arrow: Any) -> Any:
    offsets = arrow.array([0, 20 * MIB], arrow.int32())
    return arrow.table({"a": arrow.ListArray.from_arrays(offsets, arrow.nulls(20 * MIB, arrow.int8()))})


@pytest.mark.parametrize(
    ("make", "code"),
    [(one_text, "STG340"), (one_large_text, "STG341"), (many_nulls, "STG341"), (list_of_nulls, "STG341")],
)
def test_parquet_that_swells(tmp_path: Path, make: Callable[[Any], Any], code: str) -> None:
    fault = fault_of(parquet_of(make, tmp_path / "t.parquet", row_group_size=1 << 30))
    assert fault.code == code
    assert "t.parquet" in fault.message
    assert "MiB" in fault.message


def test_parquet_with_one_text_in_every_row(tmp_path: Path) -> None:
    """A dictionary lets a file of some bytes stand for gigabytes of texts, which may be right: they are read a few at a time."""

    def repeated(arrow: Any) -> Any:
        indices = arrow.array([0] * 2000, arrow.int32())
        return arrow.table({"a": arrow.DictionaryArray.from_arrays(indices, arrow.array(["x" * (MIB // 4)]))})

    path = parquet_of(repeated, tmp_path / "t.parquet", store_schema=False)
    sizes = [len(batch.places) for batch in read(str(path), path.name)]
    assert sum(sizes) == 2000
    assert max(sizes) <= 512


@pytest.mark.parametrize("seed", range(20))
def test_parquet_whose_sizes_are_lies(tmp_path: Path, seed: int) -> None:
    """Whatever stands in the headers of its pages and in its footer, a file is read or refused."""
    from random import Random

    random = Random(seed)
    path = parquet_of(lambda arrow: arrow.table({"a": ["text"] * 50, "b": [[1.0, 2.0]] * 50}), tmp_path / "t.parquet")
    content = bytearray(path.read_bytes())
    for _ in range(40):
        changed = content.copy()
        for _ in range(random.randint(1, 4)):
            changed[random.randrange(4, len(changed) - 8)] = random.choice([0, 1, 127, 128, 255, random.randrange(256)])
        path.write_bytes(changed)
        with suppress(UnreadableError):
            survey([(str(path), path.name)])


# --- columns, samples, patterns ------------------------------------------------------------------------------------------

# fmt: off
WIDE: list[tuple[str, Iterator[str] | list[str], str]] = [
    ("in one row",         [json.dumps({f"k{n}": 1 for n in range(COLUMNS + 1)})],                                       "STG203"),
    ("over all rows",      [json.dumps({f"k{row}-{n}": 1 for n in range(50)}) + " " * MIB for row in range(COLUMNS // 50 + 1)], "STG203"),
    ("few in each row",    [json.dumps({f"k{row % 1900}": 1}) for row in range(60_000)],                                 "STG203"),
    ("with a long name",   [json.dumps({"x" * (NAME + 1): 1})],                                                          "STG203"),
]
# fmt: on


@pytest.mark.parametrize(("lines", "code"), [row[1:] for row in WIDE], ids=[row[0] for row in WIDE])
def test_data_in_the_names_of_columns(tmp_path: Path, lines: list[str], code: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines))
    fault = fault_of(path)
    assert fault.code == code
    assert "column" in fault.message


def test_columns_of_parquet_are_counted_before_their_pages_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({f"k{n}": [1] for n in range(COLUMNS + 1)}), path)
    monkeypatch.setattr("stgen.rows.parquet_rows.groups", lambda *_: pytest.fail("the pages are looked at"))
    assert (fault_of(path).code, fault_of(path).message) == ("STG201", f"t.parquet has more than {COLUMNS:,} columns")


def test_the_sample_of_long_texts_is_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    with path.open("w") as file:
        for number in range(3000):
            file.write(json.dumps({"a": f"{number} " * 8000, "l": ["x" * 30_000] * 2}) + "\n")
    found = survey([(str(path), path.name)])
    assert found.rows == 3000
    assert len(found.sample["a"]) > 100
    assert (
        sum(len(text) for text in found.sample["a"]) + sum(len(text) for texts in found.sample["l"] for text in texts)
        <= ROOM
    )


def test_a_pattern_whose_links_lead_in_circles(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.jsonl").write_text("{}\n")
    for name in ("a", "b", "c"):
        (tmp_path / "data" / name).symlink_to(".")
        (tmp_path / name).symlink_to("data")
    assert [shown for _, shown in files_of("**/*.jsonl", str(tmp_path))] == ["data/t.jsonl"]


def test_a_pattern_that_leads_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENTRIES == 100_000
    monkeypatch.setattr("stgen.rows.sources.ENTRIES", 50)
    for number in range(60):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(UnreadableError) as caught:
        files_of("**/*.jsonl", str(tmp_path))
    assert caught.value.code == "STG342"


PATTERNS = [
    "*.jsonl",
    "**/*.jsonl",
    "sub/**",
    "s*/t[12].jsonl",
    "./sub//*.jsonl",
    "sub/../*.jsonl",
    "**/sub/*",
    "?.jsonl",
    ".h/*.jsonl",
    "*/*/*",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_mean_what_they_mean_elsewhere(tmp_path: Path, pattern: str) -> None:
    import glob

    for name in (
        "t.jsonl",
        "u.jsonl",
        "sub/t1.jsonl",
        "sub/t2.jsonl",
        "sub/deep/t3.jsonl",
        ".h/t.jsonl",
        "sub/.t.jsonl",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    wanted = sorted(path for path in glob.glob(str(tmp_path / pattern), recursive=True) if os.path.isfile(path))
    assert [os.path.realpath(path) for path, _ in files_of(pattern, str(tmp_path))] == [
        os.path.realpath(path) for path in wanted
    ]


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    folder = tmp_path / "exp[1]*"
    folder.mkdir()
    for name in ("t1.jsonl", "t[2].jsonl"):
        (folder / name).touch()
    assert [shown for _, shown in files_of("*.jsonl", str(folder))] == ["t1.jsonl", "t[2].jsonl"]
    assert files_of("t[2].jsonl", str(folder)) == [(str(folder / "t[2].jsonl"), "t[2].jsonl")]


# --- memory stays flat ---------------------------------------------------------------------------------------------------


WATCHED = """
import re, sys
from stgen.__main__ import main
code = main()
print("peak", re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
sys.exit(code)
"""


def peak(*arguments: str | Path) -> int:
    """The most memory that a command takes, in MiB."""
    command = [sys.executable, "-c", WATCHED, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return int(done.stderr.split("peak ")[-1]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="no other system says so of itself")
@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz", "t.json", "t.csv", "many.jsonl", "nested.jsonl"])
def test_memory_stays_flat(tmp_path: Path, name: str) -> None:
    """The line of 200 MiB is the attack's; many rows of 8 MiB, and one of nothing but brackets, are within what is read."""
    contents = {
        "t.json": b'[{"question": "' + b"x" * (200 * MIB),
        "t.csv": b'question,answer\n"' + b"x\n" * (100 * MIB),
        "many.jsonl": (b'{"question": "%s", "answer": "b"}\n' % (b"x" * (8 * MIB))) * 20,
        "nested.jsonl": b'{"question": "a", "answer": [' + b"[]," * (4 * MIB) + b"[]]}\n",
    }
    content = contents.get(name, b'{"question": "' + b"x" * (200 * MIB) + b'"}\n')
    data = packed(tmp_path / name, content)
    (tmp_path / "stgen.toml").write_text(SHORTEST.replace("data/train.jsonl", name))
    del content, contents
    limit = 2 * PEAK if name == "nested.jsonl" else PEAK  # a list takes twenty times the room of its brackets
    assert peak("inspect", data) < limit
    assert peak("validate", "--data", tmp_path / "stgen.toml") < limit


def test_the_finding_stands_at_the_key_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(LONG)
    (tmp_path / "stgen.toml").write_text(SHORTEST.replace("data/train.jsonl", "t.jsonl"))
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert (done.code, done.err.count("error[")) == (1, 1)
    assert "error[STG340]: line 1 of t.jsonl is longer than 16 MiB" in done.err
    assert "stgen.toml:8:" in done.err
