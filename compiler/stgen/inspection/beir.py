"""Finds a data set for retrieval in the BEIR layout: a folder, or one of its files -> what `retrieval` in a spec says of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from stgen.inspection.layout_columns import layout_columns
from stgen.match.schema import CALLED
from stgen.reader.numbers import spelled
from stgen.reader.trec import SHOWN
from stgen.rows.batches import UnreadableError
from stgen.rows.formats import format_of
from stgen.rows.other_formats import saved_folder
from stgen.rows.streams import opened
from stgen.values.quoting import toml

JUDGED = ("train", "dev", "test")
GRADES = 11  # different ones that judges give
FIRST = 20  # lines of a file that are looked at
RUN = 6  # fields of a line of a run
LONGEST = 1 << 16  # bytes of each
ROLES = {"train": "qrels", "dev": "eval_qrels", "test": "test_qrels"}


@dataclass(frozen=True)
class Layout:
    """A folder in the BEIR layout: its files by the part that each is, and what a spec says of them."""

    parts: dict[str, str]
    trec: bool  # how its judgements are written
    said: dict[str, Any]


def beir_folder(named: str) -> str:
    """The folder that is meant by a path: itself, or that of which a file is a part of the layout; "" for other files."""
    if os.path.isdir(named):
        return named
    if not os.path.isfile(named):
        return ""
    folder = os.path.dirname(os.path.abspath(named))
    folder = os.path.dirname(folder) if os.path.basename(folder) == "qrels" else folder
    parts = beir_files(folder)
    whole = {"corpus", "queries"} <= parts.keys() and not parts.keys().isdisjoint(JUDGED)
    part = any(os.path.samefile(path, named) for path in parts.values())
    return os.path.relpath(folder) if whole and part else ""


def beir_layout(folder: str) -> Layout:
    """The layout of a folder. Raises UnreadableError where it has another."""
    parts = beir_files(folder)
    if not {"corpus", "queries"} <= set(parts):
        there = sorted(entry for entry in os.listdir(folder) if format_of(entry))
        hint = f"name one of its files: {', '.join(there[:6])}" if there else "it holds no data that stgen reads"
        hint = saved_folder(folder) or hint
        message = f"{folder} is a folder, and not in the BEIR layout (corpus, queries, qrels)"
        raise UnreadableError("STG201", message, hint)
    judged = [path for name, path in parts.items() if name in JUDGED]
    trec = bool(judged) and all(map(_is_trec, judged))
    said: dict[str, Any] = {name: parts[name] for name in ("corpus", "queries")}
    said |= {ROLES[name]: parts[name] for name in JUDGED if name in parts}
    if "qrels" not in said and "test_qrels" in said:
        said["qrels"] = said.pop("test_qrels")  # a set that was published for evaluation alone
    said |= {"trec": True} if trec else {}
    columns = layout_columns({name: said[name] for name in CALLED if name in said and not (trec and name == "qrels")})
    return Layout(parts, trec, said | ({"columns": columns} if columns else {}))


def beir_files(folder: str) -> dict[str, str]:
    """The files of a folder in the BEIR layout: corpus, queries, and train, dev and test for the judgements."""
    found: dict[str, str] = {}
    folder = "" if folder == "." else folder
    for entry in sorted(os.listdir(folder or ".")):
        stem = entry.split(".")[0]
        if stem in ("corpus", "queries") and format_of(entry):
            found[stem] = os.path.join(folder, entry)
        elif stem == "qrels" and format_of(entry):
            split = next((name for name in JUDGED if name in entry.split(".")), "train")
            found[split] = os.path.join(folder, entry)
    judged = os.path.join(folder, "qrels")
    for entry in sorted(os.listdir(judged)) if os.path.isdir(judged) else []:
        split = {"validation": "dev", "valid": "dev"}.get(entry.split(".")[0], entry.split(".")[0])
        if split in JUDGED and format_of(entry):
            found[split] = os.path.join(judged, entry)
    return found


def _is_trec(path: str) -> bool:
    """Whether the first line of judgements is one, and no names: query, 0, document, grade, or without the 0."""
    with opened(path, path) as stream:
        return bool(_fields_of_judgement(stream.readline(LONGEST)))


def require_texts(path: str) -> None:
    """Raise UnreadableError for judgements as TREC writes them, which stand beside a corpus and queries."""
    if format_of(path) not in (".tsv", ".txt", ".csv"):
        return
    with opened(path, path) as stream:
        lines = list(filter(bytes.strip, (stream.readline(LONGEST) for _ in range(FIRST))))
    if len(lines) > 1 and all(map(_is_of_run, lines)):
        message = f"{path} holds a run as TREC writes it (query Q0 document rank score name): what a search found, and no texts"
        layout = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": "qrels.txt", "trec": True}
        raise UnreadableError("STG444", message, f"train on judgements beside their texts: retrieval = {toml(layout)}")
    grades = {line.split()[-1] for line in lines}
    if len(lines) > 1 and len(grades) <= GRADES and all(map(_is_judgement, lines)):
        message = f"{path} holds judgements as TREC writes them (query 0 document grade), and no texts"
        layout = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": path, "trec": True}
        raise UnreadableError("STG444", message, f"name the files of the texts beside it: retrieval = {toml(layout)}")


def _is_of_run(line: bytes) -> bool:
    """Whether a line says what rank a search gave to a document."""
    fields = line.decode(errors="replace").split()
    return len(fields) == RUN and fields[1].upper() == "Q0" and fields[3].isdecimal() and spelled(fields[4]) is not None


def _is_judgement(line: bytes) -> bool:
    """Whether a line can be nothing else, among lines that are."""
    fields = _fields_of_judgement(line)
    if not fields:
        return False
    ids = (fields[0], fields[-2])
    if not all(map(str.isascii, ids)):
        return False
    return fields[1] in ("0", "Q0") if len(fields) > len(ids) + 1 else all(any(map(str.isdigit, one)) for one in ids)


def _fields_of_judgement(line: bytes) -> list[str]:
    """What stands in a line that ends with a grade, as many fields as TREC has; nothing of others."""
    fields = line.decode(errors="replace").split()
    return fields if len(fields) in SHOWN and fields[-1].lstrip("-").isdecimal() else []
