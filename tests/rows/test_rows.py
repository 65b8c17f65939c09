"""Reading data files: what each format holds, and the one clear sentence for each way in which a file can be broken."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from stgen.reader.files import LONGEST
from stgen.rows.batches import UnreadableError
from stgen.rows.cell_types import typed
from stgen.rows.column import repeats
from stgen.rows.formats import format_of
from stgen.rows.reading import read
from stgen.rows.sampling import SAMPLE
from stgen.rows.surveying import survey

ROWS = [{"question": f"what is {n}?", "answer": f"it is {n}", "score": n / 10} for n in range(10)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
ODD = [b'"', b"\n", b"{", b"}", b"[", b"]", b"\0", b"\r", b"\xff", b"1e999", b"NaN", b",", b"\xef\xbb\xbf", b"\\ud800"]
CSV = "question,answer,score\n" + "".join(f"{row['question']},{row['answer']},{row['score']}\n" for row in ROWS)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, put together again; those of a table with the numbers that its cells mean."""
    found = survey([(str(path), path.name)])
    rows: list[dict[str, Any]] = []
    for batch in read(str(path), path.name):
        columns = {
            name: typed(values, found.cells[name]) if name in found.cells else values
            for name, values in batch.columns.items()
        }
        assert len(set(batch.places)) == len(batch.places)
        rows += [{name: values[i] for name, values in columns.items()} for i in range(len(batch.places))]
    assert len(rows) == found.rows
    return rows


def fault_of(path: Path) -> tuple[str, str, str]:
    """What is wrong with a file, or with the first line of it that is no row: the code, the words, and the advice."""
    try:
        found = survey([(str(path), path.name)])
    except UnreadableError as error:
        return error.code, error.message, error.help
    ((code, _), problem) = next(iter(found.problems.items()))
    return code, f"{problem.says} ({problem.count}: {problem.places})", ""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.jsonl", LINES),
        ("blank-lines.jsonl", "\n" + LINES.replace("\n", "\n\n")),
        ("no-end.jsonl", LINES.rstrip("\n")),
        ("carriage.jsonl", LINES.replace("\n", "\r\n")),
        ("mark.jsonl", b"\xef\xbb\xbf" + LINES.encode()),
        ("t.json", json.dumps(ROWS)),
        ("pretty.json", json.dumps(ROWS, indent=2)),
        ("lines.json", LINES),
        ("t.csv", CSV),
        ("mark.csv", b"\xef\xbb\xbf" + CSV.encode()),
        (
            "quoted.csv",
            '"question","answer","score"\n'
            + "".join(f'"{r["question"]}","{r["answer"]}",{r["score"]}\n' for r in ROWS),
        ),
        ("t.tsv", CSV.replace(",", "\t")),
        ("t.jsonl.gz", gzip.compress(LINES.encode())),
        ("t.csv.bz2", bz2.compress(CSV.encode())),
        ("t.json.xz", lzma.compress(json.dumps(ROWS).encode())),
    ],
)
def test_each_format_gives_the_same_rows(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert rows_of(write(tmp_path, name, content)) == ROWS


def test_parquet_and_zstandard_give_the_same_rows(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist(ROWS), tmp_path / "t.parquet")
    assert rows_of(tmp_path / "t.parquet") == ROWS
    with arrow.CompressedOutputStream(str(tmp_path / "t.jsonl.zst"), "zstd") as stream:
        stream.write(LINES.encode())
    assert rows_of(tmp_path / "t.jsonl.zst") == ROWS


def test_parquet_reads_no_more_columns_than_are_wanted(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist(ROWS), tmp_path / "t.parquet")
    found = survey([(str(tmp_path / "t.parquet"), "t.parquet")], frozenset({"question"}))
    assert list(found.columns) == ["question"]
    assert sorted(found.names) == ["answer", "question", "score"]
    assert found.rows == 10


def test_a_long_file_is_read_in_batches(tmp_path: Path) -> None:
    rows = [{"n": n, "text": "x" * 90} for n in range(40_000)]
    for name, content in (("t.jsonl", "\n".join(map(json.dumps, rows))), ("t.json", json.dumps(rows))):
        path = write(tmp_path, name, content)
        assert len(list(read(str(path), name))) > 2
        assert rows_of(path) == rows


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.gz.jsonl.gz", gzip.compress(LINES.encode())[:-12], "STG201", "cut off"),
        ("not.jsonl.gz", LINES, "STG201", "can't be read"),
        ("broken.json.xz", lzma.compress(LINES.encode())[:-20], "STG201", "cut off"),
        ("broken.csv.bz2", b"BZh9 nothing of the kind", "STG201", "can't be read"),
        ("t.xlsx", "PK", "STG201", "no format"),
        ("latin.jsonl", LINES.encode() + '{"a": "café"}\n'.encode("latin-1"), "STG202", "line 11"),
        ("latin.json", json.dumps(ROWS, indent=1).replace("it is 9", "café").encode("latin-1"), "STG202", "line 49"),
        ("utf16.jsonl", LINES.encode("utf-16"), "STG202", "UTF-16"),
        ("cut.jsonl", LINES + '{"question": "what', "STG203", "line 11"),
        ("list.jsonl", LINES + "17\n", "STG203", "line 11 of list.jsonl: not an object: 17"),
        ("null.jsonl", LINES + "null\n", "STG203", "not an object: None"),
        ("two.jsonl", LINES + "nope\n" + LINES + "nope\n", "STG203", "(2: [11, 22])"),
        ("object.json", json.dumps({"rows": ROWS}, indent=2), "STG203", "line 1"),
        ("deep.jsonl", LINES + "[" * 100_000 + "\n", "STG203", "line 11"),
        ("cut.json", json.dumps(ROWS)[:-40], "STG203", "row 10"),
        ("open.json", json.dumps(ROWS)[:-1], "STG203", "cut off"),
        ("texts.json", '[{"a": 1},\n "b"]', "STG203", "line 2 of texts.json: row 2 is not an object"),
        ("ragged.csv", CSV + "a,b\n", "STG204", "line 12 of ragged.csv: 2 cells, and the first line names 3 columns"),
        ("wide.csv", CSV + "a,b,1,2\n", "STG204", "4 cells"),
        ("quote.csv", CSV + '"never closed,b,1\n' + CSV, "STG204", "line 12 is never closed"),
        ("header.csv", '"a,b\n1,2\n', "STG204", "line 1 is never closed"),
        ("twice.csv", "a,a\n1,2\n", "STG204", 'two columns named "a"'),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, code: str, words: str
) -> None:
    fault = fault_of(write(tmp_path, name, content))
    assert fault[0] == code
    assert words in fault[1]
    assert name in fault[1]


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv", "t.tsv", "t.jsonl.gz", "t.csv.bz2", "t.json.xz"])
def test_random_bytes_are_read_or_refused(tmp_path: Path, name: str) -> None:
    """Whatever a file holds, reading it ends, with rows or with one sentence."""
    random, said = Random(name), []
    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(Path(name).suffix, bytes)
    for _ in range(150):
        content = bytearray(random.choice([LINES, CSV, json.dumps(ROWS)]).encode()[: random.randint(0, 300)])
        for _ in range(random.randint(0, 5)):
            position = random.randrange(len(content) + 1)
            content[position : position + random.randint(0, 2)] = random.choice(ODD)
        packed = bytearray(pack(bytes(content)))
        if packed and random.random() < 0.3:
            packed[random.randrange(len(packed))] ^= 255
        try:
            found = survey([(str(write(tmp_path, name, bytes(packed))), name)])
        except UnreadableError as fault:
            said.append(fault.message)
        else:
            said += [problem.says for problem in found.problems.values()]
    assert said
    assert not any("\n" in message for message in said)


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist(ROWS), tmp_path / "t.parquet")
    fault = fault_of(write(tmp_path, "cut.parquet", (tmp_path / "t.parquet").read_bytes()[:-30]))
    assert fault[0] == "STG201"
    assert "cut.parquet" in fault[1]


def test_a_missing_file_says_what_was_meant(tmp_path: Path) -> None:
    write(tmp_path, "train.jsonl", LINES)
    fault = fault_of(tmp_path / "trian.jsonl")
    assert (fault[0], fault[2]) == ("STG200", "did you mean train.jsonl?")
    assert (
        "no file of its folder is data"
        in fault_of(tmp_path / "sub.jsonl" if (tmp_path / "train.jsonl").unlink() is None else tmp_path)[2]
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    assert fault_of(tmp_path / "folder.jsonl")[0] == "STG201"


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    fault = fault_of(write(tmp_path, "t.parquet", b"PAR1"))
    assert fault[0] == "STG207"
    assert "pip install" in fault[2]


def test_cells_of_a_table_are_texts_that_may_mean_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "t.csv",
        'whole,real,truth,text,some,id\n1,0.5,true,"a,\n b",1,007\n2,1e3,False,NA,,010\n-3,.5,TRUE,"say ""x""",x,1234567890123456789\n',
    )
    (batch,) = read(str(path), "t.csv")
    assert batch.columns["text"] == ["a,\n b", "NA", 'say "x"']
    assert batch.columns["id"] == ["007", "010", "1234567890123456789"]
    assert batch.places == [2, 4, 5]
    assert [tuple(row.values())[:3] for row in rows_of(path)] == [(1, 0.5, True), (2, 1000.0, False), (-3, 0.5, True)]
    assert [row["some"] for row in rows_of(path)] == ["1", None, "x"]


def test_a_long_cell_is_no_fault(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "text,n\n" + "x" * 200_000 + ",1\n")
    assert len(rows_of(path)[0]["text"]) == 200_000 < LONGEST


def test_formats_by_suffix() -> None:
    assert format_of("a/b.JSONL.GZ") == ".jsonl"
    assert format_of("t.tsv.zst") == ".tsv"
    assert format_of("t.parquet.gz") is None
    assert format_of("notes.docx") is None


# --- surveys ---------------------------------------------------------------------------------------------------------


def test_a_survey_counts_every_row(tmp_path: Path) -> None:
    rows = [{"text": f"text {n % 900}", "n": n} for n in range(10_000)]
    rows[41]["text"] = None  # type: ignore[assignment]
    rows[42]["text"] = "  "
    rows[43]["n"] = "many"  # type: ignore[assignment]
    path = write(tmp_path, "t.jsonl", "\n".join(map(json.dumps, rows)))
    found = survey([(str(path), "t.jsonl")])
    text, number = found.columns["text"], found.columns["n"]
    assert found.rows == 10_000
    assert (text.of("none").count, text.of("none").rows) == (1, [42])
    assert (text.empty.count, text.empty.rows) == (1, [43])
    assert (number.of("text").count, number.of("text").rows) == (1, [44])
    assert (number.low, number.high) == (0, 9999)
    again = text.repeats()
    assert (again.rows, again.distinct) == (9998, 900)
    assert again.pairs == sum(n * (n - 1) // 2 for n in [12] * 100 + [11] * 800) - (11 + 11)
    assert (again.most, again.first) == (12, 1)
    assert len(found.sample["text"]) <= 2 * SAMPLE
    assert found.sample["n"] == [row["n"] for row in rows[:: found.stride]]


def test_several_files_are_one_set_of_rows(tmp_path: Path) -> None:
    first = write(tmp_path, "a.jsonl", '{"t": "x"}\n{"t": "y"}\n')
    second = write(tmp_path, "b.jsonl", '{"t": "x"}\n{"u": 1}\n')
    found = survey([(str(first), "a.jsonl"), (str(second), "b.jsonl")])
    assert found.rows == 4
    assert found.columns["t"].repeats().surplus == 1
    assert found.columns["u"].of("none").rows == [1, 2, 3]
    assert found.place(found.columns["t"].of("none")) == "row 2 of b.jsonl"


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    for name, content in (("t.jsonl", ""), ("t.csv", "a,b\n"), ("t.json", "[]"), ("blank.jsonl", "\n\n")):
        with pytest.raises(UnreadableError, match="has no rows"):
            survey([(str(write(tmp_path, name, content)), name)])


def test_lists_are_looked_into(tmp_path: Path) -> None:
    values: list[Any] = [[3, 2, 1], [1, 2], [0, 0], [], ["a"], ["a", 1], [-1.5, 200], None, [float("nan"), 1]]
    path = write(tmp_path, "t.jsonl", "\n".join(json.dumps({"v": value}) for value in values))
    lists = survey([(str(path), "t.jsonl")]).columns["v"].lists
    assert list(lists.sizes) == [3, 2, 2, 0, 1, 2, 2, -1, 2]
    assert (lists.unsorted.rows, lists.equal.rows, lists.none.rows) == ([2, 7], [3], [4])
    assert (lists.mixed.rows, lists.negative.rows, lists.large.rows, lists.infinite.rows) == ([6], [7], [7], [9])
    assert (lists.low, lists.high, lists.texts, lists.spread) == (-1.5, 200, 1, 201.5)


def test_repeats_of_nothing() -> None:
    from array import array

    assert repeats(array("q")).surplus == 0
    assert repeats(array("q", [0, 0, 7])).rows == 1


def test_half_a_character_in_a_name_is_refused_where_the_column_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text('{"id\\ud83d": 1, "question": "Which?", "answer": "That one."}\n' * 3)
    found = survey([(str(file), file.name)], frozenset(("question", "answer")))
    assert (found.rows, list(found.columns)) == (3, ["question", "answer"])
    for wanted in (None, frozenset(("question", "id\ud83d"))):
        with pytest.raises(UnreadableError, match="lone surrogate in the name of a column"):
            survey([(str(file), file.name)], wanted)


def test_parquet_is_read_a_row_group_at_a_time(tmp_path: Path) -> None:
    import contextlib
    import io

    import pyarrow
    import pyarrow.parquet
    from stgen.reader import parquet

    path, taken = tmp_path / "t.parquet", []

    class Counted(io.FileIO):
        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            taken.append(len(data))
            return data

    @contextlib.contextmanager
    def opened(path: str, shown: str) -> Iterator[Any]:
        with Counted(path) as stream:
            yield stream

    table = pyarrow.table({"text": [f"{number} " * 50 for number in range(8000)]})
    pyarrow.parquet.write_table(table, path, row_group_size=500, compression="none", use_dictionary=False)
    batches = parquet.read(str(path), "t.parquet", rows=500, opened=opened)
    assert len(next(batches).places) == 500
    assert sum(taken) < path.stat().st_size / 2  # and not the whole file at once
