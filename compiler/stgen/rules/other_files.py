"""Files that hold no rows which stgen reads, by how they begin and by their suffix: what they are, and what makes rows of them."""

from __future__ import annotations

from typing import NamedTuple


class Beginning(NamedTuple):
    """What a file is that begins so, the suffix under which it is read, and what to do where none is."""

    starts: tuple[bytes, ...]  # in small letters, blanks aside
    called: str
    suffix: str = ""  # that it is read under, or ends with
    help: str = ""
    program: str = ""  # of Python, with {file} and {made}
    made: str = ".csv"


# fmt: off
BEGINNINGS: tuple[Beginning, ...] = (
    Beginning((b"version https://git-lfs.github.com/spec/v1",), "a pointer of Git LFS, and not the file itself", help="fetch it: git lfs pull"),
    Beginning((b"<!doctype html", b"<html>", b"<html "), "a web page", help="download the file itself: the page that shows it has a link to the raw data"),
    Beginning((b"<?xml ",), "XML", help="write its rows as JSON Lines"),
    Beginning((b"pk\x03\x04",), "a zip archive, as workbooks of Excel are", help="unpack it, or make a table of its first sheet",
              program="import pandas; pandas.read_excel({file}, dtype=str, keep_default_na=False).to_csv({made}, index=False)"),
    Beginning((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "a workbook of old Excel", help="make a table of its first sheet",
              program="import pandas; pandas.read_excel({file}, dtype=str, keep_default_na=False).to_csv({made}, index=False)"),
    Beginning((b"par1\x15",), "Parquet", ".parquet"),
    Beginning((b"\x1f\x8b\x08",), "compressed with gzip", ".gz"),
    Beginning(tuple(b"bzh%d1ay&sy" % level for level in range(1, 10)), "compressed with bzip2", ".bz2"),
    Beginning((b"\xfd7zxz\0",), "compressed with xz", ".xz"),
    Beginning((b"\x28\xb5\x2f\xfd",), "compressed with zstandard", ".zst"),
    Beginning((b"arrow1\0\0",), "an Arrow file", help="make Parquet of it", program="import pandas; pandas.read_feather({file}).to_parquet({made})", made=".parquet"),
    Beginning((b"\xff\xff\xff\xff",), "a stream of Arrow, as the library datasets keeps them", help="make Parquet of it",
              program="import datasets; datasets.Dataset.from_file({file}).to_parquet({made})", made=".parquet"),
    Beginning((b"sqlite format 3\0",), "a database of SQLite", help='write a table of it as CSV: sqlite3 -header -csv FILE "select * from TABLE"'),
    Beginning((b"%pdf-",), "PDF", help="write its rows as JSON Lines"),
    Beginning((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), "a pickle of Python", help="write its rows as JSON Lines; a pickle that others made can run any program when it is loaded"),
)
SUFFIXES: dict[str, tuple[str, str]] = {  # of texts -> the suffix under which they are read, and what `file` then says
    ".ndjson": (".jsonl", ""), ".jsonlines": (".jsonl", ""), ".ldjson": (".jsonl", ""), ".jl": (".jsonl", ""),
    ".tab": (".tsv", ""), ".psv": (".csv", 'file = { delimiter = "|" }'), ".ssv": (".csv", 'file = { delimiter = ";" }'), ".text": (".txt", ""),
}
SAVED = ("dataset_dict.json", "dataset_info.json", "state.json")  # in a folder that `save_to_disk` of the library datasets has written
# fmt: on
